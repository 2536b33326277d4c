import Deflate
import FrameCodec
import Testing

@testable import WireInspector

/// Compressed connections, whole, begun in the middle and with losses.
@Suite struct CompressionTroubleTests {
  /// Text that refers back to itself, and to earlier messages where the context is kept.
  private static func text(_ number: Int, _ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var index = number
    while bytes.count < count {
      bytes += Array("{\"uid\":\"u\(1000 + index % 7)\",\"cmd\":\"move\",\"x\":\(index * 37 % 911)},".utf8)
      index += 1
    }
    return Array(bytes.prefix(count))
  }

  private struct Kind: Sendable, CustomTestStringConvertible {
    var answer: String
    var client: Bool
    var server: Bool
    var bits = 15
    var testDescription: String { answer }
  }

  private static let kinds = [
    Kind(answer: "permessage-deflate", client: true, server: true),
    Kind(answer: "permessage-deflate; client_no_context_takeover", client: false, server: true),
    Kind(answer: "permessage-deflate; server_no_context_takeover", client: true, server: false),
    Kind(
      answer: "permessage-deflate; server_no_context_takeover; client_no_context_takeover", client: false,
      server: false),
  ]

  /// Ten messages of each side in turn, compressed, in fragments where asked for.
  private static func script(_ kind: Kind, fragments: Int = 1, level: Int = 6) throws -> ConversationScript {
    var script = ConversationScript()
    script.upgrade(
      offer:
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover, permessage-deflate; client_no_context_takeover, permessage-deflate; server_no_context_takeover, permessage-deflate",
      answer: kind.answer)
    let deflaters = [
      try Deflater(windowBits: 15, contextTakeover: kind.client, level: level),
      try Deflater(windowBits: 15, contextTakeover: kind.server, level: level),
    ]
    for number in 0..<20 {
      let isFromClient = number % 2 == 0
      let payload = Self.text(number, 40 + number * 97)
      var data: [UInt8] = []
      try deflaters[isFromClient ? 0 : 1].deflate(
        ConversationScript.message(UInt32(number + 1), 0, payload).span.bytes, into: &data)
      script.frames.append((script.segments.count, isFromClient, "\(number + 1)/0"))
      let step = max(1, (data.count + fragments - 1) / fragments)
      var bytes: [UInt8] = []
      for part in 0..<fragments {
        let piece = Array(data[min(data.count, part * step)..<min(data.count, (part + 1) * step)])
        let first: UInt8 = (part == 0 ? 0x42 : 0x00) | (part == fragments - 1 ? 0x80 : 0)
        bytes += script.frame(isFromClient, first: first, piece)
        if part == 0, fragments > 1 { bytes += script.frame(isFromClient, first: 0x89, []) }
      }
      script.send(isFromClient, bytes)
    }
    script.close()
    return script
  }

  private func names(_ sink: RecordingSink) -> [String] {
    sink.frames.map { "\($0.record.header.protocolId)/\($0.record.header.sn ?? 0)" }
  }

  private func areRight(_ sink: RecordingSink) -> Bool {
    sink.frames.allSatisfy { frame in
      let number = Int(frame.record.header.protocolId) - 1
      return frame.payload == Self.text(number, 40 + number * 97)
    }
  }

  @Test("Compressed messages come out, whole or in fragments", arguments: 0..<4, [1, 3])
  func compressedMessagesCome(_ kind: Int, _ fragments: Int) throws {
    let script = try Self.script(Self.kinds[kind], fragments: fragments)
    let sink = script.inspected()
    #expect(names(sink) == script.frames.map(\.description))
    #expect(areRight(sink))
    #expect(sink.frames.allSatisfy { $0.record.isCompressed && $0.record.fragments == fragments })
    #expect(sink.findings.isEmpty)
  }

  @Test("A lost message costs those that refer back to it, and no others", arguments: 0..<4)
  func lostMessageCosts(_ kind: Int) throws {
    var script = try Self.script(Self.kinds[kind])
    let lost = 7
    script.segments.remove(at: script.frames[lost].segment)
    let sink = script.inspected()
    #expect(areRight(sink))
    let takesOver = Self.kinds[kind].server
    let names = names(sink)
    for (index, frame) in script.frames.enumerated() where index != lost {
      // The client's are untouched; the server's after the loss depend on it only where the context is kept.
      if frame.isFromClient || index < lost || !takesOver { #expect(names.contains(frame.description)) }
    }
    let ids = Set(sink.findings.map(\.id))
    #expect(ids.contains("tcp.gap"))
    #expect(ids.contains("ws.deflate-context-lost") == takesOver)
    #expect(!ids.contains("app.bad-magic"))
  }

  @Test("A compressed connection from the middle gives what is certain", arguments: 0..<4, Array(3..<30))
  func compressedConnectionMiddle(_ kind: Int, _ start: Int) throws {
    let whole = try Self.script(Self.kinds[kind])
    var script = whole
    script.segments.removeFirst(start)
    let sink = script.inspected()
    #expect(areRight(sink))
    #expect(!sink.findings.contains { $0.id == "app.bad-magic" })
    let names = names(sink)
    for frame in whole.frames where frame.segment >= start {
      let takesOver = frame.isFromClient ? Self.kinds[kind].client : Self.kinds[kind].server
      if !takesOver { #expect(names.contains(frame.description)) }
    }
  }

  @Test("Stored blocks and uncompressed messages on a compressed connection come out") func storedBlocksUncompressed()
    throws
  {
    var script = try Self.script(Self.kinds[3], level: 0)
    script.segments.removeLast(3)
    script.clientSequence &-= 1
    script.serverSequence &-= 1
    script.say(true, 77, 0, Self.text(3, 50))
    let sink = script.inspected()
    #expect(names(sink) == script.frames.map { String($0.description.prefix { $0 != " " }) })
    #expect(sink.findings.isEmpty)
  }

  @Test("A final block does not end a connection's compression") func finalBlockNot() throws {
    // RFC 7692 §7.2.3.4 and §7.2.3.5: blocks with BFINAL, with and without a byte after them.
    var script = ConversationScript()
    script.upgrade(offer: "permessage-deflate", answer: "permessage-deflate")
    for (number, ending) in [[UInt8](), [0x00], []].enumerated() {
      let message = ConversationScript.message(UInt32(number + 1), 0, Array("final".utf8))
      let stored = [0x01, UInt8(message.count), 0, ~UInt8(message.count), 0xFF] + message
      script.send(false, script.frame(false, first: 0xC2, stored + ending))
    }
    let sink = script.inspected()
    #expect(names(sink) == ["1/0", "2/0", "3/0"])
    #expect(sink.findings.isEmpty)
  }

  @Test("Data that is no deflate data is reported, and later messages come out") func dataNoDeflate() throws {
    var script = try Self.script(Self.kinds[3])
    let index = script.frames[4].segment
    let bad = script.frame(true, first: 0xC2, [0x07, 0xFF, 0xFF, 0xFF])
    // In place of a message, with the same number of bytes.
    let length = script.segments[index].data.count
    var data = bad
    while data.count < length { data.append(0x00) }
    data[1] = 0x80 | UInt8(min(125, length - 6))
    if length - 6 <= 125 {
      script.segments[index].data = data
      let sink = script.inspected()
      #expect(sink.findings.contains { $0.id == "ws.inflate-error" })
      #expect(names(sink) == script.frames.map(\.description).filter { $0 != "5/0" })
    }
  }

  @Test("A message that inflates beyond the limit does not cost the next ones their context")
  func messageInflatesBeyond() throws {
    var script = ConversationScript()
    script.upgrade(offer: "permessage-deflate", answer: "permessage-deflate")
    let deflater = try Deflater(windowBits: 15, contextTakeover: true, level: 6)
    for (number, count) in [100, 3_000_000, 200, 300].enumerated() {
      var data: [UInt8] = []
      let message = ConversationScript.message(UInt32(number + 1), 0, Self.text(number, count))
      try deflater.deflate(message.span.bytes, into: &data)
      script.send(false, script.frame(false, first: 0xC2, data))
    }
    var options = InspectionOptions()
    options.messageLimit = 1 << 20
    let sink = script.inspected(options)
    #expect(names(sink) == ["1/0", "3/0", "4/0"])
    #expect(sink.findings.map(\.id) == ["app.too-large"])
  }

  @Test("A sender that refers back though it agreed not to is reported, and its messages come out")
  func senderRefersBack() throws {
    var script = ConversationScript()
    let extensions = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    script.upgrade(offer: extensions, answer: extensions)
    let deflater = try Deflater(windowBits: 15, contextTakeover: true, level: 6)
    for number in 0..<4 {
      var data: [UInt8] = []
      let message = ConversationScript.message(UInt32(number + 1), 0, Self.text(0, 400))
      try deflater.deflate(message.span.bytes, into: &data)
      script.send(true, script.frame(true, first: 0xC2, data))
    }
    let sink = script.inspected()
    #expect(names(sink) == ["1/0", "2/0", "3/0", "4/0"])
    #expect(Set(sink.findings.map(\.id)) == ["ws.context-taken-over"])
    #expect(sink.findings.count == 1)
  }

  @Test("A connection from the middle whose messages all refer back is shown with what it is")
  func connectionMiddleWhose() throws {
    var script = try Self.script(Self.kinds[0])
    script.segments.removeFirst(script.frames[6].segment)
    let sink = script.inspected()
    #expect(sink.connections[1]?.isMidstream == true)
    #expect(areRight(sink))
    let ids = Set(sink.findings.map(\.id))
    #expect(ids.contains("tcp.midstream") && ids.contains("ws.deflate-context-lost"))
    #expect(!ids.contains("ws.inflate-error"))
  }

  @Test("Messages lost together with the end of the request are a lost context") func messagesLostTogether() throws {
    var script = try Self.script(Self.kinds[0])
    let request = place(script, fromClient: true, 0)
    let first = script.frames[0].segment
    script.segments[request].data.removeLast(20)
    script.segments[first].sequence &+= 9
    script.segments[first].data.removeFirst(9)
    let sink = script.inspected()
    #expect(areRight(sink))
    let ids = Set(sink.findings.map(\.id))
    #expect(ids.contains("ws.deflate-context-lost") && !ids.contains("ws.inflate-error"))
  }

  @Test(
    "An answer that does not follow from the offer is reported",
    arguments: [
      ("permessage-deflate", "permessage-deflate; client_max_window_bits=10"),
      ("permessage-deflate; server_no_context_takeover", "permessage-deflate"),
      ("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=12"),
    ])
  func answerNotFollow(_ offer: String, _ answer: String) {
    var script = ConversationScript()
    script.upgrade(offer: offer, answer: answer)
    script.talk()
    let sink = script.inspected()
    #expect(sink.findings.contains { $0.id == "http.bad-extension" && $0.level == "MUST" })
    #expect(sink.connections[1]?.compression == answer)
    #expect(sink.described(1).fromClient == ConversationScript.spoken.client)
  }
}
