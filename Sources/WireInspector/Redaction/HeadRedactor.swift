import Negotiation

/// Heads of HTTP messages with pseudonyms: what the conversation needs stays, the value of everything else is replaced.
struct HeadRedactor {
  /// A head in two forms.
  struct Redacted {
    /// The head as those who follow the conversation have to see it: with the length of its content.
    var head: HTTPMessageHead
    /// Its bytes where it stands without the content, which is left out.
    var bytes: [UInt8]
  }

  let pseudonyms: Pseudonyms

  /// Parameters of the query that name a kind, or a number that decides how the conversation is read.
  private static let kindParameters = ["source"]
  private static let numberParameters = ["typed", "version", "charset"]
  /// Fields whose values say how the conversation goes on.
  private static let keptFields: Set<String> = [
    "upgrade", "connection", "sec-websocket-version", "expect", "content-length", "transfer-encoding", "x-ws-version",
    "x-ws-charset",
  ]

  /// The words in them that mean something.
  private static let keptWords: Set<String> = [
    "websocket", "upgrade", "keep-alive", "close", "h2c", "http2-settings", "100-continue", "chunked", "gzip",
    "deflate",
    "identity", "compress",
  ]

  func redact(_ head: HTTPMessageHead) -> Redacted? {
    let line: [UInt8]
    switch head.startLine {
    case .request(let method, let target, let version):
      line =
        Array("\(Pseudonyms.isPlain(method) ? method : "GET") ".utf8) + self.target(target, of: method)
        + Array(" \(Self.shown(version))".utf8)
    case .response(let version, let status, let reason):
      let digits = String(status)
      line = Array(
        "\(Self.shown(version)) \(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits) \(pseudonyms.text(reason))"
          .utf8
      )
    case .unreadable: return nil
    }
    var fields = head.fields.map { HTTPField(name: $0.name, value: value(of: $0), offset: 0) }
    let whole = Self.bytes(line, fields)
    var reader = HTTPHeadReader(limit: whole.count + 1)
    guard case .head(let parsed, _) = reader.read(whole.span.bytes) else { return nil }
    if hasContent(head) {
      fields.removeAll { $0.isNamed("content-length") || $0.isNamed("transfer-encoding") }
      fields.append(HTTPField("Content-Length", "0"))
    }
    return Redacted(head: parsed, bytes: Self.bytes(line, fields))
  }

  /// A version, which is eight characters long unless it is something else.
  private static func shown(_ version: String) -> String { version.utf8.count == 8 ? version : "HTTP/1.9" }

  private func hasContent(_ head: HTTPMessageHead) -> Bool {
    switch head.content() {
    case .length, .chunked: true
    case .none, .untilClose: false
    }
  }

  private static func bytes(_ line: [UInt8], _ fields: [HTTPField]) -> [UInt8] {
    var bytes = line + [0x0D, 0x0A]
    for field in fields { bytes += Array("\(field.name): ".utf8) + field.value + [0x0D, 0x0A] }
    return bytes + [0x0D, 0x0A]
  }

  // MARK: Targets

  private func target(_ target: [UInt8], of method: String) -> [UInt8] {
    let text = String(decoding: target, as: UTF8.self)
    if method == "CONNECT" { return Array(pseudonyms.text(text).utf8) }
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var start = ""
    var path = parts[0]
    if let scheme = path.range(of: "://") {
      start = String(path[..<scheme.upperBound])
      let rest = path[scheme.upperBound...]
      let end = rest.firstIndex(of: "/") ?? rest.endIndex
      start += pseudonyms.text(String(rest[..<end]))
      path = rest[end...]
    }
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
      Pseudonyms.isPlain(segment) ? String(segment) : pseudonyms.word(String(segment))
    }
    let query = parts.count > 1 ? "?" + self.query(Array(parts[1].utf8)) : ""
    return Array((start + segments.joined(separator: "/") + query).utf8)
  }

  /// A query with pseudonyms for the values, but those of the conversation. Pairs that receivers drop are dropped.
  private func query(_ query: [UInt8]) -> String {
    QueryParameters(query).pairs.map { pair in
      let name = String(decoding: pair.name, as: UTF8.self)
      let value = String(decoding: pair.value, as: UTF8.self)
      let isKept =
        Self.numberParameters.contains(name) && Self.isNumber(pair.value)
        || Self.kindParameters.contains(name) && Pseudonyms.isPlain(value)
      let shown = Pseudonyms.isPlain(name) ? name : pseudonyms.word(name)
      return Self.encoded(shown) + "="
        + Self.encoded(isKept ? value : pseudonyms.addressText(value) ?? pseudonyms.word(value))
    }.joined(separator: "&")
  }

  private static func isNumber(_ value: [UInt8]) -> Bool {
    value.count <= 20 && value.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x2D }
  }

  private static func encoded(_ text: String) -> String {
    String(decoding: PercentEncoding.encode(Array(text.utf8)), as: UTF8.self)
  }

  // MARK: Fields

  private func value(of field: HTTPField) -> [UInt8] {
    let name = field.name.lowercased()
    if Self.keptFields.contains(name) { return kept(field) }
    switch name {
    // Numbers that are used once, and what follows from them.
    case "sec-websocket-key" where field.value.count == 24 && field.text.hasSuffix("=="): return field.value
    case "sec-websocket-accept" where field.value.count == 28 && field.text.hasSuffix("="): return field.value
    case "sec-websocket-extensions" where isDeflate(field): return field.value
    // Pages, which can write no other field, put their tokens here.
    case "sec-websocket-protocol":
      let names = field.elements.map { element in
        let text = String(decoding: element, as: UTF8.self)
        return Self.isVersionName(element) ? text : pseudonyms.word(text)
      }
      return Array(names.joined(separator: ", ").utf8)
    default: return Array(pseudonyms.text(field.text).utf8)
    }
  }

  /// A value that says how the conversation goes on, with pseudonyms for what says nothing of the kind.
  private func kept(_ field: HTTPField) -> [UInt8] {
    func isKnown(_ element: [UInt8]) -> Bool {
      Self.isNumber(element) || Self.keptWords.contains(String(decoding: element, as: UTF8.self).lowercased())
    }
    let elements = field.elements
    if elements.allSatisfy(isKnown) { return field.value }
    return Array(
      elements.map { element in
        let text = String(decoding: element, as: UTF8.self)
        return isKnown(element) ? text : pseudonyms.word(text)
      }.joined(separator: ", ").utf8)
  }

  private func isDeflate(_ field: HTTPField) -> Bool {
    let words = field.text.lowercased().split { ";,= \t\"".contains($0) }
    let known = [
      "permessage-deflate", "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits",
      "client_max_window_bits",
    ]
    return words.allSatisfy { word in known.contains(String(word)) || (word.count <= 3 && Int(word) != nil) }
  }

  /// Whether a subprotocol names a version and a charset, as `ws.v3.c1`, in numbers too small to name anybody.
  private static func isVersionName(_ token: [UInt8]) -> Bool {
    guard let numbers = VersionCharsetNegotiation.numbers(in: token) else { return false }
    return numbers.version <= 9999 && numbers.charset <= 99
  }
}

extension Substring {
  /// The first place of a text in it.
  fileprivate func range(of other: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
      start = index(after: start)
    }
    return nil
  }
}
