import GoldenVectors
import Specification
import StrictJSON

/// What `probe` prints: a line of progress, the failures with what they are about, what does not apply, and a table.
package struct ProbeReport: Sendable {
  /// How much of an expectation is shown; the result file has all of it.
  private static let shown = 400

  private static let columns: [(title: String, verdict: Verdict, width: Int)] = [
    ("pass", .pass, 7), ("nonStrict", .nonStrict, 11), ("info", .informational, 7), ("fail", .fail, 7),
    ("errored", .errored, 9), ("n/a", .notApplicable, 7), ("not run", .couldNotRun, 9),
  ]

  private let catalogue: RequirementCatalogue
  private let role: PeerRole
  private let scripts: [String: ScriptCase]
  private let isStrict: Bool
  private let width: Int
  private let expected: ExpectedFailures?
  private let reproduction: @Sendable (ScriptCase) -> String

  /// A text about runs of some cases.
  ///
  /// - Parameters:
  ///   - suite: The cases and the catalogue.
  ///   - isStrict: Whether `nonStrict` verdicts are failures, and so are listed.
  ///   - expected: Failures that are known, and so are not listed.
  ///   - width: How many columns a line may have.
  ///   - reproduction: The command that runs a case again.
  package init(
    suite: ProbeSuite, isStrict: Bool, expected: ExpectedFailures?, width: Int = LineFolding.columns,
    reproduction: @escaping @Sendable (ScriptCase) -> String
  ) {
    catalogue = suite.catalogue
    role = suite.role
    scripts = Dictionary(suite.cases.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.isStrict = isStrict
    self.expected = expected
    self.width = width
    self.reproduction = reproduction
  }

  /// One line about how far a run is, for a terminal; it fits 80 columns.
  package func progress(done: Int, of total: Int, failures: Int, id: String) -> String {
    let head = "\(done)/\(total)" + (failures > 0 ? ", \(failures) failed" : "")
    return "\(head)  \(id.prefix(78 - head.utf8.count))"
  }

  /// The cases that failed and were not expected to, those that errored or could not be run, and with `--strict` the
  /// non-strict ones. Of those that could not be run for one reason only the first is told in full.
  package func failures(_ records: [CaseRecord]) -> String {
    var lines: [String] = []
    var notRun: [String: Int] = [:]
    for record in records where record.isFailure(isStrict: isStrict) {
      if expected?.knows(record, isStrict: isStrict) == true { continue }
      lines += text(of: record) + [""]
    }
    for record in records where record.verdict == .couldNotRun { notRun[record.reason ?? "", default: 0] += 1 }
    for (reason, count) in notRun.sorted(by: { $0.key < $1.key }) {
      let text = "NOT RUN  \(count) \(count == 1 ? "case" : "cases"): \(InertText.whole(reason))"
      lines += [LineFolding.fold(text, hanging: 9, to: width), ""]
    }
    return lines.joined(separator: "\n")
  }

  private func text(of record: CaseRecord) -> [String] {
    let rate = record.runs.map { runs in
      runs.isFlaky ? " (flaky: \(runs.failed) of \(runs.total) runs failed)" : " (\(runs.total) runs, all the same)"
    }
    var lines = ["\(record.verdict.rawValue.uppercased())  \(record.id)\(rate ?? "")"]
    let script = scripts[record.id]
    func add(_ title: String, _ text: String) {
      let padding = String(repeating: " ", count: max(1, 10 - title.utf8.count))
      let shown = InertText.abridged(InertText.whole(text), to: Self.shown)
      lines.append(LineFolding.fold("  \(title)\(padding)\(shown)", hanging: 10, to: width))
    }
    if let script { add("about", script.title) }
    if let step = record.step { add("step", step) }
    if let text = record.expected.stringValue, !text.isEmpty { add("expected", text) }
    if let text = record.actual.stringValue, !text.isEmpty { add("actual", text) }
    if let reason = record.reason, !reason.hasPrefix(record.expected.stringValue.map { $0 + " was" } ?? "\u{0}") {
      add("because", reason)
    }
    for entry in record.transcript {
      if let text = entry["stderr"]?.stringValue, !text.isEmpty {
        lines.append(LineFolding.fold("  output    \(text.suffix(Self.shown))", hanging: 10, to: width))
      }
    }
    for id in record.accused {
      guard let requirement = catalogue[id] else { continue }
      let text = "  requires  \(id) (\(requirement.level), clause \(requirement.clause)): \(requirement.text)"
      lines.append(LineFolding.fold(text, hanging: 10, to: width))
    }
    let reasons = record.accused.compactMap { catalogue[$0]?.why }.filter { !$0.isEmpty }
    if let why = reasons.first { add("matters", why) }
    if let script { lines.append("  repeat    \(InertText.whole(reproduction(script)))") }
    return lines
  }

  /// What does not apply to the peer and why, with how many cases each reason keeps out; empty when everything applies.
  package func inapplicable(_ records: [CaseRecord]) -> String {
    let reasons = Dictionary(grouping: records.filter { $0.verdict == .notApplicable }) { $0.reason ?? "" }
    guard !reasons.isEmpty else { return "" }
    let lines = reasons.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { reason, records in
      LineFolding.fold("  \(records.count)  \(InertText.whole(reason))", hanging: 3, to: width)
    }
    return (["Not applicable:"] + lines).joined(separator: "\n") + "\n"
  }

  /// The table of areas and verdicts, the classes that are met, and what it comes to.
  package func summary(_ records: [CaseRecord], leftOut: Int, seconds: Double, isPartial: Bool = false) -> String {
    var lines = [Self.row("area", Self.columns.map(\.title))]
    var areas: [String] = []
    let grouped = Dictionary(grouping: records) { Self.area(of: $0.id) }
    for record in records {
      let area = Self.area(of: record.id)
      if areas.last != area, !areas.contains(area) { areas.append(area) }
    }
    for area in areas { lines.append(Self.row(area, grouped[area] ?? [])) }
    lines += [Self.row("all", records), ""]
    lines += classes(records, isPartial: isPartial)
    let flaky = records.filter { $0.runs?.isFlaky == true }
    if !flaky.isEmpty {
      let cases = flaky.map { "\($0.id) (\($0.runs?.failed ?? 0)/\($0.runs?.total ?? 0))" }
      lines.append(LineFolding.fold("Flaky: " + cases.joined(separator: ", "), hanging: 7, to: width))
    }
    let known = records.filter { expected?.knows($0, isStrict: isStrict) == true }.count
    if let expected, !expected.entries.isEmpty { lines.append(self.expected(expected, records)) }
    if leftOut > 0 {
      lines.append("Left out: \(leftOut) \(leftOut == 1 ? "case" : "cases") tagged resource or slow (--all runs them).")
    }
    let milliseconds = Int64(exactly: (max(0, seconds) * 1_000).rounded()) ?? 0
    let fraction = String(milliseconds % 1_000)
    let time = "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    lines.append("\(records.count) cases in \(time): \(conclusion(records, known: known))")
    return lines.joined(separator: "\n")
  }

  /// How many of the expected failures failed; those that may fail apart.
  private func expected(_ file: ExpectedFailures, _ records: [CaseRecord]) -> String {
    let failed = Set(records.filter { $0.isFailure(isStrict: isStrict) }.map(\.id))
    let (may, must) = (file.entries.filter(\.mayPass), file.entries.filter { !$0.mayPass })
    func count(_ entries: [ExpectedFailures.Entry]) -> String {
      "\(entries.count { failed.contains($0.id) }) of \(entries.count)"
    }
    var text = "Expected failures: \(count(must)) in \(file.file) failed"
    if !may.isEmpty { text += ", and \(count(may)) that may" }
    return LineFolding.fold(text + ".", hanging: 2, to: width)
  }

  /// The classes of which there are cases, each with what is known of it.
  private func classes(_ records: [CaseRecord], isPartial: Bool) -> [String] {
    ClassStatus.all(records, catalogue: catalogue, role: role, isPartial: isPartial).filter { $0.cases > 0 }
      .map { LineFolding.fold("\($0.conformanceClass) \($0.state.rawValue): \($0.remark)", hanging: 2, to: width) }
  }

  /// The first part of an id. That it is one of a client's needs no saying in a table of clients' probes.
  private static func area(of id: String) -> String {
    let area = String(id.prefix { $0 != "." })
    return area.hasPrefix("client-") ? String(area.dropFirst("client-".count)) : area
  }

  private func conclusion(_ records: [CaseRecord], known: Int) -> String {
    let counts = VerdictCounts(records)
    let failed = records.filter { $0.isFailure(isStrict: isStrict) }.count - known
    if counts[.couldNotRun] > 0 {
      return "incomplete, \(counts[.couldNotRun]) could not be run" + (failed > 0 ? ", \(failed) failed" : "")
    }
    if failed > 0 { return "\(failed) failed" }
    if known > 0 { return "none fail but the \(known) that were expected to" }
    if counts[.nonStrict] > 0 { return "none fail, \(counts[.nonStrict]) not strict" }
    let judged = counts.total - counts[.notApplicable]
    return judged == counts.total ? "all pass" : "all \(judged) that apply pass"
  }

  private static func row(_ name: String, _ cells: [String]) -> String {
    let padded = zip(cells, columns).map { cell, column in
      String(repeating: " ", count: max(0, column.width - cell.count)) + cell
    }.joined()
    return name + String(repeating: " ", count: max(1, 14 - name.count)) + padded
  }

  private static func row(_ name: String, _ records: [CaseRecord]) -> String {
    let counts = VerdictCounts(records)
    return row(name, columns.map { counts[$0.verdict] == 0 ? "." : String(counts[$0.verdict]) })
  }
}
