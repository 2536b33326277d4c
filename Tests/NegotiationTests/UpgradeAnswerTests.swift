import Deflate
import Negotiation
import Testing

@Suite("The answer to an upgrade request")
struct UpgradeAnswerTests {
  static let expectation = UpgradeExpectation(
    key: "dGhlIHNhbXBsZSBub25jZQ==",
    offeredExtensions: "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    offeredProtocols: ["ws.v3.c1", "ws.v2.c0"])
  static let grantFields = [
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ]

  static func bytes(_ line: String = "HTTP/1.1 101 Switching Protocols", _ fields: [String] = grantFields) -> [UInt8] {
    UpgradeRequestTests.bytes(line, fields)
  }

  static func code(_ bytes: [UInt8]) -> String {
    var parser = UpgradeResponseParser(expecting: expectation)
    return switch parser.read(bytes.span.bytes) {
    case .incomplete: "incomplete"
    case .upgraded(let answer, _):
      "upgraded \(answer.selectedProtocol ?? "-") \(answer.deflate == nil ? "-" : "deflate")"
    case .violation(let error, _, _): error.code.rawValue
    }
  }

  @Test(
    "First lines",
    arguments: [
      ("HTTP/1.1 101 Switching Protocols", "upgraded - -"), ("HTTP/1.1 101", "upgraded - -"),
      ("HTTP/1.1 101 ", "upgraded - -"), ("HTTP/1.0 101 OK", "bad-status-line"),
      ("HTTP/1.1  101 OK", "bad-status-line"),
      ("HTTP/1.1 1010 OK", "bad-status-line"), ("HTTP/1.1 +01 OK", "bad-status-line"), ("101 OK", "bad-status-line"),
      ("HTTP/1.1 101 a\nb", "bad-status-line"), ("HTTP/1.1 200 OK", "refused"), ("HTTP/1.1 302 Found", "refused"),
      ("GET / HTTP/1.1", "bad-status-line"), ("", "bad-status-line"),
    ])
  func firstLines(line: String, expected: String) {
    #expect(Self.code(Self.bytes(line)) == expected)
  }

  @Test(
    "Fields",
    arguments: [
      (["Upgrade: WebSocket", "connection: keep-alive, upgrade", grantFields[2]], "upgraded - -"),
      ([grantFields[1], grantFields[2]], "missing-upgrade"), ([grantFields[0], grantFields[2]], "missing-connection"),
      ([grantFields[0], grantFields[1]], "missing-accept"),
      ([grantFields[0], grantFields[1], "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp="], "wrong-accept"),
      (grantFields + [grantFields[2]], "wrong-accept"), (grantFields + ["bad"], "bad-header"),
      (grantFields + ["Sec-WebSocket-Protocol: ws.v2.c0"], "upgraded ws.v2.c0 -"),
      (grantFields + ["Sec-WebSocket-Protocol: chat"], "unoffered-protocol"),
      (grantFields + ["Sec-WebSocket-Protocol: ws.v2.c0, ws.v3.c1"], "unoffered-protocol"),
      (grantFields + ["Sec-WebSocket-Protocol: ws.v2.c0", "Sec-WebSocket-Protocol: ws.v2.c0"], "unoffered-protocol"),
      (
        grantFields + [
          "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        ],
        "upgraded - deflate"
      ),
      (grantFields + ["Sec-WebSocket-Extensions: permessage-deflate"], "bad-extension"),
      (grantFields + ["Sec-WebSocket-Extensions: permessage-deflate;"], "bad-extension"),
      (grantFields + ["Sec-WebSocket-Extensions: x-other"], "unoffered-extension"),
    ])
  func judgedFields(fields: [String], expected: String) {
    #expect(Self.code(Self.bytes("HTTP/1.1 101 Switching Protocols", fields)) == expected)
  }

  @Test("Cut anywhere, the frames behind it stay")
  func everyCut() {
    let head = Self.bytes()
    let bytes = head + [0x82, 0x00]
    for cut in 0..<head.count {
      var parser = UpgradeResponseParser(expecting: Self.expectation)
      #expect(parser.read(bytes.span.bytes.extracting(0..<cut)) == .incomplete)
      #expect(parser.unfinished.offset == cut)
      guard case .upgraded(let answer, let taken) = parser.read(bytes.span.bytes.extracting(cut..<bytes.count)) else {
        Issue.record("cut at \(cut)")
        return
      }
      #expect(cut + taken == head.count)
      #expect(answer.head.byteCount == head.count)
    }
  }

  @Test("Interim answers are read over, wherever the bytes are cut")
  func interim() {
    let interim = Self.bytes("HTTP/1.1 100 Continue", []) + Self.bytes("HTTP/1.1 103 Early Hints", ["Link: a"])
    let head = interim + Self.bytes()
    let bytes = head + [0x82, 0x00]
    for cut in 0..<head.count {
      var parser = UpgradeResponseParser(expecting: Self.expectation)
      #expect(parser.read(bytes.span.bytes.extracting(0..<cut)) == .incomplete)
      guard case .upgraded(let answer, let taken) = parser.read(bytes.span.bytes.extracting(cut..<bytes.count)) else {
        Issue.record("cut at \(cut)")
        return
      }
      #expect(cut + taken == head.count)
      #expect(parser.interimByteCount == interim.count)
      #expect(answer.head.byteCount == head.count - interim.count)
    }
  }

  @Test(
    "What an interim answer cannot do",
    arguments: [
      (["HTTP/1.1 100 Continue"], "incomplete"), (["HTTP/1.1 199", "HTTP/1.1 403 Forbidden"], "refused"),
      (["HTTP/1.0 100 Continue", "HTTP/1.1 101"], "bad-status-line"), (["HTTP/1.1 100\r\nbad", "x"], "bad-header"),
    ])
  func interimFaults(lines: [String], expected: String) {
    #expect(Self.code(lines.flatMap { Self.bytes($0, []) }) == expected)
  }

  @Test("A refusal can be read")
  func refusal() throws {
    let response = UpgradeResponse.refusal(status: 426, detail: "no")
    let bytes = try response.bytes()
    var parser = UpgradeResponseParser(expecting: Self.expectation)
    guard case .violation(let error, let head?, let taken) = parser.read(bytes.span.bytes) else {
      Issue.record("not refused")
      return
    }
    #expect(error.reason == "the server refused the upgrade: status 426")
    #expect(head.status == 426)
    #expect(Array(bytes[taken...]) == response.body)
  }

  @Test("A response that would break its lines is refused")
  func unwritable() {
    let response = UpgradeResponse.switchingProtocols(key: "k", selectedProtocol: "a\r\nb: c")
    #expect(throws: UnwritableHead(part: "Sec-WebSocket-Protocol")) { try response.bytes() }
  }
}
