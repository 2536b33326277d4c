import Conversation
import Deflate
import FrameCodec
import Glibc
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

  /// How many bytes of WebSocket frames were written, and whether there is an end to it.
  private var bytesWritten = 0
  private var isCut = false

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
    if mutation.wantsWholeRequests, !isWhole {
      mutation.witness?.shows()
      return cutOff()
    }
    if let change = mutation.requestHead, isWhole {
      let before = text
      change(&text)
      if text != before { mutation.witness?.shows() }
      buffer = ByteBuffer(string: text)
    }
    super.readUpgradeRequest(&buffer, &parser)
  }

  override func answer(_ verdict: UpgradeVerdict) {
    guard let change = mutation.response else { return super.answer(verdict) }
    switch verdict {
    case .granted(var response, let details, let interim):
      let before = response
      change(&response, true)
      if response != before { mutation.witness?.shows() }
      super.answer(.granted(response, details, interim: interim))
    case .refused(var response, let reason):
      let before = response
      change(&response, false)
      if response != before { mutation.witness?.shows() }
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
    let changed = mutation.details?(details) ?? details
    if changed.deflate != details.deflate || changed.identity != details.identity { mutation.witness?.shows() }
    super.open(changed)
    if mutation.overlooks != nil { inbound.goOnAfterViolations() }
  }

  override func enter(_ response: [UInt8]?) {
    guard mutation.refusesNewcomers, let identity = details?.identity,
      settings.hub?.connection(identity: identity) != nil
    else { return super.enter(response) }
    mutation.witness?.shows()
    if let response { writeRaw(response) }
    close(code: 1008, reason: "")
  }

  override func takePlace(of older: ConnectionHandler) {
    guard mutation.displacesNobody else { return super.takePlace(of: older) }
    mutation.witness?.shows()
  }

  // MARK: - What comes in

  override func take(_ item: InboundItem, of buffer: ByteBuffer, at now: Int64) {
    guard let changed = changed(item, of: buffer) else {
      mutation.witness?.isDeafened()
      return
    }
    super.take(changed, of: buffer, at: now)
  }

  /// What becomes of what the decoder found; nil: it is dropped.
  private func changed(_ item: InboundItem, of buffer: ByteBuffer) -> InboundItem? {
    switch item {
    case .messageStarted: return item
    case .violation(let violation): return mutation.overlooks?(violation.code) == true ? nil : item
    case .control(var opcode, var payload):
      guard let change = mutation.control else { return item }
      let before = (opcode, payload)
      guard change(&opcode, &payload) else { return nil }
      if before != (opcode, payload) { mutation.witness?.shows() }
      return .control(opcode, payload)
    case .message(let payload, _, let isCompressed, _):
      if case .assembled = payload, mutation.assembled?(isCompressed) == false { return nil }
      if isCompressed, let takes = mutation.compressed, !takes(Array(payload.bytes(in: buffer).readableBytesView)) {
        return nil
      }
      return item
    }
  }

  override func inflationFailed(_ error: DeflateError, at now: Int64) {
    guard mutation.overlooksInflateErrors else { return super.inflationFailed(error, at: now) }
    mutation.witness?.isDeafened()
  }

  override func take(_ message: InboundMessage, at now: Int64) {
    mutation.witness?.hears(message.bytes, revision.current, on: number)
    guard let change = mutation.message else { return super.take(message, at: now) }
    var changed = PeerMutation.Message(
      bytes: Array(message.bytes.readableBytesView), isText: message.isText, isCompressed: message.isCompressed,
      isDeflateAgreed: details?.deflate != nil, revision: revision.current)
    let takes = change(&changed)
    if !takes || changed.isText != message.isText || !changed.bytes.elementsEqual(message.bytes.readableBytesView) {
      mutation.witness?.shows()
    }
    guard takes else { return }
    super.take(
      InboundMessage(
        bytes: ByteBuffer(bytes: changed.bytes), isText: changed.isText, isCompressed: message.isCompressed,
        wasAnnounced: message.wasAnnounced),
      at: now)
  }

  override func take(_ frame: InboundFrame, at now: Int64) {
    guard let change = mutation.received else { return super.take(frame, at: now) }
    var changed = PeerMutation.Frame(frame.protocolId, frame.sn, frame.payload)
    let before = changed
    let takes = change(&changed, handle)
    if !takes || changed != before { mutation.witness?.shows() }
    guard takes else { return }
    super.take(
      InboundFrame(
        protocolId: changed.protocolId, sn: changed.sn, payload: ByteBuffer(bytes: changed.payload),
        wasAnnounced: frame.wasAnnounced),
      at: now)
  }

  // MARK: - What follows, and goes out

  override func carryOut(_ actions: [TimedAction], _ content: EventContent) {
    let before = actions
    var actions = mutation.actions?(actions) ?? actions
    if actions != before { mutation.witness?.shows() }
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
      if let other = late(frame, handle)?.faulty {
        mutation.witness?.shows()
        other.writeUncounted(frame)
      }
    }
    super.send(protocolId: protocolId, sn: sn, payload: payload, completion: completion)
  }

  override func writeEncoded(protocolId: Int64, sn: UInt32, payload: ByteBuffer) {
    let frame = PeerMutation.Frame(protocolId, sn, payload)
    guard let change = mutation.sent else {
      mutation.witness?.says(frame, on: number)
      changeHeader()
      return super.writeEncoded(protocolId: protocolId, sn: sn, payload: payload)
    }
    // Perhaps twice, to somebody else, or not at all.
    let changed = change(frame, handle)
    if changed.count != 1 || changed[0].frame != frame || changed[0].to != handle { mutation.witness?.shows() }
    for (frame, connection) in changed { connection.faulty?.writeUncounted(frame) }
  }

  /// Changes the header that was just encoded.
  private func changeHeader() {
    guard let change = mutation.header else { return }
    let before = loop.header
    change(&loop.header)
    if loop.header != before { mutation.witness?.spoils(number) }
  }

  /// Writes a frame that no queue knows of, if it can be encoded.
  private func writeUncounted(_ frame: PeerMutation.Frame) {
    guard loop.eventLoop.inEventLoop else { return loop.eventLoop.execute { self.writeUncounted(frame) } }
    guard conversation.isOpen,
      encodeHeader(protocolId: frame.protocolId, sn: frame.sn, payloadLength: frame.payload.count) == nil
    else { return }
    mutation.witness?.says(frame, on: number)
    changeHeader()
    super.writeEncoded(protocolId: frame.protocolId, sn: frame.sn, payload: ByteBuffer(bytes: frame.payload))
  }

  override func writeWebSocketFrame(_ opcode: UInt8, rsv: UInt8, fin: Bool, head: [UInt8], body: ByteBuffer) {
    guard mutation.wire != nil || mutation.cut != nil, !settings.options.isMute else {
      return super.writeWebSocketFrame(opcode, rsv: rsv, fin: fin, head: head, body: body)
    }
    let payload = head + body.readableBytesView
    let frame = PeerMutation.WireFrame(
      fin: fin, rsv: rsv, opcode: opcode, maskingKey: role == .client ? loop.maskingKeys.next() : nil,
      lengthForm: .minimal(for: UInt64(payload.count)),
      payload: payload)
    let changed = mutation.wire?(frame) ?? [frame]
    if changed != [frame], opcode < 8 {
      mutation.witness?.spoils(number)
    } else if changed != [frame] {
      mutation.witness?.shows()
    }
    for frame in changed { writeUpToCut(frame.encoded) }
  }

  /// Writes bytes as far as the connection is to carry any.
  private func writeUpToCut(_ bytes: [UInt8]) {
    guard let cut = mutation.cut else { return writeRaw(bytes) }
    guard !isCut else {
      mutation.witness?.spoils(number)
      return
    }
    guard bytesWritten + bytes.count > cut.offset else {
      bytesWritten += bytes.count
      return writeRaw(bytes)
    }
    isCut = true
    mutation.witness?.spoils(number)
    writeRaw(Array(bytes.prefix(cut.offset - bytesWritten)))
    flush()
    guard let channel = context?.channel else { return }
    switch cut.kind {
    case .stall: break
    case .end: channel.close(promise: nil)
    case .reset:
      guard let provider = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
      provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    }
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
