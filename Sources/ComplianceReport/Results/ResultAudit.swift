import Conformance
package import GoldenVectors
import Specification
import StrictJSON

/// Holds a result file against itself: whether each verdict follows from what was expected and what came. Counts and hash
/// were checked when the file was read.
package struct ResultAudit: Sendable {
  /// A record that cannot be right.
  package struct Contradiction: Hashable, Sendable, CustomStringConvertible {
    /// The file.
    package let file: String

    /// The line, from 1.
    package let line: Int

    /// The case.
    package let id: String

    /// What does not fit, for people.
    package let reason: String

    /// One line.
    package var description: String {
      "\(InertText.visible(file, limit: 400)):\(line): \(InertText.visible(id, limit: 200)): \(reason)"
    }
  }

  /// The run.
  package let run: ReportRun

  /// What does not fit, in the order of the file.
  package let contradictions: [Contradiction]

  /// How many verdicts were made anew from expected and actual.
  package let judgedAnew: Int

  /// Why verdicts were not made anew, for people; nil: they were, or there were none.
  package let limitation: String?

  /// Audits a file.
  ///
  /// - Parameters:
  ///   - run: The file.
  ///   - suite: The vectors at hand; verdicts of a `verify` run are made anew when its hash is theirs.
  package init(_ run: ReportRun, suite: VectorSuite?) {
    self.run = run
    var contradictions: [Contradiction] = []
    func object(_ index: Int, _ reason: String) {
      contradictions.append(
        Contradiction(file: run.file, line: index + 2, id: run.cases[index].id, reason: reason))
    }
    for (index, record) in run.cases.enumerated() {
      if let reason = Self.contradiction(in: record, kind: run.kind) { object(index, reason) }
    }
    var judgedAnew = 0
    if run.kind == .verify, let suite, suite.hash == run.header.suiteHash {
      let vectors = Dictionary(suite.cases.map { ($0.test.id, $0) }, uniquingKeysWith: { first, _ in first })
      for (index, record) in run.cases.enumerated() {
        guard let vector = vectors[record.id] else {
          object(index, "the vectors of this hash have no such case")
          continue
        }
        guard let verdict = Self.verdict(of: record, vector, in: suite, claimed: run.header.capabilities) else {
          continue
        }
        judgedAnew += 1
        if verdict != record.verdict {
          object(index, "expected and actual come to \(verdict), the file says \(record.verdict)")
        }
      }
      limitation = nil
    } else if run.kind == .verify {
      limitation = "the vectors with the hash \(run.header.suiteHash.prefix(12)) are not at hand"
    } else {
      limitation = nil
    }
    self.judgedAnew = judgedAnew
    self.contradictions = contradictions
  }

  /// What is wrong with a record whatever the suite.
  private static func contradiction(in record: CaseRecord, kind: RunKind) -> String? {
    if !record.seconds.isFinite || record.seconds < 0 { return "the duration is no time" }
    if let runs = record.runs {
      if record.verdict.isFailure, runs.failed == 0 { return "it counts as failed, and none of its runs did" }
      if record.verdict == .pass, runs.failed > 0 {
        return "it counts as passed, and \(runs.failed) of its runs failed"
      }
    }
    if let judged = record.judged {
      if !judged.failed.isEmpty, !record.verdict.isFailure {
        return "it names \(judged.failed[0]) as failed, and counts as \(record.verdict)"
      }
      if !judged.exercised.isEmpty, record.verdict == .notApplicable || record.verdict == .couldNotRun {
        return "it counts as \(record.verdict), and names \(judged.exercised[0]) as exercised"
      }
    }
    if record.verdict != .pass, record.reason?.isEmpty ?? true { return "the verdict \(record.verdict) has no reason" }
    guard kind == .probeServer || kind == .probeClient else { return nil }
    let hasUnmet = record.step != nil || AnswerText.text(record.expected) != nil
    switch record.verdict {
    case .pass where hasUnmet || record.reason != nil:
      return "it counts as passed, and names a step that was not met"
    case .fail where AnswerText.text(record.expected) == nil || AnswerText.text(record.actual) == nil:
      return "it counts as failed, and does not say what was expected and what came"
    default: return nil
    }
  }

  /// The verdict that follows from an answer; nil where none came, or one that is none.
  private static func verdict(
    of record: CaseRecord, _ vector: VectorSuite.Case, in suite: VectorSuite, claimed: [String]
  ) -> Verdict? {
    guard let object = record.actual.objectValue else { return record.verdict == .pass ? .fail : nil }
    let answer: Answer
    if let output = object["output"], object.count == 1 {
      answer = .output(output)
    } else if let code = object["error"]?.stringValue {
      answer = .error(code: code, offset: object["offset"]?.intValue, index: object["index"]?.intValue)
    } else if let why = object["unsupported"]?.stringValue {
      answer = .unsupported(why)
    } else {
      return .fail
    }
    return VectorVerdict(
      Judge.judge(answer, to: vector.test, of: vector.operation), of: vector, catalogue: suite.catalogue,
      capabilities: Set(claimed)
    ).verdict
  }

  /// Ids that were expected to fail and do not, or that no case has.
  package var staleExpectations: [String] {
    run.cases.filter { $0.hasStaleExpectation(isStrict: run.isStrict) }.map(\.id) + run.unknownExpectations
  }

  /// One line a file, and one for each contradiction.
  package var text: String {
    var parts = [ReportFigures.counted(run.cases.count, "case") + ", counts and SHA-256 right"]
    if judgedAnew > 0 {
      parts.append(ReportFigures.counted(judgedAnew, "verdict") + " made anew from expected and actual")
    }
    if let limitation { parts.append("verdicts not made anew: \(limitation)") }
    if !staleExpectations.isEmpty {
      parts.append(
        ReportFigures.counted(staleExpectations.count, "stale expectation") + ", the first: "
          + InertText.visible(staleExpectations[0], limit: 200))
    }
    parts.append(
      contradictions.isEmpty
        ? "no contradictions" : ReportFigures.counted(contradictions.count, "contradiction"))
    return
      (["\(InertText.visible(run.file, limit: 400)): \(parts.joined(separator: "; "))"]
      + contradictions.map(\.description))
      .joined(separator: "\n")
  }
}
