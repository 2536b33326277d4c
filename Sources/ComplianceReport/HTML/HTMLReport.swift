import Conformance
import GoldenVectors
import Specification
import StrictJSON

/// A report as one self-contained page: no network, no other file. It can be read without JavaScript, which adds filters.
package struct HTMLReport {
  /// The page.
  package let page: String

  private let report: Report
  private let renderer: PageRenderer
  private let artifacts: ArtifactLinks

  /// Writes the page of a report.
  ///
  /// - Parameters:
  ///   - report: What it is about.
  ///   - title: The heading; nil: the implementations by name.
  ///   - artifacts: Where the evidence of cases is.
  package init(_ report: Report, title: String? = nil, artifacts: ArtifactLinks = ArtifactLinks()) throws {
    self.report = report
    self.artifacts = artifacts
    renderer = try PageRenderer()
    let names = report.subjects.map { InertText.visible($0.title, limit: 120) }
    let listed = names.count > 1 ? names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "") : names.first
    let heading = InertText.visible(
      title ?? (names.count > 2 ? "\(names.count) implementations compared" : listed) ?? "No results", limit: 400)
    let rows = report.requirementRows
    let failing = rows.filter { $0.failures.contains { $0 > 0 } }
    var sections: [View] = [["anchor": "summary", "name": "Summary"], ["anchor": "areas", "name": "Areas"]]
    sections.append(["anchor": "failures", "name": "What fails", "count": ReportFigures.grouped(failing.count)])
    sections.append(["anchor": "requirements", "name": "Requirements", "count": ReportFigures.grouped(rows.count)])
    sections.append(["anchor": "cases", "name": "Cases", "count": ReportFigures.grouped(report.cases.count)])
    sections.append(["anchor": "timing", "name": "Time"])
    sections.append(["anchor": "method", "name": "Method"])
    let summary = SummaryView(report, renderer)
    let content = [
      summary.markup, AreaView.markup(report, renderer), FailingView.markup(failing, report, renderer),
      RequirementsView.markup(rows, report, renderer),
      CasesView(report: report, renderer: renderer, artifacts: artifacts).markup, TimingView.markup(report, renderer),
      MethodView.markup(report, renderer),
    ]
    let suites = Set(report.runs.map { "\($0.header.suite)" }).sorted().joined(separator: ", ")
    page = renderer.render(
      "page",
      [
        "title": "\(heading) · conformance", "heading": heading,
        "eyebrow": "Conformance to the ws protocol",
        "lead": XMLEscaping.escaped(summary.lead), "sections": sections, "content": content.joined(separator: "\n"),
        "style": PageStyle.text, "script": PageScript.text, "policy": PageScript.policy,
        "footer":
          "Made by wireproof from \(ReportFigures.counted(report.runs.count, "result file")), suite "
          + InertText.visible(suites, limit: 100) + ". \(ReportFigures.limits).",
      ])
  }
}

/// The part with what it all comes to.
private struct SummaryView {
  let markup: String

  /// One sentence over everything.
  let lead: String

  init(_ report: Report, _ renderer: PageRenderer) {
    let verdicts = Verdict.displayed
    let columns = report.subjects.indices
    let all = columns.map { report.counts(of: $0) }
    func cells(_ counts: VerdictCounts, linked: Bool) -> [View] {
      verdicts.map { verdict in
        PageParts.count(counts[verdict], verdict, link: linked ? "#cases?verdict=\(verdict.rawValue)" : nil)
      }
    }
    let subjects = columns.map { column -> View in
      [
        "title": InertText.visible(report.subjects[column].title, limit: 200),
        "conclusion": report.conclusion(of: column),
        "bar": PageParts.bar(all[column], label: PageParts.described(all[column])),
        "counts": cells(all[column], linked: true),
      ]
    }
    var levels: [View] = []
    for column in columns {
      for (index, level) in RequirementLevel.allCases.enumerated() {
        let counts = VerdictCounts(report.cases.compactMap { $0.results[column]?.record }.filter { $0.level == level })
        levels.append([
          "title": index == 0 ? InertText.visible(report.subjects[column].title, limit: 200) : "",
          "level": level.rawValue, "counts": cells(counts, linked: false),
        ])
      }
    }
    markup = renderer.render(
      "summary",
      [
        "columns": verdicts.map(\.title), "subjects": subjects, "levels": levels,
        "classes": Self.classes(report, renderer), "stale": report.staleExpectations.map(\.description),
        "hasStale": !report.staleExpectations.isEmpty,
      ])
    lead = Self.lead(report)
  }

  private static func classes(_ report: Report, _ renderer: PageRenderer) -> String {
    let sides = report.subjects.flatMap { subject in
      subject.roles.map { role in (subject, role, subject.classes(as: role)) }
    }
    let rows = ConformanceClass.allCases.enumerated().compactMap { index, conformanceClass -> View? in
      let statuses = sides.map { $0.2[index] }
      guard statuses.contains(where: { $0.cases > 0 }) else { return nil }
      return ["name": conformanceClass.rawValue, "cells": statuses.map(cell)]
    }
    guard !rows.isEmpty else { return "" }
    let heads = sides.map { subject, role, _ -> View in
      var view: View = ["title": InertText.visible(subject.title, limit: 80)]
      view.put("role", role?.rawValue)
      return view
    }
    return renderer.render("classes", ["subjects": heads, "rows": rows])
  }

  private static func cell(_ status: ClassStatus) -> View {
    let verdict: Verdict =
      switch status.state {
      case .met: .pass
      case .notMet: .fail
      case .notKnown: .couldNotRun
      case .notShown: .notApplicable
      }
    return [
      "state": status.state.rawValue, "class": verdict.styleClass, "mark": verdict.mark, "remark": status.remark,
    ]
  }

  private static func lead(_ report: Report) -> String {
    guard let subject = report.subjects.first else { return "There are no cases." }
    if report.isMatrix {
      let clean = report.subjects.indices.filter { column in
        let counts = report.counts(of: column)
        return counts[.fail] + counts[.errored] + counts[.couldNotRun] == 0
      }.count
      let alone = report.requirementRows.count { $0.onlyFailure != nil }
      let divided = report.cases.count { $0.isDivided }
      return "\(clean) of \(report.subjects.count) fail nothing. "
        + "\(ReportFigures.counted(alone, "requirement")) \(alone == 1 ? "is" : "are") failed by one implementation only; "
        + "in \(ReportFigures.counted(divided, "case")) the implementations differ."
    }
    let parts = subject.roles.map { role -> String in
      let statuses = subject.classes(as: role)
      let met = statuses.filter { $0.state == .met }.map(\.conformanceClass.rawValue)
      let missed = statuses.filter { $0.state == .notMet }.map(\.conformanceClass.rawValue)
      var text = role.map { "As a \($0): " } ?? ""
      text += met.isEmpty ? "no class met" : "\(met.joined(separator: ", ")) met"
      if !missed.isEmpty { text += "; \(missed.joined(separator: ", ")) not met" }
      return text
    }
    return parts.joined(separator: ". ") + ". " + uppercasedFirst(report.conclusion(of: 0)) + "."
  }

  private static func uppercasedFirst(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

/// The verdicts of each area, for each implementation.
private enum AreaView {
  static func markup(_ report: Report, _ renderer: PageRenderer) -> String {
    let byColumn = report.subjects.indices.map { report.countsByArea(of: $0) }
    let expected = report.subjects.indices.map { column in
      var counts: [String: Int] = [:]
      for record in report.records(of: column) where record.isExpectedFailure(isStrict: false) {
        counts[String(record.id.prefix { $0 != "." }), default: 0] += 1
      }
      return counts
    }
    let rows = report.areas.enumerated().map { index, area -> View in
      let cells = byColumn.enumerated().map { number, column -> View in
        let counts = column[index].counts
        let failed = counts[.fail] + counts[.errored]
        let known = expected[number][area] ?? 0
        let judged = counts.total - counts[.notApplicable] - counts[.couldNotRun]
        let text =
          counts.total == 0
          ? "no case"
          : judged == 0
            ? (counts[.couldNotRun] > 0 ? "could not be run" : "does not apply")
            : failed > 0
              ? "\(ReportFigures.grouped(failed)) of \(ReportFigures.grouped(judged)) fail"
                + (known == failed ? " as expected" : known > 0 ? ", \(ReportFigures.grouped(known)) as expected" : "")
              : counts[.nonStrict] > 0
                ? "\(counts[.nonStrict]) of \(ReportFigures.grouped(judged)) non-strict"
                : "\(ReportFigures.grouped(judged)) pass"
        return [
          "bar": PageParts.bar(counts, label: "\(area): \(PageParts.described(counts))"), "text": text,
          "class": failed > known ? "fail" : "",
        ]
      }
      return ["name": InertText.visible(area, limit: 60), "cells": cells]
    }
    let legend = Verdict.displayed.map { verdict -> View in ["class": verdict.styleClass, "name": verdict.title] }
    return renderer.render(
      "areas",
      [
        "subjects": report.subjects.map { InertText.visible($0.title, limit: 80) }, "rows": rows, "legend": legend,
        "single": !report.isMatrix,
      ])
  }
}

/// The requirements that fail, by how many cases.
private enum FailingView {
  private static let shown = 15

  static func markup(_ failing: [RequirementRow], _ report: Report, _ renderer: PageRenderer) -> String {
    let sorted = failing.enumerated().sorted { left, right in
      let (a, b) = (left.element.failures.reduce(0, +), right.element.failures.reduce(0, +))
      return a != b ? a > b : left.offset < right.offset
    }.map(\.element)
    let views = sorted.map { row -> View in
      var view: View = [
        "id": InertText.visible(row.id.rawValue, limit: 200), "count": String(row.failing.count),
        "of": ReportFigures.counted(row.cases.count, "case"), "level": row.requirement?.level.rawValue ?? "",
        "text": PageParts.prose(row.requirement?.text ?? "This suite's catalogue has no such requirement."),
      ]
      let isExpected = row.cases.allSatisfy { item in
        item.records.allSatisfy { !$0.isUnexpectedFailure(isStrict: false) }
      }
      if isExpected { view["expected"] = "as expected" }
      if report.isMatrix {
        view.put("only", row.onlyFailure.map { InertText.visible(report.subjects[$0].title, limit: 80) })
      }
      return view
    }
    let note =
      "Requirements with failing cases, those with the most first. A case that exercises several requirements counts for each."
    var view: View = [
      "any": !views.isEmpty, "note": note, "rows": Array(views.prefix(shown)), "rest": Array(views.dropFirst(shown)),
    ]
    if views.count > shown { view["more"] = String(views.count - shown) }
    return renderer.render("failing", view)
  }
}

/// How the runs were made, and what the verdicts mean.
private enum MethodView {
  static func markup(_ report: Report, _ renderer: PageRenderer) -> String {
    let runs = report.runs.map { run -> View in
      var facts: [View] = []
      func add(_ name: String, _ value: String?, code: Bool = false) {
        guard let value, !value.isEmpty else { return }
        facts.append(["name": name, "value": InertText.visible(value), "code": code])
      }
      add("command", run.header.command, code: true)
      add("started", run.header.startedAt)
      add("suite", run.header.suite)
      add("suite hash", run.header.suiteHash, code: true)
      add("profile", run.header.profile)
      add("seed", run.header.seed)
      add("capabilities", run.header.capabilities.joined(separator: ", "))
      add("cases", ReportFigures.grouped(run.cases.count))
      add("result file", run.file, code: true)
      return ["title": InertText.visible(run.header.title, limit: 200), "kind": run.kind.title, "facts": facts]
    }
    let verdicts = Verdict.displayed.map { verdict -> View in
      [
        "class": verdict.styleClass, "mark": verdict.mark, "name": verdict.title, "text": verdict.explanation,
      ]
    }
    return renderer.render("method", ["runs": runs, "verdicts": verdicts])
  }
}
