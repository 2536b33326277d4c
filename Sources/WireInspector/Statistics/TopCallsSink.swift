import FrameCodec
import Negotiation
import Specification

/// Keeps the slowest and the largest calls, and writes them at the end. A call is as large as the larger one of its two payloads.
final class TopCallsSink: InspectionSink {
  enum Form {
    case text, ndjson
  }

  private let output: OutputBuffer
  private let form: Form
  private let clock: ShownClock
  private var slowest: TopCalls
  private var largest: TopCalls
  private var calls = 0
  private var unanswered = 0
  /// The connections that are open, by their numbers.
  private var connections: [Int: TopCall.Connection] = [:]

  /// Connections that are known at most; the calls of others are shown without theirs.
  private static let connectionLimit = 1 << 16

  /// - Parameter limit: How many of the slowest and of the largest are kept.
  init(output: OutputBuffer, form: Form, limit: Int, clock: ShownClock = .utc) {
    self.output = output
    self.form = form
    self.clock = clock
    slowest = TopCalls(limit: limit)
    largest = TopCalls(limit: limit)
  }

  func flush() { output.flush() }

  var readsPayloads: Bool { false }
  var readsEnds: Bool { false }

  func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    guard let number = place.connection else { return }
    if connections.count >= Self.connectionLimit, connections[number] == nil { return }
    let withSource = record.revision == nil || record.revision == .v1_3_3
    connections[number] = TopCall.Connection(
      client: record.client, server: record.server,
      identity: record.handshake.map { String(decoding: $0.metadata.identity(withSource: withSource), as: UTF8.self) })
  }

  func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {}
  func control(_ record: ControlRecord, at place: RecordPlace) {}
  func finding(_ record: FindingRecord, at place: RecordPlace) {}

  func call(_ record: CallRecord, at place: RecordPlace) {
    calls += 1
    if record.outcome != .answered { unanswered += 1 }
    if let latency = record.latency { add(latency, record, place, to: &slowest) }
    add(Int64(max(record.requestLength, record.responseLength ?? 0)), record, place, to: &largest)
  }

  private func add(_ measure: Int64, _ record: CallRecord, _ place: RecordPlace, to top: inout TopCalls) {
    guard top.admits(measure) else { return }
    top.add(
      TopCall(
        measure: measure, order: calls, record: record, place: place,
        connection: place.connection.flatMap { connections[$0] }))
  }

  func end(_ record: ConnectionEndRecord, at place: RecordPlace) {
    if let number = place.connection { connections[number] = nil }
  }

  func summary(_ record: SummaryRecord, at place: RecordPlace) {
    switch form {
    case .text:
      let text = TopCallsText(
        slowest: slowest.ranked, largest: largest.ranked, calls: calls, unanswered: unanswered, clock: clock)
      output.text(text.text)
      TextSink(output: output, usesColour: false).summary(record, at: place)
    case .ndjson:
      let lines = NDJSONSink(output: output)
      for (index, call) in slowest.ranked.enumerated() { lines.top("latency", rank: index + 1, call) }
      for (index, call) in largest.ranked.enumerated() { lines.top("size", rank: index + 1, call) }
      lines.summary(record, at: place)
    }
  }
}

extension NDJSONSink {
  /// Writes a call of those with the greatest latency or size.
  fileprivate func top(_ measure: String, rank: Int, _ call: TopCall) {
    let record = call.record
    begin("top", call.place)
    field(",\"by\":", measure)
    number(",\"rank\":", Int64(rank))
    optional(",\"client\":", call.connection?.client)
    optional(",\"server\":", call.connection?.server)
    optional(",\"identity\":", call.connection?.identity)
    direction(record.role)
    number(",\"sn\":", Int64(record.sn))
    number(",\"requestId\":", record.requestId)
    number(",\"responseId\":", record.responseId)
    seconds(",\"began\":", record.began)
    seconds(",\"latency\":", record.latency)
    field(",\"outcome\":", record.outcome.rawValue)
    number(",\"requestLength\":", Int64(record.requestLength))
    number(",\"responseLength\":", record.responseLength.map(Int64.init))
    output.text("}\n")
  }

  private func seconds(_ name: StaticString, _ value: Int64?) {
    output.text(name)
    if let value { output.seconds(value) } else { output.text("null") }
  }
}
