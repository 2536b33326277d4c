import FrameCodec
import Specification

/// Hands records to a sink on a thread of its own, in their order, so that what is found is written while more is being looked for.
///
/// Until ``finish()`` nobody else may touch the sink.
final class PipelinedSink: InspectionSink {
  private enum Record: Sendable {
    indirect case connection(ConnectionRecord)
    case frame(FrameRecord, payload: Range<Int>)
    indirect case other(OtherMessageRecord, payload: Range<Int>)
    indirect case control(ControlRecord)
    indirect case call(CallRecord)
    indirect case finding(FindingRecord)
    indirect case end(ConnectionEndRecord)
    case summary(SummaryRecord)
    case flush
  }

  /// Records in their order, and the payloads that they have ranges of.
  private struct Batch: Sendable {
    var records: [(record: Record, place: RecordPlace)] = []
    var payloads: [UInt8] = []

    var isFull: Bool { records.count >= PipelinedSink.batchRecords || payloads.count >= PipelinedSink.batchBytes }

    mutating func removeAll() {
      records.removeAll(keepingCapacity: true)
      // What one large payload took is not kept.
      payloads.removeAll(keepingCapacity: payloads.count <= 2 * PipelinedSink.batchBytes)
    }
  }

  /// The sink, which only the thread touches.
  private struct Target: @unchecked Sendable {
    let sink: any InspectionSink
  }

  private static let batchRecords = 512
  private static let batchBytes = 1 << 18
  /// Batches that wait at most.
  private static let waiting = 4

  let readsEnds: Bool
  private let full = BoundedQueue<Batch>(capacity: PipelinedSink.waiting)
  private let empty = BoundedQueue<Batch>(capacity: PipelinedSink.waiting + 2)
  private var batch = Batch()
  private var thread: WorkerThread?

  /// Starts the thread; nil: there is none to be had.
  init?(into sink: any InspectionSink) {
    readsEnds = sink.readsEnds
    let (full, empty, target) = (full, empty, Target(sink: sink))
    for _ in 0..<Self.waiting + 1 { empty.put(Batch()) }
    thread = WorkerThread {
      while var batch = full.take() {
        for entry in batch.records { Self.give(entry.record, entry.place, batch.payloads.span.bytes, to: target.sink) }
        batch.removeAll()
        empty.put(batch)
      }
    }
    if thread == nil { return nil }
  }

  deinit { finish() }

  /// Waits until the sink has everything. Nothing may be given behind that.
  func finish() {
    guard let thread = thread.take() else { return }
    full.put(batch)
    full.close()
    thread.join()
  }

  private static func give(
    _ record: Record, _ place: RecordPlace, _ payloads: RawSpan, to sink: any InspectionSink
  ) {
    switch record {
    case .connection(let record): sink.connection(record, at: place)
    case .frame(let record, let payload): sink.frame(record, payload: payloads.extracting(payload), at: place)
    case .other(let record, let payload): sink.other(record, payload: payloads.extracting(payload), at: place)
    case .control(let record): sink.control(record, at: place)
    case .call(let record): sink.call(record, at: place)
    case .finding(let record): sink.finding(record, at: place)
    case .end(let record): sink.end(record, at: place)
    case .summary(let record): sink.summary(record, at: place)
    case .flush: sink.flush()
    }
  }

  private func append(_ record: Record, at place: RecordPlace) {
    batch.records.append((record, place))
    if batch.isFull { handOver() }
  }

  private func handOver() {
    // Nothing of it stays here: the thread empties it in place and gives it back.
    full.put(exchange(&batch, with: Batch()))
    batch = empty.take() ?? Batch()
  }

  private func keep(_ payload: RawSpan) -> Range<Int> {
    let start = batch.payloads.count
    payload.withUnsafeBytes { batch.payloads.append(contentsOf: $0) }
    return start..<batch.payloads.count
  }

  func connection(_ record: ConnectionRecord, at place: RecordPlace) { append(.connection(record), at: place) }

  func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    append(.frame(record, payload: keep(payload)), at: place)
  }

  func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace) {
    append(.other(record, payload: keep(payload)), at: place)
  }

  func control(_ record: ControlRecord, at place: RecordPlace) { append(.control(record), at: place) }

  func call(_ record: CallRecord, at place: RecordPlace) { append(.call(record), at: place) }

  func finding(_ record: FindingRecord, at place: RecordPlace) { append(.finding(record), at: place) }

  func end(_ record: ConnectionEndRecord, at place: RecordPlace) { append(.end(record), at: place) }

  func summary(_ record: SummaryRecord, at place: RecordPlace) { append(.summary(record), at: place) }

  func flush() {
    append(.flush, at: RecordPlace(connection: nil, time: nil, packets: nil))
    handOver()
  }
}
