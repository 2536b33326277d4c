import FrameCodec
import NIOCore
import Specification
import WebSocketCodec

extension CaseExecution {
  /// How long a write may take before the next one goes out regardless.
  private static let writeBound = Duration.seconds(1)

  /// Sends what a step says; what stands together goes out in one segment.
  func send(
    _ specs: [SendSpec], _ step: ScriptStep, _ branch: StepBranch, request: ReceivedFrame? = nil
  ) async throws {
    let connection = try connection(of: step, branch)
    var context = context(connection, branch)
    context.request = request
    let builder = WireBuilder(context, scope(branch))
    var batch: [UInt8] = []
    for spec in specs {
      let bytes = try outgoing(spec, on: connection, builder, branch)
      // What is cut off stays so: nothing that follows it is read as a frame.
      if spec.wireTake != nil { connection.beginPieces() }
      if spec.segments == nil, spec.pause == nil {
        batch += bytes
      } else {
        if !batch.isEmpty { connection.send(batch) }
        batch = []
        try await write(bytes, spec, on: connection, builder, branch)
      }
    }
    if !batch.isEmpty { connection.send(batch) }
  }

  /// The bytes of one thing to send, accounted for; none where a fault keeps it back.
  private func outgoing(
    _ spec: SendSpec, on connection: ScriptConnection, _ builder: WireBuilder, _ branch: StepBranch
  ) throws -> [UInt8] {
    account(spec, on: connection, frame: nil)
    guard var message = try builder.message(spec) else { return try builder.wire(spec) }
    if let opcode = spec.opcode?.literal.flatMap(Opcodes.number), opcode > WebSocketOpcode.close.rawValue {
      connection.withState { $0.controls.sent(opcode, message.bytes) }
    }
    if let frame = message.frame { connection.withState { $0.requests.sent(frame) } }
    if case .frame(let frame) = spec.content {
      let isRight =
        frame.magic == nil && frame.length == nil && frame.lengthBy == nil && frame.take == nil && frame.append == nil
        && frame.revision == nil
      connection.withState { state in
        state.calls.sent(isRight ? message.frame : nil)
        if !isRight { state.requests.sentUnknown() }
      }
      if let payload = message.frame?.payload { payloads.sent(payload, on: connection.number) }
    }
    guard let faults, message.frame != nil else { return try builder.wire(spec, message: message.bytes) }
    switch faults.apply(to: &message, builder: builder) {
    case .send: return try builder.wire(spec, message: message.bytes) + faults.released(on: connection)
    case .duplicate:
      let bytes = try builder.wire(spec, message: message.bytes)
      return bytes + bytes + faults.released(on: connection)
    case .drop:
      transcript.record(.note("fault: the frame is not sent"), connection: connection.number)
      return []
    case .hold:
      transcript.record(.note("fault: the frame is held back"), connection: connection.number)
      return faults.hold(try builder.wire(spec, message: message.bytes), on: connection)
    case .delay(let duration):
      let bytes = try builder.wire(spec, message: message.bytes)
      transcript.record(.note("fault: the frame is delayed"), connection: connection.number)
      Task {
        try? await Task.sleep(for: duration)
        if !connection.isEnded { connection.send(bytes) }
      }
      return []
    }
  }

  /// Takes note of what a message other than a frame means for the connection.
  private func account(_ spec: SendSpec, on connection: ScriptConnection, frame: ReceivedFrame?) {
    let opcode = spec.opcode?.literal.flatMap(Opcodes.number) ?? WebSocketOpcode.binary.rawValue
    switch spec.content {
    case .frame: break
    case .raw: connection.withState { $0.sentUnknown() }
    case .message where opcode == WebSocketOpcode.close.rawValue:
      connection.withState { $0.hasSentClose = true }
    case .message where opcode < 8: connection.withState { $0.sentUnknown() }
    case .message: break
    }
  }

  /// Writes bytes in the segments that are asked for, one after the other.
  func write(
    _ bytes: [UInt8], _ spec: SendSpec, on connection: ScriptConnection, _ builder: WireBuilder, _ branch: StepBranch
  ) async throws {
    let pieces = try builder.pieces(of: bytes, at: spec.segments)
    let pause = try spec.pause.map { try duration($0, default: "0ms", branch) }
    connection.beginPieces()
    defer { connection.endPieces() }
    for (index, piece) in pieces.enumerated() {
      if Task.isCancelled || connection.isEnded { return }
      let written = connection.send(piece)
      guard index < pieces.count - 1 else { return }
      // Only what the kernel has taken is a segment of its own.
      await settled(written)
      if let pause { try? await Task.sleep(for: pause) }
    }
  }

  /// Waits until a write is done or has failed, but not for long.
  func settled(_ written: EventLoopFuture<Void>) async {
    let signal = ChangeSignal()
    let version = signal.version
    written.whenComplete { _ in signal.bump() }
    await signal.wait(after: version, until: .now + Self.writeBound)
  }

  /// Sends one WebSocket frame that keeps the rules, apart from its body.
  func send(_ opcode: WebSocketOpcode, _ payload: [UInt8], on connection: ScriptConnection) {
    var bytes: [UInt8] = []
    RawFrame(opcode: opcode.rawValue, maskingKey: connection.maskingKey(), payload: payload).append(to: &bytes)
    connection.withState { $0.controls.sent(opcode.rawValue, payload) }
    connection.send(bytes)
  }

  /// Sends a close frame.
  func sendClose(_ spec: CloseSpec, _ step: ScriptStep, _ branch: StepBranch) throws {
    let connection = try connection(of: step, branch)
    let scope = scope(branch)
    var body: [UInt8] = []
    if let source = spec.body {
      body = try WireBuilder(context(connection, branch), scope).bytes(source)
    } else if let code = try spec.code?.integer(in: scope) {
      body = [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)]
      body += Array((try spec.reason?.text(in: scope) ?? "").utf8)
    }
    connection.withState { $0.hasSentClose = true }
    send(.close, body, on: connection)
  }

  /// Sends a pong.
  func sendPong(_ payload: ScriptBytes, _ step: ScriptStep, _ branch: StepBranch) throws {
    let connection = try connection(of: step, branch)
    let bytes = try WireBuilder(context(connection, branch), scope(branch)).bytes(payload)
    send(.pong, bytes, on: connection)
  }

  /// Sends a displacement, an empty close, and ends the connection.
  func displace(
    _ old: ScriptTemplate?, _ new: ScriptTemplate?, _ timestamp: ScriptTemplate?, _ step: ScriptStep,
    _ branch: StepBranch
  ) async throws {
    let connection = try connection(of: step, branch)
    let context = context(connection, branch)
    let builder = WireBuilder(context, scope(branch))
    var payload = try builder.displacement(old, new, timestamp)
    if old == nil {
      var displacement =
        (try? Displacement(decoding: payload.span.bytes))
        ?? Displacement(oldAddress: [], newAddress: [], timestampNanoseconds: 0)
      displacement.oldAddress = Array(connection.remote.utf8)
      if timestamp == nil { displacement.timestampNanoseconds = transcript.startNanoseconds &+ transcript.now }
      payload = displacement.encoded()
    }
    var bytes: [UInt8] = []
    try? FrameCodec.encode(
      protocolId: context.revision.displacementProtocolId, payload: payload.span.bytes, revision: context.revision,
      into: &bytes)
    send(.binary, bytes, on: connection)
    try sendClose(CloseSpec(), step, branch)
    await settled(connection.send([]))
    connection.end()
  }
}
