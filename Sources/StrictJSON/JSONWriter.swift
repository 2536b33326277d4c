import Specification

/// How JSON values become text. Two layouts: one line without spaces, for NDJSON, and the canonical layout of the vector
/// files, which depends on nothing but the value.
extension JSONValue {
  /// The value on one line, without a line break at the end.
  package var line: String {
    var writer = JSONWriter(separators: (",", ":"))
    writer.writeFlat(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The canonical layout of data files: a value that fits its line of 120 columns stands on it; another one has each of
  /// its members or elements on a line of its own, two columns further right. Ends in a line break.
  package var canonicalText: String {
    var writer = JSONWriter(separators: (", ", ": "))
    writer.writeWrapped(self, indentation: 0, column: 0, trailing: 0)
    return String(decoding: writer.bytes, as: UTF8.self) + "\n"
  }
}

private struct JSONWriter {
  static let columns = 120

  var bytes: [UInt8] = []
  let separators: (element: String, name: String)

  init(separators: (element: String, name: String)) {
    self.separators = separators
  }

  mutating func writeFlat(_ value: JSONValue) {
    switch value {
    case .null: write("null")
    case .bool(let value): write(value ? "true" : "false")
    case .int(let value): write(String(value))
    case .uint(let value): write(String(value))
    case .decimal(let text): write(text)
    case .string(let text): writeString(text)
    case .array(let elements):
      write("[")
      for (index, element) in elements.enumerated() {
        if index > 0 { write(separators.element) }
        writeFlat(element)
      }
      write("]")
    case .object(let object):
      write("{")
      for (index, member) in object.members.enumerated() {
        if index > 0 { write(separators.element) }
        writeString(member.name)
        write(separators.name)
        writeFlat(member.value)
      }
      write("}")
    }
  }

  /// Writes a value that begins at `column` and is followed by `trailing` more columns on its last line.
  mutating func writeWrapped(_ value: JSONValue, indentation: Int, column: Int, trailing: Int) {
    var flat = JSONWriter(separators: separators)
    flat.writeFlat(value)
    let isContainer =
      switch value {
      case .array(let elements): !elements.isEmpty
      case .object(let object): !object.isEmpty
      default: false
      }
    guard isContainer, column + flat.width + trailing > Self.columns else {
      bytes += flat.bytes
      return
    }
    switch value {
    case .array(let elements):
      writeLines(open: "[", close: "]", count: elements.count, indentation: indentation) { writer, index, last in
        let inner = indentation + 2
        writer.writeWrapped(elements[index], indentation: inner, column: inner, trailing: last ? 0 : 1)
      }
    case .object(let object):
      writeLines(open: "{", close: "}", count: object.count, indentation: indentation) { writer, index, last in
        let member = object.members[index]
        let start = writer.bytes.count
        writer.writeString(member.name)
        writer.write(writer.separators.name)
        let inner = indentation + 2
        let column = inner + Self.width(of: writer.bytes[start...])
        writer.writeWrapped(member.value, indentation: inner, column: column, trailing: last ? 0 : 1)
      }
    default: break
    }
  }

  private mutating func writeLines(
    open: String, close: String, count: Int, indentation: Int, item: (inout JSONWriter, Int, Bool) -> Void
  ) {
    write(open)
    for index in 0..<count {
      write("\n" + String(repeating: " ", count: indentation + 2))
      item(&self, index, index == count - 1)
      if index < count - 1 { write(",") }
    }
    write("\n" + String(repeating: " ", count: indentation) + close)
  }

  private mutating func write(_ text: String) {
    bytes += text.utf8
  }

  private mutating func writeString(_ text: String) {
    write("\"")
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": write("\\\"")
      case "\\": write("\\\\")
      case "\n": write("\\n")
      case "\r": write("\\r")
      case "\t": write("\\t")
      case _ where scalar.isUnseen: writeEscape(scalar)
      default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      }
    }
    write("\"")
  }

  /// Beyond the basic plane as a pair of surrogates (RFC 8259, section 7).
  private mutating func writeEscape(_ scalar: Unicode.Scalar) {
    for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
      let digits = String(unit, radix: 16)
      write("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
    }
  }

  private var width: Int { Self.width(of: bytes[...]) }

  /// Columns as code points: close enough for text that is almost all ASCII, and the same on every platform.
  private static func width(of bytes: ArraySlice<UInt8>) -> Int {
    bytes.count { $0 & 0xC0 != 0x80 }
  }
}
