import Conformance
import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON
import WireInspector

/// `inspect --check`: what a capture says about the two sides of its connections, as a compliance result.
struct CaptureCheck {
  private let conformance: CaptureConformance
  private let catalogue: RequirementCatalogue

  init(_ conformance: CaptureConformance, catalogue: RequirementCatalogue) {
    self.conformance = conformance
    self.catalogue = catalogue
  }

  /// A case for each side and rule that the capture exercised.
  var records: [CaseRecord] {
    conformance.results.map { entry in
      let requirement = catalogue[entry.requirement]
      let level = requirement?.level ?? .must
      let verdict: Verdict =
        entry.violations == 0 ? .pass : !entry.isProven ? .informational : level == .must ? .fail : .nonStrict
      let evidence = entry.evidence.map(InertText.whole)
      return CaseRecord(
        id: "capture.\(entry.role.rawValue).\(entry.requirement)", requirements: [entry.requirement], level: level,
        conformanceClass: requirement?.conformanceClass ?? .core, verdict: verdict, seconds: 0,
        expected: .string(requirement?.text ?? entry.requirement.rawValue),
        actual: .string(
          entry.violations == 0
            ? "kept \(entry.occasions) times" : "broken \(entry.violations) times; \(evidence ?? "")"),
        reason: entry.violations == 0
          ? nil : (entry.isProven ? "" : "the capture does not have that connection whole: ") + (evidence ?? ""),
        transcript: [])
    }
  }

  /// The result for people.
  ///
  /// - Parameter summary: The counts; nil: those of a capture that was read to its end.
  func text(_ records: [CaseRecord], _ summary: SummaryRecord? = nil) -> String {
    var lines: [String] = []
    for record in records where record.verdict != .pass {
      lines += LineFolding.fold("\(record.verdict.rawValue.uppercased())  \(record.id)", hanging: 2).split(
        separator: "\n"
      ).map(String.init)
      lines.append(LineFolding.fold("  " + (record.reason ?? ""), hanging: 4))
    }
    if !lines.isEmpty { lines.append("") }
    for side in ["client", "server"] {
      let own = records.filter { $0.id.hasPrefix("capture.\(side).") }
      guard !own.isEmpty else { continue }
      let kept = own.filter { $0.verdict == .pass }
      lines.append("\(side)s: \(kept.count) of \(own.count) rules that the capture shows are kept")
      lines.append(
        LineFolding.fold(
          "  " + kept.map { String($0.id.dropFirst("capture.\(side).".count)) }.joined(separator: ", "), hanging: 2))
    }
    lines.append(
      LineFolding.fold(
        "A capture can show \(CaptureRule.all.count) of the \(catalogue.requirements.count) rules; "
          + "wireproof explain ID says of each of the others why not.", hanging: 0))
    let summary = summary ?? conformance.summary
    if let lost = summary.lost, lost > 0 {
      lines.append(
        LineFolding.fold(
          "\(CountText.of(lost, "packet")) could not be captured: connections of that time prove nothing.", hanging: 0))
    }
    if conformance.foreignConnections > 0 {
      lines.append(
        LineFolding.fold(
          "\(CountText.of(conformance.foreignConnections, "connection")) of another protocol: nobody is judged by what "
            + "it holds.", hanging: 0))
    }
    lines.append(
      [
        CountText.of(summary.connections, "connection"), CountText.of(summary.frames, "frame"),
        CountText.of(summary.calls, "call"), CountText.of(summary.findings, "finding"),
      ].joined(separator: ", "))
    return lines.joined(separator: "\n")
  }

  /// Begins the result file, before rights are dropped, and before anything is read that could be lost.
  static func results(
    at path: String, suite: VectorSuite, name: String, command: String
  ) throws(DataFaults) -> ResultWriter {
    try ResultWriter(
      path: path,
      header: ResultHeader(
        suite: suite.version, suiteHash: suite.hash, command: command,
        implementation: ImplementationDescription(name: name, language: "", version: "", capabilities: []),
        startedAt: Date()))
  }
}
