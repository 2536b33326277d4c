/// The head of an HTTP/1 message, read leniently: what a capture holds is shown, not judged.
struct HTTPHead {
  enum StartLine {
    case request(method: String, target: [UInt8])
    case response(status: Int)
  }

  var startLine: StartLine
  /// Names in lower case.
  private var fields: [(name: String, value: String)] = []

  /// The value of a field; several of one name are joined with commas. Nil if there is none.
  func value(_ name: String) -> String? {
    let values = fields.filter { $0.name == name }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// Whether a field's list holds a token, in any case of letters.
  func has(_ name: String, token: String) -> Bool {
    guard let value = value(name) else { return false }
    return value.lowercased().split(separator: ",").contains { $0.trimmingBlanks() == token }
  }

  /// Whether it asks for, or confirms, an upgrade to WebSocket.
  var isWebSocketUpgrade: Bool { has("upgrade", token: "websocket") && value("sec-websocket-key") != nil }

  /// How the body that follows is delimited.
  enum Body { case none, length(Int), chunked, untilClose }

  /// - Parameter answersHead: Whether it is the response to a HEAD request.
  func body(answersHead: Bool) -> Body {
    if has("transfer-encoding", token: "chunked") { if !answersHead { return .chunked } }
    let length = value("content-length").flatMap { Int($0.split(separator: ",").first.map(String.init) ?? "") }
    switch startLine {
    case .request: return length.map { $0 > 0 ? .length($0) : .none } ?? .none
    case .response(let status):
      if answersHead || status < 200 || status == 204 || status == 304 { return .none }
      return length.map { $0 > 0 ? .length($0) : .none } ?? .untilClose
    }
  }

  /// Reads a head, with its empty line or without. Nil if the first line is neither a request's nor a status line.
  ///
  /// - Parameter isCut: Whether the rest of it was not captured: then its last line does not count, or of a request's only line
  ///   the pairs of the query that are whole.
  init?(_ bytes: [UInt8], isCut: Bool = false) {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      $0.last == 0x0D ? $0.dropLast() : $0
    }
    if isCut, lines.count == 1 { lines[0] = Self.wholePart(of: lines[0]) } else if isCut { lines.removeLast() }
    guard let first = lines.first, let start = Self.startLine(first) else { return nil }
    startLine = start
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: 0x3A) else { continue }
      let name = String(decoding: line[..<colon], as: UTF8.self).lowercased().trimmingBlanks()
      let value = String(decoding: line[line.index(after: colon)...], as: UTF8.self).trimmingBlanks()
      fields.append((name, value))
    }
  }

  /// A request line that was cut, with what is whole of its target.
  private static func wholePart(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let blanks = line.indices.filter { line[$0] == 0x20 }
    guard let blank = blanks.first, let query = line[blank...].firstIndex(of: 0x3F) else { return line }
    let end = blanks.count > 1 ? blanks[1] : line[query...].lastIndex { $0 == 0x26 || $0 == 0x3F } ?? query
    return line[..<end] + " HTTP/1.1".utf8
  }

  private static func startLine(_ line: ArraySlice<UInt8>) -> StartLine? {
    let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: true)
    guard parts.count >= 2 else { return nil }
    if parts[0].starts(with: "HTTP/1.".utf8) {
      guard let status = Int(String(decoding: parts[1], as: UTF8.self)), (100...999).contains(status) else {
        return nil
      }
      return .response(status: status)
    }
    guard parts.count == 3, parts[2].starts(with: "HTTP/1.".utf8), parts[0].allSatisfy(isTokenByte) else { return nil }
    return .request(method: String(decoding: parts[0], as: UTF8.self), target: Array(parts[1]))
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: false
    }
  }
}

extension StringProtocol {
  /// Without blanks and tabs at its ends.
  func trimmingBlanks() -> String {
    var text = self[...]
    while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
    while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
    return String(text)
  }
}
