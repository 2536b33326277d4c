import FrameCodec
import Negotiation
import Specification
import Testing

@testable import Conformance

@Suite("Answers to an upgrade as the engine reads them")
struct UpgradeAnswerTests {
  private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

  private static let granted =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    + "Sec-WebSocket-Accept: \(SecWebSocketAccept.value(forKey: key))\r\n\r\n"

  /// The last answer that was read, the text coming in pieces of a size.
  private static func read(_ text: String, piece: Int) -> ReceivedResponse? {
    var reader = PeerReader(role: .client, revision: .current, expecting: UpgradeExpectation(key: key))
    var last: ReceivedResponse?
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      for case .response(let response) in reader.read(Array(rest.prefix(piece))) { last = response }
      rest = rest.dropFirst(piece)
    }
    return last
  }

  static let interimAnswers = [
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 Else\r\n\r\n",
  ]

  @Test("Interim responses before the final one are read over", arguments: interimAnswers, [1, 7, 4096])
  func interim(_ before: String, piece: Int) {
    let response = Self.read(before + Self.granted, piece: piece)
    #expect(response?.head?.status == 101)
    #expect(response?.answer != nil)
  }

  @Test("None of any number of interim responses is the answer")
  func many() {
    let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 100)
    #expect(Self.read(interim, piece: 4096) == nil)
    #expect(Self.read(interim + Self.granted, piece: 4096)?.answer != nil)
  }

  static let bodies = [
    "Content-Length: 5\r\n\r\nhello, and no more",
    "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;note=\"x\"\r\nllo\r\n0\r\n\r\nno more",
    "transfer-encoding: gzip, Chunked\r\n\r\n0005 \r\nhello\r\n0\r\nX-Trailer: a\r\nX-Other: b\r\n\r\n",
  ]

  @Test("The body of a refusal ends where its framing says", arguments: bodies, [1, 3, 4096])
  func body(_ text: String, piece: Int) {
    let response = Self.read("HTTP/1.1 426 Upgrade Required\r\n" + text, piece: piece)
    #expect(response.map { String(decoding: $0.body, as: UTF8.self) } == "hello")
    #expect(response?.isComplete == true)
  }

  @Test("What is no chunk ends the body, and a body without framing does not end")
  func unfinished() {
    let broken = Self.read("HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", piece: 4096)
    #expect(broken?.isComplete == true && broken?.body == [])
    let long = Self.read("HTTP/1.1 400 Bad\r\n\r\nhello", piece: 2)
    #expect(long.map { String(decoding: $0.body, as: UTF8.self) } == "hello")
    #expect(long?.isComplete == false)
  }

  @Test("More than is kept of a body is read over")
  func large() {
    var body = RefusalBody(nil)
    for _ in 0..<3 { body.read([UInt8](repeating: 1, count: RefusalBody.maximumSize / 2)) }
    #expect(body.bytes.count == RefusalBody.maximumSize)
  }

  @Test("Fields that have no case and fields that are lists are compared as what they are")
  func fields() async throws {
    let rules = """
      role: server
      accept:
        - status: 426
          headers: {Upgrade: "h2c, WebSocket", Content-Type: "Application/Problem+JSON; charset=utf-8", Sec-WebSocket-Version: "13, 8"}
      rules: []
      """
    let steps = """
      - connect: {answer: refused}
      - response: {headers: {Upgrade: websocket, Content-Type: {prefix: application/problem+json}, Sec-WebSocket-Version: "13"}}
      """
    let outcome = try await ScriptedPeers.play(steps, header: "connect: none", against: rules)
    #expect(outcome.verdict == .pass, outcome.explanation)
    let other = try await ScriptedPeers.play(
      steps, header: "connect: none",
      against:
        "accept: [{status: 426, headers: {Upgrade: websockets}}, {}]\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]")
    #expect(other.verdict == .fail, other.explanation)
  }

  @Test("The body of a refusal may come later than its head, which alone is enough to see the refusal")
  func lateBody() async throws {
    let outcome = try await ScriptedPeers.play(
      "- connect: {answer: refused}\n- response: {body: {contains: supported}}", header: "connect: none",
      against: "accept: {status: 406, body: what is supported, segments: [20, 60, 70], pause: 50ms}\nrules: []")
    #expect(outcome.verdict == .pass, outcome.explanation)
  }
}
