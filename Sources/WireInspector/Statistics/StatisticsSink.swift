import FrameCodec
import Specification

/// Counts instead of writing each record: `inspect --stats`. What it came to is written at the end.
package final class StatisticsSink: InspectionSink {
  /// How the figures are written.
  enum Form {
    case text, ndjson
  }

  private let output: OutputBuffer
  private let form: Form
  @exclusivity(unchecked) private var connections = BusiestFigures<Int>()
  @exclusivity(unchecked) private var protocolIds = BusiestFigures<Int64>()
  @exclusivity(unchecked) private var total = TrafficFigures()
  @exclusivity(unchecked) private var overTime = TrafficOverTime()
  private var findings: [String: Int] = [:]

  init(output: OutputBuffer, form: Form) {
    self.output = output
    self.form = form
  }

  package var readsPayloads: Bool { false }
  package var readsEnds: Bool { false }

  /// Finds out whether anybody still waits for the figures.
  package func flush() { output.flush() }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    guard let number = place.connection else { return }
    connections.note(record, for: number)
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    let plain = record.header.payload.lowerBound + record.payloadLength
    let wire = record.wireLength
    total.count(record.role, wire: wire, plain: plain)
    protocolIds.update(record.header.protocolId) { $0.count(record.role, wire: wire, plain: plain) }
    if let number = place.connection { connections.update(number) { $0.count(record.role, wire: wire, plain: plain) } }
    if let time = place.time { overTime.count(bytes: wire, at: time) }
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {}

  package func call(_ record: CallRecord, at place: RecordPlace) {
    total.count(call: record)
    protocolIds.update(record.requestId) { $0.count(call: record) }
    if let number = place.connection { connections.update(number) { $0.count(call: record) } }
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) { findings[record.id, default: 0] += 1 }

  /// How things stand.
  ///
  /// - Parameter summary: The counts so far.
  func text(_ summary: SummaryRecord) -> String {
    StatisticsText(
      connections: connections, protocolIds: protocolIds, total: total, overTime: overTime, findings: findings,
      summary: summary
    ).text
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    switch form {
    case .text: output.text(text(record))
    case .ndjson:
      let lines = StatisticsLines(output: output)
      for entry in connections.all { lines.connection(entry.key, entry) }
      if connections.putAside > 0 { lines.others("otherConnections", connections.rest) }
      for entry in protocolIds.all { lines.protocolId(entry.key, entry.figures) }
      if protocolIds.putAside > 0 { lines.others("otherProtocolIds", protocolIds.rest) }
      lines.total(total, overTime)
      NDJSONSink(output: output).summary(record, at: place)
    }
  }
}
