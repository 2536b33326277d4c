/// What a variable holds.
package enum ScriptValue: Hashable, Sendable {
  /// An integer.
  case integer(Int64)

  /// A text.
  case text(String)

  /// Bytes, such as a payload that was received.
  case bytes([UInt8])

  /// The value as text: bytes as UTF-8, with U+FFFD for what is none.
  package var text: String {
    switch self {
    case .integer(let number): String(number)
    case .text(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }

  /// The value as bytes: texts and integers as UTF-8.
  package var bytes: [UInt8] {
    if case .bytes(let bytes) = self { return bytes }
    return Array(text.utf8)
  }

  /// The value as an integer; nil for what is none.
  package var integer: Int64? {
    if case .integer(let number) = self { return number }
    return Self.parseInteger(text)
  }

  /// Reads an integer: decimal with an optional sign, or hexadecimal behind `0x`, up to 64 bits as they are.
  static func parseInteger(_ text: String) -> Int64? {
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      let digits = text.dropFirst(2)
      guard let first = digits.first, first.isHexDigit else { return nil }
      return UInt64(digits, radix: 16).map { Int64(bitPattern: $0) }
    }
    guard let first = text.first(where: { $0 != "-" }), first.isNumber else { return nil }
    return Int64(text)
  }
}

/// Something that cannot be computed while a script runs.
package struct ScriptRuntimeError: Error, Hashable, Sendable {
  /// Whose fault it is.
  package enum Kind: Hashable, Sendable {
    /// The script asks for what cannot be: a division by zero, a text where an integer has to be.
    case script

    /// The profile does not offer what the script refers to.
    case missing(String)
  }

  /// Whose fault it is.
  package let kind: Kind

  /// Where in the file.
  package let place: SourcePlace

  /// What is wrong.
  package let reason: String

  /// An error of the script.
  package init(_ reason: String, at place: SourcePlace, kind: Kind = .script) {
    self.kind = kind
    self.place = place
    self.reason = reason
  }
}
