import GoldenVectors
import Specification
import StrictJSON

/// `ws.decode` of good frames: every form of a header, whole and cut.
enum WebSocketFrameVectors {
  private typealias Layout = WebSocketLayout

  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.webSocketDecode, comment: "Frames of both sides.", tests: Layout.senders.flatMap(good)),
      VectorGroup(.webSocketDecode, comment: "Cut anywhere.", tests: Layout.senders.flatMap(cuts)),
      VectorGroup(.webSocketDecode, comment: "Streams that end too early.", tests: Layout.senders.flatMap(unfinished)),
    ]
  }

  private static func good(_ sender: PeerRole) -> [VectorTest] {
    let masks: [RequirementID] =
      sender == .client
      ? ["ws.mask.client", "ws.mask.client.fail", "ws.mask.apply"] : ["ws.mask.server", "ws.mask.server.fail"]
    func test(
      _ name: String, _ comment: String, _ bytes: Bytes, _ events: [JSONValue], deflate: Bool = false,
      _ requirements: [RequirementID], flags: [String] = []
    ) -> VectorTest {
      .valid(
        id: "websocket.decode.\(sender.rawValue).\(name)", comment: comment, requirements: masks + requirements,
        flags: flags + (sender == .client ? ["masked"] : []),
        input: Layout.input(from: sender, [bytes], deflate: deflate),
        output: Layout.output(events))
    }
    let lengths = ([0, 1, 3, 4, 5, 125, 126, 127] + [sender == .client ? 65535 : 65536]).map { length in
      test(
        "length-\(length)", "A payload of \(length) bytes.", Layout.frame(sender, opcode: 2, .counting(length)),
        [Layout.message(.counting(length))],
        [
          "ws.length.forms", "ws.length.minimal", "ws.length.minimal.fail", "ws.length.top-bit", "ws.opcode.fail",
          "ws.rsv.fail",
        ],
        flags: ["length-form"])
    }
    return lengths + [
      test(
        "text", "A text message.", Layout.frame(sender, opcode: 1, .utf8("grüß 你")),
        [Layout.message(.utf8("grüß 你"), opcode: "text")], ["ws.text.utf8", "ws.text.utf8.fail", "ws.opcode.fail"],
        flags: ["utf8"]),
      test(
        "text-empty", "A text message without bytes.", Layout.frame(sender, opcode: 1),
        [Layout.message(.empty, opcode: "text")], ["ws.text.utf8.fail"], flags: ["empty"]),
      test(
        "ping", "A ping with a payload.", Layout.frame(sender, opcode: 9, .ascii("ping")),
        [Layout.control("ping", .ascii("ping"))], ["ws.control.length.fail", "ws.control.fragmented.fail"],
        flags: ["control"]),
      test(
        "ping-125", "The longest ping.", Layout.frame(sender, opcode: 9, .counting(125)),
        [Layout.control("ping", .counting(125))], ["ws.control.length", "ws.control.length.fail"], flags: ["control"]),
      test(
        "pong", "A pong that nobody asked for.", Layout.frame(sender, opcode: 10, .ascii("x")),
        [Layout.control("pong", .ascii("x"))], ["ws.pong.unsolicited", "ws.control.length.fail"], flags: ["control"]),
      test(
        "two-messages", "Two messages in one piece.",
        Layout.frame(sender, opcode: 2, .ascii("one")) + Layout.frame(sender, opcode: 2, .ascii("two")),
        [Layout.message(.ascii("one")), Layout.message(.ascii("two"))], ["ws.stream.cuts", "ws.violation.stop"]),
      test(
        "compressed", "A compressed message: its bytes as they came.",
        Layout.frame(sender, rsv: 4, opcode: 2, [0xCA, 0x00]), [Layout.message([0xCA, 0x00], compressed: true)],
        deflate: true, ["ws.rsv.fail", "deflate.rsv1.continuation.fail"], flags: ["compressed"]),
      test(
        "not-compressed", "A message without RSV1 where compression was negotiated.",
        Layout.frame(sender, opcode: 2, .ascii("plain")), [Layout.message(.ascii("plain"))], deflate: true,
        ["ws.rsv.fail", "deflate.plain"], flags: ["compressed"]),
      test(
        "frame-inside", "A frame of the protocol above is payload here.",
        Layout.frame(sender, opcode: 2, FrameLayout.current(id: 2, sn: 2, payload: .ascii("x"))),
        [Layout.message(FrameLayout.current(id: 2, sn: 2, payload: .ascii("x")))], ["ws.fragment.assemble"]),
      test(
        "close-then-bytes", "What follows a close frame is not looked at.",
        Layout.frame(sender, opcode: 8, .be16(1000)) + Layout.frame(sender, opcode: 2, .ascii("late")),
        [Layout.close(1000)], ["close.after.receive"], flags: ["control"]),
    ]
  }

  private static func cuts(_ sender: PeerRole) -> [VectorTest] {
    let forms: [(String, Bytes)] = [("short", .ascii("hello")), ("medium", .counting(130))]
    let headers = forms.flatMap { name, payload in
      (1...Layout.headerSize(sender, payload: payload.count) + 1).map { cut in
        VectorTest.valid(
          id: "websocket.decode.\(sender.rawValue).cut-\(name)-\(cut)",
          comment: "A frame in two pieces, cut at byte \(cut).",
          requirements: ["ws.stream.cuts"], flags: ["cut"],
          input: Layout.input(from: sender, Layout.frame(sender, opcode: 2, payload).cut(at: cut)),
          output: Layout.output([Layout.message(payload)]))
      }
    }
    let stream = Bytes(
      Layout.frame(sender, opcode: 9, .ascii("a")), Layout.frame(sender, opcode: 2, .ascii("hello")),
      Layout.frame(sender, opcode: 8, Bytes(.be16(1001), .ascii("bye"))))
    let events = [Layout.control("ping", .ascii("a")), Layout.message(.ascii("hello")), Layout.close(1001, "bye")]
    return headers + [
      .valid(
        id: "websocket.decode.\(sender.rawValue).byte-by-byte", comment: "Three frames, one byte a piece.",
        requirements: ["ws.stream.cuts"], flags: ["cut"], input: Layout.input(from: sender, stream.eachByte),
        output: Layout.output(events)),
      .valid(
        id: "websocket.decode.\(sender.rawValue).one-piece", comment: "Three frames in one piece.",
        requirements: ["ws.stream.cuts"], input: Layout.input(from: sender, [stream]), output: Layout.output(events)),
      .valid(
        id: "websocket.decode.\(sender.rawValue).length-64-cut",
        comment: "A 64-bit length, one byte a piece of its header.",
        requirements: ["ws.stream.cuts", "ws.length.forms"], flags: ["cut", "length-form"],
        input: Layout.input(
          from: sender,
          {
            let frame = Layout.frame(sender, opcode: 2, .repeating(0x61, 65536))
            return frame.prefix(14).eachByte + [frame.dropFirst(14)]
          }()),
        output: Layout.output([Layout.message(.repeating(0x61, 65536))])),
    ]
  }

  private static func unfinished(_ sender: PeerRole) -> [VectorTest] {
    let frame = Layout.frame(sender, opcode: 2, .ascii("hello"))
    let header = Layout.headerSize(sender, payload: 5)
    let cut = Set([0, 1, header - 1, header, frame.count - 1]).sorted().map { count in
      VectorTest.valid(
        id: "websocket.decode.\(sender.rawValue).unfinished-\(count)",
        comment: "A whole message, then \(count) bytes of the next: nothing is made of those.",
        requirements: ["ws.stream.cuts"], flags: ["unfinished"],
        input: Layout.input(from: sender, [frame + frame.prefix(count)]),
        output: Layout.output([Layout.message(.ascii("hello"))]))
    }
    return cut + [
      .valid(
        id: "websocket.decode.\(sender.rawValue).unfinished-message",
        comment: "A first fragment, and the rest never comes.",
        requirements: ["ws.fragment.assemble"], flags: ["unfinished", "fragmented"],
        input: Layout.input(from: sender, [Layout.frame(sender, fin: false, opcode: 2, .ascii("he"))]),
        output: Layout.output([]))
    ]
  }
}
