import FrameCodec
import Specification
import WebSocketCodec

extension CaseExecution {
  /// How many things of an inbox a message tells.
  private static let told = 8

  /// What is in an inbox and was not taken, in one line.
  func contents(of connection: ScriptConnection) -> String {
    let (items, count, isPaused) = connection.withState { state in
      let (items, count) = state.items.untaken(first: Self.told) { !$0.isViolation }
      return (items, count, state.isPaused)
    }
    guard count > 0 else { return "nothing came" }
    let report = settings.profile.client.driver?.report
    var text = items.map { ReceivedReport($0, id: report)?.summary ?? $0.summary }.joined(separator: "; ")
    if count > Self.told { text += "; and \(count - Self.told) more" }
    return "there came " + text + (isPaused ? "; reading has stopped, as too much came" : "")
  }

  /// Takes the first thing that meets a test.
  ///
  /// - Parameters:
  ///   - first: Where in the inbox to begin.
  ///   - window: The moments, in nanoseconds since the case began, between which it has to have come.
  ///   - patience: How long to go on waiting after each sign of progress; nil: it is waited until the deadline alone.
  private func take(
    _ test: ResolvedPattern, on connection: ScriptConnection, from first: Int, window: ClosedRange<Int64>,
    until deadline: ContinuousClock.Instant, patience: Duration? = nil, _ branch: inout StepBranch
  ) async -> (index: Int, item: InboxItem)? {
    let claim = connection.withState { state -> UInt64 in
      state.nextClaim += 1
      state.claims[state.nextClaim] = test
      return state.nextClaim
    }
    defer { connection.withState { _ = $0.claims.removeValue(forKey: claim) } }
    let scanned = ScanPosition(first)
    let start = ContinuousClock.now
    let lag = { @Sendable in self.lost(since: start) }
    let find = { @Sendable (state: inout ScriptConnection.State) -> (Int, InboxItem)? in
      scanned.next = max(scanned.next, state.items.startIndex)
      while scanned.next < state.items.endIndex {
        let index = scanned.next
        let item = state.items[index]
        if !item.isTaken, test.isMet(item),
          item.time <= window.upperBound
            || item.time - CaseTranscript.nanoseconds(of: lag()) <= window.upperBound
        {
          state.items.setTaken(index, true)
          return (index, item)
        }
        // A large test need not be made again, but what another step puts back has to be looked at.
        if item.isTaken { scanned.firstTaken = min(scanned.firstTaken, index) }
        scanned.next += 1
      }
      scanned.next = min(scanned.next, scanned.firstTaken)
      scanned.firstTaken = .max
      return nil
    }
    var found = await wait(on: connection, until: deadline, find)
    if found == nil, let patience {
      let latest = deadline + Self.longestProgress
      while found == nil, let next = nextDeadline(on: connection, patience), next < latest, !Task.isCancelled {
        found = await wait(on: connection, until: next, find)
      }
    }
    guard let found else { return nil }
    branch.taken.append((connection, found.0))
    return (found.0, found.1)
  }

  /// Waits for what a step expects.
  func expect(_ spec: ExpectSpec, _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let connection = try connection(of: step, branch)
    let resolver = PatternResolver(context(connection, branch), scope(branch), profile: settings.profile)
    var tests: [ResolvedPattern] = []
    for pattern in spec.patterns { tests += try resolver.tests(pattern) }
    if let count = try spec.count?.integer(in: scope(branch)) {
      guard (0...1_000_000).contains(count) else {
        throw ScriptRuntimeError("\(count) is no number of frames", at: step.place)
      }
      tests = Array(repeating: tests, count: Int(count)).flatMap { $0 }
    }
    let start = branch.lookStart ?? transcript.now
    let within = try duration(step.within, default: branch.patience, branch)
    let after = try step.after.map { try duration($0, default: "0ms", branch) }
    // A bound that the script names is one on the time of arrival, too.
    let end = step.within == nil ? Int64.max : start &+ CaseTranscript.nanoseconds(of: within)
    let deadline = branch.lookStart == nil ? transcript.start + .nanoseconds(start) + within : .now
    let patience = step.within == nil && branch.lookStart == nil ? within : nil
    let taken = branch.taken.count
    // Looked at before the inbox is: what comes between the two looks has to be looked for again.
    let isFinal = connection.isEnded
    var position = 0
    for (number, test) in tests.enumerated() {
      let found = await take(
        test, on: connection, from: spec.isOrdered ? position : 0, window: 0...max(0, end), until: deadline,
        patience: patience, &branch)
      guard let found else {
        let waited = Duration.nanoseconds(transcript.now - start)
        let part = number > 0 ? "\(number) of \(tests.count) came; of others, " : ""
        let isPayload = !step.duty.payload.isEmpty && isOtherPayload(spec.patterns, connection, resolver)
        let failure = unmet(
          step, branch, expected: StepWording(self, branch, connection).text(of: spec),
          actual: part + account(of: connection) + " within \(Self.text(of: waited))",
          shortfall: isPayload ? .payload : .unmet)
        branch.putBack(after: taken)
        guard case .unmet(var unmet) = failure else { throw failure }
        unmet.isFinal = isFinal
        throw StepInterruption.unmet(unmet)
      }
      position = found.index + 1
      if let after, found.item.time < start &+ CaseTranscript.nanoseconds(of: after) {
        throw unmet(
          step, branch,
          expected: StepWording(self, branch, connection).text(of: spec) + ", not before \(Self.text(of: after))",
          actual:
            "\(found.item.summary) came \(Self.text(of: .nanoseconds(found.item.time - start))) after the step began")
      }
      for saved in spec.save { branch.scope.values[saved.name] = Self.value(saved.part, of: found.item) }
    }
  }

  /// Whether a frame came that is what was expected, but for its payload; a report that nobody can read has another one, too.
  private func isOtherPayload(
    _ patterns: [ScriptPattern], _ connection: ScriptConnection, _ resolver: PatternResolver
  ) -> Bool {
    patterns.contains { pattern in
      let other: ScriptPattern
      let isReport = if case .report = pattern { true } else { false }
      switch pattern {
      case .frame(var frame):
        guard frame.payload != nil || frame.size != nil else { return false }
        (frame.payload, frame.size, frame.length) = (nil, nil, nil)
        other = .frame(frame)
      case .report(var report):
        guard report.payload != nil else { return false }
        (report.payload, report.sn) = (nil, nil)
        other = .report(report)
      default: return false
      }
      guard let tests = try? resolver.tests(other) else { return false }
      return connection.withState { state in
        state.items.contains { item in
          !item.isTaken && (tests.contains { $0.isMet(item) } || isReport && isUnreadableReport(item))
        }
      }
    }
  }

  private func isUnreadableReport(_ item: InboxItem) -> Bool {
    guard let driver = settings.profile.client.driver, item.isFrame(of: [driver.report]) else { return false }
    return ReceivedReport(item, id: driver.report) == nil
  }

  /// A length of time for people.
  static func text(of duration: Duration) -> String {
    let milliseconds = CaseTranscript.nanoseconds(of: duration) / 1_000_000
    return milliseconds < 1000 ? "\(milliseconds) ms" : "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
  }

  private static func value(_ part: ExpectSpec.Saved.Part, of item: InboxItem) -> ScriptValue {
    switch item.content {
    case .frame(let frame):
      switch part {
      case .id: .integer(frame.id)
      case .sn: .integer(Int64(frame.sn ?? 0))
      case .size: .integer(Int64(frame.payload.count))
      case .length: .integer(Int64(frame.length ?? 0))
      default: .bytes(frame.payload)
      }
    case .message(let message): part == .size ? .integer(Int64(message.bytes.count)) : .bytes(message.bytes)
    case .ping(let payload), .pong(let payload):
      part == .size ? .integer(Int64(payload.count)) : .bytes(payload)
    case .close(let body): part == .code ? .integer(Int64(body.code ?? 0)) : .text(body.reason)
    case .end(let end): .text("\(end)")
    case .violation(let reason): .text(reason)
    }
  }

  // MARK: - Exchanges

  /// Sends a request and waits for its answer.
  func call(_ spec: CallSpec, _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    // Where no call is answered as it should be, cases that are not about calls do with a one-way echo.
    let isOneWay =
      settings.signsOfLife.echo == .oneWay && !branch.isAboutCalls && spec.id == nil && spec.sn == nil
      && spec.answer == nil
    guard
      let echo = isOneWay
        ? settings.profile.oneWay
        : settings.profile.echo
          ?? (spec.id == nil || spec.answer == nil ? nil : PeerProfile.Exchange(request: 0, response: 0))
    else { throw StepInterruption.lacking(ProfileNeed.remedy(for: "echo"), need: "echo") }
    let connection = try connection(of: step, branch)
    let place = step.place
    let payload = spec.payload ?? .template(ScriptTemplate(literal: freshPayload(), at: place))
    var frame = FrameSpec()
    frame.id = spec.id ?? ScriptTemplate(literal: String(echo.request), at: place)
    // Evaluated once: the answer has to have the same.
    let sn: Int64
    if isOneWay {
      sn = 0
    } else if let template = spec.sn, try template.value(in: scope(branch)) != .text("next") {
      sn = try template.integer(in: scope(branch))
    } else {
      sn = Int64(connection.allocateSerialNumber())
    }
    let number = ScriptTemplate(literal: String(sn), at: place)
    frame.sn = number
    frame.payload = payload
    var options = spec.options
    options.content = .frame(frame)
    try await send([options], step, branch)
    var pattern = spec.answer ?? ScriptPattern.FramePattern()
    pattern.sn = pattern.sn ?? .oneOf([number])
    if pattern.id == nil, spec.id == nil {
      pattern.id = .oneOf([ScriptTemplate(literal: String(echo.response), at: place)])
    }
    if pattern.payload == nil, pattern.size == nil, spec.id == nil { pattern.payload = .echo(payload) }
    try await expect(ExpectSpec(patterns: [.frame(pattern)]), step, &branch)
  }

  /// Sends a ping and waits for its pong.
  func ping(_ payload: ScriptBytes, _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let connection = try connection(of: step, branch)
    let bytes = try WireBuilder(context(connection, branch), scope(branch)).bytes(payload)
    var inner = branch
    inner.connection = try step.on?.text(in: scope(branch)) ?? branch.connection
    defer { branch.taken = inner.taken }
    try await exchangePing(bytes, step: step, &inner)
  }

  /// Sends a ping on the connection at hand and waits for its pong.
  private func exchangePing(_ payload: [UInt8], step: ScriptStep, _ branch: inout StepBranch) async throws {
    guard let connection = connection(named: branch.connection) else { throw StepInterruption.cancelled }
    let patience = try duration(step.within, default: "5s|20rtt", branch)
    let sent = transcript.now
    send(.ping, payload, on: connection)
    let test = ResolvedPattern { if case .pong(let answer) = $0.content { answer == payload } else { false } }
    let found = await take(
      test, on: connection, from: 0, window: 0...Int64.max, until: .now + patience,
      patience: step.within == nil ? patience : nil, &branch)
    guard let found else {
      // Where the connection has ended it is not the pong that is missing.
      let (isEnded, hasPong) = connection.withState { state in
        (
          state.isEnded,
          state.items.contains { item in
            if !item.isTaken, case .pong = item.content { true } else { false }
          }
        )
      }
      throw unmet(
        step, branch, expected: "a pong with \(InboxItem.quoted(payload))", actual: account(of: connection),
        duty: isEnded || !step.named.isEmpty ? nil : StepDuty(must: [hasPong ? "ws.pong.payload" : "ws.ping.answer"]))
    }
    settings.pace.measured(.nanoseconds(found.item.time - sent))
  }

  /// Exchanges what tells that the peer serves the connection at hand.
  func exchangeSigns(step: ScriptStep, _ branch: inout StepBranch) async throws {
    try await exchange(step: step, &branch)
    if settings.signsOfLife.ping { try await exchangePing(Array(freshPayload().utf8), step: step, &branch) }
  }

  /// Sends an echo on the connection at hand, a call where the profile has one, else one way, and waits for its answer.
  /// Where it has neither, a ping has to do.
  func exchange(step: ScriptStep, _ branch: inout StepBranch) async throws {
    guard let connection = connection(named: branch.connection) else { throw StepInterruption.cancelled }
    let hasNumbers = context(connection, branch).revision.hasSerialNumber
    let text = freshPayload()
    let payload = ScriptBytes.template(ScriptTemplate(literal: text, at: step.place))
    let wanted = settings.signsOfLife.echo
    let call = hasNumbers && wanted == .call ? settings.profile.echo : nil
    guard let exchange = call ?? (wanted == .none ? nil : settings.profile.oneWay) else {
      if target == nil, wanted != .none, settings.profile.client.orders.contains(.send) {
        return try await driveEcho(text, step, &branch)
      }
      return try await exchangePing(Array(text.utf8), step: step, &branch)
    }
    func literal(_ number: Int64) -> ScriptTemplate { ScriptTemplate(literal: String(number), at: step.place) }
    let sn = literal(call != nil ? Int64(connection.allocateSerialNumber()) : 0)
    let frame = FrameSpec(id: literal(exchange.request), sn: sn, payload: payload)
    let pattern = ScriptPattern.FramePattern(
      id: .oneOf([literal(exchange.response)]), sn: .oneOf([sn]),
      payload: exchange.mode == .echo ? .equal(payload) : nil)
    var inner = step
    inner.on = nil
    inner.within = nil
    inner.after = nil
    let patience = branch.patience
    branch.patience = settings.patience
    defer { branch.patience = patience }
    let sent = transcript.now
    try await send([SendSpec(content: .frame(frame), place: step.place)], inner, branch)
    try await expect(ExpectSpec(patterns: [.frame(pattern)]), inner, &branch)
    settings.pace.measured(.nanoseconds(transcript.now - sent))
  }

  /// Lets a client that answers no calls send a message, to see that it takes what it gets.
  private func driveEcho(_ text: String, _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let payload = ScriptBytes.raw(Array(text.utf8))
    let order = OrderSpec(action: .send, payload: payload, name: "sign")
    let options = SendSpec(content: .message(.joined([])), place: step.place)
    let pattern = ScriptPattern.FramePattern(sn: .zero, payload: .equal(payload))
    var inner = step
    (inner.on, inner.within, inner.after) = (nil, nil, nil)
    try await drive(order, options, inner, &branch)
    try await expect(ExpectSpec(patterns: [.frame(pattern)]), inner, &branch)
    let report = ReportPattern(
      number: ScriptTemplate(literal: String(branch.scope.values["sign"]?.integer ?? 0), at: step.place))
    try await expect(ExpectSpec(patterns: [.report(report)]), inner, &branch)
  }

  /// Sees to it that the peer still serves.
  func expectAlive(
    _ thisConnection: Bool, _ newConnection: Bool, _ step: ScriptStep, _ branch: inout StepBranch
  ) async throws {
    if thisConnection {
      var inner = branch
      inner.connection =
        try connection(of: step, branch) === connection(named: branch.connection)
        ? branch.connection : try step.on?.text(in: scope(branch)) ?? branch.connection
      defer { branch.taken = inner.taken }
      do {
        try await exchangeSigns(step: step, &inner)
      } catch StepInterruption.unmet(var unmet) where !branch.isAlternative {
        unmet.isAlwaysMust = true
        throw StepInterruption.unmet(unmet)
      }
    }
    guard newConnection, target != nil else { return }
    guard let lack = await lackOfRightService(branch) else {
      return branch.isAlternative ? () : show([DutyResolver.others])
    }
    guard
      case .unmet(var unmet) = unmet(
        step, branch, expected: "a new connection to be served", actual: lack,
        duty: StepDuty(must: [DutyResolver.others]))
    else { throw StepInterruption.cancelled }
    if await lackOfService(branch) != nil { throw StepInterruption.peerGone(unmet) }
    unmet.isAlwaysMust = true
    throw StepInterruption.unmet(unmet)
  }

  /// Measures the round trip of a connection: the median of three pings.
  func measure(step: ScriptStep, _ branch: inout StepBranch) async throws -> Duration {
    var inner = branch
    inner.connection = try step.on?.text(in: scope(branch)) ?? branch.connection
    defer { branch.taken = inner.taken }
    var times: [Duration] = []
    for _ in 0..<3 {
      let start = ContinuousClock.now
      try await exchangePing(Array(freshPayload().utf8), step: step, &inner)
      times.append(ContinuousClock.now - start)
    }
    return max(.microseconds(100), times.sorted()[1])
  }
}

/// How far an inbox was looked through.
private final class ScanPosition: @unchecked Sendable {
  // Only touched under the lock of the connection whose inbox it is about.
  var next: Int
  var firstTaken = Int.max

  init(_ first: Int) {
    next = first
  }
}

extension InboxItem {
  /// Whether it says what the peer made of something: data, a pong, or a close frame that tells of an error.
  var isStatement: Bool {
    switch content {
    case .pong: true
    case .close(let body): body.code.map { $0 > 1001 } ?? false
    default: isData
    }
  }

  /// Whether it is a frame with one of these ids.
  func isFrame(of ids: Set<Int64>) -> Bool {
    if case .frame(let frame) = content { return ids.contains(frame.id) }
    return false
  }
}
