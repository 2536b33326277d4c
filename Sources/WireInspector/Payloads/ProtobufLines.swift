/// The fields of a message of protobuf, without its schema: number, wire type and value, a line each. The wire types have the names of the
/// encoding's description: varint, i64, len, i32; groups, which nobody writes any more, are not known.
///
/// What has a length can be a string, bytes or a message. It is shown as text if it is text without control characters, else as a message
/// if it parses whole as one, else as text with line breaks, else in hexadecimal.
struct ProtobufLines {
  private enum Value {
    case varint(UInt64)
    case i64(UInt64)
    case len(Range<Int>)
    case i32(UInt32)
  }

  private struct Field {
    var number: UInt64
    var value: Value
    var end: Int
  }

  private let bytes: [UInt8]
  private let columns: Int

  /// How deep messages may be nested; what is deeper is shown as bytes.
  private static let depthLimit = 32

  /// Takes a payload.
  ///
  /// - Parameters:
  ///   - columns: How wide a line may be, 20 at least.
  /// - Returns: nil if it does not parse whole as a message.
  init?(_ bytes: [UInt8], columns: Int) {
    self.bytes = bytes
    self.columns = columns
    guard isMessage(0..<bytes.count) else { return nil }
  }

  /// Writes the lines.
  func write(_ line: (String) -> Void) { write(0..<bytes.count, depth: 0, line) }

  private func write(_ range: Range<Int>, depth: Int, _ line: (String) -> Void) {
    let indentation = min(depth * 2, columns / 2)
    func write(_ text: String) {
      TerminalText.fold(
        String(repeating: " ", count: indentation) + text, to: columns, indentation: indentation + 4, line)
    }
    var offset = range.lowerBound
    while let next = field(at: offset, before: range.upperBound) {
      offset = next.end
      switch next.value {
      case .varint(let value):
        write(
          "\(next.number) varint: \(value)" + (value > UInt64(Int64.max) ? ", signed \(Int64(bitPattern: value))" : "")
        )
      case .i64(let value): write("\(next.number) i64: \(value), double \(Double(bitPattern: value))")
      case .i32(let value): write("\(next.number) i32: \(value), float \(Float(bitPattern: value))")
      case .len(let content):
        let head = "\(next.number) len \(content.count):"
        let span = bytes.span.bytes.extracting(content)
        let text = RecordText.text(span, .utf8)
        let isOneLine = text?.unicodeScalars.allSatisfy { $0.value >= 0x20 } ?? false
        if !isOneLine, depth < Self.depthLimit, isMessage(content) {
          write(head)
          self.write(content, depth: depth + 1, line)
        } else if let text {
          write(head + " \"" + TerminalText.escaped(text) + "\"")
        } else {
          write(head + " " + RecordText.hexadecimal(span))
        }
      }
    }
  }

  // MARK: The encoding

  /// Whether bytes are fields one after the other, and nothing else.
  private func isMessage(_ range: Range<Int>) -> Bool {
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard let next = field(at: offset, before: range.upperBound) else { return false }
      offset = next.end
    }
    return true
  }

  private func field(at start: Int, before end: Int) -> Field? {
    // Numbers are 1 to 2^29 - 1.
    guard let tag = varint(at: start, before: end), (8...0xFFFF_FFFF).contains(tag.value) else { return nil }
    let number = tag.value >> 3
    switch tag.value & 7 {
    case 0:
      guard let value = varint(at: tag.end, before: end) else { return nil }
      return Field(number: number, value: .varint(value.value), end: value.end)
    case 1:
      guard end - tag.end >= 8 else { return nil }
      return Field(number: number, value: .i64(fixed(at: tag.end, size: 8)), end: tag.end + 8)
    case 2:
      guard let length = varint(at: tag.end, before: end), length.value <= UInt64(end - length.end) else { return nil }
      let contentEnd = length.end + Int(length.value)
      return Field(number: number, value: .len(length.end..<contentEnd), end: contentEnd)
    case 5:
      guard end - tag.end >= 4 else { return nil }
      return Field(number: number, value: .i32(UInt32(fixed(at: tag.end, size: 4))), end: tag.end + 4)
    default: return nil
    }
  }

  private func varint(at start: Int, before end: Int) -> (value: UInt64, end: Int)? {
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

  private func fixed(at start: Int, size: Int) -> UInt64 {
    (0..<size).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
  }
}
