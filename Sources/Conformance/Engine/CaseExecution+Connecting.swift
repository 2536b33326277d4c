import Deflate
import FrameCodec
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Negotiation
import ReferencePeer
import Specification
import WebSocketCodec

extension CaseExecution {
  /// Opens a connection as a client, and sees to it that the answer is the one that has to come.
  func open(_ spec: ConnectSpec, step: ScriptStep, _ branch: inout StepBranch) async throws {
    guard let target else {
      throw StepInterruption.couldNotRun("the script is wrong at \(step.place): a server does not connect")
    }
    let scope = scope(branch)
    let name = try spec.name?.text(in: scope) ?? "main"
    let revision = try spec.revision?.text(in: scope) ?? revision.rawValue
    var attempts = AdmissionAttempts()
    while true {
      let draft = try upgradeRequest(spec, name: name, target: target, attempt: attempts.refusals, scope)
      let admission = try await admission()
      let deadline = try deadline(step, default: settings.patience, branch)
      let connection = try await dial(
        target, spec, revision: Revision(rawValue: revision) ?? self.revision,
        expecting: spec.isTransportOnly ? nil : draft.expectation, until: deadline, step, branch)
      connection.withState { $0.uid = draft.uid }
      self.name(connection, name)
      if spec.isTransportOnly { return }
      var inner = branch
      inner.connection = name
      let builder = WireBuilder(context(connection, inner), self.scope(inner))
      var bytes = draft.bytes
      for more in spec.with {
        bytes += try builder.wire(more)
        connection.withState { $0.calls.sent(nil) }
      }
      let segments = SendSpec(
        content: .message(.joined([])), segments: spec.segments, pause: spec.pause, place: step.place)
      try await write(bytes, segments, on: connection, builder, inner)
      let response = try await answer(spec, connection, until: deadline, step, branch)
      if try !names(response.head?.status, spec.answer, scope),
        try await isToBeRepeated(response, on: connection, admission, &attempts)
      {
        continue
      }
      try checkPolicy(response, draft, connection)
      return try checkAnswer(response, spec, connection, offer: draft.expectation.offeredExtensions, step, branch)
    }
  }

  /// Whether a status is the very one that a script waits for: one that says to come again is its answer then.
  private func names(_ status: Int?, _ answer: ConnectSpec.Answer, _ scope: ScriptScope) throws -> Bool {
    guard let status, case .response(let pattern) = answer, case .oneOf(let values) = pattern.status else {
      return false
    }
    return try values.contains { try $0.text(in: scope) == String(status) }
  }

  /// A request that is to be sent.
  struct Draft {
    let bytes: [UInt8]
    let expectation: UpgradeExpectation
    let uid: String
  }

  private func upgradeRequest(
    _ spec: ConnectSpec, name: String, target: ScriptTarget, attempt: Int, _ scope: ScriptScope
  ) throws -> Draft {
    let uid = try spec.uid?.text(in: scope) ?? (name == "main" ? self.uid : "\(self.uid).\(name)")
    // Each connection has a key of its own (RFC 6455 section 4.1), also one that asks again.
    let asking = attempt == 0 ? name : "\(name), attempt \(attempt)"
    var keys = SeededGenerator(seed: settings.seed &+ scope.iteration, settings.run, caseID, asking)
    var request = UpgradeRequestDraft(
      path: try spec.path?.text(in: scope) ?? target.path, host: target.hostAndPort,
      key: try spec.key?.text(in: scope) ?? SecWebSocketAccept.key(from: keys.bytes(16)))
    request.protocols = try spec.protocols.map { try $0.text(in: scope) }
    request.extensions = try spec.offer?.text(in: scope)
    if let deflate = try spec.deflate?.text(in: scope), deflate != "false" {
      request.extensions = "permessage-deflate" + (deflate == "true" ? "" : "; " + deflate)
    }
    let expectation = request.expectation
    // What may break the lines is set afterwards: the draft refuses to write it.
    let path = request.path
    request.path = "/"
    request.extensions = nil
    request.protocols = []
    request.key = ""
    var head = UpgradeHead(try request.bytes())
    let query = try self.query(spec, uid: uid, target: target, scope)
    let method = try spec.method?.text(in: scope) ?? "GET"
    let version = try spec.http?.text(in: scope) ?? "HTTP/1.1"
    head.startLine = "\(method) \(path)\(query.isEmpty ? "" : "?" + query) \(version)"
    if let extensions = expectation.offeredExtensions.isEmpty ? nil : expectation.offeredExtensions {
      head.set("Sec-WebSocket-Extensions", [extensions])
    }
    head.set("Sec-WebSocket-Key", [expectation.key])
    if !expectation.offeredProtocols.isEmpty {
      head.set("Sec-WebSocket-Protocol", [expectation.offeredProtocols.joined(separator: ", ")])
    }
    for field in target.fields { head.set(field.name, [field.value]) }
    for header in spec.headers {
      head.set(try header.name.text(in: scope), try header.values?.map { try $0.text(in: scope) } ?? [])
    }
    var bytes = head.bytes
    if let raw = spec.request { bytes = try WireBuilder(context(nil, branch([:])), scope).bytes(raw) }
    return Draft(bytes: bytes, expectation: expectation, uid: uid)
  }

  private func query(
    _ spec: ConnectSpec, uid: String, target: ScriptTarget, _ scope: ScriptScope
  ) throws -> String {
    var pairs: [(name: String, value: String)] = []
    func add(_ name: String, _ value: String) {
      pairs.append((settings.profile.query[name] ?? name, value))
    }
    var verbatim: String?
    switch spec.query {
    case .verbatim(let template): verbatim = try template.text(in: scope)
    case .pairs(let given):
      let named = try given.map { (try $0.name.text(in: scope), try $0.value.text(in: scope)) }
      if !named.contains(where: { $0.0 == "uid" }) { add("uid", uid) }
      for (name, value) in named { add(name, value) }
    case nil: add("uid", uid)
    }
    pairs += target.query
    let rest = UpgradeQuery.text(pairs)
    guard let verbatim else { return rest }
    return rest.isEmpty ? verbatim : verbatim + "&" + rest
  }

  private func dial(
    _ target: ScriptTarget, _ spec: ConnectSpec, revision: Revision, expecting: UpgradeExpectation?,
    until deadline: ContinuousClock.Instant, _ step: ScriptStep, _ branch: StepBranch
  ) async throws -> ScriptConnection {
    let box = ConnectionBox()
    let habits = ScriptConnection.Habits(answersPings: spec.answersPings, answersClose: spec.answersClose)
    let secure = target.secure
    let settings = settings
    let start = ContinuousClock.now
    let left = max(.milliseconds(10), deadline - start)
    var bootstrap = ClientBootstrap(group: settings.group)
      .connectTimeout(.nanoseconds(CaseTranscript.nanoseconds(of: left)))
      .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
    if let size = try spec.receiveBuffer?.integer(in: scope(branch)) {
      let value = ChannelOptions.Types.SocketOption.Value(clamping: max(1, size))
      bootstrap = bootstrap.channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: value)
    }
    do {
      bootstrap = bootstrap.channelInitializer { channel in
        let connection = self.add { number in
          ScriptConnection(
            number: number, role: .client, channel: channel, transcript: self.transcript, revision: revision,
            expecting: expecting, habits: habits)
        }
        box.connection.withLockedValue { $0 = connection }
        let secured = secure?(channel) ?? channel.eventLoop.makeSucceededVoidFuture()
        settings.admission.opened()
        channel.closeFuture.whenComplete { _ in settings.admission.ended() }
        return secured.flatMapThrowing {
          try channel.pipeline.syncOperations.addHandler(SocketReceiver(connection))
        }
      }
      _ = try await bootstrap.connect(toHost: target.host, port: target.port).get()
    } catch {
      if case ChannelError.connectTimeout = error, extended(deadline, from: start) != nil, !Task.isCancelled {
        // Perhaps it was only not looked at in time.
        return try await dial(
          target, spec, revision: revision, expecting: expecting, until: .now + left, step, branch)
      }
      let reason = DialAdvice.sentence(TransportFault.failure(of: error))
      let place = "\(target.host):\(target.port)"
      guard
        case .unmet(let unmet) = unmet(
          step, branch, expected: "a TCP connection to \(place)", actual: "\(Self.notOpened): \(reason)")
      else { throw StepInterruption.cancelled }
      throw StepInterruption.peerGone(unmet)
    }
    guard let connection = box.connection.withLockedValue({ $0 }) else { throw StepInterruption.cancelled }
    // The channel tells it as well, but perhaps later than the script goes on.
    connection.becameActive()
    return connection
  }

  private func answer(
    _ spec: ConnectSpec, _ connection: ScriptConnection, until deadline: ContinuousClock.Instant, _ step: ScriptStep,
    _ branch: StepBranch
  ) async throws -> ReceivedResponse {
    let needsBody: Bool
    if case .response(let pattern) = spec.answer { needsBody = pattern.body != nil } else { needsBody = false }
    let found = await wait(on: connection, until: deadline) { state -> ReceivedResponse? in
      guard let response = state.response, !needsBody || response.isComplete || state.isEnded else { return nil }
      return response
    }
    guard let response = found else {
      throw unmet(
        step, branch, expected: "an answer to the upgrade request",
        actual: Self.unanswered)
    }
    return response
  }

  private func checkAnswer(
    _ response: ReceivedResponse, _ spec: ConnectSpec, _ connection: ScriptConnection, offer: String,
    _ step: ScriptStep, _ branch: StepBranch
  ) throws {
    let isGranted = response.head?.status == 101
    if isGranted, spec.isPlain || response.answer != nil { observeAnswer(response, connection, offer: offer) }
    switch spec.answer {
    case .any: break
    case .refused:
      if isGranted { throw unmet(step, branch, expected: "a refusal", actual: response.summary) }
    case .granted:
      if response.answer == nil {
        let broken = brokenRule(response, offer: offer)
        throw unmet(
          step, branch, expected: "a 101 that a client has to accept",
          actual: response.summary + Self.advice(about: response), duty: broken.map { StepDuty(must: [$0]) })
      }
    case .response(let pattern):
      let resolver = PatternResolver(context(connection, branch), scope(branch), profile: settings.profile)
      if let reason = try resolver.mismatch(of: response, with: pattern) {
        throw unmet(step, branch, expected: StepWording(self, branch, connection).text(of: pattern), actual: reason)
      }
    }
    if spec.deflate != nil, isGranted, response.head?.text("sec-websocket-extensions") == nil {
      throw StepInterruption.lacking(
        "the 101 names no extension: the peer does not compress", need: "compression")
    }
    // What is missing of a body comes in segments of its own, and a later step may ask for it.
    if !isGranted, spec.answersClose, response.isComplete { connection.end() }
  }

  /// The rule of a server that an answer breaks; nil: none, or the upgrade was not granted.
  private func brokenRule(_ response: ReceivedResponse, offer: String) -> RequirementID? {
    guard let fault = response.fault else { return nil }
    // What has to be declined, or refused, is the matter of a step: no answer follows from it.
    if [.badExtension, .unofferedExtension].contains(fault.code), !DeflateOffers(offer).isValid { return nil }
    let answered = response.head?.text("sec-websocket-extensions") ?? ""
    return UpgradeBlame.requirement(of: fault, response: answered, offer: offer)
  }

  /// Holds a 101 against the rules for it, whatever the case is about.
  private func observeAnswer(_ response: ReceivedResponse, _ connection: ScriptConnection, offer: String) {
    let time = transcript.now
    connection.withState { state in
      state.reader.observed.insert(.answer)
      let isAgreed = response.head?.text("sec-websocket-extensions") != nil
      state.answered += ObservedTraffic.answerRules(to: offer, isAgreed: isAgreed)
      guard let rule = brokenRule(response, offer: offer), let fault = response.fault else { return }
      state.observe(rule, fault.reason, connection: connection.number, at: time)
    }
  }

  /// Looks at the answer to the upgrade once more.
  func checkResponse(_ pattern: ResponsePattern, _ step: ScriptStep, _ branch: StepBranch) async throws {
    let connection = try connection(of: step, branch)
    let deadline = try deadline(step, default: settings.patience, branch)
    let found = await wait(on: connection, until: deadline) { state -> ReceivedResponse? in
      guard let response = state.response, pattern.body == nil || response.isComplete || state.isEnded else {
        return nil
      }
      return response
    }
    let resolver = PatternResolver(context(connection, branch), scope(branch), profile: settings.profile)
    guard let response = found else {
      throw unmet(
        step, branch, expected: "an answer to the upgrade request",
        actual: Self.unanswered)
    }
    guard let reason = try resolver.mismatch(of: response, with: pattern) else { return }
    let expected = StepWording(self, branch, connection).text(of: pattern)
    guard case .unmet(var unmet) = unmet(step, branch, expected: expected, actual: reason) else {
      throw StepInterruption.cancelled
    }
    // There is one answer to an upgrade.
    unmet.isFinal = true
    throw StepInterruption.unmet(unmet)
  }

  /// The reason when the peer said nothing to the upgrade request, or not all.
  static let unanswered = "no answer to the upgrade request came in time"

  /// What begins the reason when there was no TCP connection.
  static let notOpened = "it could not be opened"
}

extension ConnectSpec {
  /// Whether the request is one that a 101 can be held against: nothing in it that the answer follows from was tampered with.
  fileprivate var isPlain: Bool {
    request == nil && method == nil && http == nil
      && !headers.contains { header in
        guard let name = header.name.literal?.lowercased() else { return true }
        return name.hasPrefix("sec-websocket-") || name == "upgrade" || name == "connection"
      }
  }
}

/// Hands a connection from the initializer of its channel to whoever asked for it.
private final class ConnectionBox: Sendable {
  let connection = NIOLockedValueBox<ScriptConnection?>(nil)
}
