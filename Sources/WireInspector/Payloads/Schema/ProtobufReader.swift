/// Reads the fields of messages in the encoding of Protocol Buffers, whatever their schema.
struct ProtobufReader {
  /// A value as it stands on the wire, by its wire type.
  enum Value {
    case varint(UInt64)
    case i64(UInt64)
    case len(Range<Int>)
    /// What stands between the start and the end of a group.
    case group(Range<Int>)
    case i32(UInt32)
  }

  struct Field {
    var number: Int
    var value: Value
    var end: Int
  }

  let bytes: [UInt8]

  /// How deep groups may be nested.
  private static let groupDepthLimit = 100

  /// The field at an offset.
  ///
  /// - Throws: What is wrong, and where.
  func field(at start: Int, before end: Int) throws(MessageFault) -> Field {
    let tag = try tag(at: start, before: end)
    return try value(of: tag, before: end, depth: 0)
  }

  /// Calls a function for each field of a range.
  func forEachField(of range: Range<Int>, _ body: (Field) throws(MessageFault) -> Void) throws(MessageFault) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let next = try field(at: offset, before: range.upperBound)
      offset = next.end
      try body(next)
    }
  }

  /// The varint at an offset, and its end; nil if there is none.
  func varint(at start: Int, before end: Int) -> (value: UInt64, end: Int)? {
    var value: UInt64 = 0
    for index in 0..<min(10, max(0, end - start)) {
      let byte = bytes[start + index]
      // Of the tenth byte only one bit is left.
      if index == 9, byte > 1 { return nil }
      value |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte < 0x80 { return (value, start + index + 1) }
    }
    return nil
  }

  /// A number of so many bytes, the least significant first.
  func fixed(at start: Int, size: Int) -> UInt64 {
    (0..<size).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
  }

  /// Text in UTF-8; what is none is replaced.
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  // MARK: Tags and values

  private struct Tag {
    var number: Int
    var wireType: UInt64
    var start: Int
    var end: Int
  }

  private func tag(at start: Int, before end: Int) throws(MessageFault) -> Tag {
    guard let tag = varint(at: start, before: end) else { throw MessageFault(start, "a tag that does not end") }
    // Numbers are 1 to 2^29 - 1.
    guard (8...0xFFFF_FFFF).contains(tag.value) else { throw MessageFault(start, "a tag that no field can have") }
    return Tag(number: Int(tag.value >> 3), wireType: tag.value & 7, start: start, end: tag.end)
  }

  private func value(of tag: Tag, before end: Int, depth: Int) throws(MessageFault) -> Field {
    let number = tag.number
    switch tag.wireType {
    case 0:
      guard let value = varint(at: tag.end, before: end) else {
        throw MessageFault(tag.end, "field \(number) has a varint that does not end")
      }
      return Field(number: number, value: .varint(value.value), end: value.end)
    case 1:
      guard end - tag.end >= 8 else { throw MessageFault(tag.end, "field \(number) has 8 bytes that are not there") }
      return Field(number: number, value: .i64(fixed(at: tag.end, size: 8)), end: tag.end + 8)
    case 2:
      guard let length = varint(at: tag.end, before: end) else {
        throw MessageFault(tag.end, "field \(number) has a length that does not end")
      }
      guard length.value <= UInt64(end - length.end) else {
        throw MessageFault(tag.end, "field \(number) has \(length.value) bytes, of which \(end - length.end) are there")
      }
      let contentEnd = length.end + Int(length.value)
      return Field(number: number, value: .len(length.end..<contentEnd), end: contentEnd)
    case 3:
      guard depth < Self.groupDepthLimit else { throw MessageFault(tag.start, "groups are nested too deep") }
      var offset = tag.end
      while true {
        guard offset < end else { throw MessageFault(tag.start, "field \(number) is a group that does not end") }
        let next = try self.tag(at: offset, before: end)
        if next.wireType == 4 {
          guard next.number == number else { throw MessageFault(offset, "the end of a group that did not begin") }
          return Field(number: number, value: .group(tag.end..<offset), end: next.end)
        }
        offset = try value(of: next, before: end, depth: depth + 1).end
      }
    case 4: throw MessageFault(tag.start, "the end of a group that did not begin")
    case 5:
      guard end - tag.end >= 4 else { throw MessageFault(tag.end, "field \(number) has 4 bytes that are not there") }
      return Field(number: number, value: .i32(UInt32(fixed(at: tag.end, size: 4))), end: tag.end + 4)
    default: throw MessageFault(tag.start, "field \(number) has the wire type \(tag.wireType), which there is not")
    }
  }
}

/// Why bytes are no message, and where.
struct MessageFault: Error {
  let offset: Int
  let reason: String

  init(_ offset: Int, _ reason: String) {
    self.offset = offset
    self.reason = reason
  }

  var text: String { "at byte \(offset): \(reason)" }
}
