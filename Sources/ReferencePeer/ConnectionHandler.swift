import Conversation
import FrameCodec
import NIOCore
import NIOTLS
import Negotiation
import Specification
import Synchronization
import WebSocketCodec

/// One connection in its channel's pipeline, from the first byte to the last: the upgrade, then WebSocket, frames and calls.
///
/// It owns what the core needs (decoder, conversation, contexts), feeds it with what the socket and the program do, and carries
/// out what comes back. All of it is touched on the connection's event loop only; `Connection` is what others hold, and hops.
/// After the upgrade this is the only handler of the pipeline (TLS apart), and an idle connection holds nothing but itself.
final class ConnectionHandler: ChannelInboundHandler, @unchecked Sendable {
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
  var decoder: WebSocketDecoder
  var revision: Revision
  var awaitsFirstFrame: Bool
  var compression: MessageCompression?

  /// Set once, when the upgrade is done, and before anybody else sees the connection.
  var details: ConnectionDetails?

  /// A client's side of the upgrade.
  var dial: Dial?

  // What is to be written.
  var batch: OutgoingBatch?
  var batchInFlight: OutgoingBatch?
  var isWaitingForFlush = false
  var isReading = false
  var isCongested = false
  var writeDeadline = Int64.max
  /// What of the batch in flight the socket had not taken when the write deadline was set.
  var unwrittenBytes = 0

  // What came in and waits for room in the send queue.
  var backlog: InboundBacklog?
  var isWaitingForBudget = false

  /// Where the unfinished message began that the conversation was told of.
  var announcedMessageStart: Int?

  /// What is collected for the program; set once, like `details`.
  var inbox: MessageInbox?

  // What waits for this connection.
  var calls: [UInt64: CallCompletion] = [:]
  var waitingSenders: WaitingSenders?
  var tasks: HandlerTasks?

  /// When the peer's calls came in that are not answered yet, by sn; kept only while somebody counts.
  var requestTimes: [UInt32: Int64] = [:]

  // Timers.
  var timer: TimerWheel<ConnectionHandler>.Entry?
  var timerTime = Int64.max
  var phaseDeadline = Int64.max

  // The end.
  var end: ConnectionEnd?
  var endObservers: [@Sendable (ConnectionEnd) -> Void] = []
  var hasLeft = false
  var closesAfterFlush = false
  var peerHasClosed = false
  var drains = false

  private let storage = AtomicLazyReference<ConnectionStore>()

  /// The values that programs keep with this connection; made when it is first asked for. For any thread.
  var store: ConnectionStore { storage.load() ?? storage.storeIfNil(ConnectionStore()) }

  init(settings: PeerSettings, loop: LoopResources, phase: Phase) {
    self.settings = settings
    self.loop = loop
    self.phase = phase
    number = settings.nextConnectionNumber()
    revision = settings.options.revision.initial
    if case .detected = settings.options.revision {
      awaitsFirstFrame = settings.role == .server
    } else {
      awaitsFirstFrame = false
    }
    conversation = Conversation(role: settings.role)
    decoder = WebSocketDecoder(WebSocketDecoder.Configuration(receiver: settings.role))
  }

  /// The handle for programs.
  var handle: Connection { Connection(handler: self) }

  var role: PeerRole { settings.role }

  // MARK: - Channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { start() }
  }

  func channelActive(context: ChannelHandlerContext) { start() }

  private func start() {
    phaseDeadline = LoopResources.now() &+ settings.handshakeWait
    rearmTimer()
    if let context {
      settings.observer?.opened(
        connection: number, role: role, local: context.localAddress, remote: context.remoteAddress)
    }
    if let request = dial?.request {
      writeRaw(request)
      dial?.request = nil
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    loop.counters?.received(bytes: buffer.readableBytes)
    settings.observer?.received(buffer, connection: number)
    isReading = true
    switch phase {
    case .accepting(var parser):
      if let change = settings.mutation?.requestHead { mutateRequest(&buffer, change) }
      if settings.mutation?.wantsWholeRequests == true, !String(buffer: buffer).contains("\r\n\r\n") {
        context.close(promise: nil)
        break
      }
      readUpgradeRequest(&buffer, &parser)
    case .dialing(var parser): readUpgradeResponse(&buffer, &parser)
    case .open: receive(&buffer)
    case .lingering, .ended: break
    }
    loop.giveBack(buffer)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
    rearmTimer()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    isCongested = !context.channel.isWritable
    if !isCongested { roomAppeared() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { inputClosed() }
    if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { dial?.opening.isBeforeTLS = false }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case .dialing = phase {
      let failure = TransportFault.failure(of: error)
      return giveUpDialing(failure.kind == .closed ? (dial?.opening ?? AnswerOpening()).cut : failure)
    }
    noteEnd(ConnectionEnd(cause: .transportEnded, detail: TransportFault.reason(of: error)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { channelEnded() }

  func handlerRemoved(context: ChannelHandlerContext) {
    channelEnded()
    self.context = nil
  }

  // MARK: - Timers

  /// The earliest of what this connection waits for, in nanoseconds.
  private var nextDeadline: Int64 {
    var deadline = min(phaseDeadline, writeDeadline)
    if case .open = phase { deadline = min(deadline, conversation.nextDeadline ?? .max) }
    return deadline
  }

  /// Sets the timer, if something is due before it. A timer that fires too early is set again then, so that a deadline which
  /// moves on with every message costs nothing.
  func rearmTimer() {
    let deadline = nextDeadline
    if deadline < timerTime { loop.setTimer(of: self, to: deadline) }
  }

  func timerFired(at now: Int64) {
    if now >= phaseDeadline { return phaseTimedOut() }
    if now >= writeDeadline, let wait = settings.writeWait, hasWriteProgress() {
      writeDeadline = now &+ wait
    } else if now >= writeDeadline {
      noteEnd(ConnectionEnd(cause: .writeTimeout, detail: ""))
      context?.close(promise: nil)
      return
    }
    if case .open = phase {
      if backlog != nil, let due = conversation.keepAlive.readDeadline, now >= due {
        // This side has stopped reading: the silence is not the peer's.
        perform { conversation, actions in conversation.messageStarted(at: due - 1, into: &actions) }
      }
      let readDeadline = conversation.keepAlive.readDeadline ?? .max
      if now >= readDeadline { noteEnd(ConnectionEnd(cause: .readTimeout, detail: "")) }
      perform { conversation, actions in conversation.advance(to: now, into: &actions) }
      flush()
    }
    rearmTimer()
  }

  private func phaseTimedOut() {
    phaseDeadline = .max
    switch phase {
    case .accepting: noteEnd(ConnectionEnd(cause: .handshakeFailed, detail: "the handshake took too long"))
    case .dialing:
      return giveUpDialing((dial?.opening ?? AnswerOpening()).late(after: Double(settings.handshakeWait) / 1e9))
    case .open, .lingering, .ended: break
    }
    context?.close(promise: nil)
  }
}
