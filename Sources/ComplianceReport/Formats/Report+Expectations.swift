import Conformance
package import Specification

/// What was expected to fail, as far as a report tells it.
extension Report {
  /// An expectation that is not right any more.
  package struct StaleExpectation: Hashable, Sendable, CustomStringConvertible {
    /// The id that was expected to fail.
    package let id: String

    /// What the case came out as; nil: no case has the id.
    package let verdict: Verdict?

    /// The implementation, where the report has several.
    package let subject: String?

    /// What is wrong and what to do, for people.
    package var description: String {
      let what =
        verdict.map { "was expected to fail and came out as \($0.title)" }
        ?? "was expected to fail, and no case has this id"
      return (subject.map { "\($0): " } ?? "") + "\(id) \(what); remove it from the expected failures"
    }
  }

  /// The records of one implementation, in the order of the cases.
  func records(of column: Int) -> [CaseRecord] { cases.compactMap { $0.results[column]?.record } }

  /// The verdicts of the failures of one implementation that were expected.
  func expectedCounts(of column: Int) -> VerdictCounts {
    VerdictCounts(records(of: column).filter { $0.isExpectedFailure(isStrict: false) })
  }

  /// What the cases of one implementation come to, in one sentence part.
  func conclusion(of column: Int) -> String {
    ReportFigures.conclusion(counts(of: column), expected: expectedCounts(of: column))
  }

  /// The expectations of one implementation that are not right any more.
  func staleExpectations(of column: Int) -> [StaleExpectation] {
    let title = isMatrix ? InertText.visible(subjects[column].title, limit: 80) : nil
    var seen: Set<String> = []
    return subjects[column].runs.flatMap { run in
      run.cases.filter { $0.hasStaleExpectation(isStrict: run.isStrict) }.map {
        StaleExpectation(id: $0.id, verdict: $0.verdict, subject: title)
      }
        + run.unknownExpectations.filter { seen.insert($0).inserted }.map {
          StaleExpectation(id: InertText.visible($0, limit: 200), verdict: nil, subject: title)
        }
    }
  }

  /// The expectations that are not right any more, of all implementations.
  package var staleExpectations: [StaleExpectation] { subjects.indices.flatMap(staleExpectations) }

  /// The expected failures of one implementation, those with one reason together, in the order of the cases.
  func expectedFailures(of column: Int) -> [(reason: String, ids: [String])] {
    var order: [String] = []
    var ids: [String: [String]] = [:]
    for record in records(of: column) where record.isExpectedFailure(isStrict: false) {
      guard let expectation = record.expectedFailure else { continue }
      let reason = expectation.reason.isEmpty ? "no reason is given" : expectation.reason
      if ids[reason] == nil { order.append(reason) }
      ids[reason, default: []].append(record.id)
    }
    return order.map { ($0, ids[$0] ?? []) }
  }
}
