import Deflate
import Negotiation
import Testing

@Suite("Decisions about upgrade requests")
struct HandshakeResponderTests {
  static let policy = HandshakePolicy(
    path: "/join", negotiation: NegotiationPolicy(versions: VersionRange(min: 2, max: 5), charsets: [0, 1]),
    origins: ["http://good"], compression: DeflateConfiguration())

  static func decide(_ line: String, _ fields: [String] = [], policy: HandshakePolicy = policy) -> HandshakeDecision {
    HandshakeResponder.decide(
      bytes: UpgradeRequestTests.bytes(line, UpgradeRequestTests.fields + fields), policy: policy)
  }

  static func text(_ response: UpgradeResponse) throws -> String {
    String(decoding: try response.bytes(), as: UTF8.self)
  }

  @Test("The plain answer has exactly the fields of the original, in its order")
  func plain() throws {
    let decision = Self.decide(UpgradeRequestTests.line, policy: HandshakePolicy())
    #expect(
      try Self.text(decision.response)
        == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    #expect(decision.agreement?.metadata.uidText == "1")
    #expect(decision.rejection == nil)
  }

  @Test("Everything negotiated")
  func everything() throws {
    let decision = Self.decide(
      "GET /join?version=1 HTTP/1.1",
      [
        "Origin: http://good", "Sec-WebSocket-Protocol: ws.v9.c0, ws.v4.c1",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
      ])
    #expect(
      decision.response.fields.map(\.name).suffix(4) == [
        "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "X-Ws-Version", "X-Ws-Charset",
      ])
    #expect(decision.response.fields.map(\.text).suffix(4) == ["permessage-deflate", "ws.v4.c1", "4", "1"])
    #expect(decision.agreement?.deflate == DeflateParameters())
    #expect(decision.agreement?.selection == NegotiatedSelection(version: 4, charset: 1, selectedProtocol: "ws.v4.c1"))
    #expect(decision.agreement?.metadata.version == 1)
  }

  @Test(
    "Refusals, each the first that applies",
    arguments: [
      ("GET /other?version=1 HTTP/1.1", ["Origin: http://bad"], 404, "unknown-path"),
      (
        "GET /join?version=1 HTTP/1.1", ["Origin: http://bad", "Sec-WebSocket-Extensions: ;"], 403, "origin-not-allowed"
      ),
      ("GET /join?version=1 HTTP/1.1", ["Sec-WebSocket-Extensions: ;"], 400, "bad-grammar"),
      ("GET /join?version=1 HTTP/1.1", [], 426, "version-too-low"),
      ("GET /join?charset=3 HTTP/1.1", [], 406, "charset-unsupported"),
      ("GET /join?version=x HTTP/1.1", [], 400, "bad-parameter"),
      ("GET /join HTTP/1.1", ["Sec-WebSocket-Protocol: chat"], 406, "no-protocol"),
      ("POST /other HTTP/1.1", [], 405, "not-get"), ("GET /join HTTP/1.0", [], 505, "bad-http-version"),
      ("GET /join", [], 400, "bad-request-line"),
      ("GET /join HTTP/1.1", [String(repeating: "x", count: 16_384)], 431, "headers-too-large"),
      ("GET /join HTTP/1.1", ["Sec-WebSocket-Version: 8"], 426, "unsupported-version"),
    ] as [(String, [String], Int, String)])
  func refusals(line: String, fields: [String], status: Int, rejection: String) {
    let decision = Self.decide(line, fields)
    #expect(decision.response.status == status)
    #expect(decision.rejection == rejection)
    #expect(decision.agreement == nil)
    #expect(decision.response.value(of: "upgrade") == (status == 426 ? "websocket" : nil))
    #expect(decision.response.value(of: "allow") == (status == 405 ? "GET" : nil))
    #expect(decision.response.value(of: "connection") == (status == 426 ? "Upgrade, close" : "close"))
  }

  @Test("Half a request is refused with 400")
  func half() {
    #expect(HandshakeResponder.decide(bytes: Array("GET /".utf8)).response.status == 400)
  }

  @Test("The body of a refusal")
  func body() throws {
    let response = Self.decide("GET /join?version=%22%5C%01%E4%BD%A0 HTTP/1.1").response
    let body =
      #"{"type":"about:blank","title":"Bad Request","status":400,"#
      + #""detail":"the parameter version is no decimal integer: \"\\\u0001你","#
      + #""supported":{"versions":{"min":2,"max":5},"charsets":[0,1]}}"#
    #expect(
      try Self.text(response)
        == "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
  }

  @Test("What is not negotiated is not among what is supported")
  func supported() {
    func body(_ negotiation: NegotiationPolicy) -> String {
      let policy = HandshakePolicy(path: "/", negotiation: negotiation)
      return String(decoding: Self.decide("GET /x HTTP/1.1", policy: policy).response.body, as: UTF8.self)
    }
    #expect(body(NegotiationPolicy()).hasSuffix(#""detail":"there is nothing at /x"}"#))
    #expect(body(NegotiationPolicy(charsets: [1])).hasSuffix(#""supported":{"charsets":[1]}}"#))
    #expect(
      body(NegotiationPolicy(versions: VersionRange(min: -1, max: 1))).hasSuffix(
        #""supported":{"versions":{"min":-1,"max":1}}}"#))
  }

  @Test("A request without Origin passes a list of origins")
  func noOrigin() {
    #expect(Self.decide("GET /join HTTP/1.1").response.status == 101)
    #expect(Self.decide("GET /join HTTP/1.1", ["Origin: http://good"]).response.status == 101)
  }
}
