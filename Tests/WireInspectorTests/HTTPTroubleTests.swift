import Specification
import Testing

@testable import WireInspector

/// HTTP around the upgrade.
@Suite struct HTTPTroubleTests {
  private static func text(_ lines: String...) -> [UInt8] { Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) }

  @Test("Other requests on the connection are passed over, whatever their bodies hold") func otherRequestsConnection() {
    var script = ConversationScript()
    script.open()
    let trap = [UInt8]("HTTP/1.1 101 Switching Protocols\r\n\r\n".utf8) + [0x82, 0x0E, 0xFE, 0xEF, 8, 0, 0, 0]
    script.send(true, Self.text("POST /a HTTP/1.1", "Host: h", "Content-Length: \(trap.count)") + trap)
    script.send(false, Self.text("HTTP/1.1 100 Continue"))
    script.send(false, Self.text("HTTP/1.1 200 OK", "Content-Length: \(trap.count)") + trap)
    script.send(true, Self.text("HEAD /b HTTP/1.1", "Host: h"))
    script.send(false, Self.text("HTTP/1.1 200 OK", "Content-Length: 5000"))
    script.send(true, Self.text("GET /c HTTP/1.1", "Host: h"))
    let size = String(trap.count, radix: 16)
    script.send(
      false,
      Self.text("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + Array("\(size);x=y\r\n".utf8) + trap
        + Array("\r\n0\r\nTrailer: t\r\n\r\n".utf8))
    script.send(true, Self.text("GET /d HTTP/1.1", "Host: h", "If-None-Match: x"))
    script.send(false, Self.text("HTTP/1.1 304 Not Modified", "Content-Length: 77"))
    script.send(true, ConversationScript.request())
    script.send(false, ConversationScript.response())
    script.talk()
    let sink = script.inspected()
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
    #expect(sink.described(1).fromServer == ConversationScript.spoken.server)
    #expect(!sink.findings.contains { $0.id.hasPrefix("http.") || $0.id.hasPrefix("ws.") })
  }

  @Test("A refused upgrade is reported, and a second try on the connection is followed") func refusedUpgradeReported() {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request(query: "uid=first"))
    script.send(false, Self.text("HTTP/1.1 403 Forbidden", "Content-Length: 4") + Array("nope".utf8))
    script.send(true, ConversationScript.request(query: "uid=second"))
    script.send(false, ConversationScript.response())
    script.talk()
    let sink = script.inspected()
    #expect(sink.connections[1]?.status == 101)
    #expect(sink.findings.map(\.id).contains("http.upgrade-rejected"))
    #expect(sink.described(1).identity == "second-0--")
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
  }

  @Test("A refused upgrade has its connection's record") func refusedUpgradeConnections() {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request())
    script.send(false, Self.text("HTTP/1.1 426 Upgrade Required", "Content-Length: 0"))
    script.close()
    let sink = script.inspected()
    #expect(sink.connections[1]?.status == 426)
    #expect(sink.order.first == "connection 1")
    #expect(sink.findings.map(\.id) == ["http.upgrade-rejected"])
  }

  @Test("A refused upgrade is written when it is decided") func refusedUpgradeWritten() {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request(query: "uid=first"))
    script.send(false, Self.text("HTTP/1.1 403 Forbidden", "Content-Length: 0"))
    let refused = script.inspected(isWhole: false)
    #expect(refused.order == ["connection 1", "finding 1"])
    #expect(refused.connections[1]?.status == 403)
    #expect(refused.described(1).identity == "first-0--")
    // The second try has a record of its own, and is no second connection.
    script.send(true, ConversationScript.request(query: "uid=second"))
    script.send(false, ConversationScript.response())
    script.talk()
    let accepted = script.inspected()
    #expect(accepted.order.filter { $0 == "connection 1" }.count == 2)
    #expect(accepted.summary?.connections == 1)
  }

  @Test(
    "An answer that does not belong to the request's key is reported",
    arguments: [
      ("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", false), ("AAAAAAAAAAAAAAAAAAAAAAAAAAA=", true),
      ("S3PPLMBiTxaQ9kYGzzhZRbK+xOo=", true), (nil, true),
    ])
  func answerNotBelong(_ accept: String?, _ isReported: Bool) {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request())
    let field = accept.map { "Sec-WebSocket-Accept: \($0)" } ?? "X-Nothing: 1"
    script.send(
      false, Self.text("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", field))
    script.talk()
    let sink = script.inspected()
    let found = sink.findings.filter { $0.id == "http.bad-accept" }
    #expect(found.count == (isReported ? 1 : 0))
    #expect(found.allSatisfy { $0.requirement == "handshake.accept" && $0.level == "MUST" && $0.role == .server })
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
  }

  @Test("Empty lines before the request are passed over") func emptyLinesBefore() {
    var script = ConversationScript()
    script.open()
    script.send(true, Array("\r\n\r\n".utf8) + ConversationScript.request())
    script.send(false, ConversationScript.response())
    script.talk()
    let sink = script.inspected()
    #expect(sink.described(1).identity == "u1-2--")
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
  }

  @Test("An answer that was captured before its request waits for it") func answerCapturedBefore() throws {
    var script = ConversationScript.whole()
    let request = place(script, fromClient: true, 0)
    let segment = script.segments.remove(at: request)
    // Behind the answer and the first messages, which other taps gave earlier.
    script.segments.insert(segment, at: place(script, fromClient: false, 3) + 1)
    retime(&script)
    let sink = script.inspected()
    #expect(sink.described(1).identity == "u1-2--")
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
    #expect(sink.described(1).fromServer == ConversationScript.spoken.server)
    #expect(sink.order.first == "connection 1")
  }

  @Test("An upgrade without an answer is reported") func upgradeWithoutAnswer() {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request())
    let sink = script.inspected()
    #expect(sink.findings.map(\.id) == ["http.no-response"])
    #expect(sink.connections[1]?.status == nil)
  }

  @Test("Frames in the segment of the handshake come out on both sides") func framesSegmentHandshake() {
    var script = ConversationScript()
    script.open()
    let early = script.frame(true, first: 0x82, ConversationScript.message(1, 2, Array("early".utf8)))
    script.send(true, ConversationScript.request() + early)
    let answer = script.frame(false, first: 0x82, ConversationScript.message(2, 2, Array("too".utf8)))
    script.send(false, ConversationScript.response() + answer)
    let sink = script.inspected()
    #expect(sink.described(1).fromClient == ["1/2 early"])
    #expect(sink.described(1).fromServer == ["2/2 too"])
    #expect(sink.calls.map(\.record.outcome) == [.answered])
  }

  @Test("A head in odd pieces, cases and blanks is understood") func headOddPieces() {
    var script = ConversationScript()
    script.open()
    for byte in Array(
      "GET /ws?uid=%E5%BC%A0%E4%B8%89&uid=b&x;y&typed=+7&deviceId=a%26b HTTP/1.1\r\nhost:h\r\nUPGRADE: WebSocket\r\nconnection: keep-alive, UPGRADE\r\nsec-websocket-key:  k  \r\n\r\n"
        .utf8)
    {
      script.segment(true, flags: ConversationScript.push, data: [byte])
    }
    script.send(false, ConversationScript.response())
    script.talk()
    let sink = script.inspected()
    #expect(sink.described(1).identity == "张三-0-a&b-")
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
  }

  @Test("The query does not reach the output") func queryNotReach() {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request(query: "uid=u&token=SECRET"))
    script.send(false, ConversationScript.response())
    script.talk()
    let sink = script.inspected()
    #expect(sink.connections[1]?.handshake?.path == "/ws")
  }

  @Test(
    "Another protocol is not shown",
    arguments: [
      Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), [0x16, 0x03, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5],
      Array("SSH-2.0-OpenSSH_9.7\r\n".utf8), [0x00, 0x00, 0x00, 0x01], [0x82, 0x0E, 0xFE, 0xEF, 8, 0, 0, 0],
    ])
  func anotherProtocolNot(_ bytes: [UInt8]) {
    var script = ConversationScript()
    script.open()
    script.send(true, bytes)
    script.send(false, bytes)
    script.close()
    let sink = script.inspected()
    #expect(sink.connections.isEmpty && sink.frames.isEmpty)
    // It is named, or counted with what was passed over.
    let id = bytes[0] == 0x16 ? "tls.no-keys" : bytes[0] == 0x50 ? "http.http2" : "capture.passed-over"
    #expect(sink.findings.map(\.id) == [id])
  }

  @Test("Noise from the middle of a connection is not shown") func noiseMiddleConnection() {
    var script = ConversationScript()
    for number in 0..<60 {
      script.send(number % 3 == 0, ConversationScript.noise(1448 * 3, seed: UInt64(number) + 100))
    }
    let sink = script.inspected()
    #expect(sink.connections.isEmpty && sink.frames.isEmpty)
    #expect(sink.findings.map(\.id) == ["capture.passed-over"])
  }
}
