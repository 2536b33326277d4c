import FrameCodec
import Negotiation
import Specification

@testable import WireInspector

/// A connection in words. A frame is `protocolId/sn text`; `-` where there is no sn, `#n` for n bytes that are long or no text, `*`
/// before the kind of a displacement or an acknowledgement.
struct DescribedConnection: Equatable {
  var client: String
  var identity: String?
  var revision: String?
  var fromClient: [String]
  var fromServer: [String]
  /// How many control frames of each kind, with the code of a close.
  var controls: [String: Int]
}

/// Keeps what an inspection gives.
final class RecordingSink: InspectionSink {
  struct Frame {
    var connection: Int
    var record: FrameRecord
    var payload: [UInt8]
    var place: RecordPlace
  }

  var connections: [Int: ConnectionRecord] = [:]
  var frames: [Frame] = []
  var controls: [(connection: Int, record: ControlRecord)] = []
  var calls: [(record: CallRecord, place: RecordPlace)] = []
  var findings: [FindingRecord] = []
  var summary: SummaryRecord?
  /// The kinds of records in the order in which they came, with their connections.
  var order: [String] = []

  func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    connections[place.connection ?? 0] = record
    order.append("connection \(place.connection ?? 0)")
  }

  func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    frames.append(
      Frame(
        connection: place.connection ?? 0, record: record, payload: payload.withUnsafeBytes { Array($0) }, place: place)
    )
    order.append("frame \(place.connection ?? 0)")
  }

  func control(_ record: ControlRecord, at place: RecordPlace) {
    controls.append((place.connection ?? 0, record))
    order.append("control \(place.connection ?? 0)")
  }

  func call(_ record: CallRecord, at place: RecordPlace) {
    calls.append((record, place))
    order.append("call \(place.connection ?? 0)")
  }

  func finding(_ record: FindingRecord, at place: RecordPlace) {
    findings.append(record)
    if let connection = place.connection { order.append("finding \(connection)") }
  }

  func summary(_ record: SummaryRecord, at place: RecordPlace) { summary = record }

  /// A connection in words.
  func described(_ number: Int) -> DescribedConnection {
    let record = connections[number]
    let withSource = record?.revision == nil || record?.revision == .v1_3_3
    var controls: [String: Int] = [:]
    for control in self.controls where control.connection == number {
      let code = control.record.code.map { " \($0)" } ?? ""
      controls["\(control.record.role) \(control.record.opcode.rawValue)\(code)", default: 0] += 1
    }
    return DescribedConnection(
      client: record?.client ?? "",
      identity: record?.handshake.map { String(decoding: $0.metadata.identity(withSource: withSource), as: UTF8.self) },
      revision: record?.revision?.rawValue, fromClient: frames(number, .client), fromServer: frames(number, .server),
      controls: controls)
  }

  private func frames(_ number: Int, _ role: PeerRole) -> [String] {
    // Of a frame that was cut when captured there is no payload to describe.
    frames.filter { $0.connection == number && $0.record.role == role && !$0.record.isTruncated }.map { frame in
      let sn = frame.record.header.sn.map(String.init) ?? "-"
      return "\(frame.record.header.protocolId)/\(sn) \(content(frame))"
    }
  }

  private func content(_ frame: Frame) -> String {
    switch frame.record.kind {
    case .displacement, .acknowledgement: return "*" + frame.record.kind.rawValue
    default: break
    }
    let charset: Charset = frame.record.charset == .gbk ? .gbk : .utf8
    guard let text = try? charset.decode(frame.payload), text.count < 40,
      !text.unicodeScalars.contains(where: { $0.value < 0x20 })
    else { return "#\(frame.payload.count)" }
    return text
  }
}

/// A file of `captures`.
func captureFile(_ name: String) -> String {
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  return parts.dropLast(3).joined(separator: "/") + "/captures/" + name
}

/// Inspects a file.
func inspect(
  _ path: String, _ sink: RecordingSink, _ options: InspectionOptions = InspectionOptions()
) throws -> CaptureInspection.Outcome {
  var inspection = CaptureInspection(options: options, sink: sink)
  return try inspection.run(paths: [path])
}
