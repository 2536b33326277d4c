import Deflate
import FrameCodec
import NIOCore
import Negotiation
import Specification

extension CaseExecution {
  /// How long after a request that asks for no upgrade the upgrade itself is waited for.
  private static let strangerPatience = Duration.seconds(3)

  /// Takes the next connection and answers its upgrade request. A request that has nothing of an upgrade, as when a client
  /// looks first whether anybody is there, is refused, and counts only if no other comes.
  func accept(_ spec: AcceptSpec, step: ScriptStep, _ branch: inout StepBranch) async throws {
    guard let listener else {
      throw StepInterruption.couldNotRun("the script is wrong at \(step.place): a client does not accept")
    }
    var deadline = try deadline(step, default: settings.connectPatience, branch)
    var refused: StepInterruption?
    while true {
      guard let channel = await nextChannel(of: listener, until: deadline) else {
        if Task.isCancelled { throw StepInterruption.cancelled }
        if let refused { throw refused }
        throw unmet(step, branch, expected: "the client to connect", actual: absence(from: listener))
      }
      let connection = try await adopt(channel, spec, branch)
      name(connection, try spec.name?.text(in: scope(branch)) ?? "main")
      do {
        return try await answer(spec, connection, until: deadline, step, branch)
      } catch let interruption as StepInterruption {
        guard connection.withState({ $0.isPlainRequest }) else { throw interruption }
        refused = refused ?? interruption
        deadline = min(deadline, .now + Self.strangerPatience)
      }
    }
  }

  private func nextChannel(
    of listener: ScriptListener, until deadline: ContinuousClock.Instant
  ) async -> (any Channel)? {
    let start = ContinuousClock.now
    var arrived = await listener.next(until: deadline)
    while arrived == nil, listener.peerEnd == nil, !listener.isClosed, !Task.isCancelled,
      let next = extended(deadline, from: start)
    {
      arrived = await listener.next(until: next)
    }
    return arrived
  }

  /// What a client did that did not come as far as a request.
  private func absence(from listener: ScriptListener) -> String {
    let silence = listener.silence
    guard let end = listener.peerEnd else { return silence ?? "it did not connect in time" }
    return silence.map { "\($0); it ended (\(end))" } ?? "it ended (\(end)) and did not connect"
  }

  /// Makes a connection of a socket that was accepted.
  func adopt(_ channel: any Channel, _ spec: AcceptSpec, _ branch: StepBranch) async throws -> ScriptConnection {
    let revision = try spec.revision?.text(in: scope(branch)) ?? revision.rawValue
    let habits = ScriptConnection.Habits(answersPings: spec.answersPings, answersClose: spec.answersClose)
    let connection = add { number in
      ScriptConnection(
        number: number, role: .server, channel: channel, transcript: transcript,
        revision: Revision(rawValue: revision) ?? self.revision, expecting: nil, habits: habits)
    }
    try? await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.addHandler(SocketReceiver(connection))
      connection.becameActive()
      if let first = try? channel.pipeline.syncOperations.handler(type: FirstBytes.self) {
        channel.pipeline.syncOperations.removeHandler(first, promise: nil)
      }
    }.get()
    connection.setReading(true)
    return connection
  }

  /// Answers the upgrade request of a connection that was accepted.
  func answer(
    _ spec: AcceptSpec, _ connection: ScriptConnection, until deadline: ContinuousClock.Instant, _ step: ScriptStep,
    _ branch: StepBranch
  ) async throws {
    let found = await wait(on: connection, until: deadline) { state -> Result<UpgradeRequest, HandshakeError>? in
      if let request = state.request { return .success(request) }
      return state.requestFault.map { .failure($0) }
    }
    let scope = scope(branch)
    switch found {
    case nil:
      let actual = connection.isEnded ? "the connection was ended before one came" : "none came in time"
      throw unmet(step, branch, expected: "an upgrade request", actual: actual)
    case .failure(let fault):
      // A server may answer what it likes; but nothing can be agreed on.
      connection.send(HandshakeResponder.refuse(fault).response.bytesOrNone)
      connection.end()
      if spec.request?.isAnyAllowed != true {
        throw unmet(
          step, branch, expected: "an upgrade request", actual: fault.reason,
          duty: StepDuty(must: [RequestBlame.requirement(of: fault)]))
      }
    case .success(let request):
      account(request, on: connection)
      if let pattern = spec.request {
        let resolver = PatternResolver(context(connection, branch), scope, profile: settings.profile)
        if let reason = try resolver.mismatch(of: request, with: pattern) {
          throw unmet(step, branch, expected: "another upgrade request", actual: reason)
        }
      }
      if let offered = spec.offered {
        let resolver = PatternResolver(context(connection, branch), scope, profile: settings.profile)
        let offer = request.head.text("Sec-WebSocket-Extensions")
        guard try resolver.text(offered)(offer) else {
          throw StepInterruption.notApplicable(
            "the client offers \(offer.map { InboxItem.quoted(Array($0.utf8)) } ?? "no extension"), and the case is about another offer"
          )
        }
      }
      if let delay = try spec.delay.map({ try duration($0, default: "0ms", branch) }) {
        try? await Task.sleep(for: delay)
      }
      try await respond(spec, to: request, connection, step, branch)
    }
  }

  /// Holds a request against the rules for every one.
  private func account(_ request: UpgradeRequest, on connection: ScriptConnection) {
    let isNew = settings.keys.insert(request.key)
    let time = transcript.now
    connection.withState { state in
      state.answered += ObservedTraffic.request.requirements
      if !isNew {
        let reason = "the key \(request.key) was used for another connection, too"
        state.observe("handshake.request.key.fresh", reason, connection: connection.number, at: time)
      }
    }
  }

  private func respond(
    _ spec: AcceptSpec, to request: UpgradeRequest, _ connection: ScriptConnection, _ step: ScriptStep,
    _ branch: StepBranch
  ) async throws {
    var scope = scope(branch)
    scope.values["key"] = .text(request.key)
    let accept = SecWebSocketAccept.value(forKey: request.key)
    scope.values["accept"] = .text(accept)
    scope.values["accept.swapped"] = .text(
      String(accept.map { Character($0.isLowercase ? $0.uppercased() : $0.lowercased()) }))
    let builder = WireBuilder(context(connection, branch), scope)
    let status = Int(clamping: try spec.status?.integer(in: scope) ?? 101)
    connection.withState { $0.uid = request.metadata.uidText }
    var agreed: DeflateParameters?
    var head: UpgradeHead
    var body = try builder.bytes(spec.body)
    if status == 101 {
      let acceptance = try self.acceptance(spec, request, scope)
      if acceptance == nil, listener != nil, let deflate = try spec.deflate?.text(in: scope), deflate != "false" {
        throw StepInterruption.lacking("the client does not offer permessage-deflate", need: "compression")
      }
      agreed = acceptance?.parameters
      let response = UpgradeResponse.switchingProtocols(key: request.key, extensions: acceptance?.value)
      head = UpgradeHead(response.bytesOrNone)
    } else {
      let refusal = UpgradeResponse.refusal(status: status, detail: "the script refuses")
      if spec.body == nil { body = refusal.body }
      head = UpgradeHead(UpgradeResponse(status: status, fields: refusal.fields).bytesOrNone)
      head.set("Content-Length", [String(body.count)])
    }
    for header in spec.headers {
      head.set(try header.name.text(in: scope), try header.values?.map { try $0.text(in: scope) } ?? [])
    }
    if spec.offered != nil, status == 101, let offers = request.extensions,
      let value = head.fields.first(where: { $0.name.lowercased() == "sec-websocket-extensions" })?.value,
      spec.headers.contains(where: { (try? $0.name.text(in: scope))?.lowercased() == "sec-websocket-extensions" }),
      (try? DeflateNegotiation.check(response: value, offer: offers)) != nil
    {
      // Of several offers the client may have another one in reserve (RFC 7692 section 7.1.3), from which the answer follows.
      throw StepInterruption.notApplicable(
        "the client offers \(InboxItem.quoted(Array(offers.utf8))), and the case's answer, \(value), follows from one of that"
      )
    }
    var bytes = head.bytes + body
    if let raw = spec.response { bytes = try builder.bytes(raw) }
    bytes = try builder.bytes(spec.interim) + bytes
    // What a client sends before the answer is answered behind it.
    connection.beginPieces()
    defer { connection.endPieces() }
    if status == 101 { connection.open(agreed) }
    for more in spec.with {
      bytes += try builder.wire(more)
      connection.withState { $0.calls.sent(nil) }
    }
    let segments = SendSpec(
      content: .message(.joined([])), segments: spec.segments, pause: spec.pause, place: step.place)
    try await write(bytes, segments, on: connection, builder, branch)
    if status != 101 { connection.end() }
  }

  private func acceptance(
    _ spec: AcceptSpec, _ request: UpgradeRequest, _ scope: ScriptScope
  ) throws -> (parameters: DeflateParameters?, value: String)? {
    guard let deflate = try spec.deflate?.text(in: scope), deflate != "false", let offers = request.extensions else {
      return nil
    }
    if deflate == "true" {
      let acceptance = try? DeflateNegotiation.accept(offers: offers, configuration: DeflateConfiguration())
      return acceptance.map { ($0.parameters, $0.headerValue) }
    }
    let value = "permessage-deflate; " + deflate
    do throws(DeflateNegotiationError) {
      return (try DeflateNegotiation.check(response: value, offer: offers) ?? DeflateParameters(), value)
    } catch {
      guard listener != nil else { return (nil, value) }
      // A client that is right would fail the connection for this answer, and not for what the case is about.
      throw StepInterruption.notApplicable(
        "the client offers \(InboxItem.quoted(Array(offers.utf8))), and the case's answer, \(value), does not follow from that"
      )
    }
  }
}

extension UpgradeResponse {
  /// The bytes; none where a field would break the lines, which those made here do not.
  fileprivate var bytesOrNone: [UInt8] { (try? bytes()) ?? [] }
}
