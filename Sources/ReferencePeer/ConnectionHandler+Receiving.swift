import Conversation
import Deflate
import FrameCodec
import NIOCore
import Specification
import WebSocketCodec

extension ConnectionHandler {
  /// Takes what was read: decodes all of it, then hands it on.
  func receive(_ buffer: inout ByteBuffer) {
    var items = loop.takeItems()
    inbound.decode(&buffer, into: &items, allocator: loop.allocator)
    if !inbound.holdAsWell(items, of: buffer) { handOn(items, from: 0, of: buffer) }
    loop.giveBack(items)
  }

  /// Hands items on, one after the other, as long as the send queue has room for an answer to each.
  private func handOn(_ items: [InboundItem], from first: Int, of buffer: ByteBuffer) {
    let now = LoopResources.now()
    for index in first..<items.count {
      guard case .open = phase else { return }
      if !canTakeMore { flush() }
      guard canTakeMore else {
        inbound.hold(items, from: index, of: buffer)
        setReading(false)
        awaitBudget()
        return
      }
      take(items[index], of: buffer, at: now)
    }
  }

  /// Goes on with what waited for room, if there is some.
  func resumeReading() {
    guard inbound.isHeld else { return }
    guard canTakeMore else { return awaitBudget() }
    if let waiting = inbound.release() { handOn(waiting.items, from: waiting.next, of: waiting.buffer) }
    if !inbound.isHeld { setReading(true) }
    requestFlush()
  }

  /// Whether another frame may be handed on: an answer would have room, neither are too many handlers at work nor do they hold too
  /// much, and what is collected is taken.
  var canTakeMore: Bool {
    hasRoom && tasks?.count ?? 0 < settings.options.runningHandlerLimit && hasBudget && inbox?.isFull != true
  }

  private var hasBudget: Bool {
    !settings.handlers.hasTasks || settings.options.handlerBudget.hasRoom(own: tasks?.bytes ?? 0)
  }

  /// Asks to be told when other connections have freed some of the budget, if that is what is missing.
  private func awaitBudget() {
    guard !isWaitingForBudget, !hasBudget else { return }
    isWaitingForBudget = true
    settings.options.handlerBudget.whenFreed(own: tasks?.bytes ?? 0) {
      self.loop.eventLoop.execute {
        self.isWaitingForBudget = false
        self.resumeReading()
      }
    }
  }

  private func setReading(_ reads: Bool) {
    guard let context else { return }
    // A channel that is closed by now has no options.
    try? context.channel.syncOptions?.setOption(.autoRead, value: reads)
  }

  /// A control frame came in.
  func takeControl(_ opcode: WebSocketOpcode, _ payload: [UInt8], at now: Int64) {
    switch opcode {
    case .ping:
      perform(pong: payload) { conversation, actions in conversation.pingReceived(at: now, into: &actions) }
      settings.callbacks.pingReceived?(handle, payload)
    case .pong:
      perform { conversation, actions in conversation.pongReceived(at: now, into: &actions) }
      settings.callbacks.pongReceived?(handle, payload)
    case .close:
      ending.peerCloses()
      let code = CloseBody(reading: payload).code
      ending.note(.peerClosed(code: code), CloseBody(reading: payload).reason)
      perform { conversation, actions in conversation.peerClosed(code: code, at: now, into: &actions) }
    case .continuation, .text, .binary: break
    }
  }

  /// Inflates a message; nil: it cannot be, and what follows from that was done.
  func inflate(_ message: ByteBuffer, isText: Bool, at now: Int64) -> ByteBuffer? {
    loop.plain.removeAll(keepingCapacity: true)
    var failure: DeflateError?
    message.withUnsafeReadableBytes { bytes in
      do throws(DeflateError) {
        try compression?.inflate(
          bytes, maxLength: settings.maxMessageLength, into: &loop.plain, pool: &loop.deflateContexts)
      } catch { failure = error }
    }
    if let failure {
      inflationFailed(failure, at: now)
      return nil
    }
    // Uncompressed text was validated while it came in.
    if isText {
      var validator = UTF8Validator()
      let bad = loop.plain.withUnsafeBytes { validator.validate($0) }
      if bad != nil || !validator.isComplete {
        fail(1007, "a text message is not UTF-8", at: now)
        return nil
      }
    }
    defer { if loop.plain.capacity > 1 << 20 { loop.plain = [] } }
    return ByteBuffer(bytes: loop.plain)
  }

  /// The peer broke a rule: the connection is failed.
  func fail(_ closeCode: UInt16, _ reason: String, at now: Int64) {
    ending.note(.violation(code: closeCode), reason)
    perform(closeReason: reason) { conversation, actions in
      conversation.violationFound(closeCode: closeCode, at: now, into: &actions)
    }
  }
}
