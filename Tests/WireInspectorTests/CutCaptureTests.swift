import FrameCodec
import Negotiation
import Specification
import Testing

@testable import WireInspector

/// Packets that were cut when captured (`tcpdump -s 128`): what is there of heads and frames is shown.
@Suite struct CutCaptureTests {
  private static func cut(_ script: ConversationScript, to length: Int) -> ConversationScript {
    var script = script
    for index in script.segments.indices { script.segments[index].snapLength = length }
    return script
  }

  @Test("Frames whose payload was cut are given with their header, and calls are paired") func framesWhosePayload()
    throws
  {
    var script = ConversationScript()
    script.upgrade()
    script.say(true, 2, 2, ConversationScript.noise(700, seed: 1))
    script.say(false, 3, 2, ConversationScript.noise(900, seed: 2))
    script.say(true, 7, 0, ConversationScript.noise(5, seed: 3))
    script.close()
    for index in script.segments.indices where script.segments[index].data.count > 300 {
      script.segments[index].snapLength = 128
    }
    let sink = script.inspected()
    #expect(sink.frames.map(\.record.header.protocolId) == [2, 3, 7])
    #expect(sink.frames.map(\.record.header.length) == [708, 908, 13])
    #expect(sink.frames.map(\.record.isTruncated) == [true, true, false])
    #expect(sink.frames.map(\.record.payloadLength) == [700, 900, 5])
    #expect(sink.calls.map(\.record.outcome) == [.answered])
    #expect(sink.calls.map(\.record.isTruncated) == [true])
    #expect(!sink.findings.map(\.id).contains("rpc.orphan-response"))
  }

  @Test("The request line and the status are shown of heads that were cut", arguments: [100, 128, 140, 200])
  func requestLineStatus(_ length: Int) throws {
    var script = ConversationScript()
    script.open()
    script.send(
      true,
      ConversationScript.request(
        query: "uid=u1&typed=2&deviceId=d&source=web&rest=\(String(repeating: "x", count: 40))"))
    script.send(false, ConversationScript.response())
    script.say(true, 2, 2, ConversationScript.noise(700, seed: 1))
    script.say(false, 3, 2, ConversationScript.noise(900, seed: 2))
    let sink = Self.cut(script, to: length).inspected()
    let connection = try #require(sink.connections[1])
    #expect(connection.handshake?.path == "/ws")
    #expect(connection.handshake?.metadata.uidText == "u1")
    #expect(connection.status == 101)
    #expect(connection.revision == .v1_3_3)
    #expect(sink.frames.map(\.record.header.protocolId) == [2, 3])
    #expect(!sink.findings.contains { $0.level == "MUST" })
  }

  @Test("A value that was cut is not taken for whole") func valueCutNot() throws {
    func cut(_ text: String) -> HTTPMessageHead? {
      var stream = HTTPStream()
      let bytes = Array(text.utf8)
      var offset = 0
      _ = stream.step(bytes.span.bytes, &offset, bytes.count)
      return stream.takeCutHead()
    }
    let head = try #require(cut("GET /join?uid=100&typed=2&deviceId=abc"))
    #expect(head.path == "/join")
    #expect(head.query == Array("uid=100&typed=2".utf8))
    #expect(cut("GET /join?uid=100 HTTP/1.1\r\nHost: exam")?.query == Array("uid=100".utf8))
    #expect(cut("GE") == nil)
  }

  @Test("A frame that is never finished and announces too much is too large") func frameNeverFinished() {
    var script = ConversationScript()
    script.upgrade()
    let message = ConversationScript.message(2, 0, ConversationScript.noise(600_000, seed: 1))
    let frame = script.frame(true, first: 0x82, message)
    script.send(true, Array(frame.prefix(5000)))
    script.close()
    let ids = Set(script.inspected().findings.map(\.id))
    #expect(ids.isSuperset(of: ["app.too-large", "ws.truncated-message"]))
    var right = ConversationScript()
    right.upgrade()
    let small = right.frame(
      true, first: 0x82, ConversationScript.message(2, 0, ConversationScript.noise(6000, seed: 1)))
    right.send(true, Array(small.prefix(5000)))
    right.close()
    #expect(!right.inspected().findings.map(\.id).contains("app.too-large"))
  }

  @Test("What is decided late has the time and packets of its own connection") func decidedLateTime() throws {
    var script = ConversationScript()
    script.upgrade()
    script.say(true, 2, 2, [1])
    let own = script.segments.count
    let last = script.time
    var other = ConversationScript()
    other.clientPort = 40_002
    other.time = script.time + 60_000_000_000
    other.upgrade()
    other.talk()
    other.close()
    let sink = RecordingSink()
    var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
    for segment in script.segments + other.segments {
      let packet = segment.time ?? 0 > last ? other.packet(segment) : script.packet(segment)
      inspection.receive(packet.span.bytes, linkType: 1, originalLength: packet.count, time: segment.time)
    }
    inspection.finish()
    let call = try #require(sink.calls.first { $0.place.connection == 1 })
    #expect(call.record.outcome == .unanswered)
    #expect(call.place.time == last)
    #expect(call.place.packets?.upperBound == own)
    #expect(call.record.began != nil)
  }
}
