import FrameCodec
import Negotiation
import Specification
import TLSRecords

/// Writes records for people, a line a frame, in 80 columns.
package final class TextSink: InspectionSink {
  private let output: OutputBuffer
  private let usesColour: Bool
  private let columns: Int
  /// Whether payloads are shown whole.
  private let isFull: Bool
  private let form: PayloadForm
  private let clock: ShownClock

  private enum Colour: String {
    case plain = "0"
    case bold = "1"
    case dim = "2"
    case client = "32"
    case server = "36"
    case finding = "33"
    case violation = "31"
  }

  package func flush() { output.flush() }

  init(
    output: OutputBuffer, usesColour: Bool, columns: Int = 80, isFull: Bool = false, form: PayloadForm = .auto,
    clock: ShownClock = .utc
  ) {
    self.output = output
    self.usesColour = usesColour
    self.columns = max(columns, 40)
    // A form that was asked for needs the lines.
    self.isFull = isFull || form != .auto
    self.form = form
    self.clock = clock
  }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    let number = "#\(place.connection ?? 0)"
    let head = "\(number) \(record.client) > \(record.server)"
    line(TerminalText.cut(head, to: columns), .bold)
    var parts: [String] = []
    if let handshake = record.handshake {
      let withSource = record.revision == nil || record.revision == .v1_3_3
      parts.append(handshake.path)
      parts.append("identity \(String(decoding: handshake.metadata.identity(withSource: withSource), as: UTF8.self))")
      if handshake.metadata.version != 0 { parts.append("version \(handshake.metadata.version)") }
      parts.append(
        "charset \(Charset(rawValue: handshake.metadata.charset)?.description ?? String(handshake.metadata.charset))")
    } else {
      parts.append("upgrade not captured")
    }
    if let status = record.status { parts.append("status \(status)") }
    if let revision = record.revision {
      parts.append("revision \(revision.rawValue)" + (record.confidence < 0.995 ? " (likely)" : ""))
    } else {
      parts.append("no frame that tells the revision")
    }
    if let compression = record.compression { parts.append(compression) }
    if let statedClient = record.statedClient { parts.append("client stated by a proxy: \(statedClient)") }
    if let tls = record.tls {
      parts.append(tls.version.map { $0.hasPrefix("1") ? "TLS \($0)" : $0 } ?? "TLS")
      if let cipher = tls.cipher { parts.append(cipher) }
      if let name = tls.serverName { parts.append("for \(name)") }
      if let name = tls.applicationProtocol { parts.append(name) }
    }
    if record.isMidstream { parts.append("began before the capture") }
    for text in TerminalText.wrap(TerminalText.escaped(parts.joined(separator: ", ")), to: columns - 4) {
      line("    " + text, .plain)
    }
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    var text = prefix(place, record.role)
    let sn = record.header.sn.map { $0 == 0 ? "" : " sn \($0)" } ?? ""
    text += pad(RecordText.name(record.kind), 6) + " id \(record.header.protocolId)\(sn) \(record.payloadLength) B"
    if record.isCompressed { text += " z" }
    if record.isTruncated { text += " cut" }
    let colour: Colour = record.role == .client ? .client : .server
    if isFull {
      line(TerminalText.cut(text, to: columns), colour)
      form.lines(of: payload, record.charset, columns: columns - 4) { line("    " + $0, colour) }
      return
    }
    if payload.byteCount > 0 {
      text += " " + RecordText.excerpt(payload, record.charset, columns: columns - TerminalText.width(text) - 1)
    }
    line(TerminalText.cut(text, to: columns), colour)
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    var text = prefix(place, record.role) + pad(record.opcode.rawValue, 6)
    if let code = record.code { text += " \(code)" }
    let shown = record.opcode == .close ? record.reason : record.payload
    if !shown.isEmpty {
      text += " " + RecordText.excerpt(shown.span.bytes, .utf8, columns: columns - TerminalText.width(text) - 1)
    }
    line(TerminalText.cut(text, to: columns), .dim)
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {
    var text = prefix(place, record.role)
    switch record.outcome {
    case .answered:
      let latency = record.latency.map { DurationText.of(nanoseconds: $0) } ?? "no time"
      text += "  = call sn \(record.sn), id \(record.requestId) -> \(record.responseId ?? 0): answered, \(latency)"
    case .unanswered: text += "  = call sn \(record.sn), id \(record.requestId): no answer in the capture"
    case .connectionClosed: text += "  = call sn \(record.sn), id \(record.requestId): the connection ended first"
    }
    line(TerminalText.cut(text, to: columns), .dim)
    guard record.outcome != .answered else { return }
    var rest = String(repeating: " ", count: 20) + "began \(clock.timeOfDay(record.began))"
    if !record.payload.isEmpty, !isFull {
      let room = columns - TerminalText.width(rest) - 1
      rest += " " + RecordText.excerpt(record.payload.span.bytes, record.charset, columns: room)
    }
    line(rest, .dim)
    if isFull {
      form.lines(of: record.payload.span.bytes, record.charset, columns: columns - 20) {
        line(String(repeating: " ", count: 20) + $0, .dim)
      }
    }
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    let head = prefix(place, record.role) + "! \(record.id)"
    let isViolation = record.level == "MUST"
    let message = TerminalText.escaped(record.message)
    if TerminalText.width(head) + 2 + TerminalText.width(message) <= columns {
      return line(head + ": " + message, isViolation ? .violation : .finding)
    }
    line(head + ":", isViolation ? .violation : .finding)
    for text in TerminalText.wrap(message, to: columns - 20) {
      line(String(repeating: " ", count: 20) + text, isViolation ? .violation : .finding)
    }
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    let parts = [
      CountText.of(record.packets, "packet") + record.lossText, CountText.of(record.bytes, "byte"),
      CountText.of(record.connections, "connection"),
      CountText.of(record.frames, "frame"), CountText.of(record.calls, "call"),
      CountText.of(record.findings, "finding"),
    ]
    for text in TerminalText.wrap(parts.joined(separator: ", "), to: columns) { line(text, .bold) }
  }

  // MARK: Parts

  private func prefix(_ place: RecordPlace, _ role: PeerRole?) -> String {
    var text = clock.timeOfDay(place.time)
    text += place.connection.map { " #\($0)" } ?? ""
    switch role {
    case .client: text += " C>S "
    case .server: text += " S>C "
    case nil: text += " "
    }
    return text
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func line(_ text: String, _ colour: Colour) {
    let isPlain = !usesColour || colour == .plain
    if !isPlain { output.text("\u{1B}[\(colour.rawValue)m") }
    output.text(text)
    output.text(isPlain ? "\n" : "\u{1B}[0m\n")
  }
}
