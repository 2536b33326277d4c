import FrameCodec
import Specification

/// Counts instead of writing each record: `inspect --stats`. What it came to is written at the end.
package final class StatisticsSink: InspectionSink {
  /// A connection and its figures.
  struct ConnectionFigures {
    var record: ConnectionRecord
    var figures: TrafficFigures
  }

  /// How the figures are written.
  enum Form {
    case text, ndjson
  }

  /// How many connections keep their latencies; the figures of later ones have none.
  static let connectionsWithLatencies = 512

  private let output: OutputBuffer
  private let form: Form
  @exclusivity(unchecked) private var connections: [Int: ConnectionFigures] = [:]
  @exclusivity(unchecked) private var protocolIds: [Int64: TrafficFigures] = [:]
  @exclusivity(unchecked) private var total = TrafficFigures()
  @exclusivity(unchecked) private var overTime = TrafficOverTime()
  private var findings: [String: Int] = [:]

  init(output: OutputBuffer, form: Form) {
    self.output = output
    self.form = form
  }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    guard let number = place.connection else { return }
    if connections[number] == nil {
      let keepsLatencies = connections.count < Self.connectionsWithLatencies
      connections[number] = ConnectionFigures(
        record: record, figures: TrafficFigures(keepsLatencies: keepsLatencies))
    } else {
      connections[number]?.record = record
    }
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    let plain = record.header.payload.lowerBound + payload.byteCount
    let wire = record.wireLength
    total.count(record.role, wire: wire, plain: plain)
    protocolIds[record.header.protocolId, default: TrafficFigures()].count(record.role, wire: wire, plain: plain)
    if let number = place.connection { connections[number]?.figures.count(record.role, wire: wire, plain: plain) }
    if let time = place.time { overTime.count(bytes: wire, at: time) }
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {}

  package func call(_ record: CallRecord, at place: RecordPlace) {
    total.count(call: record)
    protocolIds[record.requestId, default: TrafficFigures()].count(call: record)
    if let number = place.connection { connections[number]?.figures.count(call: record) }
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) { findings[record.id, default: 0] += 1 }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    let ordered = connections.sorted { $0.key < $1.key }.map { (number: $0.key, value: $0.value) }
    let ids = protocolIds.sorted { $0.key < $1.key }.map { (id: $0.key, figures: $0.value) }
    switch form {
    case .text:
      let text = StatisticsText(
        connections: ordered, protocolIds: ids, total: total, overTime: overTime, findings: findings, summary: record)
      output.text(text.text)
    case .ndjson:
      let lines = StatisticsLines(output: output)
      for entry in ordered { lines.connection(entry.number, entry.value) }
      for entry in ids { lines.protocolId(entry.id, entry.figures) }
      lines.total(total, overTime)
      NDJSONSink(output: output).summary(record, at: place)
    }
  }
}
