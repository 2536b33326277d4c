import GoldenVectors
import Specification

/// What is said about probes, mutants and findings.
extension Explanation {
  func text(of probe: ScriptCase) -> String {
    var lines = [
      probe.id,
      ([probe.level?.rawValue, probe.conformanceClass.map { "class \($0)" }].compactMap { $0 }
        + ["probe of a \(probe.role == .client ? "server" : "client")"])
        .joined(separator: " · "),
      "", InertText.whole(probe.title), "", "Written in",
      "  \(InertText.whole(probe.file)):\(probe.place.line)", "Run it with",
      probe.role == .client
        ? "  wireproof probe server URL --filter \(probe.id)"
        : "  wireproof probe client --filter \(probe.id) -- COMMAND {url}",
    ]
    if !probe.needs.isEmpty { lines += ["Needs of the profile", "  " + probe.needs.joined(separator: ", ")] }
    lines += requirementLines(probe.requirements)
    let killed = mutants.filter { $0.check == probe.id }
    if !killed.isEmpty { lines += ["Mutants that it has to find"] + killed.map { "  \($0.name): \($0.fault)" } }
    return lines.map { LineFolding.fold($0, hanging: 4) }.joined(separator: "\n")
  }

  func text(of mutant: Mutant) -> String {
    var lines = [
      mutant.name, "mutant of the reference \(mutant.side)", "", mutant.fault, "",
      mutant.side == .server ? "Serve it, or see it killed, with" : "Let it connect, or see it killed, with",
      mutant.side == .server
        ? "  wireproof serve --behavior mutant:\(mutant.name)"
        : "  wireproof connect URL --behavior mutant:\(mutant.name)",
      "  wireproof mutate --filter \(mutant.name)",
    ]
    if let probe = probes.first(where: { $0.id == mutant.check }) {
      lines += ["Found by the probe", "  \(probe.id): \(InertText.whole(probe.title))"]
    }
    lines += requirementLines(mutant.requirements)
    return lines.map { LineFolding.fold($0, hanging: 4) }.joined(separator: "\n")
  }

  func text(of finding: ExplainedFinding) -> String {
    var lines = [finding.id, "finding of wireproof inspect", "", finding.meaning]
    lines += requirementLines(finding.requirements)
    if !finding.requirements.isEmpty {
      lines += ["Exercised by"] + related(to: finding.requirements, including: .vectorsProbesMutants)
    }
    return lines.map { LineFolding.fold($0, hanging: 4) }.joined(separator: "\n")
  }

  /// The requirements with their levels and texts, under a title; none: nothing.
  func requirementLines(_ ids: [RequirementID]) -> [String] {
    let requirements = ids.compactMap { suite.catalogue[$0] }
    guard !requirements.isEmpty else { return [] }
    return ["Requirements"]
      + requirements.map { "  \($0.id) (\($0.level), clause \($0.clause)): \($0.text)" }
  }

  /// The kinds of thing that can belong to a requirement.
  struct Kinds: OptionSet {
    let rawValue: Int

    static let vectors = Kinds(rawValue: 1)
    static let probes = Kinds(rawValue: 2)
    static let mutants = Kinds(rawValue: 4)
    static let findings = Kinds(rawValue: 8)
    static let vectorsProbesMutants: Kinds = [.vectors, .probes, .mutants]
    static let probesMutantsFindings: Kinds = [.probes, .mutants, .findings]
  }

  /// What belongs to requirements: of each kind the number, and a few of them.
  func related(to ids: [RequirementID], including kinds: Kinds) -> [String] {
    let wanted = Set(ids)
    func entries(_ singular: String, _ plural: String, _ all: [(id: String, text: String)]) -> [String] {
      guard !all.isEmpty else { return [] }
      let count = "  \(all.count) \(all.count == 1 ? singular : plural)"
      return [count + (all.count > Self.examples ? ", for example" : "")]
        + all.prefix(Self.examples).map { "    \($0.id): \(InertText.whole($0.text))" }
    }
    var lines: [String] = []
    if kinds.contains(.vectors) {
      let found = cases.filter { !wanted.isDisjoint(with: $0.test.requirements) }
      lines += entries("vector", "vectors", found.map { ($0.test.id, $0.test.comment) })
    }
    if kinds.contains(.probes) {
      let found = probes.filter { !wanted.isDisjoint(with: $0.requirements) }
      lines += entries("probe", "probes", found.map { ($0.id, $0.title) })
    }
    if kinds.contains(.mutants) {
      let found = mutants.filter { !wanted.isDisjoint(with: $0.requirements) }
      lines += entries("mutant", "mutants", found.map { ($0.name, $0.fault) })
    }
    if kinds.contains(.findings) {
      let found = findings.filter { !wanted.isDisjoint(with: $0.requirements) }
      lines += entries("finding of the inspector", "findings of the inspector", found.map { ($0.id, $0.meaning) })
    }
    return lines
  }
}
