import Specification

/// What changed between two runs, as one self-contained page.
package struct HTMLDiff {
  /// The page.
  package let page: String

  /// Writes the page.
  package init(_ diff: ResultDiff) throws {
    let renderer = try PageRenderer()
    let groups = ResultDiff.Kind.allCases.compactMap { kind -> View? in
      let changes = diff.changes(kind)
      guard !changes.isEmpty else { return nil }
      let rows = changes.map { change -> View in
        [
          "id": InertText.visible(change.id, limit: 200), "old": change.oldTitle ?? "not there",
          "new": change.newTitle ?? "not there", "oldMark": change.old?.mark ?? "·",
          "newMark": change.new?.mark ?? "·", "oldClass": change.old?.styleClass ?? "absent",
          "newClass": change.new?.styleClass ?? "absent",
          "reason": change.new == .pass ? "" : InertText.visible(change.reason ?? "", limit: 400),
        ]
      }
      return [
        "anchor": kind.rawValue, "title": kind.title, "count": ReportFigures.grouped(changes.count), "changes": rows,
      ]
    }
    let runs = [("before", diff.old), ("now", diff.new)].map { name, run -> View in
      [
        "name": name, "title": InertText.visible(run.header.title, limit: 120),
        "started": InertText.visible(run.header.startedAt, limit: 40),
        "suite": InertText.visible("\(run.header.suite) \(run.header.suiteHash.prefix(12))", limit: 60),
        "command": InertText.visible(run.header.command, limit: 600),
      ]
    }
    let name = InertText.visible(diff.new.header.title, limit: 120)
    page = renderer.render(
      "page",
      [
        "title": "\(name) · what changed", "heading": name, "eyebrow": "What changed between two runs",
        "sections": [["anchor": "summary", "name": "Summary"] as View]
          + groups.map { group -> View in
            ["anchor": group["anchor"] ?? "", "name": group["title"] ?? "", "count": group["count"] ?? ""]
          },
        "content": renderer.render(
          "diff",
          [
            "conclusion": diff.conclusion, "warnings": diff.warnings, "runs": runs, "groups": groups,
          ]),
        "style": PageStyle.text, "policy": PageScript.policy,
        "footer": "Made by wireproof from two result files",
      ])
  }
}
