import Conversation
import Deflate
import FrameCodec
import Logging
import NIOCore
import Specification
import WebSocketCodec

extension ConnectionHandler {
  /// Bytes that may wait behind those that the socket has not taken yet. Pongs and raw messages have no place in the queue of
  /// frames, so it alone does not bound what a peer that reads nothing can pile up.
  static let waitingBytesLimit = 1 << 20

  /// Whether one more frame may be queued: the queue is not full, and the socket takes what it is given.
  var hasRoom: Bool {
    !conversation.queue.isFull && !isCongested && (batch?.byteCount ?? 0) < Self.waitingBytesLimit
  }

  // MARK: - What programs ask for, on the event loop

  /// Sends a message or an answer now, or says why not.
  func send(protocolId: Int64, sn: UInt32, payload: ByteBuffer, completion: SendCompletion?) {
    if let fault = encodingFault(protocolId: protocolId, sn: sn, payloadLength: payload.readableBytes) {
      completion?(.failure(ConnectionError.notEncodable(fault)))
      return
    }
    if let late = settings.mutation?.late, !conversation.isOpen {
      let frame = PeerMutation.Frame(protocolId: protocolId, sn: sn, payload: Array(payload.readableBytesView))
      late(frame, handle)?.handler.writeUncounted(frame)
    }
    var actions = loop.takeActions()
    conversation.answer(protocolId: protocolId, sn: sn, at: LoopResources.now(), into: &actions)
    carryOut(actions, EventContent(payload: payload, completion: completion))
    loop.giveBack(actions)
  }

  /// Queues a message or an answer.
  ///
  /// - Returns: Why it was not queued; nil: it was.
  func enqueue(protocolId: Int64, sn: UInt32, payload: ByteBuffer) -> ConnectionError? {
    if let fault = encodingFault(protocolId: protocolId, sn: sn, payloadLength: payload.readableBytes) {
      return .notEncodable(fault)
    }
    let refusal: ConnectionError? =
      !conversation.isOpen ? .stopped : conversation.queue.isFull ? .queueFull : nil
    send(protocolId: protocolId, sn: sn, payload: payload, completion: nil)
    return refusal
  }

  /// Whether a sender need not wait in line.
  var takesAtOnce: Bool { !conversation.isOpen || hasRoom && waitingSenders?.isEmpty != false }

  /// Runs `action` as soon as there is room, or when the connection is no longer open.
  func whenRoom(_ action: @escaping () -> Void) {
    guard !takesAtOnce else { return action() }
    let waiting = waitingSenders ?? WaitingSenders()
    waitingSenders = waiting
    waiting.append(action)
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
    guard revision.hasSerialNumber else {
      completion(.failure(.notEncodable("revision \(revision.rawValue) has no serial number, and so no calls")))
      return nil
    }
    if let fault = encodingFault(protocolId: protocolId, sn: 2, payloadLength: payload.readableBytes) {
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

  private func encodingFault(
    protocolId: Int64, sn: UInt32, payloadLength: Int, limit: UInt32? = nil
  ) -> String? {
    loop.header.removeAll(keepingCapacity: true)
    do throws(FrameEncodingError) {
      try FrameCodec.appendHeader(
        protocolId: protocolId, sn: sn, payloadLength: payloadLength, revision: revision,
        maxFrameLength: limit ?? settings.options.maxFrameLength, to: &loop.header)
      return nil
    } catch { return error.reason }
  }

  // MARK: - Writing into the batch

  /// Queues a frame; its queue place was taken already.
  func writeFrame(protocolId: Int64, sn: UInt32, payload: ByteBuffer, completion: SendCompletion?) {
    // What programs send was checked. A displacement has to be sent, whatever this side takes itself.
    let isDisplacement = protocolId == conversation.displacementProtocolId
    if let fault = encodingFault(
      protocolId: protocolId, sn: sn, payloadLength: payload.readableBytes, limit: isDisplacement ? .max : nil)
    {
      completion?(.failure(ConnectionError.notEncodable(fault)))
      return
    }
    if settings.options.isDebugging { logFrame("sent", protocolId, sn, payload.readableBytes) }
    if let counters = loop.counters {
      counters.sentFrame()
      if let time = requestTimes.removeValue(forKey: sn) { counters.answeredCall(latency: LoopResources.now() - time) }
    }
    if let change = settings.mutation?.sent {
      writeMutated(change, protocolId: protocolId, sn: sn, payload: payload)
    } else {
      settings.mutation?.header?(&loop.header)
      writeMessage(.binary, head: loop.header, body: payload)
    }
    guard let batch else {
      // A mute peer writes nothing; what it was asked to send is as good as sent.
      loop.eventLoop.execute {
        self.perform { conversation, actions in
          conversation.written(frames: 1, at: LoopResources.now(), into: &actions)
        }
        completion?(.success(()))
        self.roomAppeared()
      }
      return
    }
    batch.frameCount += 1
    if let completion { batch.completions.append(completion) }
  }

  /// Queues the message that is a frame; whatever cannot be encoded is not sent.
  func encodeAndWrite(protocolId: Int64, sn: UInt32, payload: ByteBuffer) {
    guard encodingFault(protocolId: protocolId, sn: sn, payloadLength: payload.readableBytes) == nil else { return }
    settings.mutation?.header?(&loop.header)
    writeMessage(.binary, head: loop.header, body: payload)
  }

  /// Queues a data message of two parts.
  private func writeMessage(_ opcode: WebSocketOpcode, head: [UInt8], body: ByteBuffer) {
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

  private func writeWebSocketFrame(_ opcode: UInt8, rsv: UInt8, fin: Bool, head: [UInt8], body: ByteBuffer) {
    guard !settings.options.isMute else { return }
    let key = role == .client ? loop.maskingKeys.next() : nil
    if let change = settings.mutation?.wire {
      let frame = PeerMutation.WireFrame(
        fin: fin, rsv: rsv, opcode: opcode, maskingKey: key,
        lengthForm: .minimal(for: UInt64(head.count + body.readableBytes)), payload: head + body.readableBytesView)
      for changed in change(frame) { write(changed) }
      return
    }
    let batch = openBatch()
    let count = head.count + body.readableBytes
    loop.frameHeader.removeAll(keepingCapacity: true)
    WebSocketFrameHeader(
      fin: fin, rsv: rsv, opcode: opcode, maskingKey: key, payloadLength: UInt64(count),
      lengthForm: .minimal(for: UInt64(count))
    ).append(to: &loop.frameHeader)
    batch.tail.writeBytes(loop.frameHeader)
    batch.tail.writeBytes(head)
    guard let key else {
      if body.readableBytes < OutgoingBatch.copiedPayloadLimit {
        batch.tail.writeImmutableBuffer(body)
      } else {
        batch.append(uncopied: body, allocator: loop.allocator)
      }
      return requestFlush()
    }
    batch.tail.writeImmutableBuffer(body)
    batch.tail.withUnsafeMutableReadableBytes { bytes in
      Masking.apply(key, to: UnsafeMutableRawBufferPointer(rebasing: bytes.suffix(count)))
    }
    requestFlush()
  }

  /// Queues bytes as they are: the heads of the upgrade.
  func writeRaw(_ bytes: [UInt8]) {
    openBatch().tail.writeBytes(bytes)
    requestFlush()
  }

  private func openBatch() -> OutgoingBatch {
    if let batch { return batch }
    let taken = loop.takeBatch()
    batch = taken
    return taken
  }

  // MARK: - Flushing

  /// Asks for a flush: at the end of the read that is going on, else when the loop has done what it has at hand.
  func requestFlush() {
    guard !isReading, !isWaitingForFlush else { return }
    isWaitingForFlush = true
    loop.flushLater(self)
  }

  /// Hands the batch to the socket, unless an earlier one is still on its way.
  func flush() {
    guard batchInFlight == nil else { return }
    guard let context, let batch, !batch.isEmpty else {
      if closesAfterFlush { closeOutput() }
      return
    }
    self.batch = nil
    batchInFlight = batch
    loop.counters?.sent(bytes: batch.byteCount)
    if let observer = settings.observer {
      for part in batch.parts { observer.sent(part, connection: number) }
      observer.sent(batch.tail, connection: number)
    }
    for part in batch.parts where part.readableBytes > 0 { context.write(wrapOutboundOut(part), promise: nil) }
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { self.batchEnded($0) }
    context.writeAndFlush(wrapOutboundOut(batch.tail), promise: promise)
    guard batchInFlight != nil, let wait = settings.writeWait else { return }
    unwrittenBytes = socketBacklog
    writeDeadline = LoopResources.now() &+ wait
    rearmTimer()
  }

  /// Bytes that the socket has not taken yet.
  private var socketBacklog: Int {
    (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  /// Whether the peer has read some of the batch since this was asked last: then it may go on, however slow it is.
  func hasWriteProgress() -> Bool {
    let left = socketBacklog
    defer { unwrittenBytes = left }
    return left < unwrittenBytes
  }

  private func batchEnded(_ result: Result<Void, any Error>) {
    guard let batch = batchInFlight else { return }
    batchInFlight = nil
    writeDeadline = .max
    perform { conversation, actions in
      conversation.written(frames: batch.frameCount, at: LoopResources.now(), into: &actions)
    }
    if !batch.completions.isEmpty {
      let completions = batch.completions
      for completion in completions { completion(result.mapError { _ in ConnectionError.notSent }) }
    }
    loop.giveBack(batch)
    guard case .success = result else { return }
    if self.batch != nil || closesAfterFlush { flush() }
    roomAppeared()
  }

  /// What is queued and was not yet handed to the socket goes nowhere.
  func discardQueue() {
    guard let dropped = batch else { return }
    batch = nil
    compression?.forgetSent()
    for completion in dropped.completions { completion(.failure(ConnectionError.notSent)) }
    loop.giveBack(dropped)
  }

  /// Lets those go on that waited for room.
  func roomAppeared() {
    while hasRoom, let next = waitingSenders?.popFirst() { next() }
    resumeBacklog()
  }
}

/// Senders that wait for room in the queue, in the order in which they came.
final class WaitingSenders {
  private var actions: [() -> Void] = []
  private var first = 0

  var isEmpty: Bool { first == actions.count }

  func append(_ action: @escaping () -> Void) { actions.append(action) }

  func popFirst() -> (() -> Void)? {
    guard first < actions.count else { return nil }
    let action = actions[first]
    actions[first] = {}
    first += 1
    if first == actions.count {
      actions.removeAll(keepingCapacity: true)
      first = 0
    }
    return action
  }
}
