import Deflate
import FrameCodec
import Testing

@testable import WireInspector

/// Troubles that once cost frames, or made findings out of nothing.
@Suite struct RobustnessTests {
  private func expectAll(_ sink: RecordingSink, _ number: Int = 1) {
    #expect(sink.described(number).fromClient == ConversationScript.spoken.client)
    #expect(sink.described(number).fromServer == ConversationScript.spoken.server)
  }

  private func ids(_ sink: RecordingSink) -> Set<String> { Set(sink.findings.map(\.id)) }

  // MARK: Ports and times

  @Test("A connection after an unanswered one between the same ports is followed") func connectionAfterUnanswered() {
    var script = ConversationScript.whole()
    var unanswered = script.segments[0]
    unanswered.sequence &+= 77_777
    script.segments.insert(unanswered, at: 0)
    let sink = script.inspected()
    expectAll(sink, 2)
    #expect(ids(sink).contains("tcp.port-reuse"))
  }

  @Test("Metadata are there when the client's packets were captured late") func metadataClientsPackets() {
    var script = ConversationScript.whole()
    for index in script.segments.indices where script.segments[index].isFromClient {
      script.segments[index].time = script.segments[index].time.map { $0 + 650_000 }
    }
    script.segments.sort { ($0.time ?? 0) < ($1.time ?? 0) }
    let sink = script.inspected()
    expectAll(sink)
    #expect(sink.described(1).identity == "u1-2--")
    #expect(sink.calls.filter { $0.record.outcome == .answered }.count == 5)
    #expect(!ids(sink).contains("rpc.orphan-response"))
  }

  @Test("An answer captured before its call is its answer, also when it waited for late bytes")
  func answerCapturedBefore() {
    var script = ConversationScript()
    script.upgrade()
    script.say(true, 2, 2, ConversationScript.noise(50, seed: 1))
    let call = script.segments.count - 2
    script.say(false, 3, 2, ConversationScript.noise(50, seed: 2))
    script.say(true, 1, 0, ConversationScript.noise(50, seed: 3))
    // What follows the call comes first, then the answer, then the call.
    let late = script.segments.remove(at: call)
    let following = script.segments.remove(at: script.segments.count - 2)
    script.segments.insert(following, at: call)
    script.segments.append(late)
    let sink = script.inspected()
    #expect(sink.calls.map(\.record.outcome) == [.answered])
    #expect(!ids(sink).contains("rpc.orphan-response"))
  }

  // MARK: Probes and resets

  @Test("A keep-alive probe behind a hole is no conflict", arguments: [[], [0x55]] as [[UInt8]])
  func keepAliveProbe(_ garbage: [UInt8]) {
    var script = ConversationScript.whole()
    let lost = place(script, fromClient: true, 2)
    let last = place(script, fromClient: true, 3)
    var probe = script.segments[last]
    probe.sequence &+= UInt32(probe.data.count) &- 1
    probe.flags = ConversationScript.ack
    probe.data = garbage
    script.segments.insert(probe, at: last + 1)
    script.segments.remove(at: lost)
    let found = ids(script.inspected())
    #expect(found.contains("tcp.keep-alive") && found.contains("tcp.gap"))
    #expect(!found.contains("tcp.overlap-conflict"))
  }

  @Test("A reset out of the window does not end a connection whose beginning is missing") func resetOutWindow() {
    var script = ConversationScript.whole()
    script.segments.removeFirst(7)
    var reset = script.segments[0]
    reset.flags = ConversationScript.rst
    reset.data = []
    reset.sequence &+= 10_000_000
    script.segments.insert(reset, at: 1)
    let sink = script.inspected()
    #expect(ids(sink).contains("tcp.rst-out-of-window"))
    #expect(!ids(sink).contains("tcp.rst"))
    #expect(sink.described(1).fromServer.last == "10/6 #2500")
  }

  // MARK: HTTP

  @Test("A wrong or missing Sec-WebSocket-Accept is reported") func wrongMissingSec() {
    let right = String(decoding: ConversationScript.response(), as: UTF8.self)
    let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    for replacement in ["", "Sec-WebSocket-Accept: AAAPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"] {
      var script = ConversationScript()
      script.open()
      script.send(true, ConversationScript.request())
      script.send(false, Array(right.replacing(accept, with: replacement).utf8))
      script.talk()
      let sink = script.inspected()
      #expect(sink.findings.first { $0.id == "http.bad-accept" }?.requirement == "handshake.accept")
      expectAll(sink)
    }
    #expect(!ids(ConversationScript.whole().inspected()).contains("http.bad-accept"))
  }

  @Test("Empty lines may come before the request") func emptyLinesMay() {
    var script = ConversationScript()
    script.open()
    script.send(true, [0x0D, 0x0A] + ConversationScript.request())
    script.send(false, ConversationScript.response())
    script.talk()
    expectAll(script.inspected())
  }

  @Test("A refused upgrade is written when it is refused, and again when a later one is accepted")
  func refusedUpgradeWritten() {
    var script = ConversationScript()
    script.open()
    script.send(true, ConversationScript.request(query: "uid=first"))
    script.send(false, Array("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".utf8))
    let sink = RecordingSink()
    var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
    func feed(_ segments: [ConversationScript.Segment]) {
      for segment in segments {
        let bytes = script.packet(segment)
        inspection.receive(bytes.span.bytes, linkType: 1, originalLength: bytes.count, time: segment.time)
      }
    }
    feed(script.segments)
    #expect(sink.order == ["connection 1", "finding 1"])
    #expect(sink.connections[1]?.status == 403)
    let fed = script.segments.count
    script.send(true, ConversationScript.request(query: "uid=second"))
    script.send(false, ConversationScript.response())
    script.talk()
    feed(Array(script.segments[fed...]))
    inspection.finish()
    #expect(sink.connections[1]?.status == 101)
    #expect(sink.order.filter { $0 == "connection 1" }.count == 2)
    #expect(sink.summary?.connections == 1)
    expectAll(sink)
  }

  // MARK: WebSocket

  @Test("Bytes after the close frame that are no frame are reported as such") func bytesAfterClose() {
    var script = ConversationScript()
    script.upgrade()
    script.talk()
    script.send(true, Array("garbage that is no frame at all".utf8))
    #expect(ids(script.inspected()).contains("ws.data-after-close"))
  }

  @Test("A message longer than what is kept is too large as well") func messageLongerThan() {
    var script = ConversationScript()
    script.upgrade()
    script.say(false, 1, 0, ConversationScript.noise(700_000, seed: 1))
    script.say(false, 2, 0, ConversationScript.noise(30, seed: 2))
    var options = InspectionOptions()
    options.messageLimit = 600_000
    let sink = script.inspected(options)
    #expect(ids(sink).isSuperset(of: ["ws.message-limit", "app.too-large"]))
    #expect(sink.described(1).fromServer == ["2/0 #30"])
  }

  @Test("After a loss nothing within a segment passes for a plain message", arguments: 0..<40)
  func afterLossNothing(_ seed: UInt64) {
    var script = ConversationScript()
    script.upgrade()
    script.say(true, 1, 0, ConversationScript.noise(20, seed: seed))
    // Two messages of two segments each: what is lost is the end of the first and the header of the second.
    let header = script.segments.count + 1
    script.say(true, 2, 0, ConversationScript.noise(2000, seed: seed &+ 100))
    let last = script.segments.count
    script.say(true, 3, 0, ConversationScript.noise(2500, seed: seed &+ 200))
    for number in 4..<8 {
      script.say(true, UInt32(number), 0, ConversationScript.noise(40, seed: seed &+ UInt64(number)))
    }
    script.segments.remove(at: last)
    script.segments.remove(at: header)
    let sink = script.inspected()
    #expect(sink.described(1).fromClient.suffix(4) == ["4/0 #40", "5/0 #40", "6/0 #40", "7/0 #40"])
    #expect(ids(sink).isDisjoint(with: ["app.bad-magic", "ws.stray-continuation", "ws.protocol-error"]))
  }

  // MARK: Deflate

  private static func text(_ number: Int) -> [UInt8] {
    Array((0..<12).map { "{\"uid\":\"u\($0 * 37 % 11)\",\"x\":\(number)}" }.joined().utf8)
  }

  /// Compressed messages of the server with the ids 1, 2, …, all of one context.
  private static func compressed(_ payloads: [[UInt8]], answer: String) throws -> ConversationScript {
    var script = ConversationScript()
    script.upgrade(offer: answer, answer: answer)
    let deflater = try Deflater(windowBits: 15, contextTakeover: true, level: 6)
    for (index, payload) in payloads.enumerated() {
      var data: [UInt8] = []
      try deflater.deflate(ConversationScript.message(UInt32(index + 1), 0, payload).span.bytes, into: &data)
      script.send(false, script.frame(false, first: 0xC2, data))
    }
    return script
  }

  private func numbers(_ sink: RecordingSink) -> [Int64] { sink.frames.map(\.record.header.protocolId) }

  @Test("A context kept against the agreement is reported, and its messages are decoded") func contextKeptAgainst()
    throws
  {
    let script = try Self.compressed((0..<6).map(Self.text), answer: "permessage-deflate; server_no_context_takeover")
    let sink = script.inspected()
    #expect(numbers(sink) == [1, 2, 3, 4, 5, 6])
    #expect(sink.findings.filter { $0.id == "ws.context-taken-over" }.map(\.requirement) == ["deflate.no-takeover"])
    let agreed = try Self.compressed((0..<6).map(Self.text), answer: "permessage-deflate").inspected()
    #expect(!ids(agreed).contains("ws.context-taken-over"))
  }

  @Test("What inflates to too much does not cost the messages after it") func inflatesTooMuch() throws {
    let bomb = [UInt8](repeating: 65, count: 3_000_000)
    // The window is full of it, and the message after it refers back.
    let payloads = [Self.text(0), bomb, Array(bomb.prefix(600)) + Self.text(1), Self.text(2)]
    let script = try Self.compressed(payloads, answer: "permessage-deflate")
    var options = InspectionOptions()
    options.messageLimit = 1_000_000
    let sink = script.inspected(options)
    #expect(numbers(sink) == [1, 3, 4])
    #expect(ids(sink) == ["app.too-large"])
  }

  @Test("A compressed conversation begun long before the capture is shown, though nothing of it can be decoded")
  func compressedConversationBegun()
    throws
  {
    // The same text again and again: every message is nothing but references to the first.
    var script = try Self.compressed(Array(repeating: Self.text(0), count: 12), answer: "permessage-deflate")
    script.segments.removeFirst(11)
    let sink = script.inspected()
    #expect(sink.connections[1]?.isMidstream == true)
    #expect(sink.frames.isEmpty)
    #expect(ids(sink).isSuperset(of: ["tcp.midstream", "ws.deflate-context-lost"]))
  }
}
