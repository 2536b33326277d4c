import GoldenVectors
import Specification
import StrictJSON

/// `ws.decode` of messages in several frames.
enum WebSocketFragmentVectors {
  private typealias Layout = WebSocketLayout

  static func groups() -> [VectorGroup] {
    Layout.senders.map { sender in
      VectorGroup(
        .webSocketDecode, comment: "Fragmented messages of a \(sender.rawValue).", tests: good(sender) + bad(sender))
    }
  }

  /// The frames of a message; each part is one fragment.
  private static func fragments(_ sender: PeerRole, _ parts: [Bytes], opcode: UInt8 = 2, compressed: Bool = false)
    -> [Bytes]
  {
    parts.enumerated().map { index, part in
      Layout.frame(
        sender, fin: index == parts.count - 1, rsv: compressed && index == 0 ? 4 : 0, opcode: index == 0 ? opcode : 0,
        part)
    }
  }

  private static func good(_ sender: PeerRole) -> [VectorTest] {
    let frame = FrameLayout.current(id: 2, sn: 2, payload: .ascii("fragmented"))
    func test(
      _ name: String, _ comment: String, _ parts: [Bytes], _ requirements: [RequirementID], flags: [String] = []
    ) -> VectorTest {
      .valid(
        id: "websocket.decode.fragments.\(sender.rawValue).\(name)", comment: comment,
        requirements: ["ws.fragment.assemble", "ws.fragment.form", "ws.fragment.stray", "ws.fragment.interleaved"]
          + requirements,
        flags: ["fragmented"] + flags,
        input: Layout.input(from: sender, [Bytes(joining: fragments(sender, parts))]),
        output: Layout.output([Layout.message(Bytes(joining: parts), fragments: parts.count)]))
    }
    let inHeader = (1..<14).map { cut in
      test(
        "inside-header-\(cut)", "A frame of the protocol, its header split after \(cut) bytes.", frame.cut(at: cut),
        ["frame.message.fragmented"])
    }
    func withControl(_ name: String, _ control: Bytes, _ event: JSONValue) -> VectorTest {
      let parts = fragments(sender, frame.cut(at: 5, 10))
      return .valid(
        id: "websocket.decode.fragments.\(sender.rawValue).\(name)-between",
        comment: "A \(name) between two fragments.",
        requirements: ["ws.fragment.control", "ws.fragment.assemble"], flags: ["fragmented", "control"],
        input: Layout.input(from: sender, [Bytes(parts[0], control, parts[1], control, parts[2])]),
        output: Layout.output([event, event, Layout.message(frame, fragments: 3)]))
    }
    return inHeader + [
      test("byte-by-byte", "One byte a fragment.", frame.eachByte, ["frame.message.fragmented"]),
      test("two", "Two halves.", frame.cut(at: 12), []),
      test("first-empty", "The first fragment is empty.", [.empty, frame], ["ws.fragment.empty"], flags: ["empty"]),
      test(
        "last-empty", "The last fragment is empty, as the original's server sends.", [frame, .empty],
        ["ws.fragment.empty"], flags: ["empty"]),
      test(
        "middle-empty", "Empty fragments between.", [frame.prefix(3), .empty, .empty, frame.dropFirst(3)],
        ["ws.fragment.empty", "frame.message.fragmented"], flags: ["empty"]),
      test(
        "all-empty", "A message without any byte, in three fragments.", [.empty, .empty, .empty], ["ws.fragment.empty"],
        flags: ["empty"]),
      .valid(
        id: "websocket.decode.fragments.\(sender.rawValue).compressed", comment: "RSV1 on the first fragment only.",
        requirements: ["deflate.rsv1.continuation.fail", "ws.fragment.assemble"], flags: ["fragmented", "compressed"],
        input: Layout.input(
          from: sender, [Bytes(joining: fragments(sender, [[0xCA], [0x00]], compressed: true))], deflate: true),
        output: Layout.output([Layout.message([0xCA, 0x00], compressed: true, fragments: 2)])),
      .valid(
        id: "websocket.decode.fragments.\(sender.rawValue).text", comment: "A character split over two fragments.",
        requirements: ["ws.text.utf8.fail", "ws.fragment.assemble"], flags: ["fragmented", "utf8"],
        input: Layout.input(
          from: sender, [Bytes(joining: fragments(sender, Bytes.utf8("你好").cut(at: 2, 4), opcode: 1))]),
        output: Layout.output([Layout.message(.utf8("你好"), opcode: "text", fragments: 3)])),
      withControl("ping", Layout.frame(sender, opcode: 9, .ascii("p")), Layout.control("ping", .ascii("p"))),
      withControl("pong", Layout.frame(sender, opcode: 10), Layout.control("pong")),
      .valid(
        id: "websocket.decode.fragments.\(sender.rawValue).close-between",
        comment: "A close between two fragments ends everything.",
        requirements: ["ws.fragment.control", "close.after.receive"], flags: ["fragmented", "control"],
        input: Layout.input(
          from: sender,
          [
            Bytes(
              Layout.frame(sender, fin: false, opcode: 2, .ascii("a")), Layout.frame(sender, opcode: 8, .be16(1000)),
              Layout.frame(sender, opcode: 0, .ascii("b")))
          ]), output: Layout.output([Layout.close(1000)])),
    ]
  }

  private static func bad(_ sender: PeerRole) -> [VectorTest] {
    func test(
      _ name: String, _ comment: String, _ before: [Bytes], _ frame: Bytes, _ code: String, _ events: [JSONValue],
      _ requirements: [RequirementID]
    ) -> VectorTest {
      .invalid(
        id: "websocket.decode.fragments.\(sender.rawValue).\(name)", comment: comment,
        requirements: requirements + ["ws.fragment.form"], flags: ["bad-fragmentation"],
        input: Layout.input(from: sender, [Bytes(joining: before) + frame]),
        output: Layout.output(events, violation: code, at: Bytes(joining: before).count))
    }
    let first = Layout.frame(sender, fin: false, opcode: 2, .ascii("a"))
    let whole = Layout.frame(sender, opcode: 2, .ascii("ok"))
    let ok = Layout.message(.ascii("ok"))
    return [
      test(
        "stray-first", "A continuation as the first frame.", [], Layout.frame(sender, opcode: 0, .ascii("x")),
        "stray-continuation", [], ["ws.fragment.stray"]),
      test(
        "stray-after", "A continuation after a whole message.", [whole], Layout.frame(sender, opcode: 0, .ascii("x")),
        "stray-continuation", [ok], ["ws.fragment.stray"]),
      test(
        "stray-not-final", "A continuation without FIN.", [whole],
        Layout.frame(sender, fin: false, opcode: 0, .ascii("x")), "stray-continuation", [ok], ["ws.fragment.stray"]),
      test(
        "stray-empty", "An empty continuation.", [], Layout.frame(sender, opcode: 0), "stray-continuation", [],
        ["ws.fragment.stray"]),
      test(
        "interleaved-binary", "A binary frame inside a message.", [first], Layout.frame(sender, opcode: 2, .ascii("b")),
        "interleaved-message", [], ["ws.fragment.interleaved"]),
      test(
        "interleaved-text", "A text frame inside a message.", [first], Layout.frame(sender, opcode: 1, .ascii("b")),
        "interleaved-message", [], ["ws.fragment.interleaved"]),
      test(
        "interleaved-fragment", "A first fragment inside a message.", [first],
        Layout.frame(sender, fin: false, opcode: 2, .ascii("b")), "interleaved-message", [], ["ws.fragment.interleaved"]
      ),
      test(
        "interleaved-after-ping", "A ping between, then a new message.", [first, Layout.frame(sender, opcode: 9)],
        Layout.frame(sender, opcode: 2, .ascii("b")), "interleaved-message", [Layout.control("ping")],
        ["ws.fragment.interleaved"]),
    ]
  }
}
