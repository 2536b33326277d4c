import Deflate
package import GoldenVectors
import ReferencePeer
import Specification
package import StrictJSON

/// The probes that the mutants of a side are held against.
package struct MutationGround: Sendable {
  /// The probes.
  package let suite: ProbeSuite

  /// What the probed application offers, and claims.
  package let profile: PeerProfile

  /// Probes and what they may take for granted.
  package init(suite: ProbeSuite, profile: PeerProfile) {
    self.suite = suite
    self.profile = profile
  }

  /// The probes of servers and those of clients, with the profiles of the references.
  package static func all(in directory: DataDirectory) throws(DataFaults) -> [MutationGround] {
    [
      try MutationGround(
        suite: ProbeSuite.load(directory, role: .server), profile: ShippedProfile.load("full", in: directory)),
      try MutationGround(
        suite: ProbeSuite.load(directory, role: .client),
        profile: ShippedProfile.load("mutants", in: directory, role: .client)),
    ]
  }
}

/// Holds the suite against mutants: each serves, or connects, in this process, and its named check has to find it.
package struct MutationRun: Sendable {
  /// What became of a mutant.
  package enum Fate: String, Sendable {
    /// The check failed, as it has to.
    case killed

    /// The check came out as a weaker outcome, which fails with `--strict`: the original does the same, or many do.
    case killedStrictly = "killed with --strict"

    /// The check did not fail: the suite does not see the fault.
    case survived

    /// The peer did not serve or not connect, which proves nothing about the check.
    case broken

    /// The check comes out no better against the reference without a fault, which proves nothing either.
    case unproven

    /// The peer could not be started, or the check does not apply.
    case notRun = "not run"

    /// Whether a busy machine may be the reason.
    var mayDifferNextTime: Bool {
      switch self {
      case .survived, .broken, .unproven: true
      case .killed, .killedStrictly, .notRun: false
      }
    }
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

  /// The probes of each side.
  private let grounds: [PeerRole: MutationGround]

  /// Whether all probes run, and not only the named check.
  package var runsEverything = false

  /// How many mutants are held at once.
  package var jobs = 8

  /// How often a mutant is held against its check before it counts as not killed: a fault in what is read at once shows only
  /// where the mutant is as fast as the probe, and a check fails without a fault where it starves.
  package var attempts = 3

  /// The seed.
  package var seed: UInt64 = 1

  /// A run.
  ///
  /// - Parameters:
  ///   - mutants: The mutants.
  ///   - grounds: The probes for each side that there is a mutant of.
  package init(mutants: [Mutant], grounds: [MutationGround]) {
    self.mutants = mutants
    self.grounds = Dictionary(grounds.map { ($0.suite.role, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Runs them; the results are in the order of the mutants.
  ///
  /// - Parameter progress: Is told how many are done.
  package func run(_ progress: @escaping @Sendable (Int) -> Void) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
      var next = mutants.indices.makeIterator()
      func add() {
        guard !Task.isCancelled, let index = next.next() else { return }
        group.addTask { (index, await resultOfAttempts(mutants[index])) }
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

  private func resultOfAttempts(_ mutant: Mutant) async -> Result {
    var result = await result(of: mutant)
    var attempt = 1
    while attempt < attempts, result.fate.mayDifferNextTime, !Task.isCancelled {
      result = await self.result(of: mutant)
      attempt += 1
    }
    return result
  }

  private func result(of mutant: Mutant) async -> Result {
    let start = ContinuousClock.now
    func result(_ fate: Fate, _ killers: [String] = [], _ reason: String) -> Result {
      Result(
        mutant: mutant, fate: fate, killers: killers, reason: reason,
        seconds: (ContinuousClock.now - start) / .seconds(1))
    }
    guard let ground = grounds[mutant.side] else {
      return result(.notRun, [], "there are no probes of a \(mutant.side)")
    }
    guard let check = ground.suite.cases.first(where: { $0.id == mutant.check }) else {
      return result(.notRun, [], "there is no probe \(mutant.check)")
    }
    let outcomes: [CaseOutcome]
    let control: CaseOutcome
    var scripts = [check]
    if runsEverything {
      scripts += ground.suite.cases.filter {
        $0.id != check.id && $0.tags.isDisjoint(with: ProbeSuite.reservedTags)
      }
    }
    do {
      outcomes = try await self.outcomes(of: scripts, mutant, isFaulty: true, ground.profile)
      control = try await self.outcomes(of: [check], mutant, isFaulty: false, ground.profile)[0]
    } catch {
      return result(.notRun, [], "the \(mutant.side) could not be started: \(error)")
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

  /// What cases come to against a mutant, or against the reference that it is a version of.
  private func outcomes(
    of scripts: [ScriptCase], _ mutant: Mutant, isFaulty: Bool, _ profile: PeerProfile
  ) async throws -> [CaseOutcome] {
    var settings = EngineSettings(profile: profile, run: "\(isFaulty ? "mutant" : "control")-\(mutant.name)")
    settings.seed = seed
    settings.roundTrip = .milliseconds(5)
    let engine = ScriptEngine(settings: settings)
    let mutation = isFaulty ? mutant.mutation : nil
    switch mutant.side {
    case .server: return try await outcomes(of: scripts, server: mutation, engine)
    case .client:
      var outcomes: [CaseOutcome] = []
      for script in scripts {
        outcomes.append(try await outcome(of: script, client: mutation, offering: mutant.offer, engine))
      }
      return outcomes
    }
  }

  /// What cases come to against a server of their own; without a fault it is the control.
  private func outcomes(
    of scripts: [ScriptCase], server mutation: PeerMutation?, _ engine: ScriptEngine
  ) async throws -> [CaseOutcome] {
    var configuration = Mutant.configuration()
    configuration.mutation = mutation
    let server = try await Server.listen(configuration)
    let target = ScriptTarget(host: "127.0.0.1", port: server.port)
    var outcomes: [CaseOutcome] = []
    for script in scripts { outcomes.append(await engine.run(script, against: target)) }
    await server.shutDown(deadline: .seconds(1))
    return outcomes
  }

  /// What a case comes to with a client of its own; without a fault it is the control.
  private func outcome(
    of script: ScriptCase, client mutation: PeerMutation?, offering offer: DeflateOffer?, _ engine: ScriptEngine
  ) async throws -> CaseOutcome {
    let listener = try await ScriptListener.listen()
    defer { listener.close() }
    let url = "ws://127.0.0.1:\(listener.port)/join?uid=\(engine.uid(of: script))&deviceId=probe"
    var configuration = try ClientConfiguration(url)
    configuration.mutation = mutation
    configuration.options.compression = offer.map { CompressionOptions(offer: $0) }
    configuration.options.revision = .fixed(script.revision)
    let client = DrivenClient(configuration)
    let run = Task {
      _ = try? await client.run()
      listener.peerEnded("it has ended")
    }
    let outcome = await engine.run(script, on: listener)
    run.cancel()
    await run.value
    return outcome
  }
}
