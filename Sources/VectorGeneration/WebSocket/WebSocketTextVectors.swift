import GoldenVectors
import Specification
import StrictJSON

/// `ws.decode` of text: UTF-8 at its limits, and everything that is none.
enum WebSocketTextVectors {
  private typealias Layout = WebSocketLayout

  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.webSocketDecode, comment: "Text at the limits of UTF-8.", tests: valid()),
      VectorGroup(
        .webSocketDecode, comment: "Text that is no UTF-8, found at the first byte that cannot go on.", tests: invalid()
      ),
    ]
  }

  private static func valid() -> [VectorTest] {
    let texts: [(String, Bytes)] = [
      ("nul", [0x00]), ("7f", [0x7F]), ("u0080", [0xC2, 0x80]), ("u07ff", [0xDF, 0xBF]), ("u0800", [0xE0, 0xA0, 0x80]),
      ("ud7ff", [0xED, 0x9F, 0xBF]), ("ue000", [0xEE, 0x80, 0x80]), ("uffff", [0xEF, 0xBF, 0xBF]),
      ("u10000", [0xF0, 0x90, 0x80, 0x80]), ("u10ffff", [0xF4, 0x8F, 0xBF, 0xBF]), ("bom", [0xEF, 0xBB, 0xBF]),
      ("long", .repeating(.utf8("aé你👋"), 40)),
    ]
    return texts.flatMap { name, text in
      [
        VectorTest.valid(
          id: "websocket.decode.text.\(name)", comment: "Valid UTF-8.",
          requirements: ["ws.text.utf8", "ws.text.utf8.fail"],
          flags: ["utf8"], input: Layout.input(from: .client, [Layout.frame(.client, opcode: 1, text)]),
          output: Layout.output([Layout.message(text, opcode: "text")])),
        .valid(
          id: "websocket.decode.text.\(name)-fragments", comment: "One byte a fragment.",
          requirements: ["ws.text.utf8.fail"],
          flags: ["utf8", "fragmented"],
          input: Layout.input(
            from: .server,
            [
              Bytes(
                joining: text.eachByte.enumerated().map { index, byte in
                  Layout.frame(.server, fin: index == text.count - 1, opcode: index == 0 ? 1 : 0, byte)
                })
            ]),
          output: Layout.output([Layout.message(text, opcode: "text", fragments: text.count)])),
      ]
    }
  }

  private static func invalid() -> [VectorTest] {
    // The offset is that of the first byte that cannot continue; at the end of the message, the end.
    let texts: [(String, String, Bytes, Int)] = [
      ("stray", "A continuation byte without a lead byte.", [0x80], 0),
      ("stray-after", "A continuation byte after ASCII.", [0x61, 0x62, 0xBF], 2),
      ("lead-alone", "A lead byte at the end.", [0xC3], 1),
      ("lead-then-ascii", "A lead byte, then ASCII.", [0xC3, 0x28], 1),
      ("overlong-2", "An overlong form of two bytes.", [0xC0, 0xAF], 0),
      ("overlong-2-c1", "C1 is never a lead byte.", [0xC1, 0xBF], 0),
      ("overlong-3", "An overlong form of three bytes.", [0xE0, 0x9F, 0xBF], 1),
      ("overlong-4", "An overlong form of four bytes.", [0xF0, 0x8F, 0xBF, 0xBF], 1),
      ("surrogate-low", "The first surrogate.", [0xED, 0xA0, 0x80], 1),
      ("surrogate-high", "The last surrogate.", [0xED, 0xBF, 0xBF], 1),
      ("above-10ffff", "U+110000.", [0xF4, 0x90, 0x80, 0x80], 1),
      ("f5", "F5 is never a lead byte.", [0xF5, 0x80, 0x80, 0x80], 0),
      ("fe", "FE is never in UTF-8.", [0xFE], 0),
      ("ff", "FF is never in UTF-8.", [0x61, 0xFF], 1),
      ("cut-3", "Two of three bytes.", [0xE4, 0xBD], 2),
      ("cut-4", "Three of four bytes.", [0xF0, 0x9F, 0x91], 3),
      ("gbk", "GBK is no UTF-8.", [0xC4, 0xE3, 0xBA, 0xC3], 1),
      ("late", "Wrong after forty good bytes.", Bytes(.repeating(0x61, 40), [0xFF]), 40),
      ("frame", "A frame of the protocol as text.", FrameLayout.current(id: 2, sn: 2, payload: .ascii("x")), 0),
    ]
    return texts.flatMap { name, comment, text, offset in
      Layout.senders.map { sender in
        let header = Layout.headerSize(sender, payload: text.count)
        return VectorTest.invalid(
          id: "websocket.decode.text.bad-\(name)-\(sender.rawValue)", comment: comment,
          requirements: ["ws.text.utf8", "ws.text.utf8.fail", "ws.text.utf8.code"], flags: ["bad-utf8"],
          input: Layout.input(from: sender, [Layout.frame(sender, opcode: 1, text)]),
          output: Layout.output(violation: "text-utf8", at: header + offset, closeCode: 1007))
      }
    } + early()
  }

  private static func early() -> [VectorTest] {
    let first = Layout.frame(.server, fin: false, opcode: 1, Bytes(.ascii("a"), [0xE4]))
    return [
      .invalid(
        id: "websocket.decode.text.bad-before-the-end", comment: "The fault is told although the frame goes on.",
        requirements: ["ws.text.utf8.fail"], flags: ["bad-utf8", "unfinished"],
        input: Layout.input(
          from: .server, [Layout.frame(.server, opcode: 1, Bytes([0xFF], .repeating(0x61, 9))).prefix(3)]),
        output: Layout.output(violation: "text-utf8", at: 2, closeCode: 1007)),
      .invalid(
        id: "websocket.decode.text.bad-across-fragments",
        comment: "A character begins in one fragment and is broken in the next.",
        requirements: ["ws.text.utf8.fail"], flags: ["bad-utf8", "fragmented"],
        input: Layout.input(from: .server, [first + Layout.frame(.server, opcode: 0, .ascii("b"))]),
        output: Layout.output(violation: "text-utf8", at: first.count + 2, closeCode: 1007)),
      .invalid(
        id: "websocket.decode.text.bad-empty-end",
        comment: "A character begins and an empty fragment ends the message.",
        requirements: ["ws.text.utf8.fail"], flags: ["bad-utf8", "fragmented"],
        input: Layout.input(from: .server, [first + Layout.frame(.server, opcode: 0)]),
        output: Layout.output(violation: "text-utf8", at: first.count + 2, closeCode: 1007)),
      .valid(
        id: "websocket.decode.text.compressed",
        comment: "The text of a compressed message is judged when it is inflated.",
        requirements: ["ws.text.utf8.fail"], flags: ["compressed"],
        input: Layout.input(from: .server, [Layout.frame(.server, rsv: 4, opcode: 1, [0xFF])], deflate: true),
        output: Layout.output([Layout.message([0xFF], opcode: "text", compressed: true)])),
    ]
  }
}
