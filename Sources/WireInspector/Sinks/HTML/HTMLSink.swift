import FrameCodec
import Negotiation
import Specification
import TLSRecords

/// Writes records as one page that needs nothing else: the records as data (``HTMLIsland``), a script that shows them as ladders, plots
/// and lists, and for readers without scripts what was found (``HTMLDigest``).
///
/// Everything from the capture is escaped twice over: what could act on a terminal or reorder text becomes visible, and then what HTML
/// gives a meaning.
package final class HTMLSink: InspectionSink {
  private let output: OutputBuffer
  private let clock: ShownClock
  private var island: HTMLIsland
  private var digest: HTMLDigest
  private var hasHead = false

  init(output: OutputBuffer, clock: ShownClock = .utc, limits: HTMLIsland.Limits = .init()) {
    self.output = output
    self.clock = clock
    island = HTMLIsland(output: output, clock: clock, limits: limits)
    digest = HTMLDigest(clock: clock)
  }

  package func flush() { output.flush() }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    var facts: [(String, String)] = []
    if let handshake = record.handshake {
      let metadata = handshake.metadata
      let withSource = record.revision == nil || record.revision == .v1_3_3
      facts.append(("path", handshake.path))
      facts.append(("identity", String(decoding: metadata.identity(withSource: withSource), as: UTF8.self)))
      if metadata.version != 0 { facts.append(("version", String(metadata.version))) }
      facts.append(("charset", Charset(rawValue: metadata.charset)?.description ?? String(metadata.charset)))
    } else {
      facts.append(("upgrade", "not captured"))
    }
    if let status = record.status { facts.append(("status", String(status))) }
    if let revision = record.revision {
      facts.append(("revision", revision.rawValue + (record.confidence < 0.995 ? " (likely)" : "")))
    }
    if let compression = record.compression { facts.append(("compression", compression)) }
    if let statedClient = record.statedClient { facts.append(("client stated by a proxy", statedClient)) }
    if let tls = record.tls {
      facts.append(("TLS", [tls.version, tls.cipher].compactMap(\.self).joined(separator: " ")))
      if let name = tls.serverName { facts.append(("server name", name)) }
      if let name = tls.applicationProtocol { facts.append(("application protocol", name)) }
    }
    if record.isMidstream { facts.append(("begin", "before the capture")) }
    begin(.connection, place)
    island.text(record.client)
    island.text(record.server)
    island.pairs(facts)
    island.end()
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    begin(.frame, place)
    island.role(record.role)
    let kind: Int64 =
      switch record.kind {
      case .message: 0
      case .request: 1
      case .response: 2
      case .displacement: 3
      case .acknowledgement: 4
      }
    island.number(kind)
    island.number(record.header.protocolId)
    island.number(record.header.sn.map(Int64.init))
    island.number(record.header.length.map(Int64.init))
    island.number(Int64(record.payloadLength))
    island.number(record.isCompressed ? Int64(record.wireLength) : nil)
    island.number(Int64(record.fragments))
    island.payload(payload, record.charset, isCut: record.isTruncated)
    island.end()
  }

  package func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace) {
    guard !record.holdsFrame else { return }
    begin(.message, place)
    island.role(record.role)
    island.number(Int64(payload.byteCount))
    island.number(record.isCompressed ? Int64(record.wireLength) : nil)
    island.number(Int64(record.fragments))
    island.payload(payload, record.isText ? .utf8 : .unknown)
    island.end()
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    begin(.control, place)
    island.role(record.role)
    island.text(record.opcode.rawValue)
    island.number(record.code.map(Int64.init))
    island.payload((record.opcode == .close ? record.reason : record.payload).span.bytes, .utf8)
    island.end()
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {
    begin(.call, place)
    island.role(record.role)
    island.number(Int64(record.sn))
    island.number(record.requestId)
    island.number(record.responseId)
    island.number(record.latency)
    let outcome: Int64 =
      switch record.outcome {
      case .answered: 0
      case .unanswered: 1
      case .connectionClosed: 2
      }
    island.number(outcome)
    island.time(record.began)
    island.number(Int64(record.requestLength))
    island.number(record.responseLength.map(Int64.init))
    island.payload(record.payload.span.bytes, record.charset, isCut: record.payload.count < record.requestLength)
    island.end()
    digest.count(record, at: place)
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    begin(.finding, place)
    island.role(record.role)
    island.text(record.id)
    island.text(record.requirement)
    island.text(record.level)
    island.number(record.offset.map(Int64.init))
    island.text(record.message)
    island.end()
    digest.count(record, at: place)
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    begin(.summary, place)
    for count in [
      record.packets, record.bytes, record.connections, record.frames, record.calls, record.findings, island.leftOut,
    ] {
      island.number(Int64(count))
    }
    island.end()
    island.finish()
    output.text(digest.markup(record, leftOut: island.leftOut))
    output.text(HTMLPage.foot)
  }

  private func begin(_ kind: HTMLIsland.Kind, _ place: RecordPlace) {
    if !hasHead {
      hasHead = true
      output.text(HTMLPage.head(zone: clock.name))
    }
    island.begin(kind, place)
  }
}
