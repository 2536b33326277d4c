import FrameCodec
import Negotiation
import Specification

/// Writes connections as HAR 1.2 with the messages of WebSocket that browsers put into it (`_webSocketMessages`).
///
/// An entry has all of its messages, so they are kept until the end, within a bound.
package final class HARSink: InspectionSink {
  private struct Entry {
    var record: ConnectionRecord
    var began: Int64?
    var ended: Int64?
    var messages: [UInt8] = []
    var leftOut = 0
  }

  /// Bytes of messages that are kept at most; what comes then is counted.
  private static let limit = 256 << 20

  private let output: OutputBuffer
  private var entries: [Int: Entry] = [:]
  private var bytes = 0

  init(output: OutputBuffer) { self.output = output }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    guard let number = place.connection else { return }
    if entries[number] == nil {
      entries[number] = Entry(record: record, began: place.time)
    } else {
      entries[number]?.record = record
    }
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    guard !record.isTruncated else { return }
    let header = record.header
    var message: [UInt8] = []
    // The largest frame that was captured fits; what cannot be encoded was not captured as a frame.
    guard
      (try? FrameCodec.encode(
        protocolId: header.protocolId, sn: header.sn ?? 0, payload: payload, revision: header.revision,
        maxFrameLength: .max, into: &message)) != nil
    else { return }
    var fields = ",\"_protocolId\":\(header.protocolId),\"_kind\":\"\(record.kind.rawValue)\""
    if let sn = header.sn { fields += ",\"_sn\":\(sn)" }
    add(message, isText: false, record.role, fields, place)
  }

  package func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace) {
    guard !record.holdsFrame else { return }
    add(payload.withUnsafeBytes { Array($0) }, isText: record.isText, record.role, "", place)
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {}
  package func call(_ record: CallRecord, at place: RecordPlace) {}
  package func finding(_ record: FindingRecord, at place: RecordPlace) {}

  private func add(_ message: [UInt8], isText: Bool, _ role: PeerRole, _ fields: String, _ place: RecordPlace) {
    guard let number = place.connection, var entry = entries.removeValue(forKey: number) else { return }
    defer { entries[number] = entry }
    entry.ended = place.time ?? entry.ended
    let size = message.count / 3 * 4 + 160
    guard bytes + size <= Self.limit else {
      entry.leftOut += 1
      return
    }
    bytes += size
    var text = entry.messages.isEmpty ? "" : ",\n"
    text +=
      "{\"type\":\"\(role == .client ? "send" : "receive")\",\"time\":\(DecimalTime.seconds(place.time ?? 0, decimals: 6))"
    text += ",\"opcode\":\(isText ? 1 : 2),\"data\":"
    text += isText ? Self.json(String(decoding: message, as: UTF8.self)) : "\"\(Base64.encode(message))\""
    entry.messages += (text + fields + "}").utf8
  }

  private static func json(_ text: String) -> String {
    let source = Array(text.utf8)
    return String(unsafeUninitializedCapacity: source.count * JSONEscaping.largestFactor + 2) { target in
      guard let start = target.baseAddress else { return 0 }
      start[0] = UInt8(ascii: "\"")
      let written = source.withUnsafeBufferPointer { bytes in
        bytes.baseAddress.map { JSONEscaping.escape($0, bytes.count, to: start + 1) } ?? 0
      }
      start[written + 1] = UInt8(ascii: "\"")
      return written + 2
    }
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    output.text(
      "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"wireproof\",\"version\":\"1\"},\"pages\":[],\"entries\":[")
    var isFirst = true
    for number in entries.keys.sorted() {
      guard let entry = entries.removeValue(forKey: number) else { continue }
      output.text(isFirst ? "\n" : ",\n")
      isFirst = false
      write(entry, number)
    }
    output.text("\n]}}\n")
  }

  private func write(_ entry: Entry, _ number: Int) {
    let (duration, overflow) = (entry.ended ?? entry.began ?? 0).subtractingReportingOverflow(entry.began ?? 0)
    let milliseconds = overflow ? "0" : DecimalTime.thousandths(duration / 1_000)
    output.text("{\"startedDateTime\":\"\(Self.date(entry.began ?? 0))\",\"time\":\(milliseconds)")
    output.text(",\"request\":{\"method\":\"GET\",\"url\":")
    let metadata = entry.record.handshake?.metadata
    output.json("ws://\(entry.record.server)\(entry.record.handshake?.path ?? "/")")
    output.text(",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\"headers\":[],\"queryString\":[")
    let pairs = metadata.map { metadata in
      [
        ("uid", metadata.uidText), ("typed", String(metadata.typed)), ("deviceId", metadata.deviceIdText),
        ("source", metadata.sourceText), ("version", String(metadata.version)), ("charset", String(metadata.charset)),
      ]
    }
    for (index, pair) in (pairs ?? []).enumerated() {
      output.text("\(index == 0 ? "" : ","){\"name\":\"\(pair.0)\",\"value\":")
      output.json(pair.1)
      output.text("}")
    }
    output.text(
      "],\"headersSize\":-1,\"bodySize\":0},\"response\":{\"status\":\(entry.record.status ?? 0),\"statusText\":\"\"")
    output.text(
      ",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\"headers\":[],\"content\":{\"size\":0,\"mimeType\":\"\"}")
    output.text(",\"redirectURL\":\"\",\"headersSize\":-1,\"bodySize\":-1},\"cache\":{}")
    output.text(",\"timings\":{\"send\":0,\"wait\":\(milliseconds),\"receive\":0},\"connection\":\"\(number)\"")
    if entry.leftOut > 0 {
      output.text(",\"comment\":\"\(entry.leftOut) messages beyond \(Self.limit >> 20) MiB are left out\"")
    }
    output.text(",\"_resourceType\":\"websocket\",\"_webSocketMessages\":[")
    entry.messages.withUnsafeBufferPointer { output.bytes($0) }
    output.text("]}")
  }

  /// A time as ISO 8601 in UTC with milliseconds.
  private static func date(_ time: Int64) -> String {
    RecordText.date(time) + "T" + RecordText.clock(time).dropLast(3) + "Z"
  }
}
