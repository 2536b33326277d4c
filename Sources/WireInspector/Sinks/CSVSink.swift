import FrameCodec
import Negotiation
import Specification

/// Writes frames, control frames, calls and findings as one table of comma-separated values (RFC 4180), a record a row.
///
/// A text that a spreadsheet would take for a formula gets an apostrophe before it; what could act on a terminal is escaped.
package final class CSVSink: InspectionSink {
  private let output: OutputBuffer

  /// The columns, always all of them, in this order.
  static let columns = [
    "type", "time", "connection", "firstPacket", "lastPacket", "direction", "kind", "protocolId", "sn", "length",
    "payloadLength", "compressed", "fragments", "requestId", "responseId", "latency", "outcome", "id", "requirement",
    "level", "message", "text",
  ]

  init(output: OutputBuffer) {
    self.output = output
    output.text(Self.columns.joined(separator: ",") + "\r\n")
  }

  package func flush() { output.flush() }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    let stated = record.statedClient.map { ", client stated by a proxy: \($0)" } ?? ""
    var fields = ["message": "\(record.client) > \(record.server)\(stated)"]
    if let handshake = record.handshake {
      fields["id"] = String(decoding: handshake.metadata.identity(), as: UTF8.self)
      fields["text"] = handshake.path
    }
    row("connection", place, nil, fields)
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    var fields = [
      "kind": record.kind.rawValue, "protocolId": String(record.header.protocolId),
      "payloadLength": String(record.payloadLength), "compressed": String(record.isCompressed),
      "fragments": String(record.fragments),
    ]
    fields["sn"] = record.header.sn.map { String($0) }
    fields["length"] = record.header.length.map { String($0) }
    if record.isTruncated { fields["message"] = "the payload was cut when captured" }
    switch record.charset {
    case _ where record.isTruncated: break
    case .utf8 where PayloadText.isPlainUTF8(payload):
      fields["text"] = payload.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    case .gbk: fields["text"] = PayloadText.plainGBK(payload)
    default: break
    }
    row("frame", place, record.role, fields)
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    var fields = ["kind": record.opcode.rawValue, "payloadLength": String(record.payload.count)]
    fields["id"] = record.code.map(String.init)
    if !record.reason.isEmpty { fields["text"] = String(decoding: record.reason, as: UTF8.self) }
    row("control", place, record.role, fields)
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {
    var fields = [
      "sn": String(record.sn), "requestId": String(record.requestId), "outcome": record.outcome.rawValue,
    ]
    fields["responseId"] = record.responseId.map { String($0) }
    fields["latency"] = record.latency.map { DecimalTime.seconds($0, decimals: 9) }
    if record.outcome != .answered {
      fields["message"] = "began \(record.began.map { DecimalTime.seconds($0, decimals: 9) } ?? "without a time")"
      fields["text"] =
        record.payload.isEmpty ? nil : RecordText.excerpt(record.payload.span.bytes, record.charset, columns: 80)
    }
    row("rpc", place, record.role, fields)
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    var fields = ["id": record.id, "message": record.message]
    fields["requirement"] = record.requirement
    fields["level"] = record.level
    row("finding", place, record.role, fields)
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    row(
      "summary", place, nil,
      [
        "message": "\(record.packets) packets; \(record.connections) connections; \(record.frames) frames; "
          + "\(record.calls) rpcs; \(record.findings) findings"
      ])
  }

  private func row(_ type: String, _ place: RecordPlace, _ role: PeerRole?, _ fields: [String: String]) {
    var fields = fields
    fields["type"] = type
    fields["time"] = place.time.map { DecimalTime.seconds($0, decimals: 9) }
    fields["connection"] = place.connection.map(String.init)
    fields["firstPacket"] = place.packets.map { String($0.lowerBound) }
    fields["lastPacket"] = place.packets.map { String($0.upperBound) }
    fields["direction"] = role?.rawValue
    output.text(
      Self.columns.map { Self.quoted(fields[$0] ?? "", isNumber: $0 == "protocolId") }.joined(separator: ",") + "\r\n")
  }

  private static func quoted(_ value: String, isNumber: Bool) -> String {
    // What could act on a terminal, line ends too: a record stays on its line.
    let value = TerminalText.escaped(value)
    guard let first = value.utf8.first else { return "" }
    // A negative protocolId is a number, and no formula.
    let isFormula = !isNumber && [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D].contains(first)
    let needsQuotes = isFormula || value.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    guard needsQuotes else { return value }
    return "\"" + (isFormula ? "'" : "") + value.replacing("\"", with: "\"\"") + "\""
  }
}
