import FrameCodec
import NIOConcurrencyHelpers
import NIOCore
import Negotiation
import Specification

/// The run of one case: its connections, its transcript, and the steps.
final class CaseExecution: Sendable {
  private struct State {
    var connections: [String: ScriptConnection] = [:]
    var all: [ScriptConnection] = []
    var nextPayload = 0
    var shown = Judgements()
    var resources: ProcessResources?

    /// How long was waited for the server to admit a connection, which is not the case's time.
    var delay = Duration.zero
  }

  let settings: EngineSettings
  let caseID: String
  let revision: Revision
  let level: RequirementLevel
  let target: ScriptTarget?
  let listener: ScriptListener?
  let transcript: CaseTranscript

  /// What happens to frames on their way out, for a mock server.
  let faults: OutgoingFaults?

  /// Numbers the orders to a driven client.
  let orders: OrderNumbers

  /// Which connection sent what, to know an answer that came to another one.
  let payloads = SentPayloads()
  /// Tells that something came on any connection.
  let changed = ChangeSignal()

  private let state = NIOLockedValueBox(State())

  /// A run of a case.
  init(
    settings: EngineSettings, caseID: String, revision: Revision, level: RequirementLevel, target: ScriptTarget?,
    listener: ScriptListener?, faults: OutgoingFaults? = nil, transcript: CaseTranscript = CaseTranscript()
  ) {
    self.transcript = transcript
    self.settings = settings
    orders = settings.orders ?? OrderNumbers()
    self.caseID = caseID
    self.revision = revision
    self.level = level
    self.target = target
    self.listener = listener
    self.faults = faults
    settings.ledger.begin(caseID, uid: uid)
  }

  /// The side that the engine plays.
  var role: PeerRole { target == nil ? .server : .client }

  /// The user id of the default connection.
  var uid: String {
    var generator = SeededGenerator(seed: settings.seed, settings.run, caseID)
    let digits = String(generator.next(), radix: 36)
    return "w" + digits
  }

  /// The variables that a case begins with.
  func branch(_ variables: [String: ScriptValue]) -> StepBranch {
    var values = settings.profile.variables
    values["uid"] = .text(uid)
    values["case"] = .text(caseID)
    values["seed"] = .integer(Int64(bitPattern: settings.seed))
    if let target {
      values["scheme"] = .text(target.secure == nil ? "http" : "https")
      values["host"] = .text(target.hostAndPort)
      values["path"] = .text(target.path)
    }
    values.merge(variables) { _, new in new }
    let scope = ScriptScope(values) { [weak self] name in self?.liveValue(name) }
    return StepBranch(scope: scope, patience: settings.patience, roundTrip: settings.roundTrip)
  }

  private func liveValue(_ name: String) -> ScriptValue? {
    if name == "sn" { return nil }
    guard let dot = name.lastIndex(of: ".") else { return nil }
    guard let connection = connection(named: String(name[..<dot])) else { return nil }
    switch name[name.index(after: dot)...] {
    case "local": return .text(connection.local)
    case "remote": return .text(connection.remote)
    case "uid": return .text(connection.withState { $0.uid })
    default: return nil
    }
  }

  // MARK: - Connections

  /// The number of the next connection.
  func nextNumber() -> Int { state.withLockedValue { $0.all.count + 1 } }

  /// Makes a connection part of the case.
  func add(_ make: (Int) -> ScriptConnection) -> ScriptConnection {
    state.withLockedValue { state in
      let connection = make(state.all.count + 1)
      connection.withState { $0.payloads = payloads }
      connection.changed.forward(to: changed)
      if target != nil || listener != nil { connection.withState { $0.floodLimit = FloodLimit() } }
      state.all.append(connection)
      return connection
    }
  }

  /// Gives a connection a name; an earlier one of that name is forgotten.
  func name(_ connection: ScriptConnection, _ name: String) {
    state.withLockedValue { $0.connections[name] = connection }
    transcript.record(.named(name), connection: connection.number)
  }

  /// The connection of a name.
  func connection(named name: String) -> ScriptConnection? { state.withLockedValue { $0.connections[name] } }

  /// How many connections have not ended, one perhaps not counted.
  func openConnections(but left: ScriptConnection? = nil) -> Int {
    state.withLockedValue { $0.all }.count { $0 !== left && !$0.isEnded }
  }

  /// The last connection that is open both ways and on which no side has begun to close; nil: there is none.
  var openConnection: ScriptConnection? {
    state.withLockedValue { $0.all }.last { connection in
      connection.withState { $0.reader.isOpen && !$0.isEnded && !$0.hasSentClose && !$0.hasGotClose }
    }
  }

  /// Gives the case so much more time.
  func delay(by time: Duration) { state.withLockedValue { $0.delay += time } }

  /// What the peer was seen to break, on all connections, in order.
  var observations: [PeerObservation] {
    state.withLockedValue { $0.all }.flatMap(\.observations).sorted { $0.nanoseconds < $1.nanoseconds }
  }

  /// The requirements that steps have shown so far, and those that traffic was held against.
  var shown: Judgements {
    var shown = state.withLockedValue { $0.shown }
    for connection in state.withLockedValue({ $0.all }) { shown.add(.pass, connection.observed) }
    return shown
  }

  /// Takes note that a step was met that can fail for some requirements.
  func show(_ requirements: [RequirementID]) {
    guard !requirements.isEmpty else { return }
    state.withLockedValue { $0.shown.add(.pass, requirements) }
  }

  /// What the server held when the script said so; nil: it has not, or it cannot be seen.
  var marked: ProcessResources? {
    get { state.withLockedValue { $0.resources } }
    set { state.withLockedValue { $0.resources = newValue } }
  }

  /// Waits for what may still follow a close frame of the peer, to see whether it is allowed to.
  func settleClosed() async {
    for connection in state.withLockedValue({ $0.all }) where connection.withState({ $0.hasGotClose }) {
      guard !connection.isEnded else { continue }
      let deadline = ContinuousClock.now + max(.milliseconds(100), settings.roundTrip * 5)
      _ = await wait(on: connection, until: deadline) { state -> Bool? in state.isEnded ? true : nil }
    }
  }
  /// What the peer flooded a connection with; nil: it did not.
  var flood: String? { state.withLockedValue { $0.all }.lazy.compactMap { $0.withState { $0.flood } }.first }

  /// Ends what is still open, politely.
  func endConnections() {
    let connections = state.withLockedValue { state -> [ScriptConnection] in
      defer { state.connections = [:] }
      return state.all
    }
    for connection in connections where !connection.isEnded { leave(connection) }
  }

  /// A payload that no other step sends, of this case or of another: its beginning tells the case.
  func freshPayload() -> String {
    let number = state.withLockedValue { state -> Int in
      state.nextPayload += 1
      return state.nextPayload
    }
    return "\(uid)-\(number)"
  }

  // MARK: - Running

  /// Plays a case: opens its connection and runs its steps, no longer than its time.
  ///
  /// - Returns: Why it ended early; nil: it ran to its end.
  func play(_ script: ScriptCase, _ branch: inout StepBranch) async -> StepInterruption? {
    branch.isAboutCalls = script.conformanceClass == .rpc
    let start = branch
    let result = await withTaskGroup(of: (StepBranch, StepInterruption?)?.self) { group in
      group.addTask {
        var branch = start
        do {
          if let connect = script.connect {
            var step = ScriptStep.engine("connect")
            step.level = .must
            step.duty = script.connectDuty
            try await self.open(connect, step: step, &branch)
          }
          if let accept = script.accept {
            var step = ScriptStep.engine("accept")
            step.level = .must
            step.duty = script.connectDuty
            try await self.accept(accept, step: step, &branch)
          }
          try await self.run(script.steps, &branch)
          return (branch, nil)
        } catch let interruption as StepInterruption {
          return (branch, interruption)
        } catch let error as ScriptRuntimeError {
          return (branch, Self.interruption(error))
        } catch {
          return (branch, .couldNotRun("\(error)"))
        }
      }
      group.addTask {
        let start = ContinuousClock.now
        while true {
          let granted = self.state.withLockedValue { $0.delay } + min(self.lost(since: start), Self.longestProgress)
          let end = start + script.timeout + granted
          if ContinuousClock.now >= end || Task.isCancelled { return nil }
          try? await Task.sleep(until: end, clock: .continuous)
        }
      }
      var finished: (StepBranch, StepInterruption?)?
      while let first = await group.next() {
        if let first {
          finished = first
          group.cancelAll()
          break
        }
        // The time is up: the steps notice that they are cancelled, and end.
        group.cancelAll()
      }
      return finished
    }
    branch = result?.0 ?? branch
    return result?.1
  }

  /// Runs steps in order.
  func run(_ steps: [ScriptStep], _ branch: inout StepBranch) async throws {
    for step in steps {
      if Task.isCancelled { throw StepInterruption.cancelled }
      try await run(step, &branch)
    }
    // A wait that was cut short has not been waited.
    if Task.isCancelled { throw StepInterruption.cancelled }
  }

  private func run(_ step: ScriptStep, _ branch: inout StepBranch) async throws {
    // A look that finds nothing is no step.
    if branch.lookStart == nil { record(step, branch) }
    do {
      try await perform(step, &branch)
      if !branch.isAlternative, step.isJudging, !step.isAboutResources { show(step.duty.all) }
    } catch StepInterruption.unmet(let unmet) where !branch.isAlternative {
      switch unmet.isAlwaysMust || unmet.isForbidden ? .must : step.level ?? level {
      case .must:
        // Decided: the steps around it have nothing to add.
        var unmet = unmet
        unmet.isAlwaysMust = true
        guard unmet.isFailure else { return soften(unmet, &branch) }
        throw StepInterruption.unmet(unmet)
      case .should: soften(.nonStrict, unmet, &branch)
      case .may: soften(.informational, unmet, &branch)
      }
    } catch let error as ScriptRuntimeError {
      throw Self.interruption(error)
    }
  }

  /// A step was not met that is about no MUST.
  private func soften(_ unmet: Unmet, _ branch: inout StepBranch) {
    soften(unmet.judged.verdicts.values.contains(.nonStrict) ? .nonStrict : .informational, unmet, &branch)
  }

  /// Writes down that a step is run.
  func record(_ step: ScriptStep, _ branch: StepBranch) {
    let shown = (try? step.source.text(in: scope(branch))) ?? step.source.literal ?? ""
    transcript.record(.step(step.place, shown))
  }

  private func soften(_ verdict: Verdict, _ unmet: Unmet, _ branch: inout StepBranch) {
    transcript.record(.note("not met: \(unmet.actual)"))
    let reason = unmet.why ?? "\(unmet.expected) was expected; \(unmet.actual)"
    branch.soft.append(
      SoftResult(verdict, unmet, reason: reason, shortfall: verdict == .informational ? .informational : .weaker))
  }

  /// What an error that shows while a script runs means for the case.
  static func interruption(_ error: ScriptRuntimeError) -> StepInterruption {
    switch error.kind {
    case .missing(let need): .lacking(ProfileNeed.remedy(for: need), need: need)
    case .script: .couldNotRun("the script is wrong at \(error.place): \(error.reason)")
    }
  }

  /// The variables of a step, with the serial number of its connection.
  func scope(_ branch: StepBranch) -> ScriptScope {
    var scope = branch.scope
    let connection = connection(named: branch.connection)
    if scope.values["sn"] == nil {
      let initial: UInt32 = role == .client ? 2 : 3
      scope.values["sn"] = .integer(Int64(connection?.withState { $0.lastSerialNumber } ?? initial))
    }
    return scope
  }

  /// What is needed to make bytes for a connection.
  func context(_ connection: ScriptConnection?, _ branch: StepBranch) -> WireContext {
    WireContext(
      role: role, revision: connection?.withState { $0.reader.revision } ?? revision, connection: connection,
      seed: settings.seed, caseID: caseID, request: nil, orders: orders)
  }

  /// The connection of a step.
  func connection(of step: ScriptStep, _ branch: StepBranch) throws -> ScriptConnection {
    let name = try step.on?.text(in: scope(branch)) ?? branch.connection
    guard let connection = connection(named: name) else {
      throw StepInterruption.couldNotRun("the script is wrong at \(step.place): there is no connection \(name) yet")
    }
    return connection
  }

  /// The moment until which a step waits: now, where it only looks at what is there.
  func deadline(_ step: ScriptStep, default text: String, _ branch: StepBranch) throws -> ContinuousClock.Instant {
    branch.lookStart == nil ? .now + (try duration(step.within, default: text, branch)) : .now
  }

  /// A length of time.
  func duration(_ template: ScriptTemplate?, default text: String, _ branch: StepBranch) throws -> Duration {
    let words = try template?.text(in: scope(branch)) ?? text
    guard let duration = ScriptDuration(words) else {
      throw ScriptRuntimeError("\"\(words.prefix(40))\" is no duration", at: template?.place ?? .start)
    }
    return duration.duration(roundTrip: max(branch.roundTrip, settings.pace.roundTrip))
  }

  /// Whether a connection has something that nobody has taken, and that no peer sends because it has waited too long.
  private func hasOther(on name: String) -> Bool {
    guard let connection = connection(named: name) else { return false }
    let ignored = ignoredItems
    let report = settings.profile.client.driver?.report
    return connection.withState { state in
      state.items.contains { item in
        !item.isTaken && item.isStatement && !ignored.contains(item)
          && ReceivedReport(item, id: report)?.isGivenUp != true
      }
    }
  }

  /// A step that was not met.
  ///
  /// - Parameters:
  ///   - duty: The requirements that this is about; nil: those of the step.
  ///   - shortfall: How it was not met.
  func unmet(
    _ step: ScriptStep, _ branch: StepBranch, expected: String, actual: String, duty: StepDuty? = nil,
    shortfall: StepDuty.Shortfall = .unmet
  ) -> StepInterruption {
    // A case whose time is up says so, not what it happened to wait for.
    if Task.isCancelled { return .cancelled }
    let scope = scope(branch)
    return .unmet(
      Unmet(
        place: step.place, step: (try? step.source.text(in: scope)) ?? step.source.literal ?? "", expected: expected,
        actual: actual, why: try? step.why?.text(in: scope), entry: transcript.count, nanoseconds: transcript.now,
        duty: duty ?? step.duty, shortfall: shortfall, isExplicit: !step.named.isEmpty || duty != nil,
        hasOther: hasOther(on: (try? step.on?.text(in: scope)) ?? branch.connection)))
  }
}
