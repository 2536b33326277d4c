import Conversation
import Deflate
import FrameCodec
import NIOCore
import Specification
import WebSocketCodec

/// What the decoder found in one read, kept until all of the read is decoded: unmasking happens in place, so the buffer must
/// not be shared before.
enum InboundItem {
  /// A data message; where its first fragment was announced before, it does not restart the read deadline.
  case message(InboundPayload, isText: Bool, isCompressed: Bool, wasAnnounced: Bool)
  case control(WebSocketOpcode, [UInt8])
  case violation(WebSocketViolation)
  /// A message began and is not complete.
  case messageStarted
}

/// Where a message is.
enum InboundPayload {
  /// In the read buffer, counted from its reader index: nothing was copied.
  case inBuffer(Range<Int>)
  /// It came in pieces and was put together.
  case assembled(ByteBuffer)
}

/// What came in while the send queue had no room: it waits here, and nothing more is read.
final class InboundBacklog {
  var items: [InboundItem]
  var next: Int
  let buffer: ByteBuffer

  init(items: [InboundItem], next: Int, buffer: ByteBuffer) {
    self.items = items
    self.next = next
    self.buffer = buffer
  }
}

extension ConnectionHandler {
  /// Takes what was read: decodes all of it, then hands it on.
  func receive(_ buffer: inout ByteBuffer) {
    var items = loop.takeItems()
    decode(&buffer, into: &items)
    if let backlog {
      // NIO may deliver a last read after reading was switched off.
      backlog.items += items.map { $0.detached(from: buffer) }
    } else {
      process(items, from: 0, of: buffer)
    }
    loop.giveBack(items)
  }

  private func decode(_ buffer: inout ByteBuffer, into items: inout [InboundItem]) {
    let announced = announcedMessageStart
    buffer.withUnsafeReadableBytes { readable in
      // The one other reference is that of NIO, which waits for this read to return: writing through `buffer` would copy all
      // of it for nothing. Slices are made only after this.
      let bytes = UnsafeMutableRawBufferPointer(mutating: readable)
      var position = 0
      while let event = decoder.next(unmaskingInPlace: bytes, at: &position) {
        switch event {
        case .message(let message):
          items.append(
            .message(
              place(of: message.payload, in: bytes), isText: message.opcode == .text,
              isCompressed: message.compressed,
              wasAnnounced: announced != nil && message.streamRange.lowerBound == announced))
        case .control(let control): items.append(.control(control.opcode, control.payload))
        case .violation(let violation):
          if settings.mutation?.overlooks?(violation.code) != true { items.append(.violation(violation)) }
        case .lostMessage: break
        }
      }
    }
    if decoder.isBetweenMessages {
      announcedMessageStart = nil
      decoder.releaseMemory()
    } else if let start = decoder.unfinishedMessageStart, start != announced {
      announcedMessageStart = start
      items.append(.messageStarted)
    }
  }

  private func place(of payload: WebSocketPayload, in bytes: UnsafeMutableRawBufferPointer) -> InboundPayload {
    switch payload {
    case .input(let range): return .inBuffer(range)
    case .buffer:
      var copy = loop.allocator.buffer(capacity: payload.count)
      decoder.withPayload(payload, of: bytes.bytes) { span in
        span.withUnsafeBytes { _ = copy.writeBytes($0) }
      }
      return .assembled(copy)
    }
  }

  /// Hands items on, one after the other, as long as the send queue has room for an answer to each.
  func process(_ items: [InboundItem], from first: Int, of buffer: ByteBuffer) {
    let now = LoopResources.now()
    for index in first..<items.count {
      guard case .open = phase else { return }
      if !canTakeMore { flush() }
      guard canTakeMore else {
        backlog = InboundBacklog(items: items, next: index, buffer: buffer)
        setReading(false)
        awaitBudget()
        return
      }
      process(items[index], of: buffer, at: now)
    }
  }

  /// Goes on with what waited for room, if there is some.
  func resumeBacklog() {
    guard backlog != nil else { return }
    guard canTakeMore else { return awaitBudget() }
    processBacklog()
    requestFlush()
  }

  private func processBacklog() {
    guard let waiting = backlog else { return }
    backlog = nil
    process(waiting.items, from: waiting.next, of: waiting.buffer)
    if backlog == nil { setReading(true) }
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
        self.resumeBacklog()
      }
    }
  }

  private func setReading(_ reads: Bool) {
    guard let context else { return }
    // A channel that is closed by now has no options.
    try? context.channel.syncOptions?.setOption(.autoRead, value: reads)
  }

  private func process(_ item: InboundItem, of buffer: ByteBuffer, at now: Int64) {
    switch item {
    case .messageStarted:
      perform { conversation, actions in conversation.messageStarted(at: now, into: &actions) }
    case .control(let opcode, let payload): takeControl(opcode, payload, at: now)
    case .violation(let violation): fail(violation.closeCode, violation.reason, at: now)
    case .message(let place, let isText, let isCompressed, let wasAnnounced):
      let message: ByteBuffer
      switch place {
      case .assembled(let assembled):
        if settings.mutation?.assembled?(isCompressed) == false { return }
        message = assembled
      case .inBuffer(let range):
        message =
          buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
      }
      guard isCompressed else { return take(message, isText: isText, wasAnnounced: wasAnnounced, at: now) }
      if settings.mutation?.compressed?(Array(message.readableBytesView)) == false { return }
      if let inflated = inflate(message, isText: isText, at: now) {
        take(inflated, isText: isText, isCompressed: true, wasAnnounced: wasAnnounced, at: now)
      }
    }
  }

  private func takeControl(_ opcode: WebSocketOpcode, _ payload: [UInt8], at now: Int64) {
    var (opcode, payload) = (opcode, payload)
    if let change = settings.mutation?.control, !change(&opcode, &payload) { return }
    switch opcode {
    case .ping:
      perform(pong: payload) { conversation, actions in conversation.pingReceived(at: now, into: &actions) }
      settings.callbacks.pingReceived?(handle, payload)
    case .pong:
      perform { conversation, actions in conversation.pongReceived(at: now, into: &actions) }
      settings.callbacks.pongReceived?(handle, payload)
    case .close:
      peerHasClosed = true
      let code = CloseBody(reading: payload).code
      noteEnd(ConnectionEnd(cause: .peerClosed(code: code), detail: CloseBody(reading: payload).reason))
      perform { conversation, actions in conversation.peerClosed(code: code, at: now, into: &actions) }
    case .continuation, .text, .binary: break
    }
  }

  private func inflate(_ message: ByteBuffer, isText: Bool, at now: Int64) -> ByteBuffer? {
    loop.plain.removeAll(keepingCapacity: true)
    var failure: DeflateError?
    message.withUnsafeReadableBytes { bytes in
      do throws(DeflateError) {
        try compression?.inflate(
          bytes, maxLength: decoder.configuration.maxMessageLength, into: &loop.plain, pool: &loop.deflateContexts)
      } catch { failure = error }
    }
    if let failure {
      if settings.mutation?.overlooksInflateErrors == true { return nil }
      fail(failure.code == .tooLarge ? 1009 : 1007, failure.reason, at: now)
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

  /// A whole message, unmasked and inflated.
  private func take(
    _ message: ByteBuffer, isText: Bool, isCompressed: Bool = false, wasAnnounced: Bool, at now: Int64
  ) {
    var message = message
    var isText = isText
    if let change = settings.mutation?.message {
      guard let changed = mutated(message, isText: isText, isCompressed: isCompressed, change) else { return }
      (message, isText) = changed
    }
    if let messageHandler = settings.messageHandler {
      perform { conversation, actions in conversation.messageStarted(at: now, into: &actions) }
      if conversation.isOpen { messageHandler(isText, message, handle) }
      return
    }
    guard !isText else { return fail(1003, "a text message; frames come in binary messages", at: now) }
    if awaitsFirstFrame { detectRevision(message) }
    let outcome = message.withUnsafeReadableBytes { bytes in
      FrameCodec.decodeMessage(
        bytes.bytes, revision: revision, maxFrameLength: settings.options.maxFrameLength)
    }
    switch outcome {
    case .frame(let header): takeFrame(header, of: message, wasAnnounced: wasAnnounced, at: now)
    case .trailing(let header, let rest):
      let violation = FrameViolation(.trailingBytes, offset: rest.lowerBound, observed: UInt64(rest.count))
      _ = header
      fail(violation.closeCode, violation.reason, at: now)
    case .violation(let violation): fail(violation.closeCode, violation.reason, at: now)
    }
  }

  private func takeFrame(_ header: FrameHeader, of message: ByteBuffer, wasAnnounced: Bool, at now: Int64) {
    var header = header
    var payload =
      message.getSlice(at: message.readerIndex + header.payload.lowerBound, length: header.payload.count)
      ?? ByteBuffer()
    if let change = settings.mutation?.received {
      var frame = PeerMutation.Frame(
        protocolId: header.protocolId, sn: header.sn ?? 0, payload: Array(payload.readableBytesView))
      guard change(&frame, handle) else { return }
      (header.protocolId, header.sn, payload) = (frame.protocolId, frame.sn, ByteBuffer(bytes: frame.payload))
    }
    loop.counters?.receivedFrame()
    if settings.options.isDebugging { logFrame("received", header.protocolId, header.sn ?? 0, payload.readableBytes) }
    if let received = settings.callbacks.received {
      let sn = header.sn ?? 0
      let kind: DeliveryKind = sn == 0 ? .message : conversation.sequenceNumbers.isOwn(sn) ? .response : .request
      received(handle, ReceivedMessage(protocolId: header.protocolId, sn: sn, kind: kind, payload: payload))
    }
    var actions = loop.takeActions()
    payload.withUnsafeReadableBytes { bytes in
      conversation.receive(
        protocolId: header.protocolId, sn: header.sn ?? 0, payload: bytes.bytes, endsFragmentedMessage: wasAnnounced,
        at: now, into: &actions)
    }
    carryOut(actions, EventContent(payload: payload))
    loop.giveBack(actions)
  }

  private func detectRevision(_ message: ByteBuffer) {
    awaitsFirstFrame = false
    var detector = RevisionDetector()
    message.withUnsafeReadableBytes { detector.observe($0.bytes) }
    guard let detected = detector.revision, detected != revision else { return }
    revision = detected
    conversation.displacementProtocolId = detected.displacementProtocolId
  }

  /// The peer broke a rule: the connection is failed.
  func fail(_ closeCode: UInt16, _ reason: String, at now: Int64) {
    noteEnd(ConnectionEnd(cause: .violation(code: closeCode), detail: reason))
    perform(closeReason: reason) { conversation, actions in
      conversation.violationFound(closeCode: closeCode, at: now, into: &actions)
    }
  }
}

extension InboundItem {
  /// The item with bytes of its own, for when the read buffer is given back.
  fileprivate func detached(from buffer: ByteBuffer) -> InboundItem {
    guard case .message(.inBuffer(let range), let isText, let isCompressed, let wasAnnounced) = self else {
      return self
    }
    let slice = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    return .message(.assembled(slice), isText: isText, isCompressed: isCompressed, wasAnnounced: wasAnnounced)
  }
}
