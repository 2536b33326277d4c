import PacketCapture
import Specification
import WebSocketCodec

/// Parses one direction's WebSocket frames and puts its messages together, leniently: what breaks the rules is reported, and
/// the parsing goes on wherever the place of the next frame is known.
///
/// Bytes that are missing inside a frame whose length is known cost that message only. Otherwise, and where the parsing starts
/// in the middle of a stream, it searches for the next plausible frame (``FrameSearch``).
///
/// As in `TCPConnection`, exclusive access to what each packet touches is not checked at run time.
final class WebSocketHalf {
  let direction: Direction
  /// Bytes that a message may have at most to be kept.
  let messageLimit: Int
  /// Whether this direction's frames are masked, as far as known: a client's are, a server's are not.
  @exclusivity(unchecked) var expectsMask: Bool?
  /// The position in the direction's byte stream of the next byte to come.
  @exclusivity(unchecked) var position: Int

  /// The beginning of a header whose rest has not come.
  @exclusivity(unchecked) var partialHeader: [UInt8] = []
  @exclusivity(unchecked) var headerStart = 0

  // The frame that is open.
  @exclusivity(unchecked) var frame: WebSocketFrameHeader?
  @exclusivity(unchecked) var frameStart = 0
  @exclusivity(unchecked) var remaining = 0
  @exclusivity(unchecked) var phase = 0
  var control: [UInt8] = []
  @exclusivity(unchecked) var isFrameDamaged = false
  @exclusivity(unchecked) var frameFirst = PacketStamp(number: 0, time: nil)

  // The message that is open.
  @exclusivity(unchecked) var message = OpenMessage()
  @exclusivity(unchecked) var buffer: [UInt8] = []

  @exclusivity(unchecked) var sawClose = false
  var reportedDataAfterClose = false
  /// Frames may have been lost before the next one.
  @exclusivity(unchecked) var isAfterGap = false
  @exclusivity(unchecked) var search: FrameSearch?
  /// Whether whatever is found has to be reported as ``InspectionFindingCode/resync``.
  var reportsResync = false

  struct OpenMessage {
    var isOpen = false
    var opcode: UInt8 = 0
    var isCompressed = false
    var fragments = 0
    var wireLength = 0
    var isDamaged = false
    /// Whether bytes of it were cut when captured, and whether others are missing altogether.
    var isCut = false
    var isLost = false
    var isTooLong = false
    /// Fragments may be missing after what has come.
    var isUncertain = false
    var first = PacketStamp(number: 0, time: nil)
  }

  /// Makes a half that starts at a position of the stream.
  ///
  /// - Parameter searching: Whether the first frame has to be searched for.
  init(direction: Direction, position: Int, expectsMask: Bool?, messageLimit: Int, searching: Bool) {
    self.direction = direction
    self.position = position
    self.expectsMask = expectsMask
    self.messageLimit = messageLimit
    if searching {
      search = FrameSearch(start: position)
      isAfterGap = true
    }
  }

  /// Whether the place of the next frame is unknown.
  var isSearching: Bool { search != nil }
  /// How many bytes were searched in vain so far.
  var searchedBytes: Int { search?.seenBytes ?? 0 }
  /// Whether a message or frame is incomplete.
  var isInside: Bool { frame != nil || message.isOpen || !partialHeader.isEmpty }

  // MARK: Input

  /// Takes in the next bytes.
  func consume(_ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp, for owner: ConnectionInspector) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      if search != nil {
        searchFurther(bytes, offset..<range.upperBound, stamp, for: owner)
        return
      }
      if frame != nil {
        offset = continueFrame(bytes, offset..<range.upperBound, stamp, for: owner)
      } else if !partialHeader.isEmpty {
        offset = completeHeader(bytes, offset..<range.upperBound, stamp, for: owner)
      } else if let header = WebSocketFrameHeader.whole(bytes.extracting(0..<range.upperBound), at: offset) {
        headerStart = position
        position += header.size
        offset += header.size
        let rest = bytes.extracting(offset..<range.upperBound)
        begin(header, rest: rest, stamp, for: owner)
      } else {
        headerStart = position
        frameFirst = stamp
        partialHeader.append(contentsOf: bytes.extracting(offset..<range.upperBound).withUnsafeBytes { Array($0) })
        position += range.upperBound - offset
        return
      }
    }
  }

  /// Goes past bytes that are not in the capture.
  ///
  /// - Parameter isCut: Whether they were cut from a packet that is there.
  func skip(_ count: Int, isCut: Bool, _ stamp: PacketStamp, for owner: ConnectionInspector) {
    defer { position += count }
    if search != nil {
      finishSearch(for: owner)
      if search == nil { return skipInside(count, isCut: isCut, stamp, for: owner) }
      search = FrameSearch(start: position + count)
      loseSync(at: position + count, stamp, for: owner)
      return
    }
    skipInside(count, isCut: isCut, stamp, for: owner)
  }

  func skipInside(_ count: Int, isCut: Bool, _ stamp: PacketStamp, for owner: ConnectionInspector) {
    if isCut { message.isCut = true } else { message.isLost = true }
    if let open = frame, partialHeader.isEmpty, count <= remaining {
      isFrameDamaged = true
      phase += count
      remaining -= count
      if open.opcode <= 2 { message.isDamaged = true }
      if remaining == 0 { endFrame(stamp, for: owner) }
      return
    }
    if let open = frame, open.opcode <= 2 { message.isDamaged = true }
    if message.isOpen { message.isUncertain = true }
    loseSync(at: position + count, stamp, for: owner)
  }

  /// Says that the stream is over.
  func finish(_ stamp: PacketStamp, for owner: ConnectionInspector) {
    if search != nil { finishSearch(for: owner) }
    reportTooLarge(stamp, for: owner)
    if frame != nil || message.isOpen || !partialHeader.isEmpty {
      if !isAfterGap || message.isOpen {
        report(.truncatedMessage, at: headerStart, "the stream ends inside of a message", stamp, for: owner)
      }
    }
    frame = nil
    partialHeader = []
    message = OpenMessage()
    buffer = []
  }

  // MARK: Searching

  func loseSync(at position: Int, _ stamp: PacketStamp, for owner: ConnectionInspector) {
    if frame != nil, let open = frame, open.opcode <= 2 { message.isDamaged = true }
    if message.isOpen, message.isDamaged, frame.map({ $0.fin }) ?? false {
      // The last frame of the message is hit: nothing more of it comes.
      dropMessage(stamp, for: owner)
    }
    frame = nil
    partialHeader = []
    isAfterGap = true
    owner.lostBytes(direction, stamp)
    search = FrameSearch(start: position)
    reportsResync = true
  }

  func searchFurther(
    _ bytes: RawSpan, _ range: Range<Int>, _ stamp: PacketStamp, for owner: ConnectionInspector
  ) {
    search?.append(bytes, range, stamp)
    position += range.count
    settle(search?.find(expectsMask: expectsMask, isEnd: false), for: owner)
  }

  func finishSearch(for owner: ConnectionInspector) {
    settle(search?.find(expectsMask: expectsMask, isEnd: true), for: owner)
  }

  /// Goes on at the frame that was found.
  func settle(_ found: FrameSearch.Found?, for owner: ConnectionInspector) {
    guard let found, let pieces = search?.pieces(from: found.offset) else { return }
    let skipped = search?.skipped(before: found.offset) ?? 0
    search = nil
    if expectsMask == nil { owner.learnedMask(direction, isMasked: found.isMasked) }
    if (skipped > 0 && reportsResync) || (skipped > 0 && !reportsResync && owner.isMidstream) {
      report(
        .resync, at: position - pieces.reduce(0) { $0 + $1.bytes.count },
        "\(skipped) bytes were passed over to find the next frame", pieces.first?.stamp ?? frameFirst, for: owner)
    }
    reportsResync = false
    position -= pieces.reduce(0) { $0 + $1.bytes.count }
    for piece in pieces { consume(piece.bytes.span.bytes, 0..<piece.bytes.count, piece.stamp, for: owner) }
  }
}

/// A complete message, without its bytes.
struct MessageInfo {
  var direction: Direction
  var isText: Bool
  var isCompressed: Bool
  var fragments: Int
  var wireLength: Int
  /// Where its last frame begins in the direction's stream.
  var position: Int
  var first: PacketStamp
  var last: PacketStamp
  /// Whether its end was cut when captured.
  var isCut = false
}
