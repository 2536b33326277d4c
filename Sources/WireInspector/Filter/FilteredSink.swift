import FrameCodec
import Negotiation

/// Hands on the records that pass a filter, and the records of the connections that they belong to.
///
/// The summary counts what was handed on; packets and bytes stay those of the capture.
final class FilteredSink: InspectionSink {
  private struct Known {
    var record: ConnectionRecord
    var place: RecordPlace
    /// Whether it has been handed on as it is now.
    var isShown = false
  }

  /// Connections that are remembered; of more, the oldest are forgotten.
  private static let connectionLimit = 1 << 16

  /// Findings that are repeated where there is nothing else.
  private static let reasonLimit = 3

  private let filter: RecordFilter
  private let sink: any InspectionSink
  private var connections: [Int: Known] = [:]
  private var shown: Set<Int> = []
  private var counts = SummaryRecord()
  /// What is known of the filter's parts, until a record passes.
  private var tally: FilterTally?
  /// What the first findings say, and how many there were: where there is nothing else, they are the reason.
  private var reasons: [String] = []
  private var findings = 0

  init(_ filter: RecordFilter, into sink: any InspectionSink) {
    self.filter = filter
    tally = FilterTally(filter)
    self.sink = sink
  }

  func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    guard let number = place.connection else { return }
    if connections.count >= Self.connectionLimit {
      let newest = connections.keys.sorted().suffix(Self.connectionLimit / 2)
      connections = connections.filter { $0.key >= newest[newest.startIndex] }
      shown = shown.filter { connections[$0] != nil }
    }
    connections[number] = Known(record: record, place: place)
    if passes(.connection, place) { show(place) }
  }

  func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    let text = record.isTruncated ? nil : Self.text(payload, record.charset)
    guard passes(.frame(record, payloadLength: record.payloadLength, text: text), place) else { return }
    show(place)
    counts.frames += 1
    sink.frame(record, payload: payload, at: place)
  }

  func control(_ record: ControlRecord, at place: RecordPlace) {
    guard passes(.control(record), place) else { return }
    show(place)
    sink.control(record, at: place)
  }

  func call(_ record: CallRecord, at place: RecordPlace) {
    guard passes(.call(record), place) else { return }
    show(place)
    counts.calls += 1
    sink.call(record, at: place)
  }

  func finding(_ record: FindingRecord, at place: RecordPlace) {
    findings += 1
    if reasons.count < Self.reasonLimit { reasons.append(record.message) }
    guard passes(.finding(record), place) else { return }
    show(place)
    counts.findings += 1
    sink.finding(record, at: place)
  }

  func end(_ record: ConnectionEndRecord, at place: RecordPlace) {
    if let number = place.connection, shown.contains(number) { sink.end(record, at: place) }
  }

  func summary(_ record: SummaryRecord, at place: RecordPlace) {
    var summary = counts
    summary.packets = record.packets
    summary.bytes = record.bytes
    summary.lost = record.lost
    sink.summary(summary, at: place)
  }

  func flush() { sink.flush() }

  private func passes(_ subject: RecordFacts.Subject, _ place: RecordPlace) -> Bool {
    let facts = RecordFacts(
      subject: subject, connection: place.connection.flatMap { connections[$0]?.record }, number: place.connection)
    let passes = filter.passes(facts)
    if passes { tally = nil } else { tally?.count(facts) }
    return passes
  }

  /// Why no record passed, a sentence; nil if one did, or if there was none and nobody knows why.
  var emptiness: String? {
    guard let tally, tally.records > 0 else { return nil }
    if tally.records == findings {
      let rest = findings - reasons.count
      return "there is nothing to filter but findings: \(reasons.joined(separator: "; "))"
        + (rest > 0 ? "; and \(rest) more" : "")
    }
    return "no record passes the filter: \(tally.text)"
  }

  /// Hands on the record of the connection that something belongs to, once.
  private func show(_ place: RecordPlace) {
    guard let number = place.connection, let known = connections[number], !known.isShown else { return }
    connections[number]?.isShown = true
    if shown.insert(number).inserted { counts.connections += 1 }
    sink.connection(known.record, at: known.place)
  }

  /// A payload's text as ndjson has it.
  private static func text(_ payload: RawSpan, _ charset: TextCharset) -> String? {
    switch charset {
    case .utf8:
      PayloadText.isPlainUTF8(payload) ? payload.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } : nil
    case .gbk: PayloadText.plainGBK(payload)
    case .unknown: nil
    }
  }
}
