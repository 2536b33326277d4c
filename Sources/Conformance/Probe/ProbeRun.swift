import Specification

/// What a run of probes knows while it goes on.
final class ProbeRun {
  /// A case that was run, and what became of the server meanwhile.
  private struct Attempt: Sendable {
    let index: Int
    var result: ProbeResult
    var isServerLost: Bool
  }

  /// How long steps wait where the server does not even answer a plain call.
  private static let shortPatience = "1s|10rtt"

  /// In how many cases a server may flood before the run is given up.
  private static let maximumFloods = 3

  private var runner: ProbeRunner
  private var engine: ScriptEngine
  private var repeatsFailures: Bool
  private var results: [ProbeResult?]
  private var settled = 0
  private var completed = 0
  private var floods = 0
  private var listener: QuietListener?
  private var toldUnasked = 0

  /// What the server did not admit enough connections for, or this program waited too long for a processor, and what is therefore run
  /// alone in the end.
  private var postponed: [Int] = []

  /// How the run ended.
  private(set) var end = ProbeRunner.End()

  /// A run that has not begun.
  init(_ runner: ProbeRunner) {
    self.runner = runner
    engine = ScriptEngine(settings: runner.settings)
    repeatsFailures = runner.repeatsFailures
    results = Array(repeating: nil, count: runner.cases.count)
  }

  // MARK: - The course of it

  /// Runs everything.
  func play(_ report: (ProbeRunner.Event) throws -> Void) async throws {
    defer { listener?.stop() }
    if let lack = await begin() {
      end.loss = lack
      try settleRest(lack, report)
      if runner.reportsSanity {
        try report(.settled(ProbeResult(script: runner.sanity, outcome: .notRun(.couldNotRun, lack))))
      }
      return
    }
    try tellUnasked(report)
    var sanity = await attempt(-1, runner.sanity)
    if let lack = lackOfClient(sanity.result) {
      end.loss = lack
      // Who never spoke has broken no rule.
      sanity.result.outcome = .notRun(.couldNotRun, lack)
    }
    noticeFlood(sanity.result, isEnough: true)
    if sanity.isServerLost { end.loss = "the server was lost during the first case: \(sanity.result.explanation)" }
    if end.loss == nil, sanity.result.outcome.verdict.isFailure { try await weakenSigns(report) }
    if end.loss == nil { try await lookForHub(report) }
    let first = runner.peer.server?.resources
    if end.loss == nil { try await playAll(report) }
    let last = runner.peer.server?.resources
    if let first, let last { end.resources = (first, last) }
    if end.loss == nil, !Task.isCancelled {
      let again = await attempt(-1, runner.sanity)
      if again.result.outcome.verdict.isWorse(than: sanity.result.outcome.verdict) {
        sanity = again
        sanity.result.outcome.reason = "after all other cases: \(again.result.explanation)"
      }
    }
    if Task.isCancelled, end.loss == nil { end.loss = "the run was interrupted" }
    if let loss = end.loss { try report(.notice(loss)) }
    try settleRest(end.loss ?? "it was not run", report)
    if runner.reportsSanity || sanity.result.outcome.verdict != .pass { try report(.settled(sanity.result)) }
  }

  /// Where the first case fails: finds weaker signs by which the server can be seen to serve, if there are any. Without that hundreds
  /// of cases would wait for answers that never come, and accuse the server of breaking rules that they are not about.
  private func weakenSigns(_ report: (ProbeRunner.Event) throws -> Void) async throws {
    for signs in SignsOfLife.weaker {
      engine.settings.signsOfLife = signs
      let again = await attempt(-1, runner.sanity)
      guard !again.isServerLost else { break }
      guard again.result.outcome.verdict == .pass else { continue }
      if signs.echo != .call {
        engine.settings.patience = Self.shortPatience
        repeatsFailures = false
      }
      diagnose(signs)
      return try report(
        .notice(
          "the first case fails, and passes without what fails in it: that the \(runner.peer.role) goes on is seen by \(signs.description)"
        ))
    }
    engine.settings.signsOfLife = .all
    diagnose(nil)
  }

  /// Takes note of what is behind the failures of a server.
  ///
  /// - Parameter signs: By what it is seen to serve; nil: by nothing.
  private func diagnose(_ signs: SignsOfLife?) {
    guard runner.peer.target != nil else { return }
    let profile = engine.settings.profile
    let unasked = engine.settings.unasked.list
    if let signs {
      end.diagnosis =
        signs.echo == .call ? .pingUnanswered : .callUnanswered(profile.echo ?? profile.oneWay, serves: signs)
    } else if !unasked.isEmpty {
      end.diagnosis = .unaskedMessages(unasked)
    }
  }

  /// A hub is optional. Where the profile does not say whether there is one, that is found out once, so that a server without
  /// one is not accused by each case about displacement, and one whose hub is broken is.
  private func lookForHub(_ report: (ProbeRunner.Event) throws -> Void) async throws {
    guard let target = runner.peer.target, engine.settings.profile.hub == .auto,
      runner.cases.contains(where: { $0.needs.contains("hub") && runner.applicability.lack(of: $0) == nil }),
      await engine.servesSideBySide(target)
    else { return }
    engine.settings.profile.hub = .notSeen
    runner.applicability.profile.hub = .notSeen
    try report(
      .notice(
        "two connections of one identity were served side by side: the server has no hub, which is optional, and cases about "
          + "displacement do not apply; hub: true in the profile judges it"))
  }

  private func playAll(_ report: (ProbeRunner.Event) throws -> Void) async throws {
    var together: [Int] = []
    var alone: [Int] = []
    // What leaves calls of the server behind, whose late outcome could reach another case, comes last.
    var leaving: [Int] = []
    for (index, script) in runner.cases.enumerated() {
      if let outcome = runner.applicability.outcome(of: script) {
        try complete(index, ProbeResult(script: script, outcome: outcome), report)
      } else if script.tags.contains("leaves") {
        leaving.append(index)
      } else if script.tags.contains("exclusive") {
        alone.append(index)
      } else {
        together.append(index)
      }
    }
    // What mostly waits begins first, so that nothing waits for it in the end.
    let waiting = together.filter { runner.cases[$0].needs.contains("slow") }
    let quick = together.filter { !runner.cases[$0].needs.contains("slow") }
    for (queue, jobs) in [(waiting + quick, runner.jobs), (alone, 1), (leaving, 1)] {
      var rest = queue[...]
      if jobs == 1 { rest += postponed.filter { results[$0] == nil } }
      while !rest.isEmpty, end.loss == nil, !Task.isCancelled {
        let suspects = try await playTogether(&rest, jobs: jobs, report)
        if !suspects.isEmpty { try await resolve(suspects, report) }
      }
    }
  }

  /// Runs cases beside each other until none is left or the server is lost.
  ///
  /// - Returns: The attempts that the loss may have to do with: those in flight when it was seen, and those just before.
  private func playTogether(
    _ queue: inout ArraySlice<Int>, jobs: Int, _ report: (ProbeRunner.Event) throws -> Void
  ) async throws -> [Attempt] {
    var rest = queue
    defer { queue = rest }
    let player = CasePlayer(
      runner: runner, engine: engine, repeatsFailures: repeatsFailures, isAlone: jobs == 1)
    var recent: [Attempt] = []
    var isLost = false
    try await withThrowingTaskGroup(of: Attempt.self) { group in
      func add() {
        guard !isLost, end.loss == nil, !Task.isCancelled, let index = rest.popFirst() else { return }
        let script = runner.cases[index]
        group.addTask { await Self.attempt(index, script, player) }
      }
      for _ in 0..<max(1, jobs) { add() }
      while let attempt = try await group.next() {
        recent.append(attempt)
        isLost = isLost || attempt.isServerLost
        noticeFlood(attempt.result, isEnough: false)
        add()
        guard !isLost, recent.count > jobs else { continue }
        let old = recent.removeFirst()
        try complete(old.index, old.result, report)
      }
    }
    if isLost { return recent }
    for attempt in recent { try complete(attempt.index, attempt.result, report) }
    return []
  }

  /// Finds out which of some cases the server was lost by: each is run again, alone.
  private func resolve(_ suspects: [Attempt], _ report: (ProbeRunner.Event) throws -> Void) async throws {
    guard try await recover(suspects.first(where: \.isServerLost)?.result, report) else {
      for suspect in suspects { try complete(suspect.index, suspect.result, report) }
      return
    }
    // One that ran alone is known to be the one, unless the server was only late.
    if suspects.count == 1, let only = suspects.first {
      guard only.result.isUnanswered else { return try complete(only.index, only.result, report) }
      let again = await attempt(only.index, only.result.script)
      try complete(again.index, again.isServerLost ? only.result : again.result, report)
      if again.isServerLost { _ = try await recover(again.result, report) }
      return
    }
    let firstLost = suspects.first(where: \.isServerLost)
    var firstAlone: Attempt?
    var isExplained = false
    for suspect in suspects where end.loss == nil && !Task.isCancelled {
      let again = await attempt(suspect.index, suspect.result.script)
      if again.isServerLost {
        isExplained = true
        try complete(again.index, again.result, report)
        _ = try await recover(again.result, report)
      } else if suspect.index == firstLost?.index {
        firstAlone = again
      } else {
        try complete(again.index, again.result, report)
      }
    }
    guard var firstLost else { return }
    if isExplained || firstLost.result.isUnanswered && firstAlone != nil {
      if let firstAlone { try complete(firstAlone.index, firstAlone.result, report) }
    } else {
      // Nobody did it alone: it stays with the case that saw it first, and how often is told.
      if firstAlone != nil { firstLost.result.runs = CaseRuns(total: 2, failed: 1) }
      try complete(firstLost.index, firstLost.result, report)
    }
  }

  private func complete(
    _ index: Int, _ result: ProbeResult, _ report: (ProbeRunner.Event) throws -> Void
  ) throws {
    for notice in runner.settings.admission.takeNotices() + (runner.peer.client?.takeNotices() ?? []) {
      try report(.notice(notice))
    }
    guard results[index] == nil else { return }
    let isUndecided = result.outcome.isNotAdmitted || result.outcome.isDelayed && result.outcome.verdict == .couldNotRun
    if isUndecided, runner.jobs > 1, !postponed.contains(index) { return postponed.append(index) }
    results[index] = result
    completed += 1
    try tellUnasked(report)
    try report(.completed(completed, id: result.script.id, verdict: result.outcome.verdict))
    try settle(report)
  }

  private func settle(_ report: (ProbeRunner.Event) throws -> Void) throws {
    while settled < results.count, let result = results[settled] {
      settled += 1
      try report(.settled(result))
      // What was told need not be kept, with all that went to and fro.
      results[settled - 1] = ProbeResult(script: result.script, outcome: .notRun(result.outcome.verdict, ""))
    }
  }

  /// Gives up a server that floods: all cases would come to the same, each at the cost of what it sends.
  private func noticeFlood(_ result: ProbeResult, isEnough: Bool) {
    guard let flood = result.outcome.flood else { return }
    floods += 1
    guard isEnough || floods >= Self.maximumFloods else { return }
    end.loss = end.loss ?? "the \(runner.peer.role) floods, and the run was ended: \(flood) (\(result.script.id))"
  }

  /// Gives a result to what has none yet.
  private func settleRest(_ reason: String, _ report: (ProbeRunner.Event) throws -> Void) throws {
    for index in results.indices where results[index] == nil {
      let script = runner.cases[index]
      results[index] = ProbeResult(
        script: script, outcome: runner.applicability.outcome(of: script) ?? .notRun(.couldNotRun, reason))
    }
    try settle(report)
  }

  // MARK: - One case

  private func attempt(_ index: Int, _ script: ScriptCase) async -> Attempt {
    await Self.attempt(index, script, CasePlayer(runner: runner, engine: engine, repeatsFailures: repeatsFailures))
  }

  private static func attempt(_ index: Int, _ script: ScriptCase, _ player: CasePlayer) async -> Attempt {
    let (result, isServerLost) = await player.play(script)
    return Attempt(index: index, result: result, isServerLost: isServerLost)
  }

  // MARK: - The server

  /// Why no case can be played with a client, where the first one shows it: it does not connect at all. Nil: it does.
  private func lackOfClient(_ sanity: ProbeResult) -> String? {
    guard let client = runner.peer.client, sanity.outcome.verdict.isFailure,
      sanity.outcome.transcript.isWithoutConnection
    else { return nil }
    let output = String(decoding: sanity.diagnostics.suffix(500), as: UTF8.self).split(whereSeparator: \.isNewline)
    let tail = output.isEmpty ? "" : "; its output ends with: \(output.joined(separator: " / "))"
    return "the client (\(client.command.joined(separator: " "))) was started, and \(sanity.outcome.actual)\(tail)"
  }

  /// Waits until the server serves, and measures the round trip to it.
  ///
  /// - Returns: Why it does not serve; nil: it does.
  private func begin() async -> String? {
    guard let target = runner.peer.target else {
      // Who wants one client at a time may have one that cannot run twice.
      if runner.jobs > 1 { runner.peer.client?.beginListening(engine, runner.sanity) }
      return nil
    }
    if let lack = await ServerService(runner, engine, target).begin() { return lack }
    do throws(RoundTripFailure) {
      let roundTrip = try await engine.measureRoundTrip(of: target)
      engine.settings.roundTrip = roundTrip
      end.roundTrip = roundTrip
    } catch {
      // A server that answers no ping is judged by a case; the waits then have their fixed lengths.
    }
    listener = await engine.listen(to: target)
    return nil
  }

  /// Says what the server sends on its own, once for each id.
  private func tellUnasked(_ report: (ProbeRunner.Event) throws -> Void) throws {
    for id in engine.settings.unasked.list.dropFirst(toldUnasked) {
      toldUnasked += 1
      try report(
        .notice("id \(id) comes unasked, and is let pass from now on: list it under `unsolicited` in the profile"))
    }
  }

  /// Brings a lost server back: starts it again where it is ours, else waits for it.
  ///
  /// - Returns: Whether it serves again. If not, ``end`` says so.
  private func recover(_ result: ProbeResult?, _ report: (ProbeRunner.Event) throws -> Void) async throws -> Bool {
    let during = result.map { " during \($0.script.id)" } ?? ""
    end.recoveries += 1
    guard let target = runner.peer.target else { return false }
    let (lack, notice) = await ServerService(runner, engine, target).restore(during: during)
    if let notice { try report(.notice(notice)) }
    if let lack { end.loss = "the server was lost\(during): \(lack)" }
    return lack == nil
  }

}

extension ProbeResult {
  /// Why the verdict is what it is.
  var explanation: String { outcome.reason ?? outcome.verdict.rawValue }
}

extension Verdict {
  private var severity: Int {
    switch self {
    case .pass, .notApplicable: 0
    case .informational: 1
    case .nonStrict: 2
    case .couldNotRun: 3
    case .fail: 4
    case .errored: 5
    }
  }

  /// Whether the verdict says more against a peer than another.
  func isWorse(than other: Verdict) -> Bool { severity > other.severity }
}
