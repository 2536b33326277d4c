import Conformance
import GoldenVectors
import Specification
import StrictJSON

/// A report as the comment on a pull request: what is met in a table, then what fails, each failure folded.
package enum MarkdownReport {
  /// Comments of GitHub end at 65,536 characters.
  private static let budget = 60_000

  /// How many failures of one implementation are told.
  private static let told = 15

  /// The text.
  package static func text(_ report: Report) -> String {
    var lines = ["## \(heading(report))", ""]
    lines += overview(report)
    var isCut = false
    for (column, subject) in report.subjects.enumerated() {
      let failed = report.cases.filter { $0.results[column]?.record.isUnexpectedFailure(isStrict: false) == true }
      lines += stale(report, column)
      guard !failed.isEmpty else { continue }
      let title = "\(ReportFigures.counted(failed.count, "failure"))"
      lines += [report.isMatrix ? "### \(title) of \(MarkdownEscaping.code(subject.title))" : "### \(title)", ""]
      for item in failed.prefix(told) {
        guard let result = item.results[column] else { continue }
        let block = failure(item, result, report: report)
        guard lines.reduce(0, { $0 + $1.utf8.count + 1 }) + block.utf8.count < budget else {
          isCut = true
          break
        }
        lines += [block, ""]
      }
      let rest = failed.count - min(failed.count, told)
      if isCut {
        lines += ["More than a comment can hold; the HTML report has all of them.", ""]
        break
      }
      if rest > 0 { lines += ["… and \(ReportFigures.grouped(rest)) more; the HTML report has all of them.", ""] }
    }
    if !isCut { lines += expected(report) + areas(report) + runs(report) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func heading(_ report: Report) -> String {
    guard let first = report.subjects.first else { return "Conformance" }
    return report.isMatrix
      ? "Conformance of \(report.subjects.count) implementations"
      : "Conformance of \(MarkdownEscaping.code(first.title))"
  }

  /// A row an implementation: what it comes to, and the classes.
  private static func overview(_ report: Report) -> [String] {
    var lines = ["| | | classes met | not met |", "|---|---|---|---|"]
    for (column, subject) in report.subjects.enumerated() {
      let counts = report.counts(of: column)
      for role in subject.roles {
        let statuses = subject.classes(as: role)
        let met = statuses.filter { $0.state == .met }.map(\.conformanceClass.rawValue)
        let missed = statuses.filter { $0.state == .notMet }.map { "\($0.conformanceClass) (\($0.failed))" }
        let unknown = statuses.filter { $0.state == .notKnown }.map { "\($0.conformanceClass) (not known)" }
        let isFailed = report.records(of: column).contains { $0.isUnexpectedFailure(isStrict: false) }
        let sign =
          isFailed || !report.staleExpectations(of: column).isEmpty ? "❌" : counts[.couldNotRun] > 0 ? "⚠️" : "✅"
        lines.append(
          "| \(sign) \(MarkdownEscaping.code(subject.title))\(role.map { " as a \($0)" } ?? "") "
            + "| \(report.conclusion(of: column)) | \(met.isEmpty ? "—" : met.joined(separator: ", ")) "
            + "| \((missed + unknown).isEmpty ? "—" : (missed + unknown).joined(separator: ", ")) |")
      }
    }
    return lines + [""]
  }

  private static func failure(_ item: ReportCase, _ result: ReportCase.Result, report: Report) -> String {
    let record = result.record
    var lines = ["<details><summary>\(MarkdownEscaping.code(record.id))"]
    let about = report.titles[record.id].map { ": \(MarkdownEscaping.prose($0))" } ?? ""
    let flaky = record.runs.map { $0.isFlaky ? " (flaky: \($0.failed) of \($0.total) runs failed)" : "" } ?? ""
    lines[0] += "\(about)\(record.verdict == .errored ? " <b>errored</b>" : "")\(flaky)</summary>"
    lines.append("")
    func add(_ name: String, _ text: String?) {
      guard let text, !text.isEmpty else { return }
      lines.append("- \(name): \(MarkdownEscaping.code(text, limit: 600))")
    }
    add("expected", AnswerText.text(record.expected))
    add("actual", AnswerText.text(record.actual))
    if let reason = record.reason, !reason.contains(" was expected; ") { add("because", reason) }
    add("step", record.step.map(AnswerText.step))
    for id in record.accused.prefix(3) {
      guard let requirement = report.catalogue[id] else { continue }
      lines.append(
        "- requires \(MarkdownEscaping.code(id.rawValue)) (\(requirement.level), clause \(requirement.clause)): "
          + MarkdownEscaping.prose(requirement.text))
    }
    add("repeat", result.run.command.repeating(record.id))
    return (lines + ["", "</details>"]).joined(separator: "\n")
  }

  /// The expectations that are not right any more.
  private static func stale(_ report: Report, _ column: Int) -> [String] {
    let stale = report.staleExpectations(of: column)
    guard !stale.isEmpty else { return [] }
    var lines = ["### \(ReportFigures.counted(stale.count, "stale expectation"))", ""]
    lines += stale.prefix(told).map { "- \(MarkdownEscaping.prose($0.description))" }
    if stale.count > told { lines.append("- … and \(ReportFigures.grouped(stale.count - told)) more") }
    return lines + [""]
  }

  /// What failed as expected, folded: a line a reason.
  private static func expected(_ report: Report) -> [String] {
    var lines: [String] = []
    for (column, subject) in report.subjects.enumerated() {
      let groups = report.expectedFailures(of: column)
      guard !groups.isEmpty else { continue }
      let count = ReportFigures.counted(groups.reduce(0) { $0 + $1.ids.count }, "case")
      let who = report.isMatrix ? " of \(MarkdownEscaping.code(subject.title, limit: 80))" : ""
      lines += ["<details><summary>\(count)\(who) failed as expected</summary>", ""]
      for (reason, ids) in groups.prefix(50) {
        let shown = ids.prefix(40).map { MarkdownEscaping.code($0, limit: 120) }.joined(separator: " ")
        let rest = ids.count > 40 ? " … and \(ids.count - 40) more" : ""
        lines.append("- \(MarkdownEscaping.prose(reason)): \(shown)\(rest)")
      }
      if groups.count > 50 { lines.append("- … and \(groups.count - 50) further reasons") }
      lines += ["", "</details>", ""]
    }
    // A comment holds only so much.
    return lines.reduce(0) { $0 + $1.utf8.count } < budget / 3 ? lines : []
  }

  private static func areas(_ report: Report) -> [String] {
    var lines = ["<details><summary>Areas</summary>", ""]
    lines.append(
      "| area | " + report.subjects.map { MarkdownEscaping.code($0.title) }.joined(separator: " | ") + " |")
    lines.append("|---|" + String(repeating: "---:|", count: report.subjects.count))
    let columns = report.subjects.indices.map { report.countsByArea(of: $0) }
    for (row, area) in report.areas.enumerated() {
      let cells = columns.map { column -> String in
        let counts = column[row].counts
        let judged = counts.total - counts[.notApplicable] - counts[.couldNotRun]
        let failed = counts[.fail] + counts[.errored]
        return judged == 0
          ? "—" : failed == 0 ? ReportFigures.grouped(judged) : "**\(failed) fail** of \(ReportFigures.grouped(judged))"
      }
      lines.append("| \(MarkdownEscaping.code(area)) | \(cells.joined(separator: " | ")) |")
    }
    return lines + ["", "</details>", ""]
  }

  private static func runs(_ report: Report) -> [String] {
    var lines = ["<details><summary>How this was tested</summary>", ""]
    for run in report.runs {
      lines.append(
        "- \(MarkdownEscaping.code(run.header.title)), \(run.kind.title): \(MarkdownEscaping.code(run.header.command))  "
      )
      lines.append(
        "  suite \(MarkdownEscaping.code(run.header.suite)), hash \(MarkdownEscaping.code(String(run.header.suiteHash.prefix(16))))"
          + (run.header.seed.map { ", seed \(MarkdownEscaping.code($0))" } ?? "")
          + ", \(MarkdownEscaping.code(run.header.startedAt))")
    }
    return lines + ["", "\(ReportFigures.limits).", "", "</details>"]
  }
}

/// Text for Markdown in which nothing means anything: no markup, no HTML, no link, no mention of a person.
enum MarkdownEscaping {
  /// The text as code: a span of its own, every mark an entity, so that it can stand in tables and in summaries.
  static func code(_ text: String, limit: Int = 300) -> String {
    "<code>\(entities(InertText.visible(text, limit: limit)))</code>"
  }

  /// A sentence of the catalogue or of a case's title: what stands between backticks is code, other marks are entities.
  static func prose(_ text: String) -> String {
    let parts = InertText.visible(text, limit: 600).split(separator: "`", omittingEmptySubsequences: false)
    // An odd number of backticks marks nothing.
    guard parts.count % 2 == 1 else { return entities(parts.joined(separator: "`")) }
    return parts.enumerated().map { $0 % 2 == 1 ? "<code>\(entities(String($1)))</code>" : entities(String($1)) }
      .joined()
  }

  private static func entities(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isPlain =
        !scalar.isASCII || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || " -,/;%?".unicodeScalars.contains(scalar)
      if isPlain || scalar == "." { result.unicodeScalars.append(scalar) } else { result += "&#\(scalar.value);" }
    }
    // A host name would become a link even so.
    return result.replacing("www.", with: "www&#46;")
  }
}
