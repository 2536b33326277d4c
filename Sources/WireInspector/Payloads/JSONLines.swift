import Specification

/// JSON (RFC 8259) in lines for people: what fits a line stands on one, of anything else each member has its own. Strings and numbers stay
/// as they were sent, character for character; unseen characters are written `\u{…}`, which is no escape of JSON.
struct JSONLines {
  private let bytes: [UInt8]
  private let columns: Int
  /// The line that is being written.
  private var current = ""

  /// How deep values may be nested; what is deeper is shown as text.
  private static let depthLimit = 64

  /// Takes a text.
  ///
  /// - Parameters:
  ///   - columns: How wide a line may be, 20 at least.
  /// - Returns: nil if it is not one value and nothing else, or nested too deep.
  init?(_ text: String, columns: Int) {
    bytes = Array(text.utf8)
    self.columns = columns
    guard let end = valueEnd(spaceEnd(0), depth: 0), spaceEnd(end) == bytes.count else { return nil }
  }

  /// Writes the lines.
  mutating func write(_ line: (String) -> Void) {
    _ = value(at: spaceEnd(0), indentation: 0, line)
    endLine(0, line)
  }

  // MARK: Lines

  /// Writes a value behind what the line holds, and gives its end.
  private mutating func value(at start: Int, indentation: Int, _ line: (String) -> Void) -> Int {
    guard let close = Self.close(of: bytes[start]) else {
      let end = scalarEnd(start) ?? bytes.count
      current += shown(start..<end)
      return end
    }
    var offset = spaceEnd(start + 1)
    let isEmpty = bytes[offset] == close
    let room = isEmpty ? columns : columns - TerminalText.width(current) - 1
    if let (text, end) = compact(start, room: room, sourceLimit: isEmpty ? .max : 8 * columns) {
      current += text
      return end
    }
    current += shown(start..<start + 1)
    endLine(indentation, line)
    let inner = min(indentation + 2, columns / 2)
    while true {
      current = String(repeating: " ", count: inner)
      if close == UInt8(ascii: "}") {
        let keyEnd = scalarEnd(offset) ?? bytes.count
        current += shown(offset..<keyEnd) + ": "
        offset = spaceEnd(spaceEnd(keyEnd) + 1)
      }
      offset = spaceEnd(value(at: offset, indentation: inner, line))
      let isLast = bytes[offset] == close
      if !isLast { current += "," }
      endLine(inner, line)
      if isLast { break }
      offset = spaceEnd(offset + 1)
    }
    current = String(repeating: " ", count: indentation) + shown(offset..<offset + 1)
    return offset + 1
  }

  /// A container on one line, and its end; nil if it takes more columns than there are, or more bytes than are looked at for that.
  private func compact(_ start: Int, room: Int, sourceLimit: Int) -> (text: String, end: Int)? {
    var text = ""
    var offset = start
    var depth = 0
    repeat {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth += Self.close(of: byte) == nil ? -1 : 1
        text.unicodeScalars.append(Unicode.Scalar(byte))
        offset += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
        text += " "
        offset += 1
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default:
        guard let end = scalarEnd(offset), end - start <= sourceLimit else { return nil }
        text += shown(offset..<end)
        offset = end
      }
      guard offset - start <= sourceLimit else { return nil }
    } while depth > 0
    return TerminalText.width(text) <= room ? (text, offset) : nil
  }

  private mutating func endLine(_ indentation: Int, _ line: (String) -> Void) {
    TerminalText.fold(current, to: columns, indentation: indentation + 4, line)
    current = ""
  }

  private func shown(_ range: Range<Int>) -> String {
    InertText.whole(String(decoding: bytes[range], as: UTF8.self))
  }

  private static func close(of byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "{"): UInt8(ascii: "}")
    case UInt8(ascii: "["): UInt8(ascii: "]")
    default: nil
    }
  }

  // MARK: Grammar

  private func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  /// The end of the whitespace at an offset.
  private func spaceEnd(_ start: Int) -> Int {
    var offset = start
    while [0x20, 0x09, 0x0A, 0x0D].contains(byte(offset)) { offset += 1 }
    return offset
  }

  /// The end of the value at an offset; nil if there is none.
  private func valueEnd(_ start: Int, depth: Int) -> Int? {
    guard let close = Self.close(of: byte(start)) else { return scalarEnd(start) }
    guard depth < Self.depthLimit else { return nil }
    var offset = spaceEnd(start + 1)
    if byte(offset) == close { return offset + 1 }
    while true {
      if close == UInt8(ascii: "}") {
        guard byte(offset) == UInt8(ascii: "\""), let end = stringEnd(offset) else { return nil }
        offset = spaceEnd(end)
        guard byte(offset) == UInt8(ascii: ":") else { return nil }
        offset = spaceEnd(offset + 1)
      }
      guard let end = valueEnd(offset, depth: depth + 1) else { return nil }
      offset = spaceEnd(end)
      if byte(offset) == close { return offset + 1 }
      guard byte(offset) == UInt8(ascii: ",") else { return nil }
      offset = spaceEnd(offset + 1)
    }
  }

  /// The end of the string, number or word at an offset; nil if there is none.
  private func scalarEnd(_ start: Int) -> Int? {
    switch byte(start) {
    case UInt8(ascii: "\""): return stringEnd(start)
    case UInt8(ascii: "t"): return wordEnd("true", start)
    case UInt8(ascii: "f"): return wordEnd("false", start)
    case UInt8(ascii: "n"): return wordEnd("null", start)
    default: return numberEnd(start)
    }
  }

  private func wordEnd(_ word: StaticString, _ start: Int) -> Int? {
    let end = start + word.utf8CodeUnitCount
    guard end <= bytes.count else { return nil }
    return bytes[start..<end].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: end - start)) ? end : nil
  }

  private func stringEnd(_ start: Int) -> Int? {
    var offset = start + 1
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""): return offset + 1
      case 0..<0x20: return nil
      case UInt8(ascii: "\\"):
        switch byte(offset + 1) {
        case UInt8(ascii: "u"):
          guard offset + 6 <= bytes.count, bytes[offset + 2..<offset + 6].allSatisfy(Self.isHexadecimal) else {
            return nil
          }
          offset += 6
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
          UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
          offset += 2
        default: return nil
        }
      default: offset += 1
      }
    }
    return nil
  }

  private func numberEnd(_ start: Int) -> Int? {
    var offset = start
    func digits() -> Bool {
      let first = offset
      while (0x30...0x39).contains(byte(offset)) { offset += 1 }
      return offset > first
    }
    if byte(offset) == UInt8(ascii: "-") { offset += 1 }
    if byte(offset) == UInt8(ascii: "0") {
      offset += 1
    } else if !digits() {
      return nil
    }
    if byte(offset) == UInt8(ascii: ".") {
      offset += 1
      guard digits() else { return nil }
    }
    if byte(offset) | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if byte(offset) == UInt8(ascii: "+") || byte(offset) == UInt8(ascii: "-") { offset += 1 }
      guard digits() else { return nil }
    }
    return offset
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }
}
