/// A field of a protobuf message that cannot be parsed.
public struct ProtobufViolation: Error, Hashable, Sendable {
  /// The kinds of violation; the raw value is the error code of `displacement.decode`.
  public enum Code: String, Hashable, Sendable {
    /// A varint, length, tag or group that breaks the encoding.
    case badProtobuf = "bad-protobuf"
  }

  /// The kind.
  public var code: Code { .badProtobuf }

  /// Where the tag of the field begins, counted from the start of the input.
  public var offset: Int

  /// A violation by the field at `offset`.
  public init(offset: Int) {
    self.offset = offset
  }

  /// What was wrong, for people.
  public var reason: String { "the protobuf field at offset \(offset) cannot be parsed" }
}

/// One field of a protobuf message.
struct ProtobufField {
  var number: UInt32

  /// 0 varint, 1 fixed 64 bits, 2 length-delimited, 3 a group (skipped), 5 fixed 32 bits.
  var wireType: UInt8

  /// The value of a varint; 0 for the other wire types.
  var varint: UInt64

  /// Where the value stands, without its length.
  var value: Range<Int>
}

/// Reads the fields of a protobuf message one after another, in place. The few rules of the encoding that the protocol's two
/// messages need (protobuf.dev, "Encoding"), and no library: the core does without Foundation.
struct ProtobufReader {
  /// How deep groups may be nested; what is deeper is refused before it costs stack.
  static let deepestGroup = 32

  private var position: Int
  private let end: Int

  /// Reads the message that stands at `range` of the bytes that `next` is given.
  init(range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field; nil at the end of the message.
  mutating func next(_ bytes: RawSpan) throws(ProtobufViolation) -> ProtobufField? {
    position < end ? try field(bytes, depth: 0) : nil
  }

  private mutating func field(_ bytes: RawSpan, depth: Int) throws(ProtobufViolation) -> ProtobufField {
    let start = position
    let (number, wireType) = try tag(bytes, start: start)
    var field = ProtobufField(number: number, wireType: wireType, varint: 0, value: position..<position)
    switch wireType {
    case 0: field.varint = try varint(bytes, start: start)
    case 1: try advance(8, start: start)
    case 2:
      let length = try varint(bytes, start: start)
      field.value = position..<position
      try advance(length, start: start)
    case 3:
      guard depth < Self.deepestGroup else { throw ProtobufViolation(offset: start) }
      try skipGroup(bytes, number: number, start: start, depth: depth + 1)
    case 5: try advance(4, start: start)
    default: throw ProtobufViolation(offset: start)
    }
    field.value = field.value.lowerBound..<position
    return field
  }

  private mutating func skipGroup(
    _ bytes: RawSpan, number: UInt32, start: Int, depth: Int
  ) throws(ProtobufViolation) {
    while true {
      guard position < end else { throw ProtobufViolation(offset: start) }
      let fieldStart = position
      let (endNumber, wireType) = try tag(bytes, start: fieldStart)
      if wireType == 4 {
        guard endNumber == number else { throw ProtobufViolation(offset: fieldStart) }
        return
      }
      position = fieldStart
      _ = try field(bytes, depth: depth)
    }
  }

  private mutating func tag(_ bytes: RawSpan, start: Int) throws(ProtobufViolation) -> (number: UInt32, wireType: UInt8)
  {
    let tag = try varint(bytes, start: start)
    guard tag <= UInt64(UInt32.max), tag >> 3 != 0 else { throw ProtobufViolation(offset: start) }
    return (UInt32(tag >> 3), UInt8(tag & 7))
  }

  private mutating func varint(_ bytes: RawSpan, start: Int) throws(ProtobufViolation) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<10 {
      guard position < end else { throw ProtobufViolation(offset: start) }
      let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
      position += 1
      if index == 9 && byte > 1 { throw ProtobufViolation(offset: start) }
      value |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte < 0x80 { return value }
    }
    throw ProtobufViolation(offset: start)
  }

  private mutating func advance(_ size: UInt64, start: Int) throws(ProtobufViolation) {
    guard size <= UInt64(end - position) else { throw ProtobufViolation(offset: start) }
    position += Int(size)
  }
}
