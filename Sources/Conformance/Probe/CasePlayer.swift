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

  /// Waits until a message is seen to come unasked, from a client once the connection for that is there.
  private func sees(_ id: Int64, within patience: Duration) async -> Bool {
    await runner.peer.client?.listens()
    return await engine.settings.unasked.sees(id, within: patience)
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
      total += 1
      if result.outcome.verdict.isFailure { failed += 1 }
      if result.outcome.verdict.isWorse(than: worst.outcome.verdict) { worst = result }
      // Twice the same is enough; lost is lost.
      if isLost || total == 2 && (failed == 0 || failed == 2) { break }
    }
    worst.runs = CaseRuns(total: total, failed: failed)
    return (worst, isLost)
  }

  private func playOnce(_ script: ScriptCase, run: Int) async -> (result: ProbeResult, isServerLost: Bool) {
    var engine = engine
    // Identities of an earlier run may still be held by the peer.
    if run > 1 { engine.settings.run += "-\(run)" }
    if let client = runner.peer.client { return await playOnce(script, with: client, engine) }
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

extension ProbeResult {
  /// Whether it ended before anything was shown: an upgrade request had no answer in time.
  var isUnanswered: Bool { outcome.verdict.isFailure && outcome.actual == CaseExecution.unanswered }
}
