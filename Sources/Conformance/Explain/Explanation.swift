package import GoldenVectors
package import Specification
import StrictJSON

/// What `explain` prints: a requirement, vector, probe, mutant or finding, and the others that belong to it.
package struct Explanation: Sendable {
  /// How many of each kind are named where there may be many.
  static let examples = 3

  let suite: VectorSuite
  let cases: [VectorSuite.Case]
  let probes: [ScriptCase]
  let mutants: [Mutant]
  let findings: [ExplainedFinding]
  let hidden: [RequirementID: String]

  /// Explanations of what belongs together.
  ///
  /// - Parameters:
  ///   - suite: The requirements and the vectors.
  ///   - probes: The probes of servers.
  ///   - mutants: The servers with a fault.
  ///   - findings: What the inspector can report.
  ///   - hidden: The rules that a capture cannot show, and why.
  package init(
    _ suite: VectorSuite, probes: [ScriptCase] = [], mutants: [Mutant] = [], findings: [ExplainedFinding] = [],
    hidden: [RequirementID: String] = [:]
  ) {
    self.suite = suite
    self.probes = probes
    self.mutants = mutants
    self.findings = findings
    self.hidden = hidden
    cases = suite.cases
  }

  /// The text about everything that has this id, which may be a finding and a requirement at once; nil if nothing has it.
  package func text(of id: String) -> String? {
    let texts =
      [
        suite.catalogue[RequirementID(rawValue: id)].map(text(of:)), cases.first { $0.test.id == id }.map(text(of:)),
        probes.first { $0.id == id }.map(text(of:)),
        mutants.first { $0.name == Self.name(ofMutant: id) }.map(text(of:)),
        findings.first { $0.id == id }.map(text(of:)),
      ].compactMap { $0 }
    return texts.isEmpty ? nil : texts.joined(separator: "\n\n")
  }

  /// The name in `mutant:NAME`, as `--behavior` takes it.
  private static func name(ofMutant id: String) -> Substring { id.hasPrefix("mutant:") ? id.dropFirst(7) : id[...] }

  /// Ids that resemble one that is not known, the nearest first, at most five.
  package func suggestions(for id: String) -> [String] {
    let known =
      suite.catalogue.requirements.map(\.id.rawValue) + cases.map(\.test.id) + probes.map(\.id) + mutants.map(\.name)
      + findings.map(\.id)
    // What is longer than any id resembles none.
    guard id.utf8.count <= 128 else { return [] }
    let near = known.map { (id: $0, distance: EditDistance.between($0, id)) }
      .filter { $0.distance <= 2 + id.utf8.count / 4 || $0.id.hasPrefix(id) }
    return near.sorted { $0.distance < $1.distance }.prefix(5).map(\.id)
  }

  /// Lines under an indentation; empty lines stay empty.
  func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0)
      .map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
  }
}
