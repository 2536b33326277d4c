import FoundationEssentials
import GoldenVectors
package import Specification
package import StrictJSON

/// What a run over mutants came to, for people and as a result file.
package struct MutationReport: Sendable {
  private let results: [MutationRun.Result]
  private let grounds: [MutationGround]
  private let seconds: Double
  private let isPartial: Bool
  private let coverage: [(side: PeerRole, coverage: MutantCoverage)]

  /// The largest share of MUSTs without a mutant.
  private static let excludedLimit = 0.1

  /// A report.
  ///
  /// - Parameters:
  ///   - results: What became of each mutant.
  ///   - grounds: The probes of each side.
  ///   - seconds: How long the run took.
  ///   - isPartial: Whether only some mutants were run, so that nothing can be said about requirements.
  package init(results: [MutationRun.Result], grounds: [MutationGround], seconds: Double, isPartial: Bool) {
    self.results = results
    self.grounds = grounds
    self.seconds = seconds
    self.isPartial = isPartial
    coverage = grounds.map { ($0.suite.role, MutantCoverage(suite: $0.suite)) }
  }

  /// A mutant in a list.
  package static func entry(_ mutant: Mutant) -> String {
    "\(mutant.name)\n  \(mutant.fault)\n  breaks \(mutant.requirements.map(\.rawValue).joined(separator: ", ")); "
      + "found by \(mutant.check)"
  }

  private var unkilled: [MutationRun.Result] { results.filter { $0.fate != .killed && $0.fate != .killedStrictly } }

  /// The exit code: 0 where all were killed and every MUST has its mutant or its reason.
  package var status: CommandStatus {
    let isCovered =
      isPartial
      || coverage.allSatisfy { $0.coverage.uncovered.isEmpty && $0.coverage.excludedShare <= Self.excludedLimit }
    return CommandStatus([
      .incomplete: results.contains { $0.fate == .notRun }, .failures: !unkilled.isEmpty || !isCovered,
    ])
  }

  /// The text.
  package var text: String {
    var lines: [String] = []
    for result in unkilled {
      lines += [
        "\(result.fate.rawValue.uppercased())  \(result.mutant.name): \(result.mutant.fault)",
        "  check   \(result.mutant.check)", "  came to \(InertText.whole(result.reason))", "",
      ]
    }
    let killed = results.count - unkilled.count
    if !isPartial {
      for (side, coverage) in coverage { lines += Self.lines(about: coverage, side) }
    }
    let strictly = results.filter { $0.fate == .killedStrictly }
    if !strictly.isEmpty {
      lines.append("Seen as nonStrict, and as a failure with --strict:")
      lines += strictly.map { "  \($0.mutant.name): \($0.mutant.fault)" }
    }
    lines.append(
      "\(killed) of \(results.count) mutants killed (\(strictly.count) of them only with --strict) in "
        + "\(Int(seconds.rounded())) s")
    return lines.joined(separator: "\n")
  }

  /// What is said about the MUSTs of a side.
  private static func lines(about coverage: MutantCoverage, _ side: PeerRole) -> [String] {
    var lines: [String] = []
    if !coverage.excluded.isEmpty { lines.append("MUSTs without a mutant of the \(side), and why:") }
    lines += coverage.excluded.map { "  \($0.requirement): \($0.reason)" }
    if !coverage.uncovered.isEmpty {
      lines.append("MUSTs without a mutant of the \(side), and nobody says why:")
      lines += coverage.uncovered.map { "  \($0)" }
    }
    let musts = coverage.covered.count + coverage.excluded.count + coverage.uncovered.count
    lines.append(
      "MUSTs that probes of \(side)s exercise: \(musts); \(coverage.covered.count) have a mutant, "
        + "\(coverage.excluded.count) are excluded (\(Int((coverage.excludedShare * 100).rounded())) %)")
    return lines
  }

  /// Opens a result file, before the run: what cannot be written is said before anybody has waited.
  package static func results(
    in path: String, suite: ProbeSuite, command: String, seed: UInt64
  ) throws(DataFaults) -> ResultWriter {
    let header = ResultHeader(
      suite: suite.version, suiteHash: suite.hash, command: command,
      implementation: ImplementationDescription(
        name: "wireproof's probes against mutants", language: "Swift", version: suite.version, capabilities: []),
      profile: "full", seed: seed, startedAt: Date())
    return try ResultWriter(path: path, header: header)
  }

  /// Writes the results: a case a mutant, which passes when the mutant was killed.
  package func write(to file: consuming ResultWriter, isInterrupted: Bool = false) throws(DataFaults) {
    var writer = file
    for result in results { try writer.append(record(of: result)) }
    try writer.finish(isInterrupted: isInterrupted)
  }

  private func record(of result: MutationRun.Result) -> CaseRecord {
    let verdict: Verdict =
      switch result.fate {
      case .killed: .pass
      case .killedStrictly: .nonStrict
      case .survived, .unproven: .fail
      case .broken: .errored
      case .notRun: .couldNotRun
      }
    let mutant = result.mutant
    let requirement = mutant.requirements.first.flatMap { grounds.first?.suite.catalogue[$0] }
    return CaseRecord(
      id: "mutant.\(mutant.name)", requirements: mutant.requirements, level: requirement?.level ?? .must,
      conformanceClass: requirement?.conformanceClass ?? .core, verdict: verdict, seconds: result.seconds,
      expected: .string("\(mutant.check) fails, because \(mutant.fault)"),
      actual: .string(result.killers.isEmpty ? result.reason : result.killers.joined(separator: " ") + " failed"),
      reason: verdict == .pass ? nil : InertText.whole(result.reason), transcript: [])
  }
}
