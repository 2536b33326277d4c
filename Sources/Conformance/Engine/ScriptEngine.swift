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

  /// What the request names as its host: ``authority``, else host and port.
  var hostAndPort: String { authority ?? "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

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

  /// The keys of upgrade requests that were seen.
  let keys = SeenKeys()

  /// Numbers the orders to clients that are kept from case to case; nil: each case begins with 1.
  var orders: OrderNumbers?

  /// Which case a payload belongs to.
  let ledger = CaseLedger()

  /// The ids that are let pass: the peer sends them on its own.
  var unsolicited: Set<Int64> { unasked.ids.union(profile.unsolicited) }

  /// How long a step waits for what it expects when it does not say, as scripts write durations.
  package var patience = "5s|20rtt"

  /// How long a client that was started may take until it connects, as scripts write durations.
  package var connectPatience = "30s"

  /// What `alive` and `silence` exchange.
  package var signsOfLife = SignsOfLife.all

  /// Keeps the run within what the peer admits.
  package let admission: AdmissionControl

  /// What the peer's process holds of the machine, where it is ours; nil: nobody can see it.
  package var resources: (@Sendable () -> ProcessResources?)?

  /// How much of the time since a moment the peer's process has waited for a processor, where it is ours: so much longer it may
  /// take. Nil: nobody can see it.
  package var starved: (@Sendable (ContinuousClock.Instant) -> Duration)?

  /// How much of the time since a moment this program itself has waited for a processor: so much later it sees what the peer does,
  /// and does what the peer waits for. Nil: it is not known.
  package var delayed: (@Sendable (ContinuousClock.Instant) -> Duration)?

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

  /// The user id that stands in the URL which a client is given for a case.
  func uid(of script: ScriptCase) -> String {
    CaseExecution(
      settings: settings, caseID: script.id, revision: script.revision, level: .must, target: nil, listener: nil
    ).uid
  }

  /// Plays a case of role `server`; the peer connects to the listener.
  ///
  /// - Parameter reconnects: Whether a driven client is told to connect again in the end, for the next case.
  package func run(_ script: ScriptCase, on listener: ScriptListener, reconnects: Bool = false) async -> CaseOutcome {
    await run(script, target: nil, listener: listener, reconnects: reconnects)
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

  private func run(
    _ script: ScriptCase, target: ScriptTarget?, listener: ScriptListener?, reconnects: Bool = false
  ) async -> CaseOutcome {
    if target != nil { await settings.admission.beginCase() }
    defer { if target != nil { settings.admission.endCase() } }
    let execution = CaseExecution(
      settings: settings, caseID: script.id, revision: script.revision, level: script.level ?? .must, target: target,
      listener: listener)
    var outcome = CaseOutcome(verdict: .pass, expected: "", actual: "", transcript: execution.transcript)
    if let lack = script.lack(in: settings.profile) {
      outcome.verdict = .notApplicable
      (outcome.reason, outcome.lacks) = (lack.reason, lack.need)
      return outcome
    }
    var branch = execution.branch(script.variables)
    let interruption = await execution.play(script, &branch)
    await execution.settleClosed()
    outcome.observations = execution.observations
    outcome.variables = branch.scope.values
    outcome.judged = execution.shown.limited(to: script.requirements)
    outcome.delay = settings.delayed?(execution.transcript.start) ?? .zero
    CaseJudge.judge(&outcome, script: script, interruption: interruption, soft: branch.soft)
    outcome.judged.remove(script.blind.filter { outcome.judged[$0] == .pass })
    if outcome.verdict == .pass, outcome.judged.exercised.isEmpty, script.steps.hasResources {
      outcome.verdict = .notApplicable
      outcome.reason = "memory and threads of the peer cannot be seen: let wireproof start it (-- COMMAND)"
    }
    if reconnects, outcome.verdict == .pass { await execution.orderReconnect(branch) }
    execution.endConnections()
    if let flood = execution.flood {
      // No rule bounds what a server sends; but a case that was cut short says nothing.
      outcome.verdict = .couldNotRun
      outcome.judged = Judgements()
      outcome.flood = flood
      outcome.reason = "the peer floods, and the case was ended: \(flood)"
      outcome.unaskedID = nil
    }
    if target != nil, outcome.needsServiceCheck {
      if let lack = await execution.lackOfService(execution.branch(script.variables)) {
        outcome.verdict = .errored
        outcome.isPeerGone = true
        outcome.judged.add(.fail, [DutyResolver.others])
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

extension ScriptStep {
  /// A step that the engine takes by itself.
  static func engine(_ name: String) -> ScriptStep {
    ScriptStep(
      place: .start, source: ScriptTemplate(literal: name, at: .start),
      verb: .note(ScriptTemplate(literal: name, at: .start)))
  }
}
