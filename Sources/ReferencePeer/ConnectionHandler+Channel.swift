import Conversation
import NIOCore
import NIOTLS

extension ConnectionHandler {
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
    if let request = dial?.takeRequest() { writeRaw(request) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    loop.counters?.received(bytes: buffer.readableBytes)
    settings.observer?.received(buffer, connection: number)
    outbound.readBegins()
    switch phase {
    case .accepting(var parser): readUpgradeRequest(&buffer, &parser)
    case .dialing(var parser): readUpgradeResponse(&buffer, &parser)
    case .open: receive(&buffer)
    case .lingering, .ended: break
    }
    loop.giveBack(buffer)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    outbound.readEnds()
    flush()
    rearmTimer()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    outbound.setCongested(!context.channel.isWritable)
    if context.channel.isWritable { roomAppeared() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { inputClosed() }
    if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { dial?.tlsIsUp() }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case .dialing = phase {
      let failure = TransportFault.failure(of: error)
      return giveUpDialing(failure.kind == .closed ? (dial?.opening ?? AnswerOpening()).cut : failure)
    }
    ending.note(.transportEnded, TransportFault.reason(of: error))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { channelEnded() }

  func handlerRemoved(context: ChannelHandlerContext) {
    channelEnded()
    self.context = nil
  }

  // MARK: - Timers

  /// Sets the timer to the earliest of what this connection waits for.
  func rearmTimer() {
    var deadline = min(phaseDeadline, outbound.deadline)
    if case .open = phase { deadline = min(deadline, conversation.nextDeadline ?? .max) }
    timer.set(for: self, notAfter: deadline)
  }

  /// The loop wakes the connection.
  func timerFired(at now: Int64) {
    timer.fired()
    if now >= phaseDeadline { return phaseTimedOut() }
    if now >= outbound.deadline, let wait = settings.writeWait, outbound.hasProgress(socketBacklog) {
      outbound.extend(to: now &+ wait)
    } else if now >= outbound.deadline {
      ending.note(.writeTimeout, "")
      context?.close(promise: nil)
      return
    }
    if case .open = phase {
      if inbound.isHeld, let due = conversation.keepAlive.readDeadline, now >= due {
        // This side has stopped reading: the silence is not the peer's.
        perform { conversation, actions in conversation.messageStarted(at: due - 1, into: &actions) }
      }
      let readDeadline = conversation.keepAlive.readDeadline ?? .max
      if now >= readDeadline { ending.note(.readTimeout, "") }
      perform { conversation, actions in conversation.advance(to: now, into: &actions) }
      flush()
    }
    rearmTimer()
  }

  private func phaseTimedOut() {
    phaseDeadline = .max
    switch phase {
    case .accepting: ending.note(.handshakeFailed, "the handshake took too long")
    case .dialing:
      return giveUpDialing((dial?.opening ?? AnswerOpening()).late(after: Double(settings.handshakeWait) / 1e9))
    case .open, .lingering, .ended: break
    }
    context?.close(promise: nil)
  }
}
