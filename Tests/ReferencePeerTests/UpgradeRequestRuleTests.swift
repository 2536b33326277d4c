import Negotiation
import Testing
import WebSocketCodec

@testable import ReferencePeer

/// An upgrade request, and what a server answers to it.
struct UpgradeRequestRule: CustomTestStringConvertible, Sendable {
  let name: String
  let requirements: [String]
  let request: [UInt8]
  let status: Int
  /// Lines of the answer's head.
  let fields: [String]

  var testDescription: String { name }

  init(
    _ name: String, _ requirements: [String], _ status: Int, fields: [String] = [],
    _ line: String = "GET /join?uid=http HTTP/1.1", without: String? = nil, adding: [String] = []
  ) {
    self.name = name
    self.requirements = requirements
    self.status = status
    self.fields = fields
    request = HTTPExchange.request(line, without: without, adding: adding)
  }

  private static let version = ["Sec-WebSocket-Version: 13", "Upgrade: websocket", "Connection: Upgrade, close"]
  private static let key = "Sec-WebSocket-Key"

  /// Requests that are refused, each with the connection closed after it.
  static let refused = [
    UpgradeRequestRule(
      "WebSocket version 8", ["handshake.refuse.version", "handshake.refuse.version.field"], 426, fields: version,
      without: "Sec-WebSocket-Version", adding: ["Sec-WebSocket-Version: 8"]),
    UpgradeRequestRule(
      "no WebSocket version", ["handshake.refuse.version", "handshake.refuse.version.status"], 426, fields: version,
      without: "Sec-WebSocket-Version"),
    UpgradeRequestRule("no key", ["handshake.refuse.key"], 400, without: key),
    UpgradeRequestRule(
      "a key of 15 bytes", ["handshake.refuse.key"], 400, without: key, adding: ["\(key): AAAAAAAAAAAAAAAAAAAA"]),
    UpgradeRequestRule(
      "a key that is not base64", ["handshake.refuse.key"], 400, without: key,
      adding: ["\(key): ????????????????????????"]),
    UpgradeRequestRule("two keys", ["handshake.refuse.key"], 400, adding: ["\(key): \(HTTPExchange.key)"]),
    UpgradeRequestRule("no Upgrade", ["handshake.refuse.upgrade"], 400, without: "Upgrade"),
    UpgradeRequestRule(
      "an Upgrade to something else", ["handshake.refuse.upgrade"], 400, without: "Upgrade", adding: ["Upgrade: h2c"]),
    UpgradeRequestRule("no Connection", ["handshake.refuse.connection"], 400, without: "Connection"),
    UpgradeRequestRule(
      "a Connection without Upgrade", ["handshake.refuse.connection"], 400, without: "Connection",
      adding: ["Connection: keep-alive"]),
    UpgradeRequestRule("no Host", ["handshake.refuse.host"], 400, without: "Host"),
    UpgradeRequestRule(
      "POST", ["handshake.refuse.method", "handshake.refuse.method.status"], 405, fields: ["Allow: GET"],
      "POST /join?uid=http HTTP/1.1"),
    UpgradeRequestRule("HTTP/1.0", ["handshake.refuse.http-version"], 505, "GET /join?uid=http HTTP/1.0"),
    UpgradeRequestRule("no HTTP version", ["handshake.refuse.request-line"], 400, "GET /join?uid=http"),
    UpgradeRequestRule("two spaces", ["handshake.refuse.request-line"], 400, "GET  /join?uid=http HTTP/1.1"),
    UpgradeRequestRule("an unknown path", ["handshake.refuse.path"], 404, "GET /elsewhere?uid=http HTTP/1.1"),
    UpgradeRequestRule("a field without a colon", ["handshake.refuse.header"], 400, adding: ["Nonsense"]),
    UpgradeRequestRule("a space before the colon", ["handshake.refuse.header"], 400, adding: ["Name : value"]),
    UpgradeRequestRule("a control character", ["handshake.refuse.header"], 400, adding: ["Name: a\u{1}b"]),
    UpgradeRequestRule("a folded field", ["handshake.read.fold"], 400, adding: ["Name: a", " b"]),
    UpgradeRequestRule(
      "a broken list of extensions", ["handshake.refuse.extensions"], 400,
      adding: ["Sec-WebSocket-Extensions: permessage-deflate;;"]),
    UpgradeRequestRule(
      "a head of 20 KiB", ["handshake.read.limit"], 431, adding: ["Name: " + String(repeating: "a", count: 20_480)]),
  ]

  private static let answer = [
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: \(HTTPExchange.accept)",
  ]

  /// Requests that are granted, with exactly these fields in the answer.
  static let granted = [
    UpgradeRequestRule(
      "the usual request", ["handshake.answer.status", "handshake.accept", "handshake.answer.fields"], 101,
      fields: answer),
    UpgradeRequestRule(
      "tokens among others, in any case", ["handshake.read.case", "handshake.read.list"], 101, fields: answer,
      without: "Connection", adding: ["connection: keep-alive", "CONNECTION: foo, uPGRADE"]),
    UpgradeRequestRule(
      "fields that nobody knows", ["handshake.read.unknown"], 101, fields: answer, adding: ["X-Unknown: 1"]),
    UpgradeRequestRule(
      "a subprotocol that nobody negotiates", ["negotiation.protocol.declare", "handshake.answer.protocol"], 101,
      fields: answer, adding: ["Sec-WebSocket-Protocol: ws.v3.c1"]),
    UpgradeRequestRule(
      "an origin, without a list of them", ["origin.any"], 101, fields: answer, adding: ["Origin: https://example.org"]),
    UpgradeRequestRule(
      "an extension that is not spoken", ["handshake.answer.extension", "deflate.offer.other"], 101, fields: answer,
      adding: ["Sec-WebSocket-Extensions: x-unknown; a=1, permessage-deflate"]),
  ]
}

@Suite("What a server answers to upgrade requests", .timeLimit(.minutes(10)))
struct UpgradeRequestRuleTests {
  @Test("It refuses", arguments: UpgradeRequestRule.refused)
  func refused(rule: UpgradeRequestRule) async throws {
    try await withServer { server in
      let exchange = try await HTTPExchange(port: server.server.port, sending: rule.request)
      #expect(exchange.status == rule.status)
      for field in rule.fields { #expect(exchange.fields.contains(field), "\(exchange.fields)") }
      #expect(exchange.fields.contains("Content-Type: application/problem+json"))
      #expect(exchange.body.contains("\"status\":\(rule.status)"))
      #expect(server.server.hub.count == 0)
      // Others are served (malformed.others).
      #expect(try await server.connect().call(2).protocolId == 3)
    }
  }

  @Test("It grants, and then serves", arguments: UpgradeRequestRule.granted)
  func granted(rule: UpgradeRequestRule) async throws {
    try await withServer { server in
      let socket = try await RawSocket.connect(port: server.server.port)
      socket.write(rule.request)
      let head = await socket.requestHead().split(separator: "\r\n").map(String.init)
      #expect(head == ["HTTP/1.1 101 Switching Protocols"] + rule.fields)
      socket.write(Wire.webSocket(.binary, Wire.frame(2, sn: 2), masked: true))
      #expect(await socket.lines.next(1) == ["binary " + RawSocket.hex(Wire.frame(3, sn: 2))])
      socket.close()
    }
  }

  /// handshake.read.pieces
  @Test("A request that comes byte by byte is granted")
  func pieces() async throws {
    try await withServer { server in
      let socket = try await RawSocket.connect(port: server.server.port)
      for byte in HTTPExchange.request() { socket.write([byte]) }
      #expect(await socket.requestHead().hasPrefix("HTTP/1.1 101 "))
      socket.close()
    }
  }

  /// handshake.early.client.receive: a server may drop such a connection; this one serves it.
  @Test("A frame in the same segment as the request is served")
  func early() async throws {
    try await withServer { server in
      let socket = try await RawSocket.connect(port: server.server.port)
      socket.write(HTTPExchange.request() + Wire.webSocket(.binary, Wire.frame(2, sn: 2, [7]), masked: true))
      #expect(await socket.requestHead().hasPrefix("HTTP/1.1 101 "))
      #expect(await socket.lines.next(1) == ["binary " + RawSocket.hex(Wire.frame(3, sn: 2, [7]))])
      socket.close()
    }
  }

  @Test("A list of origins lets in what is on it, and whoever names none", arguments: [nil, "https://good.example"])
  func originAllowed(origin: String?) async throws {
    try await withServer({ $0.policy.origins = ["https://good.example"] }) { server in
      let socket = try await RawSocket.connect(port: server.server.port)
      socket.write(HTTPExchange.request(adding: origin.map { ["Origin: \($0)"] } ?? []))
      #expect(await socket.requestHead().hasPrefix("HTTP/1.1 101 "))
      socket.close()
    }
  }

  @Test(
    "A list of origins refuses others with 403",
    arguments: ["https://bad.example", "http://good.example", "https://good.example.org", "null", ""])
  func originRefused(origin: String) async throws {
    try await withServer({ $0.policy.origins = ["https://good.example"] }) { server in
      let exchange = try await HTTPExchange(
        port: server.server.port, sending: HTTPExchange.request(adding: ["Origin: \(origin)"]))
      #expect(exchange.status == 403)
    }
  }

  @Test("A request that ends in the middle is dropped without an answer")
  func unfinished() async throws {
    try await withServer { server in
      let exchange = try await HTTPExchange(
        port: server.server.port, sending: HTTPExchange.request().dropLast(2), thenEnds: true)
      #expect(exchange.status == 0)
    }
  }
}
