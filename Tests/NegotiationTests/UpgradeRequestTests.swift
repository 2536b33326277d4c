import Negotiation
import Testing

@Suite("The upgrade request")
struct UpgradeRequestTests {
  static let line = "GET /join?uid=1 HTTP/1.1"
  static let fields = [
    "Host: h", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ]

  static func bytes(_ line: String = line, _ fields: [String] = fields) -> [UInt8] {
    Array(([line] + fields).map { $0 + "\r\n" }.joined().utf8) + Array("\r\n".utf8)
  }

  /// The request with one field replaced by others.
  static func bytes(replacing name: String, by replacement: [String]) -> [UInt8] {
    bytes(line, fields.flatMap { $0.hasPrefix(name + ":") ? replacement : [$0] })
  }

  /// What comes of bytes that arrive in pieces of one size.
  static func parse(_ bytes: [UInt8], pieces: Int? = nil) -> UpgradeRequestParser.Outcome {
    var parser = UpgradeRequestParser()
    var at = 0
    while at < bytes.count {
      let end = min(bytes.count, at + (pieces ?? bytes.count))
      let outcome = parser.read(bytes.span.bytes.extracting(at..<end))
      if case .request(let request, let taken) = outcome { return .request(request, taken: at + taken) }
      if case .violation = outcome { return outcome }
      at = end
    }
    return .incomplete
  }

  static func code(_ bytes: [UInt8]) -> String {
    switch parse(bytes) {
    case .incomplete: "incomplete"
    case .request: "request"
    case .violation(let error): "\(error.code.rawValue) \(error.offset)"
    }
  }

  @Test("A request and what stands in it")
  func request() throws {
    let bytes = Self.bytes(
      Self.line,
      Self.fields + [
        "Origin: http://o", "sec-websocket-protocol: a, b", "SEC-WEBSOCKET-PROTOCOL: c",
        "Sec-WebSocket-Extensions: x", "Sec-WebSocket-Extensions: y; z=1",
      ])
    guard case .request(let request, let taken) = Self.parse(bytes + [1, 2, 3]) else {
      Issue.record("refused")
      return
    }
    #expect(taken == bytes.count)
    #expect(request.head.byteCount == bytes.count)
    #expect(request.path == "/join")
    #expect(request.query == Array("uid=1".utf8))
    #expect(request.host == "h")
    #expect(request.origin == "http://o")
    #expect(request.key == "dGhlIHNhbXBsZSBub25jZQ==")
    #expect(request.extensions == "x, y; z=1")
    #expect(request.protocols == ["a", "b", "c"])
    #expect(request.metadata.uidText == "1")
  }

  @Test("Pieces of every size give the same", arguments: 1...200)
  func pieces(size: Int) {
    let bytes = Self.bytes() + [0x82, 0x80]
    #expect(Self.parse(bytes, pieces: size) == Self.parse(bytes))
  }

  @Test("Cut anywhere it is incomplete, and goes on from there")
  func everyCut() {
    let bytes = Self.bytes()
    for cut in 0..<bytes.count {
      var parser = UpgradeRequestParser()
      #expect(parser.read(bytes.span.bytes.extracting(0..<cut)) == .incomplete)
      #expect(parser.unfinished == HandshakeError(.incomplete, offset: cut))
      guard case .request(_, bytes.count - cut) = parser.read(bytes.span.bytes.extracting(cut..<bytes.count)) else {
        Issue.record("cut at \(cut)")
        return
      }
    }
  }

  @Test(
    "First lines",
    arguments: [
      ("GET /join HTTP/1.1", "request"), ("GET /join HTTP/1.9", "request"), ("GET http://h/join?a HTTP/1.1", "request"),
      ("GET /join HTTP/1.0", "bad-http-version 0"), ("GET /join HTTP/2.0", "bad-http-version 0"),
      ("GET /join HTTP/1.10", "bad-http-version 0"), ("GET /join HTTP/", "bad-http-version 0"),
      ("GET /join", "bad-request-line 0"), ("GET  /join HTTP/1.1", "bad-request-line 0"),
      ("GET /join HTTP/1.1 ", "bad-request-line 0"), (" GET /join HTTP/1.1", "bad-request-line 0"),
      ("G(T /join HTTP/1.1", "bad-request-line 0"), ("GET /jo\u{7F}in HTTP/1.1", "bad-request-line 0"),
      ("GET /join http/1.1", "bad-request-line 0"), ("GET\t/join\tHTTP/1.1", "bad-request-line 0"),
      ("GET /join HTTP/1.1\nHost:h", "bad-request-line 0"), ("", "bad-request-line 0"),
      ("POST /join HTTP/1.1", "not-get 0"),
      ("get /join HTTP/1.1", "not-get 0"), ("HTTP/1.1 101 OK", "bad-request-line 0"),
    ])
  func firstLines(line: String, expected: String) {
    #expect(Self.code(Self.bytes(line)) == expected)
  }

  @Test(
    "Lines that are no fields",
    arguments: [
      "x", "", ": v", "x : v", " x: v", "\tx: v", "x y: v", "x: \u{0}", "x: a\u{7F}", "x: a\rb", "x: a\nb", "x(: v",
      "é: v",
    ])
  func badFields(line: String) {
    let bytes = Self.bytes(Self.line, ["Host: h", line] + Self.fields.dropFirst())
    // An empty line ends the head, so the rest is missing and not read.
    #expect(Self.code(bytes) == (line.isEmpty ? "missing-upgrade 35" : "bad-header 35"))
  }

  @Test(
    "Fields that are missing or wrong",
    arguments: [
      ("Host", [], "missing-host"), ("Upgrade", [], "missing-upgrade"),
      ("Upgrade", ["Upgrade: h2c"], "missing-upgrade"),
      ("Upgrade", ["Upgrade: websocket/13"], "missing-upgrade"),
      ("Upgrade", ["Upgrade: web\u{17F}ocket"], "missing-upgrade"),
      ("Connection", [], "missing-connection"), ("Connection", ["Connection: close"], "missing-connection"),
      ("Sec-WebSocket-Version", [], "missing-version"),
      ("Sec-WebSocket-Version", ["Sec-WebSocket-Version: 8"], "unsupported-version"),
      ("Sec-WebSocket-Version", ["Sec-WebSocket-Version: 13, 8"], "unsupported-version"),
      ("Sec-WebSocket-Key", [], "missing-key"), ("Sec-WebSocket-Key", ["Sec-WebSocket-Key:"], "bad-key"),
      ("Sec-WebSocket-Key", ["Sec-WebSocket-Key: AAAA"], "bad-key"),
      (
        "Sec-WebSocket-Key",
        ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="], "bad-key"
      ),
      ("Upgrade", ["upgrade: h2c,  WebSocket "], "request"),
      ("Connection", ["Connection: keep-alive", "connection: UPGRADE"], "request"),
    ] as [(String, [String], String)])
  func judgedFields(name: String, replacement: [String], expected: String) {
    #expect(Self.code(Self.bytes(replacing: name, by: replacement)).hasPrefix(expected))
  }

  @Test("The limit counts the empty line", arguments: [(0, true), (1, false), (1000, false)])
  func limit(excess: Int, isTaken: Bool) {
    let room = 16_384 - Self.bytes().count - "X: \r\n".utf8.count + excess
    let bytes = Self.bytes(Self.line, Self.fields + ["X: " + String(repeating: "x", count: room)])
    #expect(Self.code(bytes) == (isTaken ? "request" : "headers-too-large 16384"))
    #expect(Self.code(bytes.dropLast(2)) == (excess < 3 ? "incomplete" : "headers-too-large 16384"))
  }

  @Test("A draft is read back")
  func draft() throws {
    let metadata = ConnectionMetadata(uid: "u", typed: 1, deviceId: "d", source: "s", version: 3, charset: 1)
    let draft = UpgradeRequestDraft(
      query: metadata.query, host: "127.0.0.1:8003", key: "dGhlIHNhbXBsZSBub25jZQ==",
      extensions: "permessage-deflate", protocols: ["ws.v3.c1", "ws.v2.c0"],
      additionalFields: [HTTPField("Origin", "http://o")])
    let bytes = try draft.bytes()
    guard case .request(let request, bytes.count) = Self.parse(bytes) else {
      Issue.record("refused")
      return
    }
    #expect(request.metadata == metadata)
    #expect(request.extensions == "permessage-deflate")
    #expect(request.protocols == ["ws.v3.c1", "ws.v2.c0"])
    #expect(request.origin == "http://o")
  }

  @Test("A draft that would break its lines is refused")
  func unwritable() {
    let key = "dGhlIHNhbXBsZSBub25jZQ=="
    #expect(throws: UnwritableHead(part: "target")) {
      try UpgradeRequestDraft(path: "/a b", host: "h", key: key).bytes()
    }
    #expect(throws: UnwritableHead(part: "Host")) { try UpgradeRequestDraft(host: "h\r\nX: y", key: key).bytes() }
    let field = HTTPField("X y", "v")
    #expect(throws: UnwritableHead(part: "X y")) {
      try UpgradeRequestDraft(host: "h", key: key, additionalFields: [field]).bytes()
    }
  }

  @Test(
    "What begins with an octet of no method is refused at its first byte",
    arguments: ["\u{16}\u{3}\u{1}", " GET", "\0", "<a>"])
  func noMethod(beginning: String) {
    #expect(Self.code(Array(beginning.utf8)) == "bad-request-line 0")
  }

  @Test("What may still become a request is waited for", arguments: ["G", "\r", "\n", "\r\n"])
  func beginning(of text: String) {
    #expect(Self.code(Array(text.utf8)) == "incomplete")
  }
}
