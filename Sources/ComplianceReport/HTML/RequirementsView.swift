import Conformance
import GoldenVectors
import Specification
import StrictJSON

/// The catalogue with what the runs said about each requirement.
enum RequirementsView {
  /// How many cases one requirement lists; failing ones come first.
  private static let listed = 24

  static func markup(_ rows: [RequirementRow], _ report: Report, _ renderer: PageRenderer) -> String {
    let exercised = rows.count(where: \.isExercised)
    var areas: [String] = []
    var groups: [String: (group: ListGroup, rows: [RequirementRow])] = [:]
    for row in rows {
      let area = String(row.id.rawValue.prefix { $0 != "." })
      if groups[area] == nil { areas.append(area) }
      let isOpen = row.verdicts.contains { $0?.isFailure == true || $0 == .couldNotRun }
      groups[area, default: (ListGroup(), [])].group.add(markup(row, report, renderer), isOpen: isOpen)
      groups[area]?.rows.append(row)
    }
    let views = areas.compactMap { area -> View? in
      guard let (group, own) = groups[area] else { return nil }
      let failed = own.count { row in row.verdicts.contains { $0?.isFailure == true } }
      let idle = own.count { !$0.isExercised }
      let count =
        ReportFigures.counted(own.count, "requirement")
        + (failed > 0 ? ", \(ReportFigures.grouped(failed)) not met" : "")
        + (idle > 0 ? ", \(ReportFigures.grouped(idle)) not exercised" : "")
      return group.view(area: area, count: count, total: rows.count, thing: ("requirement", "requirements"))
    }
    var view: View = [
      "note":
        "\(ReportFigures.grouped(exercised)) of \(ReportFigures.grouped(rows.count)) were exercised. The sign is that of "
        + "the weightiest verdict among the cases behind a requirement.",
      "groups": views, "matrix": report.isMatrix, "verdicts": CasesView.verdictOptions,
      "classes": ConformanceClass.allCases.map(\.rawValue),
    ]
    if report.isMatrix {
      let names: View = ["names": report.subjects.map { InertText.visible($0.title, limit: 80) }]
      view["columns"] = names
    }
    return renderer.render("requirements", view)
  }

  private static func markup(_ row: RequirementRow, _ report: Report, _ renderer: PageRenderer) -> String {
    let requirement = row.requirement
    let isQuiet = { (item: ReportCase) in
      item.records.allSatisfy { [nil, .pass, .notApplicable].contains($0.verdict(for: row.id)) }
    }
    let shown = row.cases.filter { !isQuiet($0) }
    let others = row.cases.filter(isQuiet)
    let cases = (shown + others).prefix(listed)
    let verdicts = Set(row.verdicts.compactMap { $0 }).map(\.rawValue).sorted().joined(separator: " ")
    var view: View = [
      "id": InertText.visible(row.id.rawValue, limit: 200), "clause": requirement?.clause ?? "–",
      "level": requirement?.level.rawValue ?? "", "levelClass": levelClass(requirement?.level),
      "class": requirement?.conformanceClass.rawValue ?? "",
      "text": PageParts.prose(requirement?.text ?? "This suite's catalogue has no such requirement."),
      "role": requirement?.role.rawValue ?? "–", "source": requirement?.source ?? "–",
      "exercised": row.isExercised, "verdicts": row.isExercised ? verdicts : "none",
      "glyphs": row.verdicts.enumerated().map { index, verdict in
        PageParts.glyph(verdict, who: report.isMatrix ? report.subjects[index].title : nil)
      }, "count": row.cases.isEmpty ? "" : ReportFigures.counted(row.cases.count, "case"),
      "divided": report.isMatrix && Set(row.verdicts.compactMap { $0 }.filter { $0 != .notApplicable }).count > 1,
      "hasCases": !cases.isEmpty,
      "cases": cases.map { item -> View in
        [
          "id": InertText.visible(item.id, limit: 200),
          "glyphs": glyphs(of: item, row.id, report),
        ]
      },
    ]
    view.put("capability", requirement?.capability)
    view.put("why", requirement.map { PageParts.prose($0.why) })
    view.put("right", requirement?.right)
    view.put("wrong", requirement?.wrong)
    view.put("idle", row.whyNotExercised)
    if report.isMatrix {
      view.put("only", row.onlyFailure.map { InertText.visible(report.subjects[$0].title, limit: 80) })
    }
    if row.cases.count > cases.count {
      let rest = ReportFigures.counted(row.cases.count - cases.count, "more case")
      view["moreCases"] = rest + (shown.count > cases.count ? "" : ", none of which fails")
    }
    return renderer.render("requirement", view)
  }

  /// The sign of what a case came to for a requirement; that of each implementation where they differ.
  private static func glyphs(of item: ReportCase, _ id: RequirementID, _ report: Report) -> [View] {
    let verdicts = item.results.map { $0?.record.verdict(for: id) }
    guard report.isMatrix, item.isDivided else {
      return [PageParts.glyph(verdicts.compactMap { $0 }.max { $0.weight < $1.weight }, who: nil)]
    }
    return verdicts.enumerated().map { PageParts.glyph($1, who: report.subjects[$0].title) }
  }

  /// The class of a level in the style sheet.
  static func levelClass(_ level: RequirementLevel?) -> String { level == .must ? "must" : "" }
}
