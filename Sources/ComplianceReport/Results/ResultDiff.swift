import Conformance
package import Specification

/// What changed between two runs, aligned by the ids of cases, which never change their meaning.
package struct ResultDiff: Sendable {
  /// A way in which a case changed.
  package enum Kind: String, CaseIterable, Hashable, Sendable {
    /// It did not fail, and does now.
    case regressed

    /// It came out one way and the other, and did not before.
    case newlyFlaky

    /// A case that was not there and fails.
    case newFailing

    /// It failed, and does not now.
    case fixed

    /// A case that was not there.
    case new

    /// A case that is not there any more.
    case gone

    /// The verdict is another one, and neither is a failure.
    case changed

    /// What the group of such changes is called.
    package var title: String {
      switch self {
      case .regressed: "Regressed"
      case .newlyFlaky: "Newly flaky"
      case .newFailing: "New and failing"
      case .fixed: "Fixed"
      case .new: "New"
      case .gone: "Gone"
      case .changed: "Changed otherwise"
      }
    }

    /// Whether such a change makes a run worse.
    package var isWorse: Bool { self == .regressed || self == .newlyFlaky || self == .newFailing }
  }

  /// A case that changed.
  package struct Change: Hashable, Sendable {
    /// How.
    package let kind: Kind

    /// The case.
    package let id: String

    /// The verdict of the old run; nil: it did not have the case.
    package let old: Verdict?

    /// The verdict of the new run; nil: it has not the case.
    package let new: Verdict?

    /// Why the new verdict, or for what is gone the old one, is none better.
    package let reason: String?

    /// The requirements of the case.
    package let requirements: [RequirementID]

    /// Whether it failed in the old run, and in the new one, as was expected there.
    package var wasExpected = false
    package var isExpected = false

    /// What the old run had, for people; nil: not this case.
    package var oldTitle: String? { old.map { $0.title + (wasExpected ? ", as expected" : "") } }

    /// What the new run has, for people; nil: not this case.
    package var newTitle: String? { new.map { $0.title + (isExpected ? ", as expected" : "") } }
  }

  /// The old run.
  package let old: ReportRun

  /// The new run.
  package let new: ReportRun

  /// The changes, in the order of the new run; what is gone comes last.
  package let changes: [Change]

  /// How many cases have the verdict that they had.
  package let unchanged: Int

  /// Compares two runs.
  package init(old: ReportRun, new: ReportRun) {
    self.old = old
    self.new = new
    let before = Dictionary(old.cases.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let after = Set(new.cases.map(\.id))
    var changes: [Change] = []
    var unchanged = 0
    for record in new.cases {
      let earlier = before[record.id]
      guard let kind = Self.kind(earlier, record) else {
        unchanged += 1
        continue
      }
      changes.append(
        Change(
          kind: kind, id: record.id, old: earlier?.verdict, new: record.verdict, reason: record.reason,
          requirements: record.requirements, wasExpected: earlier?.isExpectedFailure(isStrict: false) ?? false,
          isExpected: record.isExpectedFailure(isStrict: false)))
    }
    for record in old.cases where !after.contains(record.id) {
      changes.append(
        Change(
          kind: .gone, id: record.id, old: record.verdict, new: nil, reason: record.reason,
          requirements: record.requirements))
    }
    self.changes = changes
    self.unchanged = unchanged
  }

  private static func kind(_ old: CaseRecord?, _ new: CaseRecord) -> Kind? {
    // What was expected to fail makes no run worse, as it does not change the exit code of one.
    let (failed, fails) = (old?.isUnexpectedFailure(isStrict: false), new.isUnexpectedFailure(isStrict: false))
    guard let old, let failed else { return fails ? .newFailing : .new }
    if new.runs?.isFlaky == true, old.runs?.isFlaky != true, new.expectedFailure == nil { return .newlyFlaky }
    if fails, !failed { return .regressed }
    if old.verdict.isFailure, !new.verdict.isFailure {
      return new.verdict == .couldNotRun || new.verdict == .notApplicable ? .changed : .fixed
    }
    return old.verdict == new.verdict && failed == fails ? nil : .changed
  }

  /// The changes of one kind.
  package func changes(_ kind: Kind) -> [Change] { changes.filter { $0.kind == kind } }

  /// Whether anything got worse.
  package var isWorse: Bool { changes.contains { $0.kind.isWorse } }

  /// What makes the two runs hard to compare, for people: another suite, another implementation, another profile.
  package var warnings: [String] {
    var warnings: [String] = []
    func compare(_ what: String, _ value: (RunHeader) -> String?) {
      let (left, right) = (value(old.header), value(new.header))
      guard left != right else { return }
      warnings.append("another \(what): \(shown(left)) before, \(shown(right)) now")
    }
    func shown(_ text: String?) -> String { InertText.visible(text ?? "none", limit: 100) }
    compare("implementation") { $0.title }
    compare("suite") { "\($0.suite) (\($0.suiteHash.prefix(12)))" }
    compare("profile") { $0.profile }
    if old.kind != new.kind { warnings.append("another kind of run: \(old.kind.title) before, \(new.kind.title) now") }
    return warnings
  }

  /// What it comes to, in one line.
  package var conclusion: String {
    let parts = Kind.allCases.compactMap { kind -> String? in
      let count = changes(kind).count
      return count == 0 ? nil : "\(ReportFigures.grouped(count)) \(kind.title.lowercased())"
    }
    return (parts + ["\(ReportFigures.grouped(unchanged)) unchanged"]).joined(separator: ", ")
  }

  /// The text for a terminal.
  package var text: String {
    var lines = [
      "old  \(InertText.visible(old.header.title, limit: 100)), \(InertText.visible(old.header.startedAt, limit: 40))",
      "new  \(InertText.visible(new.header.title, limit: 100)), \(InertText.visible(new.header.startedAt, limit: 40))",
    ]
    lines += warnings.map { "note: \($0)" } + [""]
    for kind in Kind.allCases {
      let changes = changes(kind)
      guard !changes.isEmpty else { continue }
      lines.append("\(kind.title) (\(ReportFigures.grouped(changes.count)))")
      for change in changes.prefix(200) {
        let old = change.old.map { $0.rawValue + (change.wasExpected ? ", as expected" : "") }
        let new = change.new.map { $0.rawValue + (change.isExpected ? ", as expected" : "") }
        let verdicts = [old ?? "–", new ?? "–"].joined(separator: " → ")
        lines.append("  \(InertText.visible(change.id, limit: 200))  \(verdicts)")
        if kind.isWorse, let reason = change.reason { lines.append("    \(InertText.visible(reason, limit: 300))") }
      }
      if changes.count > 200 { lines.append("  … and \(changes.count - 200) more") }
      lines.append("")
    }
    return (lines + [conclusion]).joined(separator: "\n") + "\n"
  }

  /// The text for a pull request.
  package var markdown: String {
    var lines = [
      "## \(isWorse ? "❌" : "✅") \(MarkdownEscaping.code(new.header.title)): \(conclusion)", "",
    ]
    lines += warnings.map { "> \(MarkdownEscaping.prose($0))  " }
    if !warnings.isEmpty { lines.append("") }
    for kind in Kind.allCases {
      let changes = changes(kind)
      guard !changes.isEmpty else { continue }
      let title = "\(kind.title) (\(ReportFigures.grouped(changes.count)))"
      lines += ["<details\(kind.isWorse ? " open" : "")><summary>\(title)</summary>", ""]
      lines += ["| case | before | now | |", "|---|---|---|---|"]
      for change in changes.prefix(100) {
        let reason = kind.isWorse ? change.reason.map { MarkdownEscaping.code($0, limit: 200) } ?? "" : ""
        lines.append(
          "| \(MarkdownEscaping.code(change.id)) | \(change.oldTitle ?? "—") | \(change.newTitle ?? "—") | \(reason) |")
      }
      if changes.count > 100 { lines += ["", "… and \(changes.count - 100) more"] }
      lines += ["", "</details>", ""]
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
