import Conformance
import Specification

/// What a step of GitHub Actions prints to mark failures in a run and in a pull request: workflow commands, `::error …::…`, each
/// with the file and the line of the case.
package enum GitHubAnnotations {
  /// How many cases are told; GitHub keeps ten errors of a step, and fifty of a job.
  private static let told = 49

  /// The lines: first one that sums up, then one a failure.
  ///
  /// - Parameters:
  ///   - report: What it is about.
  ///   - isStrict: Whether a `nonStrict` verdict is a failure.
  package static func text(_ report: Report, isStrict: Bool = false) -> String {
    var lines: [String] = []
    for (column, subject) in report.subjects.enumerated() {
      let failures = report.cases.compactMap { item -> CaseOutcome? in
        guard let result = item.results[column] else { return nil }
        let outcome = CaseOutcome(result.record, run: result.run, isStrict: isStrict)
        switch outcome.kind {
        case .failed, .error, .stale: return outcome
        case .passed, .skipped, .expected: return nil
        }
      }
      let title = InertText.visible(subject.title, limit: 200)
      guard !failures.isEmpty else {
        lines.append(command("notice", title: "wireproof: \(title)", "\(report.conclusion(of: column))"))
        continue
      }
      let count = ReportFigures.counted(failures.count, "case")
      let rest = failures.count > told ? "; the first \(told) are marked here" : ""
      lines.append(
        command("error", title: "wireproof: \(title)", "\(report.conclusion(of: column)) (\(count) to look at\(rest))"))
      for outcome in failures.prefix(told) {
        let record = outcome.record
        let name = InertText.visible(record.id, limit: 200)
        lines.append(
          command(
            "error", title: report.isMatrix ? "\(title): \(name)" : name, at: report.places[record.id],
            ([InertText.visible(outcome.reason)] + outcome.details(report)).joined(separator: "\n")))
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func command(_ name: String, title: String, at place: CasePlace? = nil, _ message: String) -> String {
    var properties: [String] = []
    if let place { properties += ["file=\(property(place.file))", "line=\(place.line)"] }
    properties.append("title=\(property(title))")
    return "::\(name) \(properties.joined(separator: ","))::\(data(message))"
  }

  /// A message as a workflow command takes it: a line break would begin another command.
  private static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  /// A property of a workflow command, which colons and commas would end.
  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}
