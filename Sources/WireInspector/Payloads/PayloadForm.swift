import Negotiation
import Specification

/// How payloads are shown in a text for people. Whatever was sent is made inert (``TerminalText``).
package enum PayloadForm: String, CaseIterable, Sendable {
  /// Text where it is text, otherwise hexadecimal.
  case auto
  /// Text with its lines; what is no text is written `\xNN`.
  case text
  /// JSON in lines; what is no JSON as by ``auto``.
  case json
  /// The fields of protobuf without a schema; what is none as by ``auto``.
  case protobuf
  /// Hexadecimal, and the printable characters beside it.
  case hex

  /// A whole payload in lines.
  ///
  /// - Parameters:
  ///   - columns: How wide a line may be, 20 at least.
  ///   - line: Takes the lines; none of an empty payload.
  func lines(of payload: RawSpan, _ charset: TextCharset, columns: Int, _ line: (String) -> Void) {
    guard payload.byteCount > 0 else { return }
    switch self {
    case .auto: break
    case .text: return Self.text(payload, charset, columns, line)
    case .json:
      if let text = RecordText.text(payload, charset == .gbk ? .gbk : .utf8),
        var lines = JSONLines(text, columns: columns)
      {
        return lines.write(line)
      }
    case .protobuf:
      if let lines = ProtobufLines(payload.withUnsafeBytes { Array($0) }, columns: columns) { return lines.write(line) }
    case .hex: return Self.hexadecimal(payload, columns, line)
    }
    RecordText.whole(payload, charset, columns: columns, line)
  }

  private static func text(_ payload: RawSpan, _ charset: TextCharset, _ columns: Int, _ line: (String) -> Void) {
    var current = ""
    func end() {
      if current.isEmpty { line("") } else { TerminalText.fold(current, to: columns, line) }
      current = ""
    }
    func take(_ scalar: Unicode.Scalar) {
      if scalar == "\n" { end() } else { current += TerminalText.escaped(String(scalar)) }
    }
    func takeStray(_ byte: UInt8) {
      current += "\\x" + ColumnText.right(String(byte, radix: 16), 2, filler: "0")
    }
    let bytes = payload.withUnsafeBytes { Array($0) }
    if charset == .gbk {
      if let text = try? Charset.gbk.decode(bytes) {
        for scalar in text.unicodeScalars { take(scalar) }
      } else {
        for byte in bytes { if byte < 0x80 { take(Unicode.Scalar(byte)) } else { takeStray(byte) } }
      }
    } else {
      var parser = Unicode.UTF8.ForwardParser()
      var iterator = bytes.makeIterator()
      var offset = 0
      reading: while true {
        switch parser.parseScalar(from: &iterator) {
        case .valid(let encoded):
          take(Unicode.UTF8.decode(encoded))
          offset += encoded.count
        case .error(let length):
          for byte in bytes[offset..<offset + length] { takeStray(byte) }
          offset += length
        case .emptyInput: break reading
        }
      }
    }
    if !current.isEmpty { end() }
  }

  private static func hexadecimal(_ payload: RawSpan, _ columns: Int, _ line: (String) -> Void) {
    // Six digits of the offset, two spaces, three columns a byte, a space, and a column a byte.
    let perLine = [16, 8].first { 9 + 4 * $0 <= columns } ?? 2
    var offset = 0
    while offset < payload.byteCount {
      let part = payload.extracting(offset..<min(offset + perLine, payload.byteCount))
      var printable = ""
      for index in 0..<part.byteCount {
        let byte = part.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        printable.unicodeScalars.append((0x20...0x7E).contains(byte) ? Unicode.Scalar(byte) : ".")
      }
      line(
        ColumnText.right(String(offset, radix: 16), 6, filler: "0") + "  "
          + ColumnText.left(RecordText.hexadecimal(part), perLine * 3 - 1) + "  " + printable)
      offset += perLine
    }
  }
}
