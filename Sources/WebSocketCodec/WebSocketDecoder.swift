public import Specification

/// Decodes one direction of a WebSocket connection (RFC 6455 section 5), however its bytes are cut.
///
/// Shape of use: for each chunk, call `next` with a position that starts at 0 until it gives nil; the chunk is used up then.
///
///     var position = 0
///     while let event = decoder.next(chunk, at: &position) {
///       if case .message(let message) = event { decoder.withPayload(message.payload, of: chunk) { … } }
///     }
///
/// A strict decoder stops at the first violation and after a close frame. A lenient one reports violations and goes on as
/// well as it can; only a 64-bit length with its top bit set stops it. A message that lies in one frame and one chunk is not
/// copied when it is not masked, or when the chunk may be written to (`next(unmaskingInPlace:at:)`); every other is put
/// together in one buffer that is used again. An announced length never makes it allocate.
public struct WebSocketDecoder: Sendable {
  /// What happens at a violation.
  public enum Mode: Hashable, Sendable {
    /// The first one ends the stream: what a peer does.
    case strict

    /// It is reported, and decoding goes on: what an inspector does.
    case lenient
  }

  /// How a decoder is set up.
  public struct Configuration: Hashable, Sendable {
    /// The side that receives: a server expects masked frames, a client unmasked ones.
    public var receiver: PeerRole

    /// What happens at a violation.
    public var mode: Mode

    /// Whether permessage-deflate was negotiated: RSV1 may be set on the first frame of a message.
    public var allowsCompression: Bool

    /// The largest sum of a message's fragments, in bytes as they came; below 0 counts as 0. The default is the frame limit
    /// and its six bytes.
    public var maxMessageLength: Int

    /// How many bytes of one message a lenient decoder keeps at most; a longer one is lost, and no memory is spent on it.
    public var memoryLimit: Int

    /// Whether the frames of each message are kept for ``WebSocketDecoder/fragments``.
    public var recordsFragments: Bool

    /// A configuration; lengths in bytes.
    public init(
      receiver: PeerRole, mode: Mode = .strict, allowsCompression: Bool = false, maxMessageLength: Int = 524_294,
      memoryLimit: Int = 64 << 20, recordsFragments: Bool = false
    ) {
      self.receiver = receiver
      self.mode = mode
      self.allowsCompression = allowsCompression
      self.maxMessageLength = maxMessageLength
      self.memoryLimit = memoryLimit
      self.recordsFragments = recordsFragments
    }
  }

  /// The configuration; whether compression is allowed may be learned late.
  public var configuration: Configuration

  /// How many bytes of the stream were used up.
  public internal(set) var streamOffset = 0

  /// Whether nothing more will be decoded: after a violation or a close frame in strict mode, after a length that cannot be
  /// in either.
  public internal(set) var isStopped = false

  /// The frames of the message that `next` gave last, or of the one that is open, when the configuration asks for them: the
  /// first 4096 of them, which `WebSocketMessage.fragmentCount` may pass.
  public internal(set) var fragments: [WebSocketFragment] = []

  /// Messages are put together here.
  @usableFromInline var buffer: [UInt8] = []

  @usableFromInline var header = PartialHeader()
  @usableFromInline var frame: OpenFrame?
  @usableFromInline var message: OpenMessage?
  var control: [UInt8] = []
  /// The violations that were found in a frame, and behind them what it came to. A frame that breaks no rule passes it by: an
  /// event is large, and only to look at one costs a copy.
  var queue: [WebSocketEvent] = []
  /// How many of the queue were handed out.
  var handedOut = 0
  var sawClose = false
  var reportedDataAfterClose = false
  /// Since the last resynchronisation no message began, so a continuation belongs to one whose start was not seen.
  var mayContinueUnseen = false

  /// A decoder at the start of a stream.
  ///
  /// - Parameter streamOffset: what its first byte counts as, where other bytes came before the first frame.
  public init(_ configuration: Configuration, streamOffset: Int = 0) {
    self.configuration = configuration
    self.streamOffset = streamOffset
  }

  /// What a decoder has to remember while it is between messages, beside its configuration.
  package struct Rest: Hashable, Sendable {
    fileprivate var streamOffset: Int
    fileprivate var sawClose: Bool
    fileprivate var reportedDataAfterClose: Bool
    fileprivate var mayContinueUnseen: Bool
  }

  /// What is enough to go on with another decoder; nil where something is unfinished.
  package var rest: Rest? {
    guard isBetweenMessages, queue.isEmpty, !isStopped else { return nil }
    return Rest(
      streamOffset: streamOffset, sawClose: sawClose, reportedDataAfterClose: reportedDataAfterClose,
      mayContinueUnseen: mayContinueUnseen)
  }

  /// A decoder that goes on where another one was between messages.
  package init(_ configuration: Configuration, after rest: Rest) {
    self.init(configuration, streamOffset: rest.streamOffset)
    sawClose = rest.sawClose
    reportedDataAfterClose = rest.reportedDataAfterClose
    mayContinueUnseen = rest.mayContinueUnseen
  }

  /// Whether the stream may end here: no frame and no message is unfinished.
  @inlinable
  public var isBetweenMessages: Bool { frame == nil && message == nil && header.count == 0 }

  /// Where the first frame of the message that is not complete began; nil: there is none, or its header is not complete.
  @inlinable
  public var unfinishedMessageStart: Int? { message?.start }

  /// Where the frame begins that is not complete, or whose payload is still to be read; nil: the decoder is between frames.
  @inlinable
  public var unfinishedFrameStart: Int? { frame?.start ?? (header.count > 0 ? streamOffset - header.count : nil) }

  /// How many bytes of the current frame's payload are still to come; nil between frames and inside a header.
  @inlinable
  public var remainingInFrame: UInt64? { frame?.remaining }

  /// The next event.
  ///
  /// - Parameters:
  ///   - chunk: the bytes that came; the same until nil is returned.
  ///   - position: where to go on in it; 0 for a new chunk.
  /// - Returns: nil when the chunk is used up, or nothing more will be decoded.
  public mutating func next(_ chunk: RawSpan, at position: inout Int) -> WebSocketEvent? {
    chunk.withUnsafeBytes { next(Chunk(bytes: $0, writable: nil), at: &position) { _, _ in false } }
  }

  /// The next event, for who wants no more than the beginnings of some messages: their payloads are shorter than announced.
  ///
  /// - Parameters:
  ///   - chunk: the bytes that came; the same until nil is returned.
  ///   - position: where to go on in it; 0 for a new chunk.
  ///   - isEnough: whether the first ``beginningSize`` bytes of a message of so many are all that is wanted. Asked about binary
  ///     messages that are not compressed, in one frame, and would be copied.
  /// - Returns: nil when the chunk is used up, or nothing more will be decoded.
  package mutating func next(
    _ chunk: RawSpan, at position: inout Int, isEnough: (RawSpan, _ length: Int) -> Bool
  ) -> WebSocketEvent? {
    chunk.withUnsafeBytes { next(Chunk(bytes: $0, writable: nil), at: &position, isEnough) }
  }

  /// How many bytes the beginning of a message has.
  package static let beginningSize = 32

  /// The next event; a masked message that lies whole in the chunk is unmasked there instead of being copied.
  ///
  /// - Parameters:
  ///   - chunk: the bytes that came, which may be changed; the same until nil is returned.
  ///   - position: where to go on in it; 0 for a new chunk.
  /// - Returns: nil when the chunk is used up, or nothing more will be decoded.
  public mutating func next(
    unmaskingInPlace chunk: UnsafeMutableRawBufferPointer, at position: inout Int
  ) -> WebSocketEvent? {
    next(Chunk(bytes: UnsafeRawBufferPointer(chunk), writable: chunk), at: &position) { _, _ in false }
  }

  /// Gives the bytes of an event's payload.
  ///
  /// - Parameters:
  ///   - payload: of an event that `next` returned last.
  ///   - chunk: the chunk that it was given.
  ///   - body: is handed the bytes.
  @inlinable
  public func withPayload<Result>(
    _ payload: WebSocketPayload, of chunk: RawSpan, _ body: (RawSpan) -> Result
  ) -> Result {
    switch payload {
    case .input(let range): body(chunk.extracting(range))
    case .buffer(let range): body(buffer.span.bytes.extracting(range))
    }
  }

  /// Leaves out bytes of the stream that were lost, as far as they lie inside the payload of the current frame: only its
  /// message is lost then, or its control frame, which is passed over. Call `next` afterwards even when there is no new
  /// chunk: the message may have ended.
  ///
  /// - Parameter count: how many bytes are missing.
  /// - Returns: whether that could be done; false changes nothing, and `resynchronise` is what is left.
  public mutating func skip(_ count: Int) -> Bool {
    guard var open = frame, count >= 0, UInt64(count) <= open.remaining, count <= Int.max - streamOffset else {
      return false
    }
    guard count > 0 else { return true }
    open.remaining -= UInt64(count)
    open.consumed += count
    open.isDamaged = true
    frame = open
    if case .message = open.destination { lose(.skipped) }
    streamOffset += count
    return true
  }

  /// Forgets everything unfinished, with the violations and the frame that were not handed out, and goes on at a place where
  /// a frame begins. Continuations of a message that began before that place are passed over without a report.
  ///
  /// - Parameter offset: where that is in the stream.
  /// - Returns: the message that was open and is lost, with what there is of its payload; nil: there was none.
  @discardableResult
  public mutating func resynchronise(at offset: Int) -> WebSocketMessage? {
    let lost = message.map {
      $0.event(payload: .buffer(0..<buffer.count), end: streamOffset, loss: $0.loss ?? .skipped)
    }
    streamOffset = offset
    isStopped = false
    header = PartialHeader()
    frame = nil
    message = nil
    control = []
    fragments.removeAll(keepingCapacity: true)
    queue.removeAll(keepingCapacity: true)
    handedOut = 0
    mayContinueUnseen = true
    return lost
  }

  /// Gives back the memory of the message buffer while no message is open; for connections that go idle.
  public mutating func releaseMemory() {
    guard message == nil, queue.isEmpty else { return }
    buffer = []
    fragments = []
  }

  private mutating func next(
    _ chunk: Chunk, at position: inout Int, _ isEnough: (RawSpan, Int) -> Bool
  ) -> WebSocketEvent? {
    while true {
      if !queue.isEmpty { return queuedEvent() }
      guard !isStopped, position >= 0, position <= chunk.bytes.count else { return nil }
      if let open = frame {
        if open.remaining > 0 && position == chunk.bytes.count { return nil }
        if let event = readPayload(chunk, at: &position, isEnough) { return event }
      } else {
        guard position < chunk.bytes.count else { return nil }
        if let event = readHeader(chunk, at: &position, isEnough) { return event }
      }
    }
  }

  /// The first event of the queue that was not handed out; there is one.
  mutating func queuedEvent() -> WebSocketEvent {
    let event = queue[handedOut]
    handedOut += 1
    if handedOut == queue.count {
      queue.removeAll(keepingCapacity: true)
      handedOut = 0
    }
    return event
  }

  /// What a frame came to: the event itself, or nil where violations of the frame go first.
  mutating func behindViolations(_ event: WebSocketEvent) -> WebSocketEvent? {
    if queue.isEmpty { return event }
    queue.append(event)
    return nil
  }

  /// Takes note of a violation. In strict mode only the first counts, and it ends the stream.
  mutating func report(_ code: WebSocketViolation.Code, at offset: Int) {
    guard !isStopped else { return }
    queue.append(.violation(WebSocketViolation(code, offset: offset)))
    if configuration.mode == .strict { isStopped = true }
  }
}

/// The bytes that the decoder was given.
struct Chunk {
  /// To read from.
  var bytes: UnsafeRawBufferPointer

  /// The same bytes to write to; nil: they are not ours to change.
  var writable: UnsafeMutableRawBufferPointer?
}
