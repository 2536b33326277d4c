import Conformance
import Specification
import StrictJSON

/// A report as a stream of the Test Anything Protocol, version 14: a line a case, what failed with a block of YAML. What fails as
/// expected is `TODO`, what does not apply is `SKIP`.
package enum TAPReport {
  /// The stream.
  ///
  /// - Parameters:
  ///   - report: What it is about.
  ///   - isStrict: Whether a `nonStrict` verdict is a failure.
  package static func text(_ report: Report, isStrict: Bool = false) -> String {
    var points: [String] = []
    for (column, subject) in report.subjects.enumerated() {
      for item in report.cases {
        guard let result = item.results[column] else { continue }
        let outcome = CaseOutcome(result.record, run: result.run, isStrict: isStrict)
        let name = (report.isMatrix ? subject.title + ": " : "") + item.id
        points.append(point(outcome, number: points.count + 1, name: name, report))
      }
      for run in subject.runs {
        for id in run.unknownExpectations {
          points.append(
            "not ok \(points.count + 1) - \(escaped(id))\n"
              + block([("message", "no case has this id; remove it from the expected failures")]))
        }
      }
    }
    return "TAP version 14\n1..\(points.count)\n" + points.joined()
  }

  private static func point(_ outcome: CaseOutcome, number: Int, name: String, _ report: Report) -> String {
    let isGood: Bool
    var directive = ""
    switch outcome.kind {
    case .passed: isGood = true
    case .failed, .error, .stale: isGood = false
    case .skipped: (isGood, directive) = (true, " # SKIP \(escaped(outcome.reason))")
    case .expected: (isGood, directive) = (false, " # TODO \(escaped(outcome.reason))")
    }
    let line = "\(isGood ? "ok" : "not ok") \(number) - \(escaped(name))\(directive)\n"
    guard !isGood else { return line }
    var members: [(String, String)] = [
      ("message", outcome.reason), ("severity", outcome.record.verdict.rawValue),
      ("duration_ms", String(outcome.milliseconds)),
    ]
    if let place = report.places[outcome.record.id] {
      members += [("file", place.file), ("line", String(place.line))]
    }
    members += outcome.details(report).enumerated().map { ("detail_\($0 + 1)", $1) }
    return line + block(members)
  }

  /// A block of YAML whose values are JSON's strings, which are YAML's.
  private static func block(_ members: [(name: String, value: String)]) -> String {
    "  ---\n"
      + members.map { "  \($0.name): \(JSONValue.string(InertText.visible($0.value)).line)\n" }.joined() + "  ...\n"
  }

  /// A description on its line: a hash would begin a directive, and a backslash escapes.
  private static func escaped(_ text: String) -> String {
    InertText.visible(text).replacing("\\", with: "\\\\").replacing("#", with: "\\#")
  }
}
