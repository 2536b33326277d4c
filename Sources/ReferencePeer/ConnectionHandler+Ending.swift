import Conversation
import FrameCodec
import NIOCore
import Specification

extension ConnectionHandler {
  // MARK: - What programs and the hub ask for, on the event loop

  /// Closes the connection with a close frame; the peer's is awaited for the close wait.
  func close(code: UInt16?, reason: String) {
    if case .open = phase {
    } else {
      // Nobody knows of it yet, or it is closed.
      context?.close(promise: nil)
      return
    }
    ending.note(.closed(code: code), reason)
    perform(closeReason: reason) { conversation, actions in
      conversation.close(code: code, at: LoopResources.now(), into: &actions)
    }
    rearmTimer()
  }

  /// A newer connection with this identity, at `newAddress`, takes this one's place.
  func displace(by newAddress: [UInt8]) {
    guard case .open = phase, conversation.isOpen, let details else { return }
    ending.note(.displaced, "by \(String(decoding: newAddress, as: UTF8.self))")
    let displacement = Displacement(
      oldAddress: details.address, newAddress: newAddress, timestampNanoseconds: WallClock.nanoseconds)
    var actions = loop.takeActions()
    conversation.displace(at: LoopResources.now(), into: &actions)
    carryOut(actions, EventContent(payload: ByteBuffer(bytes: displacement.encoded())))
    loop.giveBack(actions)
  }

  /// The server drops the connection.
  func kick() {
    guard case .open = phase else { return }
    ending.note(.kicked, "")
    perform { conversation, actions in conversation.kick(at: LoopResources.now(), into: &actions) }
  }

  /// Ends the channel at once.
  func cutOff() { context?.close(promise: nil) }

  /// Calls `observer` when the channel is closed, or at once if it is.
  func whenEnded(_ observer: @escaping @Sendable (ConnectionEnd) -> Void) {
    if case .ended = phase {
      observer(ending.known)
    } else {
      ending.tell(observer)
    }
  }

  // MARK: - How it ends

  /// The connection is no longer open: the hub forgets it, and programs are told.
  func leave() {
    guard details != nil, ending.leave() else { return }
    settings.hub?.remove(self)
    settings.callbacks.closing?(handle)
    while let sender = outbound.nextSender() { sender() }
  }

  /// The conversation is over: what is queued goes out, then the output is closed, and then the peer's end is awaited, because
  /// closing a socket with bytes unread would reset it and could destroy what the peer has not read (RFC 6455 section 7.1.1).
  func closeTransport() {
    leave()
    phase = .lingering
    ending.closeAfterFlush()
    _ = inbound.release()
    phaseDeadline = LoopResources.now() &+ settings.closeWait
    rearmTimer()
    try? context?.channel.syncOptions?.setOption(.autoRead, value: true)
    requestFlush()
  }

  /// Everything was handed to the socket.
  func closeOutput() {
    ending.outputCloses()
    guard let context else { return }
    if ending.peerHasClosed {
      context.close(promise: nil)
    } else {
      context.close(mode: .output, promise: nil)
    }
  }

  /// The peer will send nothing more.
  func inputClosed() {
    switch phase {
    case .accepting, .dialing, .open: settings.observer?.peerEnded(connection: number)
    case .lingering, .ended: break
    }
    switch phase {
    case .accepting: ending.note(.handshakeFailed, "the peer ended the transport")
    case .dialing: return giveUpDialing((dial?.opening ?? AnswerOpening()).cut)
    case .open, .lingering, .ended: ending.note(.transportEnded, "")
    }
    context?.close(promise: nil)
  }

  /// The channel is closed, or will be at once.
  func channelEnded() {
    if case .ended = phase { return }
    if case .open = phase {
      ending.note(.transportEnded, "")
      perform { conversation, actions in
        conversation.transportClosed(at: LoopResources.now(), into: &actions)
      }
    }
    leave()
    phase = .ended
    timer.cancel(in: loop)
    phaseDeadline = .max
    _ = inbound.release()
    tasks?.cancelAll()
    inbox?.finish()
    discardQueue()
    dial?.fail()
    dial = nil
    let (end, observers) = ending.finish()
    settings.observer?.closed(connection: number)
    guard details != nil else { return }
    loop.counters?.closed()
    settings.callbacks.closed?(handle, end)
    for observer in observers { observer(end) }
  }
}
