import FrameCodec
import Specification
import Testing

@testable import WireInspector

/// Frames that break the rules: each is reported, and what follows comes out.
@Suite struct WebSocketTroubleTests {
  @Test("Bytes behind a close frame that are no frame are reported") func bytesBehindClose() {
    var script = ConversationScript()
    script.upgrade()
    script.say(true, 1, 0, [1])
    script.send(true, script.frame(true, first: 0x88, [0x03, 0xE8]))
    script.send(true, Array("garbage that is no frame at all".utf8))
    let sink = script.inspected()
    #expect(sink.findings.contains { $0.id == "ws.data-after-close" && $0.role == .client })
    #expect(!sink.findings.contains { $0.id.hasPrefix("app.") })
  }

  @Test("A message that is too long to keep is above the limit as well") func messageTooLong() {
    var script = ConversationScript()
    script.upgrade()
    script.say(false, 1, 0, ConversationScript.noise(20_000, seed: 1))
    script.say(false, 2, 0, [7, 7])
    var options = InspectionOptions()
    options.messageLimit = 10_000
    options.frameLimit = 8_000
    let sink = script.inspected(options)
    #expect(sink.described(1).fromServer == ["2/0 #2"])
    #expect(sink.findings.map(\.id).filter { $0 != "ws.message-limit" } == ["app.too-large"])
    #expect(sink.findings.contains { $0.id == "ws.message-limit" })
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    var id: String
    var name: String
    /// What stands between two good messages of a side.
    var bytes: @Sendable (inout ConversationScript, Bool) -> [UInt8]
    var testDescription: String { "\(id): \(name)" }

    init(_ id: String, _ name: String, _ bytes: @escaping @Sendable (inout ConversationScript, Bool) -> [UInt8]) {
      self.id = id
      self.name = name
      self.bytes = bytes
    }
  }

  static let good = ConversationScript.message(9, 0, Array("inside".utf8))

  static let faults: [Fault] = [
    Fault("ws.reserved-bits", "RSV1 without compression") { $0.frame($1, first: 0xC2, good) },
    Fault("ws.reserved-bits", "RSV2") { $0.frame($1, first: 0xA2, good) },
    Fault("ws.reserved-bits", "RSV3 on a ping") { $0.frame($1, first: 0x99, []) },
    Fault("ws.reserved-opcode", "opcode 3") { $0.frame($1, first: 0x83, good) },
    Fault("ws.reserved-opcode", "opcode 11") { $0.frame($1, first: 0x8B, [1, 2, 3]) },
    Fault("ws.masked-server", "a mask where none belongs, or none where one does") {
      $0.frame($1, first: 0x82, good, masked: !$1)
    },
    Fault("ws.nonminimal-length", "a short length in two bytes") { script, isFromClient in
      [0x8A, isFromClient ? 0xFE : 0x7E, 0, 2] + (isFromClient ? [0, 0, 0, 0] : []) + [1, 2]
    },
    Fault("ws.bad-control", "a ping of 200 bytes") { $0.frame($1, first: 0x89, Array(repeating: 1, count: 200)) },
    Fault("ws.bad-control", "a ping in fragments") { $0.frame($1, first: 0x09, [1]) },
    Fault("ws.bad-control", "a close frame with one byte") { $0.frame($1, first: 0x88, [3]) },
    Fault("ws.bad-control", "close code 1005") { $0.frame($1, first: 0x88, [0x03, 0xED]) },
    Fault("ws.bad-utf8", "a close reason that is no UTF-8") { $0.frame($1, first: 0x88, [0x03, 0xE8, 0xFF]) },
    Fault("ws.data-after-close", "data after a close frame") { $0.frame($1, first: 0x88, []) },
    Fault("ws.stray-continuation", "a continuation of nothing") { $0.frame($1, first: 0x80, good) },
    Fault("ws.interleaved-message", "a message inside of another") { $0.frame($1, first: 0x02, good) },
    Fault("ws.unexpected-text", "a text message") { $0.frame($1, first: 0x81, Array("hello".utf8)) },
    Fault("ws.unexpected-text", "a text message that holds a frame") { $0.frame($1, first: 0x81, good) },
    Fault("ws.bad-utf8", "a text message that is no UTF-8") { $0.frame($1, first: 0x81, [0xC0, 0x80]) },
    Fault("app.bad-magic", "another magic") { $0.frame($1, first: 0x82, [0xFE, 0xEE] + good[2...]) },
    Fault("app.short", "an empty message") { $0.frame($1, first: 0x82, []) },
    Fault("app.short", "five bytes") { $0.frame($1, first: 0x82, Array(good[..<5])) },
    Fault("app.length-mismatch", "a header and nothing else") { $0.frame($1, first: 0x82, Array(good[..<6])) },
    Fault("app.length-mismatch", "a length of 3") { $0.frame($1, first: 0x82, [0xFE, 0xEF, 3, 0, 0, 0] + good[6...]) },
    Fault("app.length-mismatch", "a byte too few") { $0.frame($1, first: 0x82, good.dropLast()) },
    Fault("app.trailing-bytes", "bytes after the frame") { $0.frame($1, first: 0x82, good + [1, 2, 3]) },
    Fault("app.too-large", "a length above the limit") { script, isFromClient in
      script.frame(
        isFromClient, first: 0x82, ConversationScript.message(9, 0, Array(repeating: 7, count: 524_281)))
    },
  ]

  @Test("What breaks a rule is reported, and what follows comes out", arguments: faults, [true, false])
  func breaksRuleReported(_ fault: Fault, _ isFromClient: Bool) {
    var script = ConversationScript()
    script.upgrade()
    script.say(isFromClient, 1, 0, Array("before".utf8))
    script.send(isFromClient, fault.bytes(&script, isFromClient))
    script.say(isFromClient, 2, 0, Array("after".utf8))
    let sink = script.inspected()
    let ids = Set(sink.findings.map(\.id))
    let id = fault.id == "ws.masked-server" && isFromClient ? "ws.unmasked-client" : fault.id
    #expect(ids.contains(id), "found \(ids.sorted())")
    let names = sink.frames.map { "\($0.record.header.protocolId)" }.filter { $0 != "9" }
    #expect(names == ["1", "2"])
    #expect(sink.findings.allSatisfy { $0.role == (isFromClient ? .client : .server) })
  }

  @Test("A length that cannot be is reported, and the next frame is found") func lengthCannotReported() {
    var script = ConversationScript()
    script.upgrade()
    script.say(false, 1, 0, [1])
    script.send(false, [0x82, 0x7F, 0xFF, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3])
    script.say(false, 2, 0, [2])
    let sink = script.inspected()
    #expect(sink.described(1).fromServer == ["1/0 #1", "2/0 #1"])
    #expect(sink.findings.map(\.id).contains("ws.bad-length"))
  }

  @Test("Fragments of any size, with pings between, make the message") func fragmentsAnySize() {
    var script = ConversationScript()
    script.upgrade()
    let message = ConversationScript.message(1, 0, Array("in pieces".utf8))
    var bytes = script.frame(true, first: 0x02, [])
    for byte in message {
      bytes += script.frame(true, first: 0x00, [byte])
      bytes += script.frame(true, first: 0x89, [])
    }
    bytes += script.frame(true, first: 0x80, [])
    script.send(true, bytes)
    let sink = script.inspected()
    #expect(sink.described(1).fromClient == ["1/0 in pieces"])
    #expect(sink.frames.first?.record.fragments == message.count + 2)
    #expect(sink.findings.isEmpty)
  }

  @Test("A message longer than what is kept is reported and passed over") func messageLongerThan() {
    var options = InspectionOptions()
    options.messageLimit = 1000
    var script = ConversationScript.whole()
    script.maximumSegment = 500
    let sink = script.inspected(options)
    #expect(sink.findings.map(\.id).filter { $0 == "ws.message-limit" }.count == 3)
    #expect(sink.described(1).fromServer == ["2/2 #55", "5/3 #30", "12/8 #90"])
  }

  @Test("Calls in trouble are told apart") func callsTroubleTold() {
    var script = ConversationScript()
    script.upgrade()
    script.say(true, 1, 2, [1])
    script.say(false, 2, 2, [1])
    script.say(false, 2, 2, [2])
    script.say(false, 2, 50, [3])
    script.say(true, 1, 4, [4])
    script.time += 2_000_000_000
    script.say(false, 2, 4, [4])
    script.say(true, 1, 6, [5])
    script.say(true, 1, 6, [6])
    script.say(false, 2, 6, [5])
    script.say(true, 2, 9, [7])
    script.say(false, 1, 11, [8])
    let sink = script.inspected()
    let ids = sink.findings.map(\.id)
    #expect(
      ids == [
        "rpc.duplicate-response", "rpc.orphan-response", "rpc.slow", "rpc.sn-reuse", "rpc.orphan-response",
        "rpc.unanswered",
      ])
    #expect(sink.calls.map(\.record.sn) == [2, 4, 6, 11])
    #expect(sink.calls.map(\.record.outcome) == [.answered, .answered, .answered, .unanswered])
  }
}
