import PacketCapture
import Specification
import WebSocketCodec

/// One direction of a WebSocket connection as it was captured: a lenient ``WebSocketDecoder``, the packets that its bytes came
/// with, and the search for the next frame where its place is unknown.
///
/// Bytes that are missing inside a frame whose length is known cost that message only. Otherwise, and where the capture begins
/// in the middle of the stream, the next plausible frame is searched for (``FrameSearch``).
///
/// As in `TCPConnection`, exclusive access to what each packet touches is not checked at run time.
final class WebSocketStream {
  /// A frame cannot be longer; larger announcements are a broken or lost stream.
  private static let maximumFrameLength = 1 << 30
  /// Room for messages that is kept from one to the next, in bytes.
  private static let keptCapacity = 65_536

  private let direction: Direction
  /// Whether this direction's frames are masked, as far as known: a client's are, a server's are not.
  @exclusivity(unchecked) var expectsMask: Bool? { didSet { setReceiver() } }
  /// Whether RSV1 can mean compression.
  var allowsCompression: Bool {
    get { decoder.configuration.allowsCompression }
    set { decoder.configuration.allowsCompression = newValue }
  }

  @exclusivity(unchecked) private var decoder: WebSocketDecoder
  /// Where the bytes began that were given last.
  @exclusivity(unchecked) private var chunkBegin = 0
  /// Where the message and the frame that are not complete began, and in which packets.
  @exclusivity(unchecked) private var messageBegin: (offset: Int, stamp: PacketStamp)
  @exclusivity(unchecked) private var frameBegin: (offset: Int, stamp: PacketStamp)
  /// The packet that the next bytes begin in, where it is an earlier one than that which completed them.
  @exclusivity(unchecked) var beganIn: PacketStamp?
  /// The violations of a header that may turn out to be none, and where it begins.
  @exclusivity(unchecked) private var suspicions: [WebSocketViolation] = []
  private var suspectStart = 0
  private var isCompletingSuspect = false
  /// The message that bytes are missing of, and whether any were not merely cut.
  private var damage: (message: Int, isLost: Bool)?
  private var sawClose = false
  /// That bytes follow the close frame, until it is known whether they are more than pings and pongs: a ping is answered until the
  /// other side's close frame is there (RFC 6455 §5.5.2).
  private var behindClose: WebSocketViolation?
  /// Frames may have been lost before the next one.
  @exclusivity(unchecked) private var isAfterGap: Bool
  @exclusivity(unchecked) private var search: FrameSearch?
  /// The offset behind what is searched.
  private var searchEnd: Int
  private var isSearchAfterLoss = false

  /// A stream whose next byte stands at an offset.
  ///
  /// - Parameters:
  ///   - messageLimit: Bytes that a message may have at most to be kept.
  ///   - isSearching: Whether the first frame has to be searched for.
  init(
    of direction: Direction, at offset: Int, expectsMask: Bool?, allowsCompression: Bool, messageLimit: Int,
    isSearching: Bool
  ) {
    self.direction = direction
    decoder = WebSocketDecoder(
      .init(
        receiver: .client, mode: .lenient, allowsCompression: allowsCompression, maxMessageLength: messageLimit,
        memoryLimit: messageLimit), streamOffset: offset)
    let nowhere = (offset: -1, stamp: PacketStamp(number: 0, time: nil))
    messageBegin = nowhere
    frameBegin = nowhere
    isAfterGap = isSearching
    search = isSearching ? FrameSearch() : nil
    searchEnd = offset
    self.expectsMask = expectsMask
    setReceiver()
  }

  /// What is to be remembered of a stream of which nothing is unfinished. The packets that its bytes came with do not matter any more.
  struct Rest {
    fileprivate var decoder: WebSocketDecoder.Rest
    fileprivate var expectsMask: Bool?
    fileprivate var allowsCompression: Bool
    fileprivate var sawClose: Bool
    fileprivate var isAfterGap: Bool
  }

  /// What is enough to go on with another stream; nil where something is unfinished.
  var rest: Rest? {
    guard search == nil, suspicions.isEmpty, behindClose == nil, let decoder = decoder.rest else { return nil }
    return Rest(
      decoder: decoder, expectsMask: expectsMask, allowsCompression: allowsCompression, sawClose: sawClose,
      isAfterGap: isAfterGap)
  }

  /// A stream that goes on where another one rested.
  convenience init(of direction: Direction, after rest: Rest, messageLimit: Int) {
    self.init(
      of: direction, at: 0, expectsMask: rest.expectsMask, allowsCompression: rest.allowsCompression,
      messageLimit: messageLimit, isSearching: false)
    decoder = WebSocketDecoder(decoder.configuration, after: rest.decoder)
    sawClose = rest.sawClose
    isAfterGap = rest.isAfterGap
  }

  private func setReceiver() { decoder.configuration.receiver = expectsMask == true ? .server : .client }

  /// How many bytes were searched in vain so far.
  var searchedBytes: Int { search?.seenBytes ?? 0 }

  // MARK: Input

  /// Takes in the next bytes.
  func consume(_ bytes: RawSpan, _ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    guard search == nil else { return searchFurther(bytes, stamp, handler) }
    // Where a frame began before these bytes, that has been noted.
    if suspicions.isEmpty, decoder.takeMiddle(bytes) { return }
    var start = 0
    if !suspicions.isEmpty {
      start = completeSuspect(bytes, stamp, handler)
      guard search == nil else { return searchFurther(bytes.extracting(start...), stamp, handler) }
    }
    chunkBegin = decoder.streamOffset
    let chunk = start == 0 ? bytes : bytes.extracting(start...)
    var position = 0
    while let event = Self.next(of: &decoder, chunk, at: &position, handler) {
      take(event, in: chunk, position, stamp, handler)
      guard search == nil else { return searchFurther(chunk.extracting(position...), stamp, handler) }
    }
    if !suspicions.isEmpty, !isInsideSuspect { confirm(stamp, handler) }
    noteBegin(stamp, handler)
  }

  @inline(__always)
  private func take(
    _ event: WebSocketEvent, in chunk: RawSpan, _ position: Int, _ stamp: PacketStamp,
    _ handler: some WebSocketStreamHandler
  ) {
    switch event {
    case .message(let message):
      if !suspicions.isEmpty { confirm(stamp, handler) }
      if behindClose != nil { reportBehindClose(stamp, handler) }
      isAfterGap = false
      let info = MessageInfo(
        message, direction, first: self.stamp(of: message.streamRange.lowerBound, stamp), last: stamp)
      switch message.payload {
      case .input(let range): handler.take(direction, .message(info), chunk.extracting(range), stamp)
      case .buffer(let range):
        Self.withPayload(message.payload, of: &decoder) { handler.take(direction, .message(info), $0, stamp) }
        if range.count > Self.keptCapacity { decoder.releaseMemory() }
      }
    case .control(let control):
      if !suspicions.isEmpty { confirm(stamp, handler) }
      if control.opcode == .close {
        if sawClose { handler.take(direction, .closedAgain(offset: control.streamRange.lowerBound), RawSpan(), stamp) }
        sawClose = true
      }
      let first = self.stamp(of: control.streamRange.lowerBound, stamp)
      handler.take(direction, .control(control, first: first), chunk.extracting(0..<0), stamp)
    case .lostMessage(let message):
      if !suspicions.isEmpty { confirm(stamp, handler) }
      isAfterGap = false
      lose(message, stamp, handler)
    case .violation(let violation): judge(violation, chunk.extracting(position...), stamp, handler)
    }
  }

  /// Goes past bytes that are not in the capture; nil: how many is not known.
  ///
  /// - Parameter isCut: Whether they were cut from a packet that is there.
  func skip(_ count: Int?, isCut: Bool, _ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    if search != nil { settle(isEnd: true, stamp, handler) }
    guard search == nil else {
      searchEnd += count ?? 0
      return beginSearch(stamp, handler)
    }
    chunkBegin = decoder.streamOffset
    if let start = decoder.unfinishedMessageStart {
      damage = (start, !isCut || damage?.message == start && damage?.isLost == true)
    }
    guard let count, decoder.skip(count) else {
      return loseSync(at: decoder.streamOffset + (count ?? 0), stamp, handler)
    }
    consume(RawSpan(), stamp, handler)
  }

  /// Says that the stream is over.
  func finish(_ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    if search != nil { settle(isEnd: true, stamp, handler) }
    suspicions = []
    chunkBegin = decoder.streamOffset
    let frame = decoder.unfinishedFrameStart
    if let lost = decoder.resynchronise(at: decoder.streamOffset) {
      lose(lost, stamp, handler, end: frame ?? lost.lastFrameStart)
    } else if let frame, !isAfterGap {
      handler.take(direction, .endsInside(offset: frame), RawSpan(), stamp)
    }
    decoder.releaseMemory()
  }

  // MARK: Packets

  /// Takes note of what began in these bytes and goes on behind them.
  private func noteBegin(_ last: PacketStamp, _ handler: some WebSocketStreamHandler) {
    let stamp = beganIn ?? last
    if let start = decoder.unfinishedMessageStart, start != messageBegin.offset {
      messageBegin = (start, start >= chunkBegin ? stamp : frameBegin.stamp)
      Self.passOverRest(of: &decoder, handler)
    }
    if let start = decoder.unfinishedFrameStart, start >= chunkBegin { frameBegin = (start, stamp) }
  }

  /// The next event, of a message no more than its beginning where that is enough. As inout for the same reason as below.
  private static func next(
    of decoder: inout WebSocketDecoder, _ chunk: RawSpan, at position: inout Int, _ handler: some WebSocketStreamHandler
  ) -> WebSocketEvent? {
    decoder.next(chunk, at: &position) { handler.isEnough($0, ofMessage: $1) }
  }

  /// Keeps no more of the message that is not complete, where its beginning is enough. As inout for the same reason as below.
  private static func passOverRest(of decoder: inout WebSocketDecoder, _ handler: some WebSocketStreamHandler) {
    if decoder.withBeginning({ handler.isEnough($0, ofMessage: $1) }) == true { decoder.passOverRest() }
  }

  /// Gives the bytes of a payload that the decoder put together. Handed over as inout, the decoder is looked at where it is; as
  /// a variable of a class it would be copied first.
  private static func withPayload(
    _ payload: WebSocketPayload, of decoder: inout WebSocketDecoder, _ body: (RawSpan) -> Void
  ) {
    decoder.withPayload(payload, of: RawSpan(), body)
  }

  /// The packet that holds the first byte of a message or frame that has just ended.
  private func stamp(of start: Int, _ stamp: PacketStamp) -> PacketStamp {
    start >= chunkBegin ? beganIn ?? stamp : start == messageBegin.offset ? messageBegin.stamp : frameBegin.stamp
  }

  // MARK: Faults

  /// Whether more of the header is to come that suspicions are about.
  private var isInsideSuspect: Bool {
    decoder.remainingInFrame == nil && decoder.unfinishedFrameStart == suspectStart
  }

  private func judge(
    _ violation: WebSocketViolation, _ rest: RawSpan, _ stamp: PacketStamp, _ handler: some WebSocketStreamHandler
  ) {
    switch violation.code {
    case .dataAfterClose:
      if !suspicions.isEmpty { confirm(stamp, handler) }
      behindClose = violation
      return
    case .textUTF8, .closeLengthOne, .closeCode, .closeUTF8:
      if !suspicions.isEmpty { confirm(stamp, handler) }
      return handler.take(direction, .violation(violation), rest.extracting(0..<0), stamp)
    case .badLength:
      suspicions = []
      reportBehindClose(stamp, handler)
      handler.take(direction, .violation(violation), rest.extracting(0..<0), stamp)
      return loseSync(at: decoder.streamOffset, stamp, handler)
    default: break
    }
    let start = decoder.unfinishedFrameStart ?? violation.offset
    if start != suspectStart, !suspicions.isEmpty { confirm(stamp, handler) }
    suspectStart = start
    suspicions.append(violation)
    weigh(rest, stamp, handler)
  }

  /// What follows the close frame is no ping or pong.
  private func reportBehindClose(_ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    guard let violation = behindClose else { return }
    behindClose = nil
    handler.take(direction, .violation(violation), RawSpan(), stamp)
  }

  /// Looks whether a header that breaks rules is one at all, as soon as it is there.
  private func weigh(_ rest: RawSpan, _ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    guard let length = decoder.remainingInFrame, !isCompletingSuspect else { return }
    if length > UInt64(Self.maximumFrameLength) {
      suspicions = []
      handler.take(direction, .impossibleLength(length, offset: suspectStart), rest.extracting(0..<0), stamp)
      loseSync(at: decoder.streamOffset, stamp, handler)
    } else if suspicions.count >= (sawClose ? 1 : 2), !leadsToHeader(Int(length), rest) {
      suspicions = []
      handler.take(direction, .notAHeader(offset: suspectStart), rest.extracting(0..<0), stamp)
      loseSync(at: suspectStart, stamp, handler)
    }
  }

  /// Whether a frame of a length ends where the bytes do, or where another header stands.
  private func leadsToHeader(_ length: Int, _ rest: RawSpan) -> Bool {
    if length == rest.byteCount { return true }
    guard length < rest.byteCount else { return false }
    guard case .header(let next) = WebSocketFrameHeader.parse(rest, at: length) else {
      return rest.byteCount - length < WebSocketFrameHeader.maximumSize
    }
    return FrameSearch.isPlausible(next, expectsMask: expectsMask ?? (next.maskingKey != nil))
  }

  /// The header was one: what is wrong with it is reported.
  private func confirm(_ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    let found = suspicions
    suspicions = []
    for violation in found { handler.take(direction, .violation(violation), RawSpan(), stamp) }
  }

  /// Reads the rest of a header that came in pieces and breaks a rule, so that it can be looked at before its payload is taken.
  ///
  /// - Returns: How many bytes were taken.
  private func completeSuspect(_ bytes: RawSpan, _ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) -> Int {
    var taken = 0
    isCompletingSuspect = true
    while taken < bytes.byteCount, isInsideSuspect, !suspicions.isEmpty {
      let byte = bytes.extracting(taken..<taken + 1)
      taken += 1
      var position = 0
      chunkBegin = decoder.streamOffset
      while search == nil, let event = decoder.next(byte, at: &position) {
        take(event, in: byte, position, stamp, handler)
      }
      noteBegin(stamp, handler)
    }
    isCompletingSuspect = false
    if search == nil, !suspicions.isEmpty { weigh(bytes.extracting(taken...), stamp, handler) }
    return taken
  }

  // MARK: Losses

  private func lose(
    _ message: WebSocketMessage, _ stamp: PacketStamp, _ handler: some WebSocketStreamHandler, end: Int? = nil
  ) {
    reportBehindClose(stamp, handler)
    let first = self.stamp(of: message.streamRange.lowerBound, stamp)
    let isCut =
      message.loss == .skipped && damage?.message == message.streamRange.lowerBound && damage?.isLost == false
    let info = MessageInfo(message, direction, first: first, last: stamp)
    Self.withPayload(message.payload, of: &decoder) {
      handler.take(direction, .lost(info, LossDetails(loss: message.loss, isCut: isCut, end: end)), $0, stamp)
    }
    if message.payload.count > Self.keptCapacity { decoder.releaseMemory() }
  }

  private func loseSync(at offset: Int, _ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    suspicions = []
    reportBehindClose(stamp, handler)
    searchEnd = max(offset, decoder.streamOffset)
    if let lost = decoder.resynchronise(at: offset) { lose(lost, stamp, handler) }
    beginSearch(stamp, handler)
  }

  private func beginSearch(_ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    isAfterGap = true
    isSearchAfterLoss = true
    search = FrameSearch()
    handler.take(direction, .lostBytes, RawSpan(), stamp)
  }

  private func searchFurther(_ bytes: RawSpan, _ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    guard bytes.byteCount > 0 else { return }
    search?.append(bytes, stamp)
    searchEnd += bytes.byteCount
    settle(isEnd: false, stamp, handler)
  }

  /// Goes on at the frame that was found, if one was.
  private func settle(isEnd: Bool, _ stamp: PacketStamp, _ handler: some WebSocketStreamHandler) {
    guard let found = search?.find(expectsMask: expectsMask, isEnd: isEnd),
      let pieces = search?.pieces(from: found.offset)
    else { return }
    let skipped = search?.skipped(before: found.offset) ?? 0
    let offset = searchEnd - pieces.reduce(0) { $0 + $1.bytes.count }
    search = nil
    if expectsMask == nil {
      handler.take(direction, .learnedMask(found.isMasked), RawSpan(), stamp)
      expectsMask = expectsMask ?? found.isMasked
    }
    if skipped > 0 {
      handler.take(
        direction, .resumed(offset: offset, skipped: skipped, isAfterLoss: isSearchAfterLoss), RawSpan(),
        pieces.first?.stamp ?? stamp)
    }
    isSearchAfterLoss = false
    decoder.resynchronise(at: offset)
    for piece in pieces { consume(piece.bytes.span.bytes, piece.stamp, handler) }
  }
}

/// Who is told what a stream finds.
protocol WebSocketStreamHandler: AnyObject {
  /// Is given an event, the bytes that go with it, and the packet that it was found in. It must not touch the stream, but for
  /// the two variables that say what is known of it.
  func take(_ direction: Direction, _ event: WebSocketStream.Event, _ bytes: RawSpan, _ stamp: PacketStamp)

  /// Whether the beginning of a message of so many bytes is all that is wanted of it.
  func isEnough(_ beginning: RawSpan, ofMessage length: Int) -> Bool
}
