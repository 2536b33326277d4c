import Specification
import WebSocketCodec

extension CaseExecution {
  /// Within what a peer fails a connection promptly. No RFC sets a time, so what comes later is weaker and no failure.
  static let prompt = "1s|10rtt"

  /// How long it is waited for.
  private static let longest = "5s|20rtt"

  /// Waits until the peer fails the connection.
  func expectFailure(_ codes: [ScriptTemplate?], _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let connection = try connection(of: step, branch)
    let resolver = PatternResolver(context(connection, branch), scope(branch), profile: settings.profile)
    let allowed = try resolver.codes(codes)
    let ignored = ignoredItems
    let start = branch.lookStart ?? transcript.now
    let prompt = try duration(step.within, default: Self.prompt, branch)
    let usual = try duration(nil, default: settings.patience, branch)
    let bound = max(prompt, usual, try duration(nil, default: Self.longest, branch))
    let deadline = branch.lookStart == nil ? transcript.start + .nanoseconds(start) + bound : .now
    // Looked at before the inbox is: what comes between the two looks has to be looked for again.
    let wasEnded = connection.isEnded
    let found = await wait(on: connection, until: deadline) { state -> [Int]? in
      for index in state.items.startIndex..<state.items.endIndex {
        let item = state.items[index]
        guard !item.isTaken else { continue }
        if item.isData, !ignored.contains(item) { return [] }
        guard item.isFailure else { continue }
        let hasEnd = index + 1 < state.items.endIndex && state.items[index + 1].isFailure
        let indices = [index] + (hasEnd ? [index + 1] : [])
        for index in indices { state.items.setTaken(index, true) }
        return indices
      }
      return nil
    }
    guard let indices = found, let first = indices.first else {
      let isFailing = connection.isEnded || connection.withState { $0.items.contains { $0.isFailure } }
      guard
        case .unmet(var unmet) = unmet(
          step, branch, expected: StepWording.failure(allowed),
          actual: account(of: connection) + (isFailing ? "" : "; it is still open"),
          shortfall: found == nil ? .unmet : .delivered)
      else { throw StepInterruption.cancelled }
      unmet.isFinal = found != nil || wasEnded
      explain(&unmet, by: connection)
      throw StepInterruption.unmet(unmet)
    }
    branch.taken += indices.map { (connection, $0) }
    let item = connection.withState { $0.items[first] }
    let taken = Duration.nanoseconds(item.time - start) - lost(since: transcript.start + .nanoseconds(start))
    if taken > prompt {
      let limit = Self.text(of: prompt)
      soften(
        expected: "\(StepWording.failure(allowed)) within \(limit)",
        actual: "\(item.summary) after \(Self.text(of: taken))",
        reason: "the connection was failed only after \(Self.text(of: taken)); within \(limit) would be prompt", .late,
        step, &branch)
    }
    guard !allowed.isEmpty else { return }
    var code: Int64?
    if case .close(let body) = item.content { code = body.code.map(Int64.init) }
    if case .close = item.content, allowed.contains(code) { return }
    let wanted = StepWording.codes(allowed)
    soften(
      expected: "close \(wanted)", actual: item.summary,
      reason: "the connection was failed with \(item.summary), not with close \(wanted)", .code, step, &branch)
  }

  /// A step that was met in a weaker way.
  private func soften(
    expected: String, actual: String, reason: String, _ shortfall: StepDuty.Shortfall, _ step: ScriptStep,
    _ branch: inout StepBranch
  ) {
    guard case .unmet(let unmet) = unmet(step, branch, expected: expected, actual: actual) else { return }
    branch.soft.append(SoftResult(.nonStrict, unmet, reason: reason, shortfall: shortfall))
  }

  /// Sees to it that nothing comes, and that the connection still answers.
  func expectSilence(_ spec: SilenceSpec, _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let connection = try connection(of: step, branch)
    let resolver = PatternResolver(context(connection, branch), scope(branch), profile: settings.profile)
    var exceptions: [ResolvedPattern] = []
    for pattern in spec.except { exceptions += try resolver.tests(pattern) }
    let permitted = exceptions
    let ignored = ignoredItems
    let shortest = try duration(nil, default: "50ms|5rtt", branch)
    let quiet = max(shortest, try spec.duration.map { try duration($0, default: "0ms", branch) } ?? .zero)
    let end = ContinuousClock.now + quiet
    if spec.probes {
      var inner = branch
      inner.connection = try step.on?.text(in: scope(branch)) ?? branch.connection
      defer { branch.taken = inner.taken }
      try await exchangeSigns(step: step, &inner)
    }
    let isStray = { @Sendable (state: ScriptConnection.State, item: InboxItem) -> Bool in
      guard item.isData || item.isFailure || state.controls.isAnswerToPong(item.content) else { return false }
      return !ignored.contains(item) && !permitted.contains { $0.isMet(item) }
    }
    let stray = await wait(on: connection, until: end, isSilence: true) { state -> InboxItem? in
      state.items.first { !$0.isTaken && isStray(state, $0) }
    }
    if Task.isCancelled { throw StepInterruption.cancelled }
    if let stray {
      guard
        case .unmet(var unmet) = unmet(
          step, branch, expected: "silence", actual: account(of: connection),
          shortfall: stray.isData ? .delivered : .unmet)
      else { throw StepInterruption.cancelled }
      explain(&unmet, by: connection)
      throw StepInterruption.unmet(unmet)
    }
    // A connection that has ended by itself was noticed above; this side may have ended it.
    if ContinuousClock.now < end { try? await Task.sleep(until: end, clock: .continuous) }
  }
}
