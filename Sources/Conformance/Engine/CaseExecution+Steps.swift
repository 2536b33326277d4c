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
    case .drive(let order, let options): try await drive(order, options, step, &branch)
    case .exchange(let spec): try await exchange(spec, step, &branch)
    case .unopened: try await expectUnopened(step, &branch)
    case .dials(let spec): try await expectDials(spec, step, branch)
    case .measure: branch.roundTrip = try await measure(step: step, &branch)
    case .resident(let name): try resident(name, &branch)
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

  private func resident(_ name: String, _ branch: inout StepBranch) throws {
    guard let resources = settings.resources?() else {
      throw StepInterruption.stopped(
        .notApplicable, "the server's memory cannot be seen: let the probe start it (-- COMMAND), on Linux")
    }
    branch.scope.values[name] = .integer(Int64(resources.residentKiB))
    transcript.record(.note("the server's process holds \(resources.residentKiB) KiB"))
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

  // MARK: - Several at once

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
    let isEnough = try PatternResolver(context(nil, branch), scope(branch), profile: settings.profile).number(pattern)
    // Once so many have met the steps as should, the others have this long to do so as well.
    let grace = try duration(nil, default: Self.prompt, branch)
    let results = await withTaskGroup(of: (Int, StepBranch, StepInterruption?)?.self) { group in
      for (index, one) in branches.enumerated() {
        group.addTask { await self.attempt(steps, one, index) }
      }
      var results: [(Int, StepBranch, StepInterruption?)] = []
      var isTimed = false
      while results.count < branches.count, let next = await group.next() {
        guard let result = next else {
          group.cancelAll()
          continue
        }
        results.append(result)
        guard !isTimed, isEnough(Int64(results.count { $0.2 == nil })) else { continue }
        isTimed = true
        group.addTask {
          try? await Task.sleep(for: grace)
          return nil
        }
      }
      group.cancelAll()
      return results
    }
    if Task.isCancelled { throw StepInterruption.cancelled }
    var count: Int64 = 0
    for (_, var one, interruption) in results {
      switch interruption {
      case nil:
        count += 1
        branch.taken += one.taken
      case .unmet, .cancelled: one.putBack(after: 0)
      case let other?: throw other
      }
    }
    guard !isEnough(count) else { return }
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
