import Conversation
import Deflate
import FrameCodec
import NIOCore
import Negotiation
import Specification
import Synchronization
import WebSocketCodec

/// One connection in its channel's pipeline, from the first byte to the last: the upgrade, then WebSocket, frames and calls.
///
/// It owns what the core needs (decoder, conversation, contexts), feeds it with what the socket and the program do, and carries
/// out what comes back. All of it is touched on the connection's event loop only; `Connection` is what others hold, and hops.
/// After the upgrade this is the only handler of the pipeline (TLS apart), and an idle connection holds nothing but itself.
///
/// The methods below are the steps between the socket and the core, in the order in which things pass them; each calls the next.
/// Whatever enters or leaves the core is the argument of one of them, so that a subclass can stand between any two.
class ConnectionHandler: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// How far the connection has come.
  enum Phase {
    /// A server reads the upgrade request.
    case accepting(UpgradeRequestParser)
    /// A client awaits the answer to its upgrade request.
    case dialing(UpgradeResponseParser)
    /// Frames go back and forth.
    case open
    /// Everything was written and the output closed; what still comes is thrown away.
    case lingering
    /// The channel is closed.
    case ended
  }

  let settings: PeerSettings
  let loop: LoopResources
  let number: UInt64
  var context: ChannelHandlerContext?
  var phase: Phase
  var conversation: Conversation
  var revision: SpokenRevision
  var compression: MessageCompression?

  /// Set once, when the upgrade is done, and before anybody else sees the connection.
  var details: ConnectionDetails?

  /// A client's side of the upgrade.
  var dial: Dial?

  /// What comes in, what goes out, and how it ends.
  var inbound: InboundStream
  var outbound = OutboundStream()
  var ending = ConnectionEnding()

  /// What is collected for the program; set once, like `details`.
  var inbox: MessageInbox?

  // What waits for this connection, or runs for it.
  var calls: [UInt64: CallCompletion] = [:]
  var tasks: HandlerTasks?
  var isWaitingForBudget = false
  var requestTimes = RequestTimes()

  // When it is woken.
  var timer = ConnectionTimer()
  var phaseDeadline = Int64.max

  private let storage = AtomicLazyReference<ConnectionStore>()

  /// The values that programs keep with this connection; made when it is first asked for. For any thread.
  var store: ConnectionStore { storage.load() ?? storage.storeIfNil(ConnectionStore()) }

  init(settings: PeerSettings, loop: LoopResources, phase: Phase, dial: Dial? = nil) {
    self.settings = settings
    self.loop = loop
    self.phase = phase
    self.dial = dial
    number = settings.nextConnectionNumber()
    revision = SpokenRevision(settings.options.revision, role: settings.role)
    conversation = Conversation(role: settings.role)
    inbound = InboundStream(receiver: settings.role)
  }

  /// The handle for programs.
  var handle: Connection { Connection(handler: self) }

  var role: PeerRole { settings.role }

  // MARK: - The upgrade of a server

  /// Bytes came that belong to the upgrade request.
  func readUpgradeRequest(_ buffer: inout ByteBuffer, _ parser: inout UpgradeRequestParser) {
    let outcome = buffer.withUnsafeReadableBytes { parser.read($0.bytes) }
    switch outcome {
    case .incomplete: phase = .accepting(parser)
    case .violation(let error):
      answer(
        .refused(
          HandshakeResponder.refuse(error, policy: settings.handshakePolicy).response, reason: error.reason))
    case .request(let request, let taken):
      buffer.moveReaderIndex(forwardBy: taken)
      answer(settings.verdict(on: request, from: context?.remoteAddress))
      if buffer.readableBytes > 0, case .open = phase { receive(&buffer) }
    }
  }

  /// The request is answered.
  func answer(_ verdict: UpgradeVerdict) {
    switch verdict {
    case .refused(let response, let reason): refuse(response, reason)
    case .granted(let response, let details, let interim):
      if let bytes = try? (interim?.bytes() ?? []) + response.bytes() {
        accept(details, bytes)
      } else {
        answer(.refused(.refusal(status: 500, detail: ""), reason: "the answer cannot be written"))
      }
    }
  }

  /// Frames may come from now on, of a client or a server.
  func open(_ details: ConnectionDetails) {
    self.details = details
    if settings.handlers.collects {
      let handle = handle
      inbox = MessageInbox(limit: settings.options.collectedMessageLimit) { handle.onLoop { $0.resumeReading() } }
    }
    phaseDeadline = .max
    phase = .open
    inbound.open(allowsCompression: details.deflate != nil, maxMessageLength: settings.maxMessageLength)
    if let deflate = details.deflate, let options = settings.options.compression {
      compression = MessageCompression(parameters: deflate, role: role, level: options.level)
    }
    conversation = Conversation(
      role: role,
      configuration: settings.conversationConfiguration(
        displacementProtocolId: revision.current.displacementProtocolId),
      establishedAt: LoopResources.now())
    loop.counters?.opened()
  }

  /// The newcomer enters the hub, gets its 101, and takes the place of who had its identity.
  ///
  /// - Parameter response: The bytes of the 101; nil where somebody else has sent it.
  func enter(_ response: [UInt8]?) {
    // A client that has its 101 is in the hub, and has it before the one that it displaces hears of it.
    let displaced = settings.hub?.register(self)
    if let response {
      writeRaw(response)
      flush()
    }
    if let displaced { takePlace(of: displaced) }
    settings.callbacks.established?(handle)
  }

  /// An older connection is displaced by this one.
  func takePlace(of older: ConnectionHandler) {
    guard let address = details?.address else { return }
    // Never at once, also on the same event loop: the newcomer comes first.
    older.loop.eventLoop.execute { older.displace(by: address) }
  }

  // MARK: - The upgrade of a client

  /// Bytes came that belong to the answer to the upgrade request.
  func readUpgradeResponse(_ buffer: inout ByteBuffer, _ parser: inout UpgradeResponseParser) {
    if let stranger = dial?.received(buffer.readableBytesView) { return giveUpDialing(stranger) }
    let outcome = buffer.withUnsafeReadableBytes { parser.read($0.bytes) }
    switch outcome {
    case .incomplete:
      phase = .dialing(parser)
    case .violation(let error, let head, _): giveUpDialing(error.failure(head))
    case .upgraded(let answer, let taken):
      buffer.moveReaderIndex(forwardBy: taken)
      guard let dial else { return }
      let asked = dial.metadata
      open(
        ConnectionDetails(
          metadata: asked,
          selection: NegotiatedSelection(
            version: answer.version ?? asked.version, charset: answer.charset ?? asked.charset,
            selectedProtocol: answer.selectedProtocol),
          address: context?.remoteAddress.map(Self.text) ?? [], deflate: answer.deflate))
      self.dial = nil
      settings.callbacks.established?(handle)
      dial.succeed(handle)
      if buffer.readableBytes > 0, case .open = phase { receive(&buffer) }
    }
  }

  // MARK: - What comes in

  /// The decoder found something.
  func take(_ item: InboundItem, of buffer: ByteBuffer, at now: Int64) {
    switch item {
    case .messageStarted:
      perform { conversation, actions in conversation.messageStarted(at: now, into: &actions) }
    case .control(let opcode, let payload): takeControl(opcode, payload, at: now)
    case .violation(let violation): fail(violation.closeCode, violation.reason, at: now)
    case .message(let payload, let isText, let isCompressed, let wasAnnounced):
      var bytes = payload.bytes(in: buffer)
      if isCompressed {
        guard let inflated = inflate(bytes, isText: isText, at: now) else { return }
        bytes = inflated
      }
      take(
        InboundMessage(bytes: bytes, isText: isText, isCompressed: isCompressed, wasAnnounced: wasAnnounced), at: now)
    }
  }

  /// A message cannot be inflated.
  func inflationFailed(_ error: DeflateError, at now: Int64) {
    fail(error.code == .tooLarge ? 1009 : 1007, error.reason, at: now)
  }

  /// A message is whole, unmasked and inflated.
  func take(_ message: InboundMessage, at now: Int64) {
    if let messageHandler = settings.messageHandler {
      perform { conversation, actions in conversation.messageStarted(at: now, into: &actions) }
      if conversation.isOpen { messageHandler(message.isText, message.bytes, handle) }
      return
    }
    guard !message.isText else { return fail(1003, "a text message; frames come in binary messages", at: now) }
    if revision.learn(from: message.bytes) {
      conversation.displacementProtocolId = revision.current.displacementProtocolId
    }
    let outcome = message.bytes.withUnsafeReadableBytes { bytes in
      FrameCodec.decodeMessage(
        bytes.bytes, revision: revision.current, maxFrameLength: settings.options.maxFrameLength)
    }
    switch outcome {
    case .frame(let header):
      let place = message.bytes.readerIndex + header.payload.lowerBound
      take(
        InboundFrame(
          protocolId: header.protocolId, sn: header.sn ?? 0,
          payload: message.bytes.getSlice(at: place, length: header.payload.count) ?? ByteBuffer(),
          wasAnnounced: message.wasAnnounced),
        at: now)
    case .trailing(_, let rest):
      let violation = FrameViolation(.trailingBytes, offset: rest.lowerBound, observed: UInt64(rest.count))
      fail(violation.closeCode, violation.reason, at: now)
    case .violation(let violation): fail(violation.closeCode, violation.reason, at: now)
    }
  }

  /// A frame came in.
  func take(_ frame: InboundFrame, at now: Int64) {
    loop.counters?.receivedFrame()
    if settings.options.isDebugging { logFrame("received", frame.protocolId, frame.sn, frame.payload.readableBytes) }
    if let received = settings.callbacks.received {
      let kind: DeliveryKind =
        frame.sn == 0 ? .message : conversation.sequenceNumbers.isOwn(frame.sn) ? .response : .request
      received(
        handle, ReceivedMessage(protocolId: frame.protocolId, sn: frame.sn, kind: kind, payload: frame.payload))
    }
    var actions = loop.takeActions()
    frame.payload.withUnsafeReadableBytes { bytes in
      conversation.receive(
        protocolId: frame.protocolId, sn: frame.sn, payload: bytes.bytes, endsFragmentedMessage: frame.wasAnnounced,
        at: now, into: &actions)
    }
    carryOut(actions, EventContent(payload: frame.payload))
    loop.giveBack(actions)
  }

  // MARK: - What follows, and goes out

  /// Carries out what follows from an event, in that order. Programs are called from here, and may cause further events.
  func carryOut(_ actions: [TimedAction], _ content: EventContent) {
    for timed in actions { carryOut(timed, content) }
  }

  /// A program sends a message or an answer; it goes now, or `completion` is told why not.
  func send(protocolId: Int64, sn: UInt32, payload: ByteBuffer, completion: SendCompletion?) {
    if let fault = encodeHeader(protocolId: protocolId, sn: sn, payloadLength: payload.readableBytes) {
      completion?(.failure(ConnectionError.notEncodable(fault)))
      return
    }
    var actions = loop.takeActions()
    conversation.answer(protocolId: protocolId, sn: sn, at: LoopResources.now(), into: &actions)
    carryOut(actions, EventContent(payload: payload, completion: completion))
    loop.giveBack(actions)
  }

  /// A frame is written, whose header was just encoded into the loop's buffer.
  func writeEncoded(protocolId: Int64, sn: UInt32, payload: ByteBuffer) {
    writeMessage(.binary, head: loop.header, body: payload)
  }

  /// A WebSocket frame is written whose payload is `head` and then `body`.
  func writeWebSocketFrame(_ opcode: UInt8, rsv: UInt8, fin: Bool, head: [UInt8], body: ByteBuffer) {
    guard !settings.options.isMute else { return }
    let key = role == .client ? loop.maskingKeys.next() : nil
    outbound.append(opcode, rsv: rsv, fin: fin, key: key, head: head, body: body, loop: loop)
    requestFlush()
  }
}
