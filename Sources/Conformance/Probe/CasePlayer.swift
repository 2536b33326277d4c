import Specification

/// Runs one case of a run, more than once where that tells something.
struct CasePlayer: Sendable {
  /// How often a case that comes out one way and the other is run.
  private static let maximumRuns = 3

  /// How long it is waited for a message to come unasked that a case has got.
  private static let heartbeat = Duration.seconds(5)

  let runner: ProbeRunner
  let engine: ScriptEngine

  /// Whether a failure is run again, to see whether it is one each time.
  let repeatsFailures: Bool

  /// Whether no other case runs at the same time.
  var isAlone = true

  /// Waits until a message is seen to come unasked, from a client once the connection for that is there.
  private func sees(_ id: Int64, within patience: Duration) async -> Bool {
    await runner.peer.client?.listens()
    let settings = engine.settings
    return await settings.unasked.sees(id, within: patience) { settings.delayed?($0) ?? .zero }
  }

  /// Runs a case.
  ///
  /// - Returns: What it came to, and whether the server was lost meanwhile.
  func play(_ script: ScriptCase) async -> (result: ProbeResult, isServerLost: Bool) {
    var (result, isLost) = await playOnce(script, run: 1)
    // What the server sends on its own is no fault of it: the case is run again with that let pass.
    var others = 0
    while !isLost, others < Self.maximumRuns, result.outcome.verdict != .pass, let id = result.outcome.unaskedID,
      await sees(id, within: Self.heartbeat)
    {
      others += 1
      (result, isLost) = await playOnce(script, run: Self.maximumRuns + others)
    }
    // What failed for want of a processor of our own says nothing. Beside other cases it is not tried again: they are what takes it.
    var delays = 1
    while isAlone, !isLost, result.outcome.isDelayed, delays < Self.maximumRuns, !Task.isCancelled {
      delays += 1
      (result, isLost) = await playOnce(script, run: 2 * Self.maximumRuns + delays)
    }
    if result.outcome.isDelayed, !isLost {
      result.outcome.excuse()
      return (result, isLost)
    }
    let isSurprise = { (verdict: Verdict) -> Bool in
      if runner.intermittentFailures.contains(script.id) { return false }
      return runner.expectedFailures.contains(script.id) ? !verdict.isFailure : verdict.isFailure
    }
    guard repeatsFailures, !isLost, result.outcome.verdict != .notApplicable,
      result.outcome.verdict != .couldNotRun, isSurprise(result.outcome.verdict)
    else { return (result, isLost) }
    var total = 1
    var failed = result.outcome.verdict.isFailure ? 1 : 0
    var worst = result
    while total < Self.maximumRuns, !Task.isCancelled {
      (result, isLost) = await playOnce(script, run: total + 1)
      // An upgrade that is answered the next time was late: the machine is busy, and the server has done nothing wrong.
      if worst.isUnanswered, !result.isUnanswered, !isLost {
        (worst, total, failed) = (result, 1, result.outcome.verdict.isFailure ? 1 : 0)
        if failed == 0 { return (result, isLost) }
        continue
      }
      if result.outcome.isDelayed, !isLost { break }
      total += 1
      if result.outcome.verdict.isFailure { failed += 1 }
      if result.outcome.verdict.isWorse(than: worst.outcome.verdict) { worst = result }
      // Twice the same is enough; lost is lost.
      if isLost || total == 2 && (failed == 0 || failed == 2) { break }
    }
    if total > 1 { worst.runs = CaseRuns(total: total, failed: failed) }
    return (worst, isLost)
  }

  private func playOnce(_ script: ScriptCase, run: Int) async -> (result: ProbeResult, isServerLost: Bool) {
    var engine = engine
    // Identities of an earlier run may still be held by the peer.
    if run > 1 { engine.settings.run += "-\(run)" }
    var (result, isLost) =
      if let client = runner.peer.client { await playOnce(script, with: client, engine) } else {
        await playOnce(script, engine)
      }
    result.outcome.blameDelay()
    return (result, isLost)
  }

  private func playOnce(_ script: ScriptCase, _ engine: ScriptEngine) async -> (result: ProbeResult, isServerLost: Bool)
  {
    guard let target = runner.peer.target else {
      return (ProbeResult(script: script, outcome: .notRun(.couldNotRun, "")), true)
    }
    let server = runner.peer.server
    let written = server?.outputSize ?? 0
    var outcome = runner.applicability.bound(await engine.run(script, against: target), of: script)
    // What fails at a call in a case about something else, where no call works: nothing can be told.
    if engine.settings.signsOfLife.echo != .call, outcome.verdict == .fail, script.conformanceClass != .rpc,
      outcome.divergence?.step.hasPrefix("call") == true
    {
      outcome.verdict = .notApplicable
      outcome.judged = Judgements()
      outcome.reason = "it needs a call, and calls are not answered as they should be: see \(runner.sanity.id)"
    }
    let end = outcome.isPeerGone ? await server?.endSoon() : server?.end
    if let end {
      outcome.verdict = .errored
      outcome.isPeerGone = true
      outcome.judged.add(.fail, [DutyResolver.others])
      outcome.reason = "the server ended (\(end)) while the case ran" + (outcome.reason.map { ": \($0)" } ?? "")
    }
    var result = ProbeResult(script: script, outcome: outcome)
    result.diagnostics = server?.output(from: written) ?? []
    return (result, outcome.isPeerGone)
  }

  private func playOnce(
    _ script: ScriptCase, with client: ClientUnderTest, _ engine: ScriptEngine
  ) async -> (result: ProbeResult, isServerLost: Bool) {
    let (outcome, output) = await client.play(script, engine)
    var result = ProbeResult(script: script, outcome: runner.applicability.bound(outcome, of: script))
    result.diagnostics = output
    return (result, false)
  }
}

extension CaseOutcome {
  /// How long this program may wait for a processor during a case: peers give a connection, an answer or a pong some seconds.
  private static let tolerableDelay = Duration.seconds(3)

  /// Takes note whether the case fails for what may have been late here.
  fileprivate mutating func blameDelay() {
    isDelayed = verdict == .fail && isForLack && delay >= Self.tolerableDelay && delay * 2 >= duration
  }

  /// Takes the failure back: it accuses nobody.
  fileprivate mutating func excuse() {
    (verdict, judged) = (.couldNotRun, Judgements())
    reason =
      "wireproof itself waited \(CaseExecution.text(of: min(delay, duration))) of \(CaseExecution.text(of: duration)) for a processor, "
      + "and may have been too late for the peer "
      + "(\(expected) was expected; \(actual)): run it again where less else runs"
  }
}

extension ProbeResult {
  /// Whether it ended before anything was shown: an upgrade request had no answer in time.
  var isUnanswered: Bool { outcome.verdict.isFailure && outcome.actual == CaseExecution.unanswered }
}
