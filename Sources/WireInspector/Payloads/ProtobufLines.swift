/// The fields of a message of protobuf, without its schema: number, wire type and value, a line each. The wire types have the names of the
/// encoding's description: varint, i64, len, i32; groups, which nobody writes any more, are not known.
///
/// What has a length can be a string, bytes or a message. It is shown as text if it is text without control characters, else as a message
/// if it parses whole as one, else as text with line breaks, else in hexadecimal.
struct ProtobufLines {
  private let reader: ProtobufReader
  private let columns: Int

  /// How deep messages may be nested; what is deeper is shown as bytes.
  private static let depthLimit = 32

  /// Takes a payload.
  ///
  /// - Parameters:
  ///   - columns: How wide a line may be, 20 at least.
  /// - Returns: nil if it does not parse whole as a message.
  init?(_ bytes: [UInt8], columns: Int) {
    reader = ProtobufReader(bytes: bytes)
    self.columns = columns
    guard isMessage(0..<bytes.count) else { return nil }
  }

  /// Writes the lines.
  func write(_ line: (String) -> Void) { write(0..<reader.bytes.count, depth: 0, line) }

  private func write(_ range: Range<Int>, depth: Int, _ line: (String) -> Void) {
    let indentation = min(depth * 2, columns / 2)
    func write(_ text: String) {
      TerminalText.fold(
        String(repeating: " ", count: indentation) + text, to: columns, indentation: indentation + 4, line)
    }
    var offset = range.lowerBound
    while offset < range.upperBound, let next = try? reader.field(at: offset, before: range.upperBound) {
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
        let span = reader.bytes.span.bytes.extracting(content)
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
      case .group: break
      }
    }
  }

  /// Whether bytes are fields one after the other, and nothing else.
  private func isMessage(_ range: Range<Int>) -> Bool {
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard let next = try? reader.field(at: offset, before: range.upperBound) else { return false }
      if case .group = next.value { return false }
      offset = next.end
    }
    return true
  }
}
