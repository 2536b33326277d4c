import Specification

/// One alternative of `any` while it is not known which of them is met.
private struct Candidate {
  let alternative: ScriptAlternative

  /// How many of its first steps only look at what came.
  let looks: Int

  /// Until when alternatives behind it wait for it.
  let turn: ContinuousClock.Instant

  /// Until when it may be met.
  var end: ContinuousClock.Instant

  /// Whether the script says until when.
  let isBounded: Bool

  /// Why it is not met so far, and how many of its steps are.
  var unmet: (Unmet, met: Int)?

  /// Whether it cannot be met any more.
  var isOut = false

  var isForbidden: Bool { alternative.grade == .forbidden }
}

extension ScriptStep {
  /// Whether the step only looks at what came, so that it can be tried again.
  fileprivate var isLook: Bool {
    switch verb {
    case .expect, .failed, .response, .assert, .set, .note: true
    default: false
    }
  }
}

extension CaseExecution {
  /// How often is looked again although nothing came: another step may have put something back.
  private static let interval = Duration.milliseconds(100)

  /// What may not be seen is not waited for longer.
  private static let forbiddenTurn = "50ms|5rtt"

  /// The step `any`. All alternatives are held against what arrives, each time that something does; the first in their order that is met
  /// decides. An alternative behind another is not chosen before that one had its time, and what has to be tried, such as a
  /// call, is tried when its turn comes. What arrives later than that still counts: a peer may be slow.
  func choose(_ alternatives: [ScriptAlternative], _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let start = transcript.now
    var candidates = try alternatives.map { try candidate($0, branch) }
    while !Task.isCancelled {
      let version = changed.version
      let began = ContinuousClock.now
      if let (index, attempt) = try await firstMet(&candidates, start, branch) {
        let soft = attempt.soft
        var chosen = attempt
        (chosen.isAlternative, chosen.patience, chosen.lookStart) = (branch.isAlternative, branch.patience, nil)
        chosen.soft = branch.soft
        branch = chosen
        return try conclude(alternatives[index], alternatives, soft, step, &branch)
      }
      guard let latest = latestEnd(&candidates, start, step, branch) else { break }
      let next = candidates.filter { !$0.isOut && $0.turn > .now }.map(\.turn).min()
      let soon = ContinuousClock.now + Self.interval
      await changed.wait(after: version, until: min(latest, next ?? latest, soon))
      // Where much arrives, looking at it must not take all the time.
      let cost = ContinuousClock.now - began
      if changed.version != version, cost < .milliseconds(1) { continue }
      try? await Task.sleep(for: min(cost, .milliseconds(20)))
    }
    throw unmetAlternatives(candidates, step, branch)
  }

  /// Until when one of the alternatives may be met; nil: none may any more. A peer that works off what it got is waited for.
  private func latestEnd(
    _ candidates: inout [Candidate], _ start: Int64, _ step: ScriptStep, _ branch: StepBranch
  ) -> ContinuousClock.Instant? {
    let open = candidates.indices.filter { !candidates[$0].isOut && !candidates[$0].isForbidden }
    if let latest = open.map({ candidates[$0].end }).max(),
      let next = extended(latest, from: transcript.start + .nanoseconds(start))
    {
      return next
    }
    guard let connection = try? connection(of: step, branch), open.contains(where: { !candidates[$0].isBounded }),
      let patience = try? duration(nil, default: branch.patience, branch),
      let next = nextDeadline(on: connection, patience),
      next < transcript.start + .nanoseconds(start) + patience + Self.longestProgress
    else { return nil }
    for index in open where !candidates[index].isBounded { candidates[index].end = next }
    return next
  }

  private func candidate(_ alternative: ScriptAlternative, _ branch: StepBranch) throws -> Candidate {
    let looks = alternative.steps.prefix { $0.isLook }
    let usual = alternative.grade == .forbidden ? Self.forbiddenTurn : Self.prompt
    var turn = try duration(nil, default: usual, branch)
    let named = try looks.compactMap { try $0.within.map { try duration($0, default: usual, branch) } }
    if let longest = named.max() { turn = longest }
    let isForbidden = alternative.grade == .forbidden
    let end = isForbidden ? turn : max(turn, try duration(nil, default: branch.patience, branch))
    // What is tried at once, without a look, keeps nobody waiting.
    let now = ContinuousClock.now
    return Candidate(
      alternative: alternative, looks: looks.count, turn: looks.isEmpty ? now : now + turn, end: now + end,
      isBounded: !named.isEmpty)
  }

  /// The first alternative that is met and whose turn it is; what was tried and not met is out.
  private func firstMet(
    _ candidates: inout [Candidate], _ start: Int64, _ branch: StepBranch
  ) async throws -> (Int, StepBranch)? {
    var index = 0
    while index < candidates.count, !Task.isCancelled {
      defer { index += 1 }
      let candidate = candidates[index]
      if candidate.isOut { continue }
      // One before it may still be met in its time.
      let now = ContinuousClock.now
      let isBlocked = candidates[..<index].contains { !$0.isOut && $0.turn > now }
      if candidate.looks == 0, isBlocked { return nil }
      var attempt = branch
      attempt.isAlternative = true
      attempt.soft = []
      do {
        attempt.lookStart = start
        for step in candidate.alternative.steps.prefix(candidate.looks) { try await run([step], &attempt) }
        if isBlocked {
          attempt.putBack(after: branch.taken.count)
          return nil
        }
      } catch StepInterruption.unmet(let unmet) {
        let met = attempt.taken.count - branch.taken.count
        attempt.putBack(after: branch.taken.count)
        candidates[index].unmet = (unmet, met)
        candidates[index].isOut = unmet.isFinal
        continue
      }
      attempt.lookStart = nil
      for step in candidate.alternative.steps.prefix(candidate.looks) { record(step, attempt) }
      if candidate.isForbidden { attempt.patience = Self.forbiddenTurn }
      do {
        try await run(Array(candidate.alternative.steps.dropFirst(candidate.looks)), &attempt)
        return (index, attempt)
      } catch StepInterruption.unmet(let unmet) where !candidate.isForbidden || !unmet.isForbidden {
        let met = attempt.taken.count - branch.taken.count
        attempt.putBack(after: branch.taken.count)
        candidates[index].unmet = (unmet, met)
        candidates[index].isOut = true
        // Meanwhile something may have come that those before it were waiting for.
        index = -1
      }
    }
    return nil
  }

  /// No alternative was met: what would have been right, and what came, as the alternative tells it that came nearest.
  private func unmetAlternatives(
    _ candidates: [Candidate], _ step: ScriptStep, _ branch: StepBranch
  ) -> StepInterruption {
    let known = candidates.filter { !$0.isForbidden }.compactMap(\.unmet)
    let most = known.map(\.met).max() ?? 0
    let nearest = known.first { $0.met == most }?.0
    var actual = nearest?.actual ?? contents(of: connection(named: branch.connection))
    // What was tried because nothing came tells more than that nothing came.
    if let tried = candidates.last(where: { $0.looks == 0 && $0.unmet != nil })?.unmet?.0, tried.actual != actual {
      actual += "; then \(tried.expected) was expected: \(tried.actual)"
    }
    let expected = StepWording(self, branch, connection(named: branch.connection)).text(
      of: candidates.map(\.alternative))
    let shortfall = shortfall(of: candidates.map(\.alternative), step, branch)
    // What is missing is what the strict alternatives are about, where they say so.
    let strict = candidates.map(\.alternative).filter { $0.grade == .strict }
    let missing =
      strict.isEmpty || strict.contains { $0.named.isEmpty }
      ? nil : strict.reduce(StepDuty()) { $0.union($1.duty) }
    guard
      case .unmet(var unmet) = unmet(
        step, branch, expected: expected, actual: actual, duty: missing, shortfall: shortfall)
    else { return .cancelled }
    unmet.inherit(nearest)
    return .unmet(unmet)
  }

  /// How alternatives were not met: where the connection may be failed or the input dropped, only a delivery breaks the rule.
  private func shortfall(
    of alternatives: [ScriptAlternative], _ step: ScriptStep, _ branch: StepBranch
  ) -> StepDuty.Shortfall {
    guard alternatives.contains(where: \.isRefusal), alternatives.contains(where: { $0.grade == .lenient }),
      !step.duty.should.isEmpty, let connection = try? connection(of: step, branch)
    else { return .unmet }
    let ignored = ignoredItems
    let isDelivered = connection.withState { state in
      state.items.contains { !$0.isTaken && $0.isData && !ignored.contains($0) }
    }
    return isDelivered ? .delivered : .weaker
  }

  /// An alternative was met: what that means.
  private func conclude(
    _ alternative: ScriptAlternative, _ all: [ScriptAlternative], _ soft: [SoftResult], _ step: ScriptStep,
    _ branch: inout StepBranch
  ) throws {
    let why = try alternative.why?.text(in: scope(branch))
    let wording = StepWording(self, branch, connection(named: branch.connection))
    let seen = wording.text(of: alternative.steps)
    transcript.record(.note("\(alternative.grade.rawValue): \(seen)"))
    let verdict: Verdict
    switch alternative.grade {
    case .strict:
      branch.soft += soft
      return
    case .forbidden:
      let actual = (why.map { $0 + ": " } ?? "") + "there came \(seen), which is forbidden"
      guard
        case .unmet(var unmet) = unmet(
          step, branch, expected: wording.text(of: all), actual: actual, duty: alternative.duty, shortfall: .delivered)
      else { throw StepInterruption.cancelled }
      unmet.isForbidden = true
      unmet.why = why
      throw StepInterruption.unmet(unmet)
    case .lenient: verdict = .nonStrict
    case .informational: verdict = .informational
    }
    branch.soft += soft
    let strict = wording.text(of: all.filter { $0.grade == .strict })
    let actual = why ?? seen
    guard
      case .unmet(let unmet) = unmet(
        step, branch, expected: "strictly, \(strict)", actual: actual, duty: alternative.duty)
    else { return }
    let reason = why ?? "permitted, but weaker: \(seen)"
    branch.soft.append(
      SoftResult(
        verdict, unmet, reason: "\(reason); strict would be \(strict)",
        shortfall: verdict == .informational ? .informational : .weaker))
  }

  private func contents(of connection: ScriptConnection?) -> String {
    connection.map { contents(of: $0) } ?? "nothing came"
  }
}
