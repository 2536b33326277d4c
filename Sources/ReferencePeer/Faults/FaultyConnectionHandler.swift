import Conversation
import Deflate
import FrameCodec
import NIOCore
import Negotiation
import Specification
import WebSocketCodec

/// A connection with deliberate faults, of a server or a client: between two steps of the reference, what passes is given to the mutation.
///
/// Which of the two a connection is handled by is decided once, when its channel is made. Frames are copied here for the hooks;
/// the reference neither knows nor pays.
final class FaultyConnectionHandler: ConnectionHandler, @unchecked Sendable {
  private let mutation: PeerMutation

  /// What a client's answer is held against.
  private let expectation: UpgradeExpectation?

  /// What has come of the answer to a client's upgrade.
  private var answerBytes: [UInt8] = []

  init(
    _ mutation: PeerMutation, settings: PeerSettings, loop: LoopResources, phase: Phase, dial: Dial? = nil,
    expecting expectation: UpgradeExpectation? = nil
  ) {
    self.mutation = mutation
    self.expectation = expectation
    super.init(settings: settings, loop: loop, phase: phase, dial: dial)
  }

  // MARK: - The upgrade

  override func readUpgradeRequest(_ buffer: inout ByteBuffer, _ parser: inout UpgradeRequestParser) {
    var text = String(buffer: buffer)
    let isWhole = text.contains("\r\n\r\n")
    if mutation.wantsWholeRequests, !isWhole { return cutOff() }
    if let change = mutation.requestHead, isWhole {
      change(&text)
      buffer = ByteBuffer(string: text)
    }
    super.readUpgradeRequest(&buffer, &parser)
  }

  override func answer(_ verdict: UpgradeVerdict) {
    guard let change = mutation.response else { return super.answer(verdict) }
    switch verdict {
    case .granted(var response, let details, let interim):
      change(&response, true)
      super.answer(.granted(response, details, interim: interim))
    case .refused(var response, let reason):
      change(&response, false)
      super.answer(.refused(response, reason: reason))
    }
  }

  override func readUpgradeResponse(_ buffer: inout ByteBuffer, _ parser: inout UpgradeResponseParser) {
    let end = Array("\r\n\r\n".utf8)
    if mutation.wantsWholeAnswers, buffer.readableBytesView.firstRange(of: end) == nil { return cutOff() }
    let changesHead = mutation.answerHead != nil || mutation.losesBytesBehindAnswer || mutation.opensBeforeEmptyLine
    guard let expectation, changesHead else { return super.readUpgradeResponse(&buffer, &parser) }
    answerBytes += buffer.readableBytesView
    buffer.moveReaderIndex(to: buffer.writerIndex)
    if mutation.opensBeforeEmptyLine { endHeadBehindAccept() }
    while let range = answerBytes.firstRange(of: end) {
      var head = String(decoding: answerBytes[..<range.upperBound], as: UTF8.self)
      answerBytes.removeSubrange(..<range.upperBound)
      mutation.answerHead?(&head, expectation)
      var piece = ByteBuffer(string: head)
      super.readUpgradeResponse(&piece, &parser)
      guard case .dialing(let next) = phase else { break }
      parser = next
    }
    guard case .open = phase else { return }
    var rest = ByteBuffer(bytes: mutation.losesBytesBehindAnswer ? [] : answerBytes)
    answerBytes = []
    if rest.readableBytes > 0 { receive(&rest) }
  }

  /// Takes the line with `Sec-WebSocket-Accept` for the last one of the head.
  private func endHeadBehindAccept() {
    let text = String(decoding: answerBytes, as: Unicode.ASCII.self).lowercased()
    guard let field = text.firstRange(of: "sec-websocket-accept:") else { return }
    guard let line = text[field.upperBound...].utf8.firstRange(of: "\r\n".utf8) else { return }
    answerBytes.insert(contentsOf: "\r\n".utf8, at: text.utf8.distance(from: text.startIndex, to: line.upperBound))
  }

  override func open(_ details: ConnectionDetails) {
    super.open(mutation.details?(details) ?? details)
    if mutation.overlooks != nil { inbound.goOnAfterViolations() }
  }

  override func enter(_ response: [UInt8]?) {
    guard mutation.refusesNewcomers, let identity = details?.identity,
      settings.hub?.connection(identity: identity) != nil
    else { return super.enter(response) }
    if let response { writeRaw(response) }
    close(code: 1008, reason: "")
  }

  override func takePlace(of older: ConnectionHandler) {
    if !mutation.displacesNobody { super.takePlace(of: older) }
  }

  // MARK: - What comes in

  override func take(_ item: InboundItem, of buffer: ByteBuffer, at now: Int64) {
    var item = item
    switch item {
    case .messageStarted: break
    case .violation(let violation):
      if mutation.overlooks?(violation.code) == true { return }
    case .control(var opcode, var payload):
      guard let change = mutation.control else { break }
      guard change(&opcode, &payload) else { return }
      item = .control(opcode, payload)
    case .message(let payload, _, let isCompressed, _):
      if case .assembled = payload, mutation.assembled?(isCompressed) == false { return }
      if isCompressed, let takes = mutation.compressed, !takes(Array(payload.bytes(in: buffer).readableBytesView)) {
        return
      }
    }
    super.take(item, of: buffer, at: now)
  }

  override func inflationFailed(_ error: DeflateError, at now: Int64) {
    if !mutation.overlooksInflateErrors { super.inflationFailed(error, at: now) }
  }

  override func take(_ message: InboundMessage, at now: Int64) {
    guard let change = mutation.message else { return super.take(message, at: now) }
    var changed = PeerMutation.Message(
      bytes: Array(message.bytes.readableBytesView), isText: message.isText, isCompressed: message.isCompressed,
      isDeflateAgreed: details?.deflate != nil, revision: revision.current)
    guard change(&changed) else { return }
    super.take(
      InboundMessage(
        bytes: ByteBuffer(bytes: changed.bytes), isText: changed.isText, isCompressed: message.isCompressed,
        wasAnnounced: message.wasAnnounced),
      at: now)
  }

  override func take(_ frame: InboundFrame, at now: Int64) {
    guard let change = mutation.received else { return super.take(frame, at: now) }
    var changed = PeerMutation.Frame(frame.protocolId, frame.sn, frame.payload)
    guard change(&changed, handle) else { return }
    super.take(
      InboundFrame(
        protocolId: changed.protocolId, sn: changed.sn, payload: ByteBuffer(bytes: changed.payload),
        wasAnnounced: frame.wasAnnounced),
      at: now)
  }

  // MARK: - What follows, and goes out

  override func carryOut(_ actions: [TimedAction], _ content: EventContent) {
    var actions = mutation.actions?(actions) ?? actions
    if let delay = mutation.callFailureDelay {
      let late = actions.filter { if case .failCall(_, .closed) = $0.action { true } else { false } }
      actions.removeAll { late.contains($0) }
      if !late.isEmpty {
        loop.eventLoop.scheduleTask(in: TimeAmount(delay)) { super.carryOut(late, EventContent()) }
      }
    }
    super.carryOut(actions, content)
  }

  override func send(protocolId: Int64, sn: UInt32, payload: ByteBuffer, completion: SendCompletion?) {
    if let late = mutation.late, !conversation.isOpen {
      let frame = PeerMutation.Frame(protocolId, sn, payload)
      late(frame, handle)?.faulty?.writeUncounted(frame)
    }
    super.send(protocolId: protocolId, sn: sn, payload: payload, completion: completion)
  }

  override func writeEncoded(protocolId: Int64, sn: UInt32, payload: ByteBuffer) {
    guard let change = mutation.sent else {
      mutation.header?(&loop.header)
      return super.writeEncoded(protocolId: protocolId, sn: sn, payload: payload)
    }
    // Perhaps twice, to somebody else, or not at all.
    for (frame, connection) in change(PeerMutation.Frame(protocolId, sn, payload), handle) {
      connection.faulty?.writeUncounted(frame)
    }
  }

  /// Writes a frame that no queue knows of, if it can be encoded.
  private func writeUncounted(_ frame: PeerMutation.Frame) {
    guard loop.eventLoop.inEventLoop else { return loop.eventLoop.execute { self.writeUncounted(frame) } }
    guard conversation.isOpen,
      encodeHeader(protocolId: frame.protocolId, sn: frame.sn, payloadLength: frame.payload.count) == nil
    else { return }
    mutation.header?(&loop.header)
    super.writeEncoded(protocolId: frame.protocolId, sn: frame.sn, payload: ByteBuffer(bytes: frame.payload))
  }

  override func writeWebSocketFrame(_ opcode: UInt8, rsv: UInt8, fin: Bool, head: [UInt8], body: ByteBuffer) {
    guard let change = mutation.wire, !settings.options.isMute else {
      return super.writeWebSocketFrame(opcode, rsv: rsv, fin: fin, head: head, body: body)
    }
    let payload = head + body.readableBytesView
    let frame = PeerMutation.WireFrame(
      fin: fin, rsv: rsv, opcode: opcode, maskingKey: role == .client ? loop.maskingKeys.next() : nil,
      lengthForm: .minimal(for: UInt64(payload.count)),
      payload: payload)
    for changed in change(frame) { writeRaw(changed.encoded) }
  }
}

extension PeerMutation.Frame {
  fileprivate init(_ protocolId: Int64, _ sn: UInt32, _ payload: ByteBuffer) {
    self.init(protocolId: protocolId, sn: sn, payload: Array(payload.readableBytesView))
  }
}

extension PeerMutation.WireFrame {
  /// Its bytes as it is, right or wrong.
  fileprivate var encoded: [UInt8] {
    var bytes: [UInt8] = []
    WebSocketFrameHeader(
      fin: fin, rsv: rsv, opcode: opcode, maskingKey: maskingKey, payloadLength: UInt64(payload.count),
      lengthForm: lengthForm
    ).append(to: &bytes)
    var payload = payload
    if let maskingKey, isPayloadMasked { payload.withUnsafeMutableBytes { Masking.apply(maskingKey, to: $0) } }
    return bytes + payload
  }
}

extension Connection {
  /// Its handler, where its server has faults.
  fileprivate var faulty: FaultyConnectionHandler? { handler as? FaultyConnectionHandler }
}
