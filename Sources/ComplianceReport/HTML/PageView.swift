import Conformance
import Specification

/// The values of a template. What is absent is not rendered; an empty text would be.
typealias View = [String: Any]

extension View {
  /// Sets a text unless it is empty or absent.
  mutating func put(_ name: String, _ text: String?) {
    if let text, !text.isEmpty { self[name] = text }
  }
}

/// Renders the templates of the page.
struct PageRenderer: Sendable {
  private let templates: [String: PageTemplate]

  /// Parses the templates.
  init() throws {
    var templates: [String: PageTemplate] = [:]
    for (name, text) in PageTemplates.all { templates[name] = try PageTemplate(text) }
    self.templates = templates
  }

  /// The markup of a template.
  func render(_ name: String, _ view: View) -> String {
    templates[name]?.render(view, templates) ?? ""
  }
}

extension Verdict {
  /// The sign of a verdict, which does not need its colour.
  var mark: String {
    switch self {
    case .pass: "✓"
    case .nonStrict: "~"
    case .informational: "i"
    case .fail: "✕"
    case .errored: "!"
    case .notApplicable: "–"
    case .couldNotRun: "?"
    }
  }

  /// The class of its colour in the style sheet.
  var styleClass: String {
    switch self {
    case .pass: "pass"
    case .nonStrict: "soft"
    case .informational: "info"
    case .fail: "fail"
    case .errored: "error"
    case .notApplicable: "none"
    case .couldNotRun: "lost"
    }
  }

  /// The order of verdicts in bars, tables and filters.
  static let displayed: [Verdict] = [
    .fail, .errored, .couldNotRun, .nonStrict, .pass, .informational, .notApplicable,
  ]

  /// What it means, in one sentence.
  var explanation: String {
    switch self {
    case .pass: "As the strict expectation says."
    case .nonStrict: "Permitted, but weaker: for example an unmet SHOULD."
    case .informational: "Observed and reported; nothing is required either way."
    case .fail: "A MUST is not met. An expected frame that does not arrive is a failure."
    case .errored: "The implementation crashed, or no longer served a new connection."
    case .notApplicable: "The case does not bind this implementation: it does not claim or offer what the case needs."
    case .couldNotRun: "Not judged, for a reason outside of the implementation."
    }
  }
}

/// Small pieces of markup that several views have.
enum PageParts {
  /// The sign of a verdict with its name for those who do not see it; nil is a case or requirement that was not there.
  static func glyph(_ verdict: Verdict?, who: String?) -> View {
    let prefix = who.map { InertText.visible($0, limit: 80) + ": " } ?? ""
    guard let verdict else { return ["class": "absent", "mark": "·"] }
    return ["class": verdict.styleClass, "mark": verdict.mark, "name": prefix + verdict.title]
  }

  /// The same for a record: a failure that was expected is quieter, a stale expectation is said.
  static func glyph(_ result: ReportCase.Result?, who: String?) -> View {
    var view = glyph(result?.record.verdict, who: who)
    guard let result, let name = view["name"] as? String else { return view }
    if result.record.isExpectedFailure(isStrict: false) {
      view["class"] = "known"
      view["name"] = name + ", as expected"
    } else if result.record.hasStaleExpectation(isStrict: result.run.isStrict) {
      view["class"] = "error"
      view["name"] = name + ", though a failure was expected"
    }
    return view
  }

  /// A sentence of the catalogue or a title as markup: what stands between backticks is code, everything else is escaped.
  static func prose(_ text: String) -> String {
    let parts = InertText.visible(text, limit: 1_200).split(separator: "`", omittingEmptySubsequences: false)
    // An odd number of backticks marks nothing.
    guard parts.count % 2 == 1 else { return XMLEscaping.escaped(parts.joined(separator: "`")) }
    return parts.enumerated().map { index, part in
      index % 2 == 1 ? "<code>\(XMLEscaping.escaped(String(part)))</code>" : XMLEscaping.escaped(String(part))
    }.joined()
  }

  /// A bar of verdicts as an inline picture; its widths are shares of `counts`.
  static func bar(_ counts: VerdictCounts, label: String) -> String {
    let total = counts.total
    let name = XMLEscaping.escaped(InertText.visible(label, limit: 200))
    guard total > 0 else {
      return "<svg class=\"bar\" role=\"img\" aria-label=\"\(name)\" viewBox=\"0 0 1000 10\"></svg>"
    }
    var text =
      "<svg class=\"bar\" role=\"img\" aria-label=\"\(name)\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\">"
    var before = 0
    for verdict in Verdict.displayed where counts[verdict] > 0 {
      let start = before * 1_000 / total
      before += counts[verdict]
      let end = before * 1_000 / total
      // One case among thousands has to be seen.
      text += "<rect class=\"\(verdict.styleClass)\" x=\"\(start)\" width=\"\(max(4, end - start))\" height=\"10\"/>"
    }
    return text + "</svg>"
  }

  /// What the verdicts are, as a text for the name of a bar.
  static func described(_ counts: VerdictCounts) -> String {
    Verdict.displayed.filter { counts[$0] > 0 }.map { "\(counts[$0]) \($0.title)" }.joined(separator: ", ")
  }

  /// A cell of a table of counts.
  static func count(_ number: Int, _ verdict: Verdict, link: String? = nil) -> View {
    var view: View = [
      "text": number == 0 ? "·" : ReportFigures.grouped(number),
      "class": number == 0 ? "zero" : verdict.styleClass, "name": verdict.title,
    ]
    if number > 0 { view.put("link", link) }
    return view
  }
}
