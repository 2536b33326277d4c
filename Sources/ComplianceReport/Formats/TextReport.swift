import Conformance
import GoldenVectors
import Specification
import StrictJSON

/// A report for a terminal: the classes, a table of areas and verdicts, and what failed. Plain text of 80 columns where
/// ids permit it, without colours.
package enum TextReport {
  private static let columns: [(title: String, verdict: Verdict, width: Int)] = [
    ("pass", .pass, 7), ("nonStrict", .nonStrict, 11), ("info", .informational, 6), ("fail", .fail, 6),
    ("errored", .errored, 9), ("n/a", .notApplicable, 6), ("not run", .couldNotRun, 9),
  ]

  /// How many failures of one implementation are told in full.
  private static let told = 50

  /// The text of a report.
  ///
  /// - Parameters:
  ///   - report: What it is about.
  ///   - width: How many columns a line may have.
  package static func text(_ report: Report, width: Int = LineFolding.columns) -> String {
    var lines: [String] = []
    for (column, subject) in report.subjects.enumerated() {
      lines.append(InertText.visible(subject.title, limit: 200))
      for run in subject.runs {
        lines.append(
          "  \(run.kind.title), suite \(shown(run.header.suite)) (\(shown(String(run.header.suiteHash.prefix(12))))), "
            + "\(shown(run.header.startedAt))")
      }
      lines += ["  \(report.conclusion(of: column))", ""]
      for role in subject.roles { lines += classes(subject, role: role) }
      lines += table(report, column) + [""]
      lines += failures(report, column, width: width) + expected(report, column, width: width)
    }
    if report.isMatrix { lines += matrix(report) }
    while lines.last?.isEmpty == true { lines.removeLast() }
    lines += ["", ReportFigures.limits]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func shown(_ text: String) -> String { InertText.visible(text, limit: 100) }

  private static func classes(_ subject: ReportSubject, role: PeerRole?) -> [String] {
    let statuses = subject.classes(as: role).filter { $0.cases > 0 }
    guard !statuses.isEmpty else { return [] }
    let head = role.map { "Classes as a \($0)" } ?? "Classes, as far as vectors show"
    return [head]
      + statuses.map {
        "  \(ColumnText.left($0.conformanceClass.rawValue, 14))\(ColumnText.left($0.state.rawValue, 12))"
          + $0.remark
      } + [""]
  }

  private static func table(_ report: Report, _ column: Int) -> [String] {
    func row(_ name: String, _ cells: [String]) -> String {
      ColumnText.left(shown(name), 15)
        + zip(cells, columns).map { ColumnText.right($0, $1.width) }.joined()
    }
    func row(_ name: String, _ counts: VerdictCounts) -> String {
      row(name, columns.map { counts[$0.verdict] == 0 ? "." : String(counts[$0.verdict]) })
    }
    return [row("area", columns.map(\.title))]
      + report.countsByArea(of: column).filter { $0.counts.total > 0 }.map { row($0.area, $0.counts) }
      + [row("all", report.counts(of: column))]
  }

  private static func failures(_ report: Report, _ column: Int, width: Int) -> [String] {
    let records = report.cases.compactMap { $0.results[column]?.record }
    let failed = records.filter { $0.isUnexpectedFailure(isStrict: false) || $0.verdict == .couldNotRun }
      .sorted { $0.verdict.weight > $1.verdict.weight }
    var lines: [String] = []
    for record in failed.prefix(told) {
      lines.append("\(record.verdict.rawValue.uppercased())  \(InertText.visible(record.id, limit: 200))")
      func add(_ name: String, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        let line = "  \(ColumnText.left(name, 10))\(InertText.visible(text, limit: 300))"
        lines.append(LineFolding.fold(line, hanging: 10, to: width))
      }
      add("about", report.titles[record.id])
      add("step", record.step.map(AnswerText.step))
      add("expected", AnswerText.text(record.expected))
      add("actual", AnswerText.text(record.actual))
      if let reason = record.reason, !reason.contains(" was expected; ") { add("because", reason) }
      if let runs = record.runs { add("runs", "\(runs.failed) of \(runs.total) failed") }
      for id in record.accused {
        guard let requirement = report.catalogue[id] else { continue }
        add("requires", "\(id) (\(requirement.level), clause \(requirement.clause)): \(requirement.text)")
      }
      lines.append("")
    }
    if failed.count > told { lines += ["… and \(failed.count - told) more", ""] }
    return lines
  }

  /// What failed as expected, by reason, and the expectations that are not right any more.
  private static func expected(_ report: Report, _ column: Int, width: Int) -> [String] {
    var lines: [String] = []
    let groups = report.expectedFailures(of: column)
    if !groups.isEmpty {
      lines.append("Failed as expected (\(ReportFigures.grouped(groups.reduce(0) { $0 + $1.ids.count })))")
      for (reason, ids) in groups {
        lines.append(LineFolding.fold("  \(InertText.visible(reason, limit: 300))", hanging: 2, to: width))
        lines += ids.map { "    \(InertText.visible($0, limit: 200))" }
      }
      lines.append("")
    }
    let stale = report.staleExpectations(of: column)
    if !stale.isEmpty {
      lines.append("Stale expectations (\(ReportFigures.grouped(stale.count)))")
      lines += stale.map { LineFolding.fold("  \($0)", hanging: 2, to: width) } + [""]
    }
    return lines
  }

  private static func matrix(_ report: Report) -> [String] {
    var lines = ["Areas by implementation: cases that fail of those judged"]
    for (column, subject) in report.subjects.enumerated() { lines.append("  \(column + 1)  \(shown(subject.title))") }
    let width = 14
    lines.append(
      ColumnText.left("", 15)
        + report.subjects.indices.map { ColumnText.right("\($0 + 1)", width) }.joined())
    let byColumn = report.subjects.indices.map { report.countsByArea(of: $0) }
    for (row, area) in report.areas.enumerated() {
      let cells = byColumn.map { counts -> String in
        let counts = counts[row].counts
        let judged = counts.total - counts[.notApplicable] - counts[.couldNotRun]
        return judged == 0 ? "." : "\(counts[.fail] + counts[.errored])/\(judged)"
      }
      lines.append(
        ColumnText.left(shown(area), 15)
          + cells.map { ColumnText.right($0, width) }.joined())
    }
    let alone = report.requirementRows.compactMap { row in row.onlyFailure.map { (row.id, $0) } }
    if !alone.isEmpty {
      lines += ["", "Requirements that only one implementation fails:"]
      lines += alone.map { "  \($0.0)  \(shown(report.subjects[$0.1].title))" }
    }
    return lines + [""]
  }
}
