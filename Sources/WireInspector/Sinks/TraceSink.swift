import FrameCodec
import Negotiation
import Specification

/// Writes records as trace events (the JSON that Perfetto and chrome://tracing open): a process a connection, a slice a call, and an instant for
/// each frame, control frame and finding.
///
/// Times count microseconds from a day before the first record: the viewers keep them as floating-point numbers, which hold no nanoseconds
/// since 1970, and drop what is before their zero, as a record is that was decided late and is about something earlier.
package final class TraceSink: InspectionSink {
  private let output: OutputBuffer
  private var hasBegun = false
  private var origin: Int64?
  private var calls: Int64 = 0

  /// How long before the first record the times begin: a day, in nanoseconds.
  private static let lead: Int64 = 86_400_000_000_000
  /// Characters of a payload that are shown.
  private static let excerptColumns = 120

  init(output: OutputBuffer) { self.output = output }

  package func flush() { output.flush() }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {
    let identity = record.handshake.map { handshake in
      let withSource = record.revision == nil || record.revision == .v1_3_3
      return " " + String(decoding: handshake.metadata.identity(withSource: withSource), as: UTF8.self)
    }
    begin("M", place)
    output.text(",\"name\":\"process_name\",\"args\":{\"name\":")
    output.json("\(record.client) > \(record.server)\(identity ?? "")")
    output.text("}}")
    for (thread, name) in [(1, "client"), (2, "server"), (3, "findings")] {
      begin("M", place, thread: thread)
      output.text(",\"name\":\"thread_name\",\"args\":{\"name\":\"\(name)\"}}")
    }
  }

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    let sn = record.header.sn.map { $0 == 0 ? "" : " sn \($0)" } ?? ""
    instant("\(RecordText.name(record.kind)) \(record.header.protocolId)\(sn)", record.role == .client ? 1 : 2, place)
    output.text(",\"args\":{\"bytes\":\(record.payloadLength),\"payload\":")
    output.json(RecordText.excerpt(payload, record.charset, columns: Self.excerptColumns))
    output.text("}}")
  }

  package func control(_ record: ControlRecord, at place: RecordPlace) {
    instant(record.opcode.rawValue, record.role == .client ? 1 : 2, place)
    output.text(",\"args\":{\"code\":\(record.code.map(String.init) ?? "null"),\"reason\":")
    output.json(String(decoding: record.reason, as: UTF8.self))
    output.text("}}")
  }

  package func call(_ record: CallRecord, at place: RecordPlace) {
    calls += 1
    let name = "call \(record.requestId)"
    let answeredFrom = place.time.flatMap { time in
      record.latency.map { time.subtractingReportingOverflow($0).partialValue }
    }
    // Calls overlap, which slices of one thread may not: they are asynchronous, each with a number of its own.
    for (phase, time) in [("b", record.began ?? answeredFrom ?? place.time), ("e", place.time)] {
      var moment = place
      moment.time = time
      begin(phase, moment, thread: record.role == .client ? 1 : 2)
      output.text(",\"cat\":\"call\",\"id\":\(calls),\"name\":\"\(name)\"")
      output.text(
        phase == "b"
          ? ",\"args\":{\"sn\":\(record.sn),\"caller\":\"\(record.role.rawValue)\",\"outcome\":\"\(record.outcome.rawValue)\"}}"
          : "}")
    }
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    instant(record.id, 3, place)
    output.text(",\"args\":{\"message\":")
    output.json(record.message)
    output.text("}}")
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    output.text(hasBegun ? "\n]}\n" : "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[]}\n")
  }

  private func instant(_ name: String, _ thread: Int, _ place: RecordPlace) {
    begin("i", place, thread: thread)
    output.text(",\"s\":\"t\",\"name\":")
    output.json(name)
  }

  private func begin(_ phase: String, _ place: RecordPlace, thread: Int = 0) {
    output.text(hasBegun ? ",\n" : "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n")
    hasBegun = true
    if origin == nil { origin = place.time.map { $0.subtractingReportingOverflow(Self.lead).partialValue } }
    let (time, overflow) = (place.time ?? origin ?? 0).subtractingReportingOverflow(origin ?? 0)
    let microseconds = DecimalTime.thousandths(overflow ? 0 : max(0, time))
    output.text(
      "{\"ph\":\"\(phase)\",\"pid\":\(place.connection ?? 0),\"tid\":\(thread),\"ts\":\(microseconds)")
  }
}
