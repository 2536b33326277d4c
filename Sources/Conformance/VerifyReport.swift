package import GoldenVectors
import Specification
import StrictJSON

/// What `verify` prints: a line of progress, the failures with what they are about, and a table.
package struct VerifyReport: Sendable {
  /// How much of an answer is shown; the result file has all of it.
  private static let shown = 300

  private let suite: VectorSuite
  private let isStrict: Bool
  private let width: Int

  /// A text about runs of a suite.
  ///
  /// - Parameters:
  ///   - suite: The vectors that were run.
  ///   - isStrict: Whether `nonStrict` verdicts are failures, and so are listed.
  ///   - width: How many columns a line may have.
  package init(suite: VectorSuite, isStrict: Bool, width: Int = LineFolding.columns) {
    self.suite = suite
    self.isStrict = isStrict
    self.width = width
  }

  /// One line about how far a run is, for a terminal; it fits 80 columns.
  package func progress(done: Int, of total: Int, failures: Int, id: String) -> String {
    let head = "\(done)/\(total)" + (failures > 0 ? ", \(failures) failed" : "")
    return "\(head)  \(id.prefix(78 - head.utf8.count))"
  }

  /// The cases that failed, errored or could not be run, and with `--strict` the non-strict ones.
  package func failures(_ records: [CaseRecord]) -> String {
    let tests = Dictionary(suite.cases.map { ($0.test.id, $0.test) }, uniquingKeysWith: { first, _ in first })
    let listed = records.filter {
      $0.verdict.isFailure || $0.verdict == .couldNotRun || isStrict && $0.verdict == .nonStrict
    }
    var lines: [String] = []
    func add(_ title: String, _ text: String) {
      let heading = ColumnText.left(title, 9) + " "
      lines.append(LineFolding.fold("  \(heading)\(text)", hanging: 10, to: width))
    }
    for record in listed {
      lines.append("\(record.verdict.rawValue.uppercased())  \(record.id)")
      if let test = tests[record.id] { add("about", InertText.whole(test.comment)) }
      add("expected", InertText.abridged(record.expected.line, to: Self.shown))
      if record.actual != .null { add("answered", InertText.abridged(record.actual.line, to: Self.shown)) }
      if let reason = record.reason { add("because", InertText.whole(reason)) }
      for entry in record.transcript {
        if let text = entry["stderr"]?.stringValue { add("stderr", String(text.suffix(Self.shown))) }
      }
      for id in record.accused {
        guard let requirement = suite.catalogue[id] else { continue }
        add("requires", "\(id) (\(requirement.level), clause \(requirement.clause)): \(requirement.text)")
      }
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }

  /// The table of areas and verdicts, and what it comes to.
  package func summary(
    _ records: [CaseRecord], implementation: ImplementationDescription, seconds: Double
  ) -> String {
    let areas = Dictionary(grouping: records) { $0.id.prefix { $0 != "." } }
    let columns: [(title: String, verdict: Verdict, width: Int)] = [
      ("pass", .pass, 7), ("nonStrict", .nonStrict, 11), ("info", .informational, 7), ("fail", .fail, 7),
      ("errored", .errored, 9), ("n/a", .notApplicable, 7), ("not run", .couldNotRun, 9),
    ]
    func row(_ name: String, _ cells: [String]) -> String {
      let shown = zip(cells, columns).map { ColumnText.right($0, $1.width) }.joined()
      return ColumnText.left(name, 13) + " " + shown
    }
    func row(_ name: String, _ records: [CaseRecord]) -> String {
      let counts = VerdictCounts(records)
      return row(name, columns.map { counts[$0.verdict] == 0 ? "." : String(counts[$0.verdict]) })
    }
    let name = "\(implementation.name) \(implementation.version) (\(implementation.language))"
    var lines = [
      "\(InertText.whole(name)), vectors \(suite.version)", "",
      row("area", columns.map(\.title)),
    ]
    for file in suite.files {
      if let records = areas[Substring(file.area)] { lines.append(row(file.area, records)) }
    }
    lines.append(row("all", records))
    let counts = VerdictCounts(records)
    let failed = counts[.fail] + counts[.errored] + (isStrict ? counts[.nonStrict] : 0)
    let milliseconds = Int64(exactly: (seconds * 1_000).rounded()) ?? 0
    let fraction = String(milliseconds % 1_000)
    let time = "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    lines += ["", "\(records.count) vectors run in \(time): \(Self.conclusion(failed: failed, counts: counts))"]
    return lines.joined(separator: "\n")
  }

  private static func conclusion(failed: Int, counts: VerdictCounts) -> String {
    if counts[.couldNotRun] > 0 { return "incomplete, \(counts[.couldNotRun]) could not be run" }
    if failed > 0 { return "\(failed) failed" }
    if counts[.nonStrict] > 0 { return "none fail, \(counts[.nonStrict]) not strict" }
    let judged = counts.total - counts[.notApplicable]
    return judged == counts.total ? "all pass" : "all \(judged) that apply pass"
  }
}
