import FrameCodec
import ReferencePeer
import Specification

/// Holds the suite against mutants: each is served in this process, and its named check has to find it.
package struct MutationRun: Sendable {
  /// What became of a mutant.
  package enum Fate: String, Sendable {
    /// The check failed, as it has to.
    case killed

    /// The check came out as a weaker outcome, which fails with `--strict`: the original does the same, or many do.
    case killedStrictly = "killed with --strict"

    /// The check did not fail: the suite does not see the fault.
    case survived

    /// The server did not serve, which proves nothing about the check.
    case broken

    /// The check comes out no better against the reference without a fault, which proves nothing either.
    case unproven

    /// The server could not be started, or the check does not apply.
    case notRun = "not run"
  }

  /// A mutant and what became of it.
  package struct Result: Sendable {
    /// The mutant.
    package let mutant: Mutant

    /// What became of it.
    package let fate: Fate

    /// The cases that failed: the named check, or with `--full` all of them.
    package let killers: [String]

    /// Why, for people; of the named check.
    package let reason: String

    /// How long it took, in seconds.
    package let seconds: Double
  }

  /// The mutants.
  package let mutants: [Mutant]

  /// The probes.
  package let suite: ProbeSuite

  /// What the probed application offers, and claims.
  package let profile: PeerProfile

  /// Whether all probes run, and not only the named check.
  package var runsEverything = false

  /// How many mutants are held at once.
  package var jobs = 8

  /// The seed.
  package var seed: UInt64 = 1

  /// A run.
  package init(mutants: [Mutant], suite: ProbeSuite, profile: PeerProfile) {
    self.mutants = mutants
    self.suite = suite
    self.profile = profile
  }

  /// The checks that no probe has as its id, with the mutant that names it: faults of the table of mutants.
  package var unknownChecks: [(mutant: String, check: String)] {
    let ids = Set(suite.cases.map(\.id))
    return mutants.filter { !ids.contains($0.check) }.map { ($0.name, $0.check) }
  }

  /// Runs them; the results are in the order of the mutants.
  ///
  /// - Parameter progress: Is told how many are done.
  package func run(_ progress: @escaping @Sendable (Int) -> Void) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
      var next = mutants.indices.makeIterator()
      func add() {
        guard !Task.isCancelled, let index = next.next() else { return }
        group.addTask { (index, await result(of: mutants[index])) }
      }
      for _ in 0..<max(1, jobs) { add() }
      var results: [Result?] = Array(repeating: nil, count: mutants.count)
      var done = 0
      for await (index, result) in group {
        results[index] = result
        done += 1
        progress(done)
        add()
      }
      return zip(mutants, results).map { mutant, result in
        result ?? Result(mutant: mutant, fate: .notRun, killers: [], reason: "the run was interrupted", seconds: 0)
      }
    }
  }

  private func result(of mutant: Mutant) async -> Result {
    let start = ContinuousClock.now
    func result(_ fate: Fate, _ killers: [String] = [], _ reason: String) -> Result {
      Result(
        mutant: mutant, fate: fate, killers: killers, reason: reason,
        seconds: (ContinuousClock.now - start) / .seconds(1))
    }
    guard let check = suite.cases.first(where: { $0.id == mutant.check }) else {
      return result(.notRun, [], "there is no probe \(mutant.check)")
    }
    let outcomes: [CaseOutcome]
    let control: CaseOutcome
    var scripts = [check]
    if runsEverything {
      scripts += suite.cases.filter { $0.id != check.id && $0.tags.isDisjoint(with: ProbeSuite.reservedTags) }
    }
    do {
      outcomes = try await self.outcomes(of: scripts, mutation: mutant.mutation, run: "mutant-\(mutant.name)")
      control = try await self.outcomes(of: [check], mutation: nil, run: "control-\(mutant.name)")[0]
    } catch {
      return result(.notRun, [], "the server could not be started: \(error)")
    }
    let outcome = outcomes[0]
    let killers = zip(scripts, outcomes).filter { $0.1.verdict == .fail }.map(\.0.id)
    let reason = outcome.reason ?? outcome.verdict.rawValue
    switch outcome.verdict {
    case .errored: return result(.broken, killers, reason)
    case .notApplicable, .couldNotRun: return result(.notRun, killers, reason)
    case .pass, .informational: return result(killers.isEmpty ? .survived : .killed, killers, reason)
    case .fail, .nonStrict:
      // A check that fails without the fault too says nothing about it.
      guard outcome.verdict.isWorse(than: control.verdict) else {
        return result(
          .unproven, killers, "the reference without a fault: \(control.reason ?? control.verdict.rawValue)")
      }
      return result(outcome.verdict == .fail ? .killed : .killedStrictly, killers, reason)
    }
  }

  /// What cases come to against a server of their own.
  ///
  /// - Parameter mutation: The fault; nil: none, the control.
  private func outcomes(of scripts: [ScriptCase], mutation: PeerMutation?, run: String) async throws -> [CaseOutcome] {
    var configuration = Mutant.configuration()
    configuration.mutation = mutation
    let server = try await Server.listen(configuration)
    var settings = EngineSettings(profile: profile, run: run)
    settings.seed = seed
    settings.roundTrip = .milliseconds(5)
    let engine = ScriptEngine(settings: settings)
    let target = ScriptTarget(host: "127.0.0.1", port: server.port)
    var outcomes: [CaseOutcome] = []
    for script in scripts { outcomes.append(await engine.run(script, against: target)) }
    await server.shutDown(deadline: .seconds(1))
    return outcomes
  }
}
