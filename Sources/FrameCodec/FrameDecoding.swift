/// What a whole WebSocket message turns out to be.
public enum MessageOutcome: Hashable, Sendable {
  /// One frame, and nothing else.
  case frame(FrameHeader)

  /// A whole frame, followed by bytes that do not belong to it. A strict receiver fails the connection (violation
  /// `trailing-bytes`, at the range's lower bound); a lenient one delivers the frame or drops the message.
  case trailing(FrameHeader, Range<Int>)

  /// No frame.
  case violation(FrameViolation)
}

/// What stands at a place of a byte stream.
public enum PrefixOutcome: Hashable, Sendable {
  /// A whole frame, and the offset behind it.
  case frame(FrameHeader, end: Int)

  /// The beginning of a frame, which will have at least so many bytes (that many are not yet there).
  case incomplete(atLeast: Int)

  /// No frame can begin here.
  case violation(FrameViolation)
}

/// The frame format of all four revisions, clauses 4 to 6 of the specification.
public enum FrameCodec {
  /// The receiver's limit on the field `length` when nothing else is said, in bytes (512 KiB).
  @inlinable
  public static var defaultMaxFrameLength: UInt32 { 524_288 }

  /// The bytes before those that `length` counts: magic and `length` itself.
  public static let prefixSize = 6

  /// Decodes one whole WebSocket message, which holds exactly one frame.
  ///
  /// The header is parsed in place; nothing is copied or allocated. The checks are made in this order: empty, magic, six
  /// bytes, bounds of `length`, missing bytes, trailing bytes, protobuf.
  ///
  /// - Parameters:
  ///   - bytes: the message, inflated if it was compressed.
  ///   - revision: the revision that the connection speaks.
  ///   - maxFrameLength: the largest `length` accepted; in revision 1.1 the largest message. Bytes.
  /// - Returns: the frame with its payload as a range of `bytes`, or what is wrong and where.
  @inlinable
  public static func decodeMessage(
    _ bytes: RawSpan, revision: Revision = .current, maxFrameLength: UInt32 = defaultMaxFrameLength
  ) -> MessageOutcome {
    if let frame = currentMessage(bytes, revision, maxFrameLength) { return .frame(frame) }
    return judgeMessage(bytes, revision: revision, maxFrameLength: maxFrameLength)
  }

  /// The same as `currentFrame` for a message that holds exactly one frame. There the length is known beforehand, so one
  /// comparison stands for its lower bound, missing bytes and trailing bytes.
  @inlinable @inline(__always)
  static func currentMessage(_ bytes: RawSpan, _ revision: Revision, _ maxFrameLength: UInt32) -> FrameHeader? {
    let count = bytes.byteCount
    guard revision == .v1_3_3, count >= 14 else { return nil }
    let magic = UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt16.self))
    let length = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 2, as: UInt32.self))
    guard magic == 0xEFFE, Int(length) == count &- 6, length <= maxFrameLength else { return nil }
    let protocolId = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 6, as: UInt32.self))
    let sn = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 10, as: UInt32.self))
    return FrameHeader(
      revision: .v1_3_3, protocolId: Int64(protocolId), sn: sn, length: length,
      payload: Range(uncheckedBounds: (14, count)))
  }

  /// A whole frame of the current revision that begins at `start`, if there is nothing wrong with it; anything else is left
  /// to the functions that say what it is. Inlined into callers: handing the outcome across modules costs four times what
  /// the decoding does (see Benchmarks).
  @inlinable @inline(__always)
  static func currentFrame(
    _ bytes: RawSpan, at start: Int, _ revision: Revision, _ maxFrameLength: UInt32
  ) -> FrameHeader? {
    let available = bytes.byteCount &- start
    guard revision == .v1_3_3, start >= 0, available >= 14 else { return nil }
    let magic = UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt16.self))
    let length = UInt32(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ 2, as: UInt32.self))
    guard magic == 0xEFFE, length >= 8, length <= maxFrameLength, Int(length) <= available &- 6 else { return nil }
    let protocolId = UInt32(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ 6, as: UInt32.self))
    let sn = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ 10, as: UInt32.self))
    return FrameHeader(
      revision: .v1_3_3, protocolId: Int64(protocolId), sn: sn, length: length,
      payload: Range(uncheckedBounds: (start &+ 14, start &+ 6 &+ Int(length))))
  }

  @usableFromInline
  static func judgeMessage(_ bytes: RawSpan, revision: Revision, maxFrameLength: UInt32) -> MessageOutcome {
    let count = bytes.byteCount
    if count == 0 { return .violation(FrameViolation(.empty, offset: 0)) }
    if revision == .v1_1 {
      if count > Int(maxFrameLength) {
        return .violation(FrameViolation(.tooLarge, offset: 0, observed: UInt64(count)))
      }
      return message(in: bytes, body: 0..<count, revision: .v1_1, length: nil)
    }
    switch prefix(of: bytes, at: 0, revision: revision, maxFrameLength: maxFrameLength) {
    case .violation(let violation):
      return .violation(violation)
    case .incomplete:
      return .violation(FrameViolation(.short, offset: count, observed: UInt64(count)))
    case .length(let length):
      let end = prefixSize + Int(length)
      if end > count { return .violation(FrameViolation(.short, offset: count, observed: UInt64(count))) }
      let outcome = message(in: bytes, body: prefixSize..<end, revision: revision, length: length)
      guard end < count else { return outcome }
      guard case .frame(let header) = outcome else {
        return .violation(FrameViolation(.trailingBytes, offset: end, observed: UInt64(count - end)))
      }
      return .trailing(header, end..<count)
    }
  }

  /// Decodes the frame that begins at `start` of a byte stream; for revisions with a length.
  ///
  /// A `length` out of bounds is refused as soon as its bytes are there, so nobody has to buffer for an announcement.
  ///
  /// - Parameters:
  ///   - bytes: what there is of the stream.
  ///   - start: where the frame begins, 0 to `bytes.byteCount`.
  ///   - revision: the revision; 1.1 has no length, and its bytes up to the end count as one frame.
  ///   - maxFrameLength: the largest `length` accepted, in bytes.
  /// - Returns: the frame, how many bytes it needs at least, or what is wrong; all offsets count from the start of `bytes`.
  @inlinable
  public static func decodePrefix(
    _ bytes: RawSpan, at start: Int, revision: Revision = .current, maxFrameLength: UInt32 = defaultMaxFrameLength
  ) -> PrefixOutcome {
    if let frame = currentFrame(bytes, at: start, revision, maxFrameLength) {
      return .frame(frame, end: frame.payload.upperBound)
    }
    return judgePrefix(bytes, at: start, revision: revision, maxFrameLength: maxFrameLength)
  }

  @usableFromInline
  static func judgePrefix(
    _ bytes: RawSpan, at start: Int, revision: Revision, maxFrameLength: UInt32
  ) -> PrefixOutcome {
    let count = bytes.byteCount
    if revision == .v1_1 {
      if count <= start { return .incomplete(atLeast: 1) }
      if count - start > Int(maxFrameLength) {
        return .violation(FrameViolation(.tooLarge, offset: start, observed: UInt64(count - start)))
      }
      return located(message(in: bytes, body: start..<count, revision: .v1_1, length: nil), end: count)
    }
    switch prefix(of: bytes, at: start, revision: revision, maxFrameLength: maxFrameLength) {
    case .violation(let violation): return .violation(violation)
    case .incomplete: return .incomplete(atLeast: prefixSize)
    case .length(let length):
      let end = start + prefixSize + Int(length)
      if end > count { return .incomplete(atLeast: end - start) }
      return located(
        message(in: bytes, body: start + prefixSize..<end, revision: revision, length: length), end: end)
    }
  }

  private enum Prefix {
    case length(UInt32)
    case incomplete
    case violation(FrameViolation)
  }

  /// Magic and length.
  @inline(__always)
  private static func prefix(
    of bytes: RawSpan, at start: Int, revision: Revision, maxFrameLength: UInt32
  ) -> Prefix {
    guard let magic = revision.magic, let smallest = revision.smallestLength else { return .incomplete }
    let available = bytes.byteCount - start
    guard available >= prefixSize else { return shortPrefix(of: bytes, at: start, magic: magic) }
    let seen = UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt16.self))
    if seen != magic {
      let offset = seen & 0xFF == magic & 0xFF ? start + 1 : start
      return .violation(FrameViolation(.badMagic, offset: offset))
    }
    let length = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start + 2, as: UInt32.self))
    if length < smallest {
      return .violation(FrameViolation(.lengthTooSmall, offset: start + 2, observed: UInt64(length)))
    }
    if length > maxFrameLength {
      return .violation(FrameViolation(.tooLarge, offset: start + 2, observed: UInt64(length)))
    }
    return .length(length)
  }

  /// Fewer than six bytes: those of the magic that are there must be right.
  private static func shortPrefix(of bytes: RawSpan, at start: Int, magic: UInt16) -> Prefix {
    for index in 0..<2 where start + index < bytes.byteCount {
      let expected = UInt8(truncatingIfNeeded: magic >> (8 * UInt16(index)))
      if bytes.unsafeLoad(fromByteOffset: start + index, as: UInt8.self) != expected {
        return .violation(FrameViolation(.badMagic, offset: start + index))
      }
    }
    return .incomplete
  }

  /// What `length` counts: `body` lies within `bytes` and is at least as long as the revision's smallest length.
  @inline(__always)
  private static func message(
    in bytes: RawSpan, body: Range<Int>, revision: Revision, length: UInt32?
  ) -> MessageOutcome {
    let start = body.lowerBound
    switch revision {
    case .v1_3_3:
      let protocolId = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt32.self))
      let sn = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start + 4, as: UInt32.self))
      return .frame(
        FrameHeader(
          revision: revision, protocolId: Int64(protocolId), sn: sn, length: length,
          payload: start + 8..<body.upperBound))
    case .v1_3_0:
      let protocolId = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt32.self))
      return .frame(
        FrameHeader(
          revision: revision, protocolId: Int64(protocolId), sn: nil, length: length,
          payload: start + 4..<body.upperBound))
    case .v1_1, .v1_2:
      do {
        let message = try ProtobufMessage(decoding: bytes, in: body)
        return .frame(
          FrameHeader(
            revision: revision, protocolId: Int64(message.protocolId), sn: nil, length: length, payload: message.data))
      } catch {
        return .violation(FrameViolation(.badProtobuf, offset: error.offset))
      }
    }
  }

  private static func located(_ outcome: MessageOutcome, end: Int) -> PrefixOutcome {
    switch outcome {
    case .frame(let header), .trailing(let header, _): .frame(header, end: end)
    case .violation(let violation): .violation(violation)
    }
  }
}
