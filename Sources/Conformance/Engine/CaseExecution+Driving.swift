import FrameCodec
import NIOCore
import Specification
import WebSocketCodec

/// How a client is driven, in band.
extension CaseExecution {
  /// The protocolId of an answer that a script does not name.
  private static let answerID: Int64 = 3

  /// Tells the client to do something.
  func drive(
    _ order: OrderSpec, _ options: SendSpec, _ step: ScriptStep, _ branch: inout StepBranch
  ) async throws {
    guard let driver = settings.profile.client.driver else {
      throw StepInterruption.lacking(ProfileNeed.remedy(for: "driver"), need: "driver")
    }
    let connection = try connection(of: step, branch)
    let builder = WireBuilder(context(connection, branch), scope(branch))
    let own = try order.number?.integer(in: scope(branch))
    if let own { orders.note(own) }
    let number = own ?? orders.next()
    let id = try order.id?.integer(in: scope(branch)) ?? WireBuilder.orderedID
    let payload = try builder.order(order, number: number)
    branch.scope.values[order.name] = .integer(number)
    if order.action == .reconnect { orders.noteReconnect(number) }
    connection.withState { state in
      state.calls.orderMessage(driver.report)
      switch order.action {
      case .call: state.calls.order(id)
      case .send: state.calls.orderMessage(id)
      case .close, .reconnect: break
      }
    }
    var spec = options
    spec.content = .message(.frame(Self.frame(driver.order, payload, at: step.place)))
    try await send([spec], step, branch)
  }

  private static func frame(_ id: Int64, _ payload: [UInt8], at place: SourcePlace) -> FrameSpec {
    FrameSpec(
      id: ScriptTemplate(literal: String(id), at: place), sn: ScriptTemplate(literal: "0", at: place),
      payload: .raw(payload))
  }

  /// Tells the client to make a call, answers it, and looks at what it reports of the answer.
  func exchange(_ spec: ExchangeSpec, _ step: ScriptStep, _ branch: inout StepBranch) async throws {
    let connection = try connection(of: step, branch)
    let place = step.place
    let builder = WireBuilder(context(connection, branch), scope(branch))
    let payload = try spec.order.payload.map { try builder.bytes($0) } ?? Array(freshPayload().utf8)
    var order = spec.order
    order.payload = .raw(payload)
    try await drive(order, SendSpec(content: .message(.joined([])), place: place), step, &branch)
    let id = order.id ?? ScriptTemplate(literal: String(WireBuilder.orderedID), at: place)
    let request = ScriptPattern.FramePattern(id: .oneOf([id]), sn: .nonzero, payload: .equal(.raw(payload)))
    var inner = branch
    inner.scope.values["order.sn"] = nil
    let call = ExpectSpec(
      patterns: [.frame(request)], save: [ExpectSpec.Saved(name: "order.sn", part: .sn)])
    try await expect(call, step, &inner)
    branch.taken = inner.taken
    let sn = inner.scope.values["order.sn"]?.integer ?? 0
    let asked = ReceivedFrame(
      id: try id.integer(in: scope(branch)), sn: UInt32(truncatingIfNeeded: sn), length: nil, payload: payload,
      form: MessageForm(opcode: .binary, isCompressed: false, fragments: 1, isMinimal: true))
    var answer = spec.answer
    if case .frame(var frame) = answer.content, frame.id == nil {
      frame.id = ScriptTemplate(literal: String(Self.answerID), at: place)
      answer.content = .frame(frame)
    }
    try await send([answer], step, branch, request: asked)
    var context = context(connection, branch)
    context.request = asked
    let sent = try WireBuilder(context, scope(branch)).message(answer)?.frame
    let report = ReportPattern(
      number: ScriptTemplate(literal: String(branch.scope.values[order.name]?.integer ?? 0), at: place),
      isDone: ScriptTemplate(literal: "true", at: place),
      sn: .oneOf([ScriptTemplate(literal: String(sn), at: place)]), payload: sent.map { .equal(.raw($0.payload)) })
    try await expect(ExpectSpec(patterns: [.report(report)]), step, &branch)
  }

  /// Counts how often the client connects within a time. Each connection is ended as it is taken; a client that has ended cannot
  /// connect any more, and need not be waited for.
  func expectDials(_ spec: DialSpec, _ step: ScriptStep, _ branch: StepBranch) async throws {
    guard let listener else {
      throw StepInterruption.couldNotRun("the script is wrong at \(step.place): a client does not accept")
    }
    let isRight = try PatternResolver(context(nil, branch), scope(branch), profile: settings.profile).number(spec.count)
    let time = try duration(spec.duration, default: "1s", branch)
    let deadline = ContinuousClock.now + time
    var count: Int64 = 0
    while let channel = await listener.next(until: deadline) {
      count += 1
      transcript.record(.note("connection \(count) came, and was ended"))
      channel.close(promise: nil)
    }
    guard isRight(count) else {
      let expected = StepWording(self, branch, nil).text(of: spec.count) ?? "so many"
      throw unmet(
        step, branch, expected: "\(expected) connections within \(Self.text(of: time))", actual: "\(count) came")
    }
  }

  /// How long a client may take to connect again for the next case.
  private static let reconnectWait = Duration.seconds(3)

  /// Tells the client on a connection that is still open to connect again, and waits for it: the next case then begins with that
  /// connection.
  func orderReconnect(_ branch: StepBranch) async {
    guard let listener, listener.waiting == 0, let connection = openConnection else { return }
    var branch = branch
    name(connection, "last")
    let options = SendSpec(content: .message(.joined([])), place: .start)
    var step = ScriptStep.engine("drive")
    step.on = ScriptTemplate(literal: "last", at: .start)
    guard (try? await drive(OrderSpec(action: .reconnect), options, step, &branch)) != nil else { return }
    await listener.arrival(until: .now + Self.reconnectWait)
  }
}
