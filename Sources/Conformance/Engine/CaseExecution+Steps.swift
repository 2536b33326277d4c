import Specification

extension CaseExecution {
  /// How many branches a `parallel` may have.
  private static let maximumBranches: Int64 = 10_000

  /// How often a `repeat` may run.
  private static let maximumRepetitions: Int64 = 1_000_000

  /// Does what a step says.
  func perform(_ step: ScriptStep, _ branch: inout StepBranch) async throws {
    switch step.verb {
    case .connect(let spec): try await open(spec, step: step, &branch)
    case .accept(let spec): try await accept(spec, step: step, &branch)
    case .response(let pattern): try await checkResponse(pattern, step, branch)
    case .close(let spec): try sendClose(spec, step, branch)
    case .end: try connection(of: step, branch).end()
    case .halfClose: try connection(of: step, branch).halfClose()
    case .reset: try await reset(step, branch)
    case .stall: try connection(of: step, branch).setReading(false)
    case .resume: try connection(of: step, branch).setReading(true)
    case .send(let specs): try await send(specs, step, branch)
    case .reply(let spec): try await send([spec], step, branch, request: branch.request)
    case .displace(let old, let new, let timestamp): try await displace(old, new, timestamp, step, branch)
    case .call(let spec): try await call(spec, step, &branch)
    case .ping(let payload): try await ping(payload, step, &branch)
    case .pong(let payload): try sendPong(payload, step, branch)
    case .expect(let spec): try await expect(spec, step, &branch)
    case .failed(let codes): try await expectFailure(codes, step, &branch)
    case .silence(let spec): try await expectSilence(spec, step, &branch)
    case .alive(let this, let new): try await expectAlive(this, new, step, &branch)
    case .any(let alternatives): try await choose(alternatives, step, &branch)
    case .assert(let template): try assert(template, step, branch)
    case .tally(let names, let pattern, let steps): try await tally(names, pattern, steps, step, &branch)
    case .repeated(let loop): try await `repeat`(loop, step, &branch)
    case .parallel(let loop): try await parallel(loop, step, &branch)
    case .branches(let branches): try await runAll(branches.map { ($0, branch) }, &branch)
    case .group(let steps): try await group(steps, step, &branch)
    case .wait(let template):
      try? await Task.sleep(for: duration(template, default: "", branch))
    case .set(let assignments): try set(assignments, &branch)
    case .resources(let spec): try await checkResources(spec, step, branch)
    case .measure: branch.roundTrip = try await measure(step: step, &branch)
    case .note(let template): transcript.record(.note(try template.text(in: scope(branch))))
    case .stop(let verdict):
      throw StepInterruption.stopped(verdict, try step.why?.text(in: scope(branch)))
    }
  }

  private func reset(_ step: ScriptStep, _ branch: StepBranch) async throws {
    let connection = try connection(of: step, branch)
    // What was sent before has to be on its way, or the reset would overtake it.
    await settled(connection.send([]))
    connection.reset()
  }

  private func assert(_ template: ScriptTemplate, _ step: ScriptStep, _ branch: StepBranch) throws {
    let scope = scope(branch)
    guard try template.integer(in: scope) == 0 else { return }
    let names = template.variables.compactMap { name in
      (try? scope.value(of: name, at: step.place)).map { "\(name) is \(InboxItem.quoted($0.bytes))" }
    }
    throw unmet(step, branch, expected: "the assertion", actual: names.joined(separator: ", "))
  }

  private func set(_ assignments: [ScriptVerb.Assignment], _ branch: inout StepBranch) throws {
    for assignment in assignments {
      if case .template(let template) = assignment.value {
        branch.scope.values[assignment.name] = try template.value(in: scope(branch))
      } else {
        let builder = WireBuilder(context(connection(named: branch.connection), branch), scope(branch))
        branch.scope.values[assignment.name] = .bytes(try builder.bytes(assignment.value))
      }
    }
  }

  /// Runs steps on a connection.
  private func group(_ steps: [ScriptStep], _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let before = branch.connection
    branch.connection = try step.on?.text(in: scope(branch)) ?? before
    defer { branch.connection = before }
    try await run(steps, &branch)
  }

  // MARK: - Alternatives

  private func choose(
    _ alternatives: [ScriptAlternative], _ step: ScriptStep, _ branch: inout StepBranch
  ) async throws {
    var failures: [String] = []
    var last: Unmet?
    for alternative in alternatives {
      var attempt = branch
      attempt.isAlternative = true
      attempt.soft = []
      // The windows in which a reaction is seen; what may not be is not waited for.
      attempt.patience = alternative.grade == .forbidden ? "50ms|5rtt" : "1s|10rtt"
      do {
        try await run(alternative.steps, &attempt)
        attempt.isAlternative = branch.isAlternative
        attempt.patience = branch.patience
        let soft = attempt.soft
        attempt.soft = branch.soft
        branch = attempt
        try conclude(alternative, soft, step, &branch)
        return
      } catch StepInterruption.unmet(let unmet) where alternative.grade != .forbidden || !unmet.isForbidden {
        attempt.putBack(after: branch.taken.count)
        failures.append("\(alternative.grade.rawValue): \(unmet.expected)")
        last = unmet
      }
    }
    let actual = last?.actual ?? "nothing"
    throw unmet(
      step, branch, expected: "one of: " + failures.joined(separator: "; "), actual: actual,
      shortfall: shortfall(of: alternatives, step, branch))
  }

  /// How alternatives were not met: where the connection may be failed or the input dropped, only a delivery breaks the rule.
  private func shortfall(
    of alternatives: [ScriptAlternative], _ step: ScriptStep, _ branch: StepBranch
  ) -> StepDuty.Shortfall {
    guard alternatives.contains(where: \.isRefusal), alternatives.contains(where: { $0.grade == .lenient }),
      !step.duty.should.isEmpty, let connection = try? connection(of: step, branch)
    else { return .unmet }
    let ignored = Set(settings.profile.unsolicited)
    let isDelivered = connection.withState { state in
      state.items.untaken.contains { $0.item.isData && !$0.item.isFrame(of: ignored) }
    }
    return isDelivered ? .delivered : .weaker
  }

  /// An alternative was met: what that means.
  private func conclude(
    _ alternative: ScriptAlternative, _ soft: [SoftResult], _ step: ScriptStep, _ branch: inout StepBranch
  ) throws {
    let why = try alternative.why?.text(in: scope(branch))
    let seen = alternative.steps.compactMap { try? $0.source.text(in: scope(branch)) }.joined(separator: ", ")
    transcript.record(.note("\(alternative.grade.rawValue): \(seen)"))
    let verdict: Verdict
    switch alternative.grade {
    case .strict:
      branch.soft += soft
      return
    case .forbidden:
      let actual = why ?? "what is forbidden was seen: \(seen)"
      guard
        case .unmet(var unmet) = unmet(
          step, branch, expected: "one of the permitted outcomes", actual: actual, duty: alternative.duty,
          shortfall: .delivered)
      else { throw StepInterruption.cancelled }
      unmet.isForbidden = true
      throw StepInterruption.unmet(unmet)
    case .lenient: verdict = .nonStrict
    case .informational: verdict = .informational
    }
    branch.soft += soft
    let reason = why ?? "the \(alternative.grade.rawValue) outcome was seen: \(seen)"
    guard
      case .unmet(let unmet) = unmet(
        step, branch, expected: "the strict outcome", actual: reason, duty: alternative.duty)
    else { return }
    branch.soft.append(
      SoftResult(verdict, unmet, reason: reason, shortfall: verdict == .informational ? .informational : .weaker))
  }

  private func tally(
    _ names: [ScriptTemplate], _ pattern: NumberPattern, _ steps: [ScriptStep], _ step: ScriptStep,
    _ branch: inout StepBranch
  ) async throws {
    var branches: [StepBranch] = []
    for name in names {
      var one = branch
      one.connection = try name.text(in: scope(branch))
      one.isAlternative = true
      one.soft = []
      one.taken = []
      branches.append(one)
    }
    let results = await withTaskGroup(of: (Int, StepBranch, StepInterruption?).self) { group in
      for (index, one) in branches.enumerated() {
        group.addTask { await self.attempt(steps, one, index) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var count: Int64 = 0
    for (_, var one, interruption) in results {
      switch interruption {
      case nil:
        count += 1
        branch.taken += one.taken
      case .unmet: one.putBack(after: 0)
      case let other?: throw other
      }
    }
    let resolver = PatternResolver(context(nil, branch), scope(branch), profile: settings.profile)
    guard try !resolver.number(pattern)(count) else { return }
    throw unmet(
      step, branch, expected: "the steps to be met on as many connections as the tally says",
      actual: "they were on \(count) of \(names.count)")
  }

  private func attempt(
    _ steps: [ScriptStep], _ start: StepBranch, _ index: Int
  ) async -> (Int, StepBranch, StepInterruption?) {
    var branch = start
    do {
      try await run(steps, &branch)
      return (index, branch, nil)
    } catch let interruption as StepInterruption {
      return (index, branch, interruption)
    } catch let error as ScriptRuntimeError {
      return (index, branch, Self.interruption(error))
    } catch {
      return (index, branch, .couldNotRun("\(error)"))
    }
  }

  // MARK: - Loops

  private func values(
    _ loop: LoopSpec, _ step: ScriptStep, _ branch: StepBranch, limit: Int64
  ) throws -> [ScriptValue] {
    let scope = scope(branch)
    func range(_ first: Int64, _ last: Int64) throws -> [ScriptValue] {
      guard first <= last else { return [] }
      let (count, overflow) = last.subtractingReportingOverflow(first)
      guard !overflow, count < limit else {
        throw ScriptRuntimeError("this would run more than \(limit) times", at: step.place)
      }
      return (first...last).map { .integer($0) }
    }
    switch loop.values {
    case .count(let template): return try range(0, try template.integer(in: scope) - 1)
    case .range(let first, let last): return try range(try first.integer(in: scope), try last.integer(in: scope))
    case .list(let templates): return try templates.map { try $0.value(in: scope) }
    }
  }

  /// A branch for one repetition.
  private func repetition(_ index: Int, _ value: ScriptValue, _ loop: LoopSpec, of branch: StepBranch) -> StepBranch {
    var one = branch
    if let name = loop.name { one.scope.values[name] = value }
    one.scope.iteration = SeededGenerator.mix(branch.scope.iteration, "\(index)")
    return one
  }

  private func `repeat`(_ loop: LoopSpec, _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    for (index, value) in try values(loop, step, branch, limit: Self.maximumRepetitions).enumerated() {
      var one = repetition(index, value, loop, of: branch)
      defer {
        branch.soft = one.soft
        branch.taken = one.taken
      }
      try await run(loop.steps, &one)
    }
  }

  private func parallel(_ loop: LoopSpec, _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let values = try values(loop, step, branch, limit: Self.maximumBranches)
    let branches = values.enumerated().map { (loop.steps, repetition($0.offset, $0.element, loop, of: branch)) }
    try await runAll(branches, &branch)
  }

  /// Runs branches at once. All of them end; the first that was interrupted counts.
  private func runAll(_ branches: [([ScriptStep], StepBranch)], _ branch: inout StepBranch) async throws {
    let results = await withTaskGroup(of: (Int, StepBranch, StepInterruption?).self) { group in
      for (index, (steps, start)) in branches.enumerated() {
        var one = start
        one.soft = []
        one.taken = []
        let begin = one
        group.addTask { await self.attempt(steps, begin, index) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let ordered = results.sorted { $0.0 < $1.0 }
    for (_, one, _) in ordered {
      branch.soft += one.soft
      branch.taken += one.taken
    }
    if let interruption = ordered.compactMap(\.2).first { throw interruption }
  }
}
