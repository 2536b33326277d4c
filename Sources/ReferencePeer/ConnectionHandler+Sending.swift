import Conversation
import Deflate
import FrameCodec
import Logging
import NIOCore
import Specification
import WebSocketCodec

extension ConnectionHandler {
  /// Whether one more frame may be queued: the queue is not full, and the socket takes what it is given.
  var hasRoom: Bool { !conversation.queue.isFull && outbound.hasRoom }

  // MARK: - What programs ask for, on the event loop

  /// Queues a message or an answer.
  ///
  /// - Returns: Why it was not queued; nil: it was.
  func enqueue(protocolId: Int64, sn: UInt32, payload: ByteBuffer) -> ConnectionError? {
    if let fault = encodeHeader(protocolId: protocolId, sn: sn, payloadLength: payload.readableBytes) {
      return .notEncodable(fault)
    }
    let refusal: ConnectionError? =
      !conversation.isOpen ? .stopped : conversation.queue.isFull ? .queueFull : nil
    send(protocolId: protocolId, sn: sn, payload: payload, completion: nil)
    return refusal
  }

  /// Whether a sender need not wait in line.
  var takesAtOnce: Bool { !conversation.isOpen || hasRoom && !outbound.hasSenders }

  /// Runs `action` as soon as there is room, or when the connection is no longer open.
  func whenRoom(_ action: @escaping () -> Void) {
    if takesAtOnce { action() } else { outbound.wait(action) }
  }

  /// Sends a WebSocket message that is no frame of the protocol.
  func sendRaw(isText: Bool, payload: ByteBuffer) {
    guard conversation.isOpen else { return }
    writeMessage(isText ? .text : .binary, head: [], body: payload)
  }

  /// Sends a ping now.
  func sendPing(_ payload: [UInt8]) {
    if conversation.isOpen { writeControl(.ping, Array(payload.prefix(125))) }
  }

  /// Calls the peer. `completion` is called exactly once.
  func call(
    protocolId: Int64, payload: ByteBuffer, timeout: Duration?, completion: @escaping CallCompletion
  ) -> CallID? {
    guard revision.current.hasSerialNumber else {
      completion(.failure(.notEncodable("revision \(revision.current.rawValue) has no serial number, and so no calls")))
      return nil
    }
    if let fault = encodeHeader(protocolId: protocolId, sn: 2, payloadLength: payload.readableBytes) {
      completion(.failure(.notEncodable(fault)))
      return nil
    }
    var actions = loop.takeActions()
    let call = conversation.call(
      protocolId: protocolId, timeout: timeout?.nanoseconds, at: LoopResources.now(), into: &actions)
    calls[call.order] = completion
    carryOut(actions, EventContent(payload: payload))
    loop.giveBack(actions)
    if timeout != nil { rearmTimer() }
    return call
  }

  /// Gives up a call that still waits.
  func cancel(_ call: CallID) {
    perform { conversation, actions in conversation.cancel(call, at: LoopResources.now(), into: &actions) }
  }

  /// Encodes the header of a frame into the loop's buffer.
  ///
  /// - Returns: Why that cannot be; nil: it is done.
  func encodeHeader(
    protocolId: Int64, sn: UInt32, payloadLength: Int, limit: UInt32? = nil
  ) -> String? {
    loop.header.removeAll(keepingCapacity: true)
    do throws(FrameEncodingError) {
      try FrameCodec.appendHeader(
        protocolId: protocolId, sn: sn, payloadLength: payloadLength, revision: revision.current,
        maxFrameLength: limit ?? settings.options.maxFrameLength, to: &loop.header)
      return nil
    } catch { return error.reason }
  }

  // MARK: - Writing into the batch

  /// Queues a frame; its queue place was taken already.
  func writeFrame(protocolId: Int64, sn: UInt32, payload: ByteBuffer, completion: SendCompletion?) {
    // What programs send was checked. A displacement has to be sent, whatever this side takes itself.
    let isDisplacement = protocolId == conversation.displacementProtocolId
    if let fault = encodeHeader(
      protocolId: protocolId, sn: sn, payloadLength: payload.readableBytes, limit: isDisplacement ? .max : nil)
    {
      completion?(.failure(ConnectionError.notEncodable(fault)))
      return
    }
    if settings.options.isDebugging { logFrame("sent", protocolId, sn, payload.readableBytes) }
    if let counters = loop.counters {
      counters.sentFrame()
      if let time = requestTimes.answered(sn) { counters.answeredCall(latency: LoopResources.now() - time) }
    }
    writeEncoded(protocolId: protocolId, sn: sn, payload: payload)
    guard !outbound.countFrame(completion) else { return }
    // A mute peer writes nothing; what it was asked to send is as good as sent.
    loop.eventLoop.execute {
      self.perform { conversation, actions in
        conversation.written(frames: 1, at: LoopResources.now(), into: &actions)
      }
      completion?(.success(()))
      self.roomAppeared()
    }
  }

  /// Queues a data message of two parts.
  func writeMessage(_ opcode: WebSocketOpcode, head: [UInt8], body: ByteBuffer) {
    let count = head.count + body.readableBytes
    guard compression != nil, count >= settings.options.compression?.minimumLength ?? 0 else {
      return writeFragments(opcode, isCompressed: false, head: head, body: body)
    }
    loop.plain.removeAll(keepingCapacity: true)
    loop.plain += head
    loop.plain += body.readableBytesView
    loop.deflated.removeAll(keepingCapacity: true)
    var failure: DeflateError?
    loop.plain.withUnsafeBytes { plain in
      do throws(DeflateError) {
        try compression?.deflate(plain, into: &loop.deflated, pool: &loop.deflateContexts)
      } catch { failure = error }
    }
    if let failure {
      settings.logger.error("cannot deflate", metadata: ["reason": "\(failure.reason)"])
      return writeFragments(opcode, isCompressed: false, head: head, body: body)
    }
    writeFragments(opcode, isCompressed: true, head: loop.deflated, body: ByteBuffer())
    if loop.plain.capacity > 1 << 20 { loop.plain = [] }
    if loop.deflated.capacity > 1 << 20 { loop.deflated = [] }
  }

  private func writeFragments(_ opcode: WebSocketOpcode, isCompressed: Bool, head: [UInt8], body: ByteBuffer) {
    let count = head.count + body.readableBytes
    guard let size = settings.options.fragmentSize, size > 0, count > size else {
      return writeWebSocketFrame(opcode.rawValue, rsv: isCompressed ? 4 : 0, fin: true, head: head, body: body)
    }
    var rest = ByteBuffer(bytes: head)
    rest.writeImmutableBuffer(body)
    var isFirst = true
    while let fragment = rest.readSlice(length: min(size, rest.readableBytes)), fragment.readableBytes > 0 {
      writeWebSocketFrame(
        isFirst ? opcode.rawValue : WebSocketOpcode.continuation.rawValue, rsv: isFirst && isCompressed ? 4 : 0,
        fin: rest.readableBytes == 0, head: [], body: fragment)
      isFirst = false
    }
  }

  /// Queues a control frame; it needs no room in the queue.
  func writeControl(_ opcode: WebSocketOpcode, _ payload: [UInt8]) {
    writeWebSocketFrame(opcode.rawValue, rsv: 0, fin: true, head: payload, body: ByteBuffer())
  }

  /// Queues bytes as they are: the heads of the upgrade.
  func writeRaw(_ bytes: [UInt8]) {
    outbound.append(bytes, loop: loop)
    requestFlush()
  }

  // MARK: - Flushing

  /// Asks for a flush: at the end of the read that is going on, else when the loop has done what it has at hand.
  func requestFlush() {
    if outbound.wantsFlush() { loop.flushLater(self) }
  }

  /// The loop has done what it had at hand.
  func flushIsDue() {
    outbound.flushIsDue()
    flush()
  }

  /// Hands the batch to the socket, unless an earlier one is still on its way.
  func flush() {
    guard let context else { return }
    guard let batch = outbound.launch() else {
      if ending.closesAfterFlush, !outbound.isInFlight { closeOutput() }
      return
    }
    loop.counters?.sent(bytes: batch.byteCount)
    if let observer = settings.observer {
      for part in batch.parts { observer.sent(part, connection: number) }
      observer.sent(batch.tail, connection: number)
    }
    for part in batch.parts where part.readableBytes > 0 { context.write(wrapOutboundOut(part), promise: nil) }
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { self.batchEnded($0) }
    context.writeAndFlush(wrapOutboundOut(batch.tail), promise: promise)
    guard outbound.isInFlight, let wait = settings.writeWait else { return }
    outbound.watch(until: LoopResources.now() &+ wait, unwritten: socketBacklog)
    rearmTimer()
  }

  /// Bytes that the socket has not taken yet.
  var socketBacklog: Int {
    (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  private func batchEnded(_ result: Result<Void, any Error>) {
    guard let batch = outbound.land() else { return }
    perform { conversation, actions in
      conversation.written(frames: batch.frameCount, at: LoopResources.now(), into: &actions)
    }
    if !batch.completions.isEmpty {
      let completions = batch.completions
      for completion in completions { completion(result.mapError { _ in ConnectionError.notSent }) }
    }
    loop.giveBack(batch)
    guard case .success = result else { return }
    if outbound.isWaiting || ending.closesAfterFlush { flush() }
    roomAppeared()
  }

  /// What is queued and was not yet handed to the socket goes nowhere.
  func discardQueue() {
    guard let dropped = outbound.discard() else { return }
    compression?.forgetSent()
    for completion in dropped.completions { completion(.failure(ConnectionError.notSent)) }
    loop.giveBack(dropped)
  }

  /// Lets those go on that waited for room.
  func roomAppeared() {
    while hasRoom, let next = outbound.nextSender() { next() }
    resumeReading()
  }
}
