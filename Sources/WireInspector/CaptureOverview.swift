/// What a capture comes to, in one line: counts, latencies and the findings by id.
package final class CaptureOverview: InspectionSink {
  /// The counts of the summary.
  package private(set) var summary = SummaryRecord()

  /// Calls that were answered.
  package private(set) var answeredCalls = 0

  /// How often each finding was reported.
  package private(set) var findings: [String: Int] = [:]

  /// Nanoseconds from request to response of every answered call that has times.
  private var latencies: [Int64] = []

  /// An overview of nothing.
  package init() {}

  /// Inspects a capture file and gives its overview.
  ///
  /// - Throws: what says that the file cannot be read.
  package static func inspecting(path: String) throws(InspectionError) -> CaptureOverview {
    let overview = CaptureOverview()
    var inspection = CaptureInspection(options: InspectionOptions(), sink: overview)
    _ = try inspection.run(paths: [path])
    return overview
  }

  /// Calls that were not answered, also those whose connection ended.
  package var unansweredCalls: Int { summary.calls - answeredCalls }

  /// The median latency in nanoseconds; nil without an answered call.
  package var medianLatency: Int64? {
    latencies.isEmpty ? nil : latencies.sorted()[latencies.count / 2]
  }

  package func connection(_ record: ConnectionRecord, at place: RecordPlace) {}

  package func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {}

  package func control(_ record: ControlRecord, at place: RecordPlace) {}

  package func call(_ record: CallRecord, at place: RecordPlace) {
    guard record.outcome == .answered else { return }
    answeredCalls += 1
    if let latency = record.latency { latencies.append(latency) }
  }

  package func finding(_ record: FindingRecord, at place: RecordPlace) {
    findings[record.id, default: 0] += 1
  }

  package func summary(_ record: SummaryRecord, at place: RecordPlace) {
    summary = record
  }
}
