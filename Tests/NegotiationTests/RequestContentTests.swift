import Negotiation
import Testing

@Suite("What an upgrade request says about its target and its content")
struct RequestContentTests {
  private static func code(_ fields: [String]) -> String {
    UpgradeRequestTests.code(UpgradeRequestTests.bytes(UpgradeRequestTests.line, UpgradeRequestTests.fields + fields))
  }

  @Test(
    "Content is refused, most of all content without a certain end",
    arguments: [
      (["Content-Length: 0"], "request"), (["Content-Length: 00", "content-length: 00"], "request"),
      (["Content-Length: 5"], "has-content"), (["Content-Length: 5, 5"], "has-content"),
      (["Content-Length: 99999999999999999999"], "has-content"),
      (["Content-Length: 5", "Content-Length: 6"], "bad-framing"),
      (["Content-Length:"], "bad-framing"), (["Content-Length: +5"], "bad-framing"),
      (["Content-Length: 5,"], "bad-framing"), (["Content-Length: ٣"], "bad-framing"),
      (["Transfer-Encoding: chunked"], "has-content"), (["Transfer-Encoding: gzip, CHUNKED"], "has-content"),
      (["Transfer-Encoding: chunked", "Content-Length: 0"], "has-content"),
      (["Transfer-Encoding: chunked, gzip"], "bad-framing"), (["Transfer-Encoding:"], "bad-framing"),
      (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], "bad-framing"),
    ] as [([String], String)])
  func content(fields: [String], expected: String) {
    #expect(Self.code(fields).hasPrefix(expected))
  }

  @Test(
    "A target in absolute form",
    arguments: [
      ("http://h/join?a=b", "h", "/join", "a=b"), ("HTTPS://h:1/join", "h:1", "/join", ""), ("ws://h", "h", "/", ""),
      ("wss://[::1]:9?x", "[::1]:9", "/", "x"), ("http://h/a?b=http://c/d", "h", "/a", "b=http://c/d"),
      ("/http://h/a", nil, "/http://h/a", ""), ("ftp://h/a", nil, "ftp://h/a", ""), ("http:/h/a", nil, "http:/h/a", ""),
    ] as [(String, String?, String, String)])
  func absoluteForm(target: String, host: String?, path: String, query: String) throws {
    let bytes = UpgradeRequestTests.bytes("GET \(target) HTTP/1.1")
    guard case .request(let request, _) = UpgradeRequestTests.parse(bytes) else {
      Issue.record("refused")
      return
    }
    #expect(request.host == host ?? "h")
    #expect(request.head.targetAuthority == host)
    #expect(request.path == path)
    #expect(request.query == Array(query.utf8))
  }

  @Test(
    "A host that is none is refused",
    arguments: ["http://", "http:///join", "http://:80/join", "http://u@h/join", "http://?a", "https://@h"])
  func badAuthority(target: String) {
    #expect(UpgradeRequestTests.code(UpgradeRequestTests.bytes("GET \(target) HTTP/1.1")) == "bad-request-line 0")
  }

  @Test("A 100 goes before the 101 for which it is waited, and never before a refusal")
  func expectation() throws {
    let waits = ["Expect: 100-Continue"]
    #expect(HandshakeResponderTests.decide("GET /join HTTP/1.1", waits).interim?.status == 100)
    #expect(HandshakeResponderTests.decide("GET /join HTTP/1.1").interim == nil)
    #expect(HandshakeResponderTests.decide("GET /other HTTP/1.1", waits).interim == nil)
    #expect(HandshakeResponderTests.decide("GET /join HTTP/1.1", waits + ["Content-Length: 1"]).interim == nil)
    #expect(try UpgradeResponse.goOn.bytes() == Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
  }
}
