import FrameCodec

/// Tells a ring of what is worth keeping: violations of rules, and slow calls. Hands everything on.
final class RingSink: InspectionSink {
  private let ring: PacketRing
  private let slow: Int64
  private let sink: any InspectionSink

  init(_ ring: PacketRing, slow: Int64, into sink: any InspectionSink) {
    self.ring = ring
    self.slow = slow
    self.sink = sink
  }

  func connection(_ record: ConnectionRecord, at place: RecordPlace) { sink.connection(record, at: place) }
  func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    sink.frame(record, payload: payload, at: place)
  }
  func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace) {
    sink.other(record, payload: payload, at: place)
  }
  func control(_ record: ControlRecord, at place: RecordPlace) { sink.control(record, at: place) }

  func call(_ record: CallRecord, at place: RecordPlace) {
    switch record.outcome {
    case .answered:
      if let latency = record.latency, latency > slow { ring.keep(InspectionFindingCode.slow.rawValue, at: place) }
    case .unanswered, .connectionClosed:
      // It has taken as long as this at least.
      if let began = record.began, let time = place.time {
        let (waited, isBeyond) = time.subtractingReportingOverflow(began)
        if isBeyond ? time > began : waited > slow {
          ring.keep(InspectionFindingCode.unanswered.rawValue, at: place)
        }
      }
    }
    sink.call(record, at: place)
  }

  func finding(_ record: FindingRecord, at place: RecordPlace) {
    if record.requirement != nil { ring.keep(record.id, at: place) }
    sink.finding(record, at: place)
  }

  func end(_ record: ConnectionEndRecord, at place: RecordPlace) { sink.end(record, at: place) }
  func summary(_ record: SummaryRecord, at place: RecordPlace) { sink.summary(record, at: place) }
  func flush() { sink.flush() }
}
