import Conformance
import GoldenVectors
import Specification

/// What a record is in the terms of formats that know passed, failed and skipped only.
struct CaseOutcome {
  enum Kind {
    case passed
    case failed
    /// Not judged, or the implementation broke down.
    case error
    case skipped
    case expected(ExpectedFailure)
    case stale(ExpectedFailure)
  }

  let record: CaseRecord
  let kind: Kind

  /// What a record of a run is.
  ///
  /// - Parameter isStrict: Whether a `nonStrict` verdict is a failure, even if the run did not take it for one.
  init(_ record: CaseRecord, run: ReportRun, isStrict: Bool) {
    self.record = record
    if let expectation = record.expectedFailure, record.isFailure(isStrict: isStrict || run.isStrict) {
      kind = .expected(expectation)
    } else if let expectation = record.expectedFailure, record.hasStaleExpectation(isStrict: isStrict || run.isStrict) {
      kind = .stale(expectation)
    } else {
      kind =
        switch record.verdict {
        case .fail: .failed
        case .errored, .couldNotRun: .error
        case .notApplicable: .skipped
        case .nonStrict where isStrict: .failed
        default: .passed
        }
    }
  }

  /// Why it is what it is, in one sentence.
  var reason: String {
    let reason = record.reason ?? record.verdict.title
    switch kind {
    case .passed, .failed, .error, .skipped: return reason
    case .expected(let expectation):
      return "failed as expected: \(expectation.reason.isEmpty ? reason : expectation.reason)"
    case .stale(let expectation):
      let why = expectation.reason.isEmpty ? "" : " (\(expectation.reason))"
      return
        "it was expected to fail\(why) and came out as \(record.verdict.title); remove it from the expected failures"
    }
  }

  /// What was expected, what came, and which requirements that breaks, one a line, inert.
  func details(_ report: Report) -> [String] {
    var lines: [String] = []
    if let title = report.titles[record.id] { lines.append(title) }
    if let step = record.step { lines.append("step: \(AnswerText.step(step))") }
    if let expected = AnswerText.text(record.expected) { lines.append("expected: \(expected)") }
    if let actual = AnswerText.text(record.actual) { lines.append("actual: \(actual)") }
    if let runs = record.runs { lines.append("\(runs.failed) of \(runs.total) runs failed") }
    for id in record.accused {
      guard let requirement = report.catalogue[id] else { continue }
      lines.append("requires \(id) (\(requirement.level), clause \(requirement.clause)): \(requirement.text)")
    }
    return lines.map { InertText.visible($0) }
  }

  /// Milliseconds, as whole as formats want them.
  var milliseconds: Int64 { record.seconds.isFinite ? Int64((max(0, min(record.seconds, 1e9)) * 1_000).rounded()) : 0 }
}
