/// Reads the lines of a head that is there whole.
struct HTTPHeadParser {
  /// What kind of first line is expected.
  enum Kind {
    case request
    case response

    /// A response if the line begins with `HTTP/`, else a request.
    case either
  }

  private let bytes: [UInt8]
  private let ending: HTTPLineEnding
  private var fields: [HTTPField] = []
  private var faults: [HandshakeError] = []

  private init(_ bytes: [UInt8], _ ending: HTTPLineEnding) {
    self.bytes = bytes
    self.ending = ending
  }

  /// The head of these bytes. Line ends are as `ending` says; a last line without one counts as a line.
  static func parse(_ bytes: [UInt8], as kind: Kind, ending: HTTPLineEnding) -> HTTPMessageHead {
    var parser = HTTPHeadParser(bytes, ending)
    var startLine: HTTPMessageHead.StartLine?
    var at = 0
    while at < bytes.count {
      let (line, next, isBare) = parser.line(at: at)
      if startLine != nil {
        parser.readField(line, isBare: isBare)
      } else if !line.isEmpty || ending == .crlf {
        startLine = parser.readStartLine(line, isBare: isBare, as: kind)
      }
      at = next
    }
    return HTTPMessageHead(
      startLine: startLine ?? .unreadable([]), fields: parser.fields, faults: parser.faults, byteCount: bytes.count)
  }

  /// The line that starts at an offset, where the next one starts, and whether it was ended by LF alone.
  private func line(at start: Int) -> (ArraySlice<UInt8>, next: Int, isBare: Bool) {
    var at = start
    while let feed = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) {
      if feed > start, bytes[feed - 1] == UInt8(ascii: "\r") { return (bytes[start..<(feed - 1)], feed + 1, false) }
      if ending == .any { return (bytes[start..<feed], feed + 1, true) }
      at = feed + 1
    }
    return (bytes[start...], bytes.count, false)
  }

  private mutating func readStartLine(_ line: ArraySlice<UInt8>, isBare: Bool, as kind: Kind)
    -> HTTPMessageHead.StartLine
  {
    let isResponse =
      switch kind {
      case .request: false
      case .response: true
      case .either: line.starts(with: "HTTP/".utf8)
      }
    let fault: HandshakeErrorCode = isResponse ? .badStatusLine : .badRequestLine
    guard let read = isResponse ? statusLine(line) : requestLine(line) else {
      faults.append(HandshakeError(fault, offset: line.startIndex))
      return ending == .any ? repaired(line, isResponse: isResponse) : .unreadable(Array(line))
    }
    if isBare {
      faults.append(HandshakeError(fault, offset: line.startIndex, detail: "a bare LF"))
    } else if case .request(_, _, let version) = read, !Self.isSupported(version) {
      faults.append(HandshakeError(.badHTTPVersion, offset: line.startIndex))
    } else if case .response(let version, _, _) = read, !Self.isSupported(version) {
      faults.append(HandshakeError(.badStatusLine, offset: line.startIndex, detail: "another HTTP version"))
    }
    return read
  }

  private func requestLine(_ line: ArraySlice<UInt8>) -> HTTPMessageHead.StartLine? {
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(ASCII.isToken), !words[1].isEmpty,
      words[1].allSatisfy({ $0 > 0x20 && $0 != 0x7F }), words[2].starts(with: "HTTP/".utf8),
      words[2].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    return .request(
      method: String(decoding: words[0], as: UTF8.self), target: Array(words[1]),
      version: String(decoding: words[2], as: UTF8.self))
  }

  private func statusLine(_ line: ArraySlice<UInt8>) -> HTTPMessageHead.StartLine? {
    let words = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2, words[0].starts(with: "HTTP/".utf8), words[0].allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      words[1].count == 3, words[1].allSatisfy(ASCII.isDigit), !line.contains(where: ASCII.isForbiddenControl)
    else { return nil }
    let status = words[1].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return .response(
      version: String(decoding: words[0], as: UTF8.self), status: status,
      reason: words.count == 3 ? String(decoding: words[2], as: UTF8.self) : "")
  }

  /// What a faulty first line was meant to say: several spaces count as one, and control characters as spaces.
  private func repaired(_ line: ArraySlice<UInt8>, isResponse: Bool) -> HTTPMessageHead.StartLine {
    let words = line.split { $0 == 0x20 || ASCII.isForbiddenControl($0) }
    let repaired = Array(words.prefix(isResponse ? 2 : .max).joined(separator: [0x20]))[...]
    return (isResponse ? statusLine(repaired) : requestLine(repaired)) ?? .unreadable(Array(line))
  }

  /// Whether a version is HTTP/1.1 or a later 1.x.
  private static func isSupported(_ version: String) -> Bool {
    let text = Array(version.utf8)
    return text.count == 8 && text.starts(with: "HTTP/1.".utf8) && ASCII.isDigit(text[7]) && version != "HTTP/1.0"
  }

  /// Reads the line of a field, or lists it as a fault; a line that is not ended properly can be both.
  private mutating func readField(_ line: ArraySlice<UInt8>, isBare: Bool) {
    guard !line.isEmpty else { return }
    let start = line.startIndex
    if line.first == 0x20 || line.first == 0x09 {
      faults.append(HandshakeError(.badHeader, offset: start, detail: "a folded field"))
      unfold(line)
      return
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
      faults.append(HandshakeError(.badHeader, offset: start, detail: "no colon"))
      return
    }
    let name = line[..<colon]
    let value = line[(colon + 1)...]
    if name.isEmpty || !name.allSatisfy(ASCII.isToken) {
      faults.append(HandshakeError(.badHeader, offset: start, detail: "a name that is no token"))
    } else if value.contains(where: ASCII.isForbiddenControl) {
      faults.append(HandshakeError(.badHeader, offset: start, detail: "a control character in the value"))
    } else if isBare {
      faults.append(HandshakeError(.badHeader, offset: start, detail: "a bare LF"))
    }
    fields.append(
      HTTPField(
        name: String(decoding: ASCII.trimmed(name), as: UTF8.self), value: Array(ASCII.trimmed(value)), offset: start))
  }

  /// Adds a folded line to the field before it, as old senders meant it.
  private mutating func unfold(_ line: ArraySlice<UInt8>) {
    guard let field = fields.popLast() else { return }
    fields.append(
      HTTPField(name: field.name, value: field.value + [0x20] + ASCII.trimmed(line), offset: field.offset))
  }
}
