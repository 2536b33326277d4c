import FrameCodec
package import NIOCore
import NIOPosix
import Negotiation
import Specification

/// A server that scripts are played against.
package struct ScriptTarget: Sendable {
  /// The host to connect to.
  package var host: String

  /// The port.
  package var port: Int

  /// The path of the upgrade request, escaped as it has to be.
  package var path: String

  /// The value of `Host`; nil: host and port.
  package var authority: String?

  /// Parameters that every query gets, behind those of the script.
  package var query: [(name: String, value: String)] = []

  /// Header fields that every upgrade request gets.
  package var fields: [(name: String, value: String)] = []

  /// Adds what a connection needs below the script, such as TLS.
  package var secure: (@Sendable (any Channel) -> EventLoopFuture<Void>)?

  /// A target.
  package init(host: String, port: Int, path: String = "/join") {
    self.host = host
    self.port = port
    self.path = path
  }
}

/// What is the same for all cases of a run.
package struct EngineSettings: Sendable {
  /// The seed of everything that is generated.
  package var seed: UInt64 = 1

  /// Tells this run from others against the same peer: it goes into the user ids.
  package var run: String

  /// What the peer's application offers.
  package var profile: PeerProfile

  /// The round trip to the peer, as measured before the run.
  package var roundTrip: Duration = .milliseconds(1)

  /// The round trip as it is measured along the run.
  let pace = Pace()

  /// What the peer was seen to send unasked.
  package let unasked = UnaskedMessages()

  /// Which case a payload belongs to.
  let ledger = CaseLedger()

  /// The ids that are let pass: the peer sends them on its own.
  var unsolicited: Set<Int64> { unasked.ids.union(profile.unsolicited) }

  /// How long a step waits for what it expects when it does not say, as scripts write durations.
  package var patience = "5s|20rtt"

  /// What `alive` and `silence` exchange.
  package var signsOfLife = SignsOfLife.all

  /// Keeps the run within what the peer admits.
  package let admission: AdmissionControl

  /// What the peer's process holds of the machine, where it is ours; nil: nobody can see it.
  package var resources: (@Sendable () -> ProcessResources?)?

  /// Where the sockets live.
  package var group: any EventLoopGroup

  /// Lets steps that say nothing else wait so long for what they expect.
  package mutating func wait(seconds: Double) { patience = "\(Int64(clamping: Int(seconds * 1000)))ms|20rtt" }

  /// Settings of a run.
  package init(
    profile: PeerProfile, run: String, group: (any EventLoopGroup)? = nil
  ) {
    self.profile = profile
    self.run = run
    admission = AdmissionControl(profile)
    self.group = group ?? MultiThreadedEventLoopGroup.singleton
  }
}

/// Plays cases on real sockets, and judges what the peer does.
package struct ScriptEngine: Sendable {
  /// What is the same for all cases.
  package var settings: EngineSettings

  /// An engine.
  package init(settings: EngineSettings) {
    self.settings = settings
  }

  /// Plays a case of role `client` against a server.
  package func run(_ script: ScriptCase, against target: ScriptTarget) async -> CaseOutcome {
    await run(script, target: target, listener: nil)
  }

  /// Plays a case of role `server`; the peer connects to the listener.
  package func run(_ script: ScriptCase, on listener: ScriptListener) async -> CaseOutcome {
    await run(script, target: nil, listener: listener)
  }

  /// Measures the round trip to a server: the median of some pings on a connection of its own.
  ///
  /// - Throws: Why the server could not be asked, for people.
  package func measureRoundTrip(of target: ScriptTarget) async throws(RoundTripFailure) -> Duration {
    let execution = CaseExecution(
      settings: settings, caseID: "engine.round-trip", revision: .current, level: .must, target: target, listener: nil)
    var branch = execution.branch([:])
    defer { execution.endConnections() }
    do {
      try await execution.open(ConnectSpec(), step: .engine("connect"), &branch)
      return try await execution.measure(step: .engine("measure"), &branch)
    } catch StepInterruption.unmet(let unmet) {
      throw RoundTripFailure(reason: unmet.actual)
    } catch StepInterruption.peerGone(let unmet) {
      throw RoundTripFailure(reason: unmet.actual)
    } catch {
      throw RoundTripFailure(reason: "the round trip could not be measured")
    }
  }

  /// Whether a server takes a new connection and serves it.
  ///
  /// - Returns: Why not; nil: it does.
  package func lackOfService(of target: ScriptTarget) async -> String? {
    let execution = CaseExecution(
      settings: settings, caseID: "engine.service", revision: .current, level: .must, target: target, listener: nil)
    defer { execution.endConnections() }
    return await execution.lackOfService(execution.branch([:]))
  }

  private func run(_ script: ScriptCase, target: ScriptTarget?, listener: ScriptListener?) async -> CaseOutcome {
    if target != nil { await settings.admission.beginCase() }
    defer { if target != nil { settings.admission.endCase() } }
    let execution = CaseExecution(
      settings: settings, caseID: script.id, revision: script.revision, level: script.level ?? .must, target: target,
      listener: listener)
    var outcome = CaseOutcome(verdict: .pass, expected: "", actual: "", transcript: execution.transcript)
    if let lack = script.inapplicability(to: settings.profile) {
      outcome.verdict = .notApplicable
      outcome.reason = lack
      return outcome
    }
    var branch = execution.branch(script.variables)
    let interruption = await execution.play(script, &branch)
    let observations = execution.observations
    outcome.observations = observations
    outcome.variables = branch.scope.values
    CaseJudge.judge(&outcome, script: script, interruption: interruption, soft: branch.soft)
    execution.endConnections()
    if let flood = execution.flood {
      // No rule bounds what a server sends; but a case that was cut short says nothing.
      outcome.verdict = .couldNotRun
      outcome.flood = flood
      outcome.reason = "the peer floods, and the case was ended: \(flood)"
      outcome.unaskedID = nil
    }
    if target != nil, outcome.needsServiceCheck {
      if let lack = await execution.lackOfService(execution.branch(script.variables)) {
        outcome.verdict = .errored
        outcome.isPeerGone = true
        outcome.reason = "the peer no longer serves a new connection: \(lack)"
      }
      execution.endConnections()
    }
    outcome.duration = ContinuousClock.now - execution.transcript.start
    return outcome
  }
}

/// Why the round trip to a peer could not be measured.
package struct RoundTripFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Why, for people.
  package let reason: String

  /// ``reason``.
  package var description: String { reason }
}

/// Makes a verdict of what the steps of a case came to.
enum CaseJudge {
  /// Fills in an outcome whose observations are known.
  static func judge(
    _ outcome: inout CaseOutcome, script: ScriptCase, interruption: StepInterruption?, soft: [SoftResult]
  ) {
    if let first = soft.first(where: { $0.verdict == .nonStrict }) ?? soft.first {
      outcome.verdict = first.verdict
      outcome.reason = first.reason
      if let unmet = first.unmet { outcome.take(unmet) }
    }
    switch interruption {
    case nil: break
    case .unmet(let unmet):
      outcome.verdict = .fail
      outcome.take(unmet)
    case .peerGone(let unmet):
      outcome.verdict = .errored
      outcome.isPeerGone = true
      outcome.take(unmet)
    case .notApplicable(let reason):
      if soft.isEmpty { (outcome.verdict, outcome.reason) = (.notApplicable, reason) }
    case .notAdmitted(let reason):
      (outcome.verdict, outcome.reason) = (.couldNotRun, reason)
      outcome.isNotAdmitted = true
    case .couldNotRun(let reason): (outcome.verdict, outcome.reason) = (.couldNotRun, reason)
    case .cancelled: (outcome.verdict, outcome.reason) = (.couldNotRun, "the time of the case was up")
    case .stopped(let verdict, let reason):
      if soft.isEmpty { (outcome.verdict, outcome.reason) = (verdict, reason) }
    }
    guard [.pass, .nonStrict, .informational].contains(outcome.verdict) else { return }
    let broken = outcome.observations.first { observation in
      observation.requirement.map(script.requirements.contains) ?? false
    }
    guard let broken, let requirement = broken.requirement else { return }
    outcome.verdict = .fail
    outcome.expected = "traffic that keeps \(requirement)"
    outcome.actual = broken.reason
    outcome.reason = "the peer broke \(requirement): \(broken.reason)"
  }
}

extension CaseOutcome {
  /// Whether it has to be found out if the peer still serves.
  var needsServiceCheck: Bool {
    switch verdict {
    case .fail, .nonStrict, .informational: !isPeerGone
    default: false
    }
  }

  /// Takes over what a step that was not met says.
  mutating func take(_ unmet: Unmet) {
    expected = unmet.expected
    actual = unmet.actual
    reason = unmet.why ?? "\(unmet.expected) was expected; \(unmet.actual)"
    unaskedID = unmet.unaskedID
    divergence = Divergence(
      place: unmet.place, step: unmet.step, entry: unmet.entry, nanoseconds: unmet.nanoseconds)
  }
}

extension ScriptStep {
  /// A step that the engine takes by itself.
  static func engine(_ name: String) -> ScriptStep {
    ScriptStep(
      place: .start, source: ScriptTemplate(literal: name, at: .start),
      verb: .note(ScriptTemplate(literal: name, at: .start)))
  }
}
