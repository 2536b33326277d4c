import Conformance
import GoldenVectors
import Specification
import StrictJSON

/// All cases, each with its page folded.
struct CasesView {
  /// How many characters of one side of a comparison are shown before, in and behind what differs.
  private static let context = 60
  private static let marked = 240

  let report: Report
  let renderer: PageRenderer
  let artifacts: ArtifactLinks

  /// The verdicts to choose from.
  static var verdictOptions: [View] { Verdict.displayed.map { ["value": $0.rawValue, "name": $0.title] } }

  /// The same, and where failures were expected how they came out.
  private var verdictOptions: [View] {
    let isAnyExpected = report.cases.contains { item in item.records.contains { $0.expectedFailure != nil } }
    let expectations: [View] = [
      ["value": "unexpected", "name": "fails unexpectedly"], ["value": "expected", "name": "fails as expected"],
      ["value": "stale", "name": "expected to fail, and does not"],
    ]
    return (isAnyExpected ? expectations : []) + Self.verdictOptions
  }

  /// The part of the page.
  var markup: String {
    let groups = Dictionary(grouping: report.cases, by: \.area)
    let views = report.areas.map { area -> View in
      let items = groups[area] ?? []
      var group = ListGroup()
      for item in items { group.add(markup(item), isOpen: Self.asksToBeSeen(item)) }
      let failed = items.count { $0.records.contains { $0.isUnexpectedFailure(isStrict: false) } }
      let known = items.count { $0.records.contains { $0.isExpectedFailure(isStrict: false) } }
      let count =
        ReportFigures.counted(items.count, "case") + (failed > 0 ? ", \(ReportFigures.grouped(failed)) fail" : "")
        + (known > 0 ? ", \(ReportFigures.grouped(known)) fail as expected" : "")
      return group.view(area: area, count: count, total: report.cases.count, thing: ("case", "cases"))
    }
    var view: View = [
      "groups": views, "verdicts": verdictOptions, "areas": report.areas.map { InertText.visible($0, limit: 60) },
      "classes": ConformanceClass.allCases.map(\.rawValue), "matrix": report.isMatrix,
    ]
    if report.isMatrix {
      let names: View = ["names": report.subjects.map { InertText.visible($0.title, limit: 80) }]
      view["columns"] = names
    }
    return renderer.render("cases", view)
  }

  /// Whether a case stands open in its area.
  private static func asksToBeSeen(_ item: ReportCase) -> Bool {
    item.results.contains { result in
      guard let result else { return false }
      return result.record.isUnexpectedFailure(isStrict: false) || result.record.verdict == .couldNotRun
        || result.record.hasStaleExpectation(isStrict: result.run.isStrict)
    }
  }

  /// What the filter of verdicts finds a case by.
  private static func tokens(_ item: ReportCase) -> String {
    var tokens = Set(item.records.map(\.verdict.rawValue))
    for result in item.results.compactMap({ $0 }) {
      if result.record.isUnexpectedFailure(isStrict: false) { tokens.insert("unexpected") }
      if result.record.isExpectedFailure(isStrict: false) { tokens.insert("expected") }
      if result.record.hasStaleExpectation(isStrict: result.run.isStrict) { tokens.insert("stale") }
    }
    return tokens.sorted().joined(separator: " ")
  }

  private func markup(_ item: ReportCase) -> String {
    let isSimple = item.records.allSatisfy { $0.verdict == .pass || $0.verdict == .notApplicable }
    let requirements = item.requirements.map { id -> View in
      guard let requirement = report.catalogue[id], !isSimple else { return ["id": InertText.visible(id.rawValue)] }
      return [
        "id": id.rawValue, "level": requirement.level.rawValue, "clause": requirement.clause,
        "text": PageParts.prose(requirement.text),
      ]
    }
    let first = item.records.first
    let slowest = item.records.map(\.seconds).filter(\.isFinite).max() ?? 0
    var results = ""
    for (column, result) in item.results.enumerated() {
      if let result { results += markup(result, column: column) }
    }
    var view: View = [
      "id": InertText.visible(item.id, limit: 200), "area": InertText.visible(item.area, limit: 60),
      "title": InertText.visible(title(of: item), limit: 240), "level": first?.level.rawValue ?? "",
      "levelClass": RequirementsView.levelClass(first?.level), "class": first?.conformanceClass.rawValue ?? "",
      "duration": ReportFigures.duration(slowest),
      "verdicts": Self.tokens(item),
      "glyphs": item.results.enumerated().map { index, result in
        PageParts.glyph(result, who: report.isMatrix ? report.subjects[index].title : nil)
      }, "simple": isSimple, "requirements": requirements, "divided": report.isMatrix && item.isDivided,
      "results": results,
    ]
    if report.isMatrix {
      view.put("only", item.onlyFailure.map { InertText.visible(report.subjects[$0].title, limit: 80) })
    }
    view.put(
      "why", item.requirements.lazy.compactMap { report.catalogue[$0]?.why }.first { !$0.isEmpty }.map(PageParts.prose))
    return renderer.render("case", view)
  }

  /// What a case is about; where nobody knows, why it did not pass.
  private func title(of item: ReportCase) -> String {
    report.titles[item.id] ?? item.records.lazy.compactMap(\.reason).first ?? ""
  }

  private func markup(_ result: ReportCase.Result, column: Int) -> String {
    let record = result.record
    let known = Self.expectation(result)
    let isQuiet = record.verdict == .pass || record.verdict == .notApplicable
    if isQuiet, known != nil {
      return renderer.render(
        "result",
        [
          "class": "error", "mark": record.verdict.mark, "verdict": record.verdict.title,
          "duration": ReportFigures.duration(record.seconds), "ladder": "", "known": known ?? "",
        ])
    }
    if isQuiet, report.isMatrix || record.verdict == .pass && AnswerText.text(record.expected) == nil { return "" }
    var view: View = [
      "class": record.verdict.styleClass, "mark": record.verdict.mark, "verdict": record.verdict.title,
      "duration": ReportFigures.duration(record.seconds), "ladder": "",
    ]
    if report.isMatrix { view["who"] = InertText.visible(report.subjects[column].title, limit: 120) }
    view.put("known", known)
    if let runs = record.runs {
      view["runs"] =
        runs.isFlaky ? "flaky: \(runs.failed) of \(runs.total) runs failed" : "\(runs.total) runs, all the same"
    }
    if record.reason?.contains(" was expected; ") != true || AnswerText.text(record.actual) == nil {
      view.put("reason", record.reason.map { InertText.visible($0, limit: 600) })
    }
    if record.verdict == .pass {
      view["compared"] = ["sides": [Self.side("answered", record.actual)]] as View
      return renderer.render("result", view)
    }
    if let compared = Self.comparison(record) {
      view["compared"] = compared
      // The marked bytes say it better.
      if compared["place"] != nil, record.reason?.contains(" instead of ") == true { view["reason"] = nil }
    }
    view.put("step", record.step.map { InertText.visible(AnswerText.step($0), limit: 400) })
    if !isQuiet {
      let ladder = Ladder(record)
      if !ladder.rows.isEmpty { view["ladder"] = LadderView.markup(ladder, peer: result.run.header.name, renderer) }
      view.put("stderr", ladder.diagnostics.map { InertText.visible($0, limit: 8_192, keepsLines: true) })
      view.put("command", InertText.visible(result.run.command.repeating(record.id), limit: 1_000))
    }
    let links = artifacts.links(result.run, id: record.id)
    if !links.isEmpty {
      view["links"] = ["items": links.map { ["title": $0.title, "reference": $0.reference] as View }] as View
    }
    return renderer.render("result", view)
  }

  /// That a failure was expected, and whether that is still right; nil: it was not, or the case says nothing about it.
  private static func expectation(_ result: ReportCase.Result) -> String? {
    guard let expectation = result.record.expectedFailure else { return nil }
    let reason = expectation.reason.isEmpty ? "" : ": " + InertText.visible(expectation.reason, limit: 600)
    if result.record.isFailure(isStrict: result.run.isStrict) { return "This failure was expected\(reason)" }
    guard result.record.hasStaleExpectation(isStrict: result.run.isStrict) else { return nil }
    return "A failure was expected here, and did not come; remove it from the expected failures\(reason)"
  }

  /// What was expected beside what came, the first difference marked.
  private static func comparison(_ record: CaseRecord) -> View? {
    guard AnswerText.text(record.expected) != nil || AnswerText.text(record.actual) != nil else { return nil }
    if case .string = record.expected {
      return ["sides": [side("expected", record.expected), side("came", record.actual)]]
    }
    guard let found = AnswerText.firstDifference(record.expected, record.actual), record.actual != .null else {
      return ["sides": [side("expected", record.expected), side("answered", record.actual)]]
    }
    let left = found.expected.map { $0.stringValue ?? $0.line } ?? "nothing"
    let right = found.actual.map { $0.stringValue ?? $0.line } ?? "nothing"
    let isHex = isDigits(left) && isDigits(right)
    var common = zip(left.utf8, right.utf8).prefix { $0 == $1 }.count
    if isHex { common -= common % 2 }
    let rest = min(left.utf8.count, right.utf8.count) - common
    var tail = zip(left.utf8.reversed(), right.utf8.reversed()).prefix { $0 == $1 }.count
    tail = min(tail, rest)
    if isHex { tail -= tail % 2 }
    var view: View = [
      "sides": [
        cut("expected", left, common: common, tail: tail), cut("answered", right, common: common, tail: tail),
      ]
    ]
    view.put(
      "place",
      InertText.visible(found.path, limit: 200)
        + (isHex ? ", byte \(common / 2)" : ""))
    return view
  }

  private static func isDigits(_ text: String) -> Bool {
    text.utf8.count.isMultiple(of: 2)
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }

  private static func side(_ name: String, _ value: JSONValue) -> View {
    [
      "name": name, "before": InertText.visible(AnswerText.text(value) ?? "nothing", limit: 600), "marked": "",
      "after": "",
    ]
  }

  private static func cut(_ name: String, _ text: String, common: Int, tail: Int) -> View {
    let bytes = Array(text.utf8)
    func slice(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    let start = max(0, common - context)
    let end = bytes.count - tail
    let middle = common..<max(common, end)
    let shown = middle.lowerBound..<min(middle.upperBound, middle.lowerBound + marked)
    let isCut = shown.upperBound < middle.upperBound
    let stop = isCut ? shown.upperBound : min(bytes.count, middle.upperBound + context)
    return [
      "name": name, "before": (start > 0 ? "…" : "") + InertText.visible(slice(start..<common)),
      "marked": InertText.visible(slice(shown)),
      "after": InertText.visible(slice(shown.upperBound..<stop))
        + (stop < bytes.count ? "… (\(bytes.count) bytes)" : ""),
    ]
  }
}

/// The ladder of a case.
enum LadderView {
  static func markup(_ ladder: Ladder, peer: String, _ renderer: PageRenderer) -> String {
    let showsConnections = ladder.hasConnections
    let rows = ladder.rows.map { row -> View in
      let isArrow = row.direction == .sent || row.direction == .received
      var classes = ["d-\(row.direction.rawValue)"]
      if row.isUnmet { classes.append("unmet") }
      if row.isDivergent { classes.append("divergent") }
      var view: View = [
        "class": classes.joined(separator: " "), "label": InertText.visible(row.label, limit: 400), "arrow": isArrow,
        "who": row.direction == .sent ? "sent: " : row.direction == .received ? "received: " : "",
        "unmet": row.isUnmet, "divergent": row.isDivergent, "nothing": row.isUnmet && ladder.isNothingSeen,
        "hasFields": !row.fields.isEmpty, "open": row.isDivergent,
        "fields": row.fields.map { field -> View in
          [
            "kind": field.kind.rawValue, "offset": field.offset,
            "text": InertText.visible(field.text, limit: 1_400, keepsLines: true),
            "label": InertText.visible(field.label, limit: 200),
          ]
        },
      ]
      // What stands whole and plain in one frame needs no second telling.
      let isPlain = !["compressed", "fragment", "continu"].contains { row.label.contains($0) }
      if !row.decoded.isEmpty, !isPlain { view["decoded"] = row.decoded.map { InertText.visible($0, limit: 200) } }
      if row.nanoseconds > 0 || row.connection > 0 { view["time"] = milliseconds(row.nanoseconds) }
      if showsConnections, row.connection > 0 { view["connection"] = String(row.connection) }
      view.put("omitted", row.omitted)
      return view
    }
    let visible = ladder.visibleRows
    let before = Array(rows[..<visible.lowerBound])
    let after = Array(rows[visible.upperBound...])
    var view: View = ["peer": InertText.visible(peer, limit: 60), "rows": Array(rows[visible])]
    if ladder.omittedBefore > 0 { view["earlier"] = "\(ladder.omittedBefore) earlier entries are in the transcript" }
    if !before.isEmpty {
      view["before"] = ["count": ReportFigures.counted(before.count, "entry", "entries"), "rows": before] as View
    }
    if !after.isEmpty {
      view["after"] = ["count": ReportFigures.counted(after.count, "entry", "entries"), "rows": after] as View
    }
    if ladder.omittedRows > 0 { view["more"] = "… and \(ladder.omittedRows) more entries, in the transcript" }
    return renderer.render("ladder", view)
  }

  private static func milliseconds(_ nanoseconds: Int64) -> String {
    ReportFigures.decimal(Double(nanoseconds) / 1_000_000, digits: nanoseconds < 100_000_000 ? 2 : 0) + " ms"
  }
}
