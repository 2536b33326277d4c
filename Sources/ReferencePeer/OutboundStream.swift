import NIOCore
import WebSocketCodec

/// What goes out on a connection: frames gather in a batch, one batch at a time is on its way to the socket, and senders wait
/// in line while there is no room.
struct OutboundStream {
  /// Bytes that may wait behind those that the socket has not taken yet. Pongs and raw messages have no place in the queue of
  /// frames, so it alone does not bound what a peer that reads nothing can pile up.
  private static let waitingBytesLimit = 1 << 20

  private var batch: OutgoingBatch?
  private var inFlight: OutgoingBatch?

  /// A read is going on; its end flushes.
  private var isReading = false

  /// The loop will flush when it has done what it has at hand.
  private var isWaitingForFlush = false

  /// The socket does not take what it is given.
  private var isCongested = false

  /// When the batch in flight has to have moved on, in nanoseconds.
  private(set) var deadline = Int64.max

  /// What of it the socket had not taken when the deadline was set, in bytes.
  private var unwrittenBytes = 0

  private var senders: WaitingSenders?

  // MARK: - Room

  /// How many bytes wait for the next flush.
  var waitingBytes: Int { batch?.byteCount ?? 0 }

  /// Whether the socket takes what it is given, and not too much waits for it.
  var hasRoom: Bool { !isCongested && waitingBytes < Self.waitingBytesLimit }

  /// Takes note of whether the socket takes what it is given.
  mutating func setCongested(_ isCongested: Bool) { self.isCongested = isCongested }

  /// Whether senders wait in line.
  var hasSenders: Bool { senders?.isEmpty == false }

  /// Puts a sender at the end of the line.
  mutating func wait(_ sender: @escaping () -> Void) {
    let line = senders ?? WaitingSenders()
    senders = line
    line.append(sender)
  }

  /// Takes the first sender from the line.
  mutating func nextSender() -> (() -> Void)? { senders?.popFirst() }

  // MARK: - The batch

  /// Appends a WebSocket frame whose payload is `head` and then `body`.
  ///
  /// - Parameters:
  ///   - key: What to mask it with; nil: a server's.
  ///   - loop: Lends its buffers.
  mutating func append(
    _ opcode: UInt8, rsv: UInt8, fin: Bool, key: UInt32?, head: [UInt8], body: ByteBuffer, loop: LoopResources
  ) {
    let batch = openBatch(loop)
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
      return
    }
    batch.tail.writeImmutableBuffer(body)
    batch.tail.withUnsafeMutableReadableBytes { bytes in
      Masking.apply(key, to: UnsafeMutableRawBufferPointer(rebasing: bytes.suffix(count)))
    }
  }

  /// Appends bytes as they are.
  mutating func append(_ bytes: [UInt8], loop: LoopResources) { openBatch(loop).tail.writeBytes(bytes) }

  /// Counts a frame of the protocol whose bytes were appended.
  ///
  /// - Parameter completion: To be called when it was written, or was not.
  /// - Returns: False where nothing was appended.
  mutating func countFrame(_ completion: SendCompletion?) -> Bool {
    guard let batch else { return false }
    batch.frameCount += 1
    if let completion { batch.completions.append(completion) }
    return true
  }

  private mutating func openBatch(_ loop: LoopResources) -> OutgoingBatch {
    if let batch { return batch }
    let taken = loop.takeBatch()
    batch = taken
    return taken
  }

  // MARK: - Flushing

  /// A read begins.
  mutating func readBegins() { isReading = true }

  /// A read has ended: now is the time to flush.
  mutating func readEnds() { isReading = false }

  /// Asks for a flush; true: the loop has to be told, for it knows nothing of it yet, and no read is going on that ends in one.
  mutating func wantsFlush() -> Bool {
    guard !isReading, !isWaitingForFlush else { return false }
    isWaitingForFlush = true
    return true
  }

  /// The loop flushes, as it was told to.
  mutating func flushIsDue() { isWaitingForFlush = false }

  /// Whether a batch is on its way.
  var isInFlight: Bool { inFlight != nil }

  /// Sends the batch on its way; nil: there is nothing to write, or another one is still on its way.
  mutating func launch() -> OutgoingBatch? {
    guard inFlight == nil, let batch, !batch.isEmpty else { return nil }
    self.batch = nil
    inFlight = batch
    return batch
  }

  /// The batch in flight has arrived, or never will.
  ///
  /// - Returns: It; nil where none was in flight.
  mutating func land() -> OutgoingBatch? {
    guard let batch = inFlight else { return nil }
    inFlight = nil
    deadline = .max
    return batch
  }

  /// Whether something waits for the next flush.
  var isWaiting: Bool { batch != nil }

  /// Takes out what was not yet sent on its way.
  mutating func discard() -> OutgoingBatch? {
    defer { batch = nil }
    return batch
  }

  /// Sets the time by which the peer has to have read some of the batch in flight, of which `unwritten` bytes are left.
  mutating func watch(until deadline: Int64, unwritten: Int) {
    self.deadline = deadline
    unwrittenBytes = unwritten
  }

  /// Whether the peer has read some of it since this was asked last: then it may go on, however slow it is.
  ///
  /// - Parameter left: What the socket has not taken yet, in bytes.
  mutating func hasProgress(_ left: Int) -> Bool {
    defer { unwrittenBytes = left }
    return left < unwrittenBytes
  }

  /// Moves the deadline.
  mutating func extend(to deadline: Int64) { self.deadline = deadline }
}

/// Senders that wait for room in the queue, in the order in which they came.
private final class WaitingSenders {
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
