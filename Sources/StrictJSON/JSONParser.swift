/// Why a text is no JSON, and where.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Code: String, Hashable, Sendable {
    case unexpectedEnd = "unexpected-end"
    case unexpectedByte = "unexpected-byte"
    case trailingBytes = "trailing-bytes"
    case duplicateName = "duplicate-name"
    case badNumber = "bad-number"
    case badEscape = "bad-escape"
    case badUTF8 = "bad-utf8"
    case controlCharacter = "control-character"
    case tooDeep = "too-deep"
  }

  /// What is wrong.
  package let code: Code

  /// The offset of the byte at fault.
  package let offset: Int

  /// Its line, from 1.
  package let line: Int

  /// Its column in that line, in bytes, from 1.
  package let column: Int

  /// The name, where one is repeated.
  package let name: String?

  /// What is wrong, for people.
  package var reason: String {
    switch code {
    case .unexpectedEnd: "the text ends inside a value"
    case .unexpectedByte: "no JSON value, separator or bracket can stand here"
    case .trailingBytes: "something follows the value"
    case .duplicateName: "the member \"\(name ?? "")\" is there twice"
    case .badNumber: "this is no JSON number (no leading zeros, no plus sign, a digit on each side of the point)"
    case .badEscape: "this escape is none of JSON, or half of a surrogate pair"
    case .badUTF8: "the bytes are no UTF-8"
    case .controlCharacter: "a control character stands in a string; write it as an escape"
    case .tooDeep: "the values are nested more than \(JSONParser.maximumDepth) deep"
    }
  }

  /// `line:column: reason`.
  package var description: String { "\(line):\(column): \(reason)" }
}

/// A strict parser of RFC 8259: no repeated names, no lone surrogates, nothing after the value, every error located.
/// (JSONDecoder keeps the last of repeated names silently, loses the order of members and rounds large integers.)
package struct JSONParser {
  /// How deep arrays and objects may be nested.
  package static let maximumDepth = 64

  private let bytes: [UInt8]
  private var position = 0

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The value that the UTF-8 text is.
  package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
    var parser = JSONParser(bytes: bytes)
    parser.skipSpace()
    let value = try parser.parseValue(depth: 0)
    parser.skipSpace()
    if parser.position < bytes.count { throw parser.failure(.trailingBytes) }
    return value
  }

  private func failure(_ code: JSONSyntaxError.Code, at offset: Int? = nil, name: String? = nil) -> JSONSyntaxError {
    let offset = min(offset ?? position, bytes.count)
    let before = bytes[..<offset]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return JSONSyntaxError(code: code, offset: offset, line: line, column: offset - lineStart + 1, name: name)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard let byte = next else { throw failure(.unexpectedEnd) }
    switch byte {
    case UInt8(ascii: "{"): return .object(try parseObject(depth: depth))
    case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    default: throw failure(.unexpectedByte)
    }
  }

  private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
    for offset in 0..<word.utf8CodeUnitCount {
      guard let byte = next else { throw failure(.unexpectedEnd) }
      guard byte == word.utf8Start[offset] else { throw failure(.unexpectedByte) }
      position += 1
    }
    return value
  }

  private mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> JSONObject {
    guard depth < Self.maximumDepth else { throw failure(.tooDeep) }
    position += 1
    var object = JSONObject()
    var names: Set<String> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return object }
    while true {
      guard next == UInt8(ascii: "\"") else { throw failure(next == nil ? .unexpectedEnd : .unexpectedByte) }
      let start = position
      let name = try parseString()
      guard names.insert(name).inserted else { throw failure(.duplicateName, at: start, name: name) }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw failure(next == nil ? .unexpectedEnd : .unexpectedByte) }
      skipSpace()
      object.appendNew(name, try parseValue(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "}")) { return object }
      guard take(UInt8(ascii: ",")) else { throw failure(next == nil ? .unexpectedEnd : .unexpectedByte) }
      skipSpace()
    }
  }

  private mutating func parseArray(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
    guard depth < Self.maximumDepth else { throw failure(.tooDeep) }
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try parseValue(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw failure(next == nil ? .unexpectedEnd : .unexpectedByte) }
      skipSpace()
    }
  }

  private mutating func parseNumber() throws(JSONSyntaxError) -> JSONValue {
    let start = position
    _ = take(UInt8(ascii: "-"))
    let integerStart = position
    guard skipDigits() > 0 else { throw failure(.badNumber, at: start) }
    if bytes[integerStart] == UInt8(ascii: "0"), position - integerStart > 1 { throw failure(.badNumber, at: start) }
    var isInteger = true
    if take(UInt8(ascii: ".")) {
      isInteger = false
      guard skipDigits() > 0 else { throw failure(.badNumber, at: start) }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard skipDigits() > 0 else { throw failure(.badNumber, at: start) }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .int(value) }
    if isInteger, let value = UInt64(text) { return .uint(value) }
    return .decimal(text)
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  private mutating func parseString() throws(JSONSyntaxError) -> String {
    position += 1
    let start = position
    // Nearly every string is free of escapes: it is taken as one run.
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    var text = try decodeRun(start..<position)
    while true {
      guard let byte = next else { throw failure(.unexpectedEnd) }
      if byte == UInt8(ascii: "\"") {
        position += 1
        return text
      }
      if byte < 0x20 { throw failure(.controlCharacter) }
      if byte == UInt8(ascii: "\\") {
        text.unicodeScalars.append(try parseEscape())
        continue
      }
      let runStart = position
      while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
      text += try decodeRun(runStart..<position)
    }
  }

  private func decodeRun(_ range: Range<Int>) throws(JSONSyntaxError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw failure(.badUTF8, at: range.lowerBound)
    }
    return text
  }

  private mutating func parseEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let byte = next else { throw failure(.unexpectedEnd) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try parseFourDigits(start)
      guard first & 0xFC00 == 0xD800 else {
        guard let scalar = Unicode.Scalar(first) else { throw failure(.badEscape, at: start) }
        return scalar
      }
      guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw failure(.badEscape, at: start) }
      let second = try parseFourDigits(start)
      guard second & 0xFC00 == 0xDC00, let scalar = Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF))
      else { throw failure(.badEscape, at: start) }
      return scalar
    default: throw failure(.badEscape, at: start)
    }
  }

  private mutating func parseFourDigits(_ start: Int) throws(JSONSyntaxError) -> UInt32 {
    guard bytes.count - position >= 4 else { throw failure(.unexpectedEnd) }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw failure(.badEscape, at: start)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
