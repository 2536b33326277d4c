import GoldenVectors
internal import Specification
import StrictJSON

/// Messages that a receiver has to inflate.
extension DeflateVectors {
  static var decompressGroups: [VectorGroup] {
    [
      VectorGroup(.deflateDecompress, comment: "Blocks of every type, one and several.", tests: blockTests),
      VectorGroup(.deflateDecompress, comment: "Messages with a final block.", tests: finalBlockTests),
      VectorGroup(
        .deflateDecompress, comment: "Sequences of messages, with context takeover and without.", tests: sequenceTests),
      VectorGroup(
        .deflateDecompress, comment: "Messages of the original's programs, as captured.", tests: captureTests),
    ]
  }

  /// The input of a test.
  static func compressed(
    _ messages: [Bytes], windowBits: Int? = nil, contextTakeover: Bool? = nil, maxLength: Int? = nil
  ) -> JSONValue {
    var input: JSONObject = ["messages": .hexes(messages)]
    if let windowBits { input["windowBits"] = .number(windowBits) }
    if let contextTakeover { input["contextTakeover"] = .bool(contextTakeover) }
    if let maxLength { input["maxLength"] = .number(maxLength) }
    return .object(input)
  }

  /// The output of a test.
  static func inflated(_ messages: [Bytes]) -> JSONValue { ["messages": .hexes(messages)] }

  private static func inflates(
    _ name: String, _ comment: String, _ requirements: [RequirementID], _ flags: [String], _ messages: [Bytes],
    to output: [Bytes], windowBits: Int? = nil, contextTakeover: Bool? = nil, capture: String? = nil
  ) -> VectorTest {
    .valid(
      id: "deflate.decompress.\(name)", comment: comment, requirements: requirements, flags: flags, capture: capture,
      input: compressed(messages, windowBits: windowBits, contextTakeover: contextTakeover), output: inflated(output))
  }

  /// A message put together bit by bit.
  static func bits(_ body: (inout DeflateBits) -> Void) -> Bytes {
    var bits = DeflateBits()
    body(&bits)
    return bits.bytes
  }

  /// "Hello" as RFC 7692 section 7.2.3.1 has it.
  static let hello = Bytes.hex("f248cdc9c90700")
  static let helloText = Bytes.ascii("Hello")

  private static var blockTests: [VectorTest] {
    let long = Bytes.counting(300)
    let letters: [DeflateBits.Symbol] = [.literal(0x61), .literal(0x62), .literal(0xFF)]
    return [
      inflates(
        "fixed.hello", "RFC 7692 section 7.2.3.1.", ["deflate.blocks"], ["block-fixed"], [hello], to: [helloText]),
      inflates(
        "fixed.literals", "The codes of eight and of nine bits.", ["deflate.blocks"], ["block-fixed"],
        [DeflateBits.fixedMessage(letters + [.literal(143), .literal(144), .literal(0)])],
        to: [[0x61, 0x62, 0xFF, 143, 144, 0]]),
      inflates(
        "fixed.shortest-match", "A match of three bytes, overlapping itself.", ["deflate.blocks"], ["block-fixed"],
        [DeflateBits.fixedMessage([.literal(7), .match(length: 3, distance: 1)])], to: [.repeating(7, 4)]),
      inflates(
        "fixed.longest-match", "A match of 258 bytes, which has a code of its own.", ["deflate.blocks"],
        ["block-fixed"], [DeflateBits.fixedMessage(letters + [.match(length: 258, distance: 3)])],
        to: [.repeating([0x61, 0x62, 0xFF], 87)]),
      inflates(
        "fixed.match-257", "A match of 257 bytes: the code before that of 258, all extra bits but one.",
        ["deflate.blocks"], ["block-fixed"],
        [DeflateBits.fixedMessage([.literal(1), .match(length: 257, distance: 1)])],
        to: [.repeating(1, 258)]),
      inflates(
        "fixed.empty-block", "A block of fixed codes that holds nothing.", ["deflate.blocks"],
        ["block-fixed", "empty"],
        [DeflateBits.fixedMessage([])], to: [.empty]),
      inflates(
        "stored.hello", "RFC 7692 section 7.2.3.3.", ["deflate.blocks"], ["block-stored"],
        [.hex("000500faff48656c6c6f00")], to: [helloText]),
      inflates(
        "stored.one-byte", "A stored block of one byte.", ["deflate.blocks"], ["block-stored"],
        [DeflateBits.storedMessage([0x41])], to: [[0x41]]),
      inflates(
        "stored.300", "A stored block whose length needs both bytes.", ["deflate.blocks"], ["block-stored"],
        [DeflateBits.storedMessage(long)], to: [long]),
      inflates(
        "stored.holds-tail", "A stored block whose bytes are 00 00 FF FF.", ["deflate.blocks"],
        ["block-stored", "tail"], [DeflateBits.storedMessage(.hex("0000ffff"))], to: [.hex("0000ffff")]),
      inflates(
        "empty-message", "A message without bytes is compressed to 00 (RFC 7692 section 7.2.3.6).", ["deflate.blocks"],
        ["empty"], [[0]], to: [.empty]),
      inflates(
        "dynamic.text", "A block of dynamic codes.", ["deflate.blocks"], ["block-dynamic"],
        [DeflateLiterals.dynamicText], to: [DeflateLiterals.text]),
      inflates(
        "dynamic.two-blocks", "Two blocks of dynamic codes with an empty stored block between them.",
        ["deflate.blocks"], ["block-dynamic"], [DeflateLiterals.twoDynamicBlocks],
        to: [Bytes(DeflateLiterals.text, DeflateLiterals.capitals)]),
      inflates(
        "several.hello", "RFC 7692 section 7.2.3.5: two blocks of fixed codes with an empty stored block between.",
        ["deflate.blocks"], ["block-fixed"], [.hex("f248050000 00ffffcac9c90700")], to: [helloText]),
      inflates(
        "several.all-types", "A stored block, one of fixed codes, an empty one, and one of dynamic codes.",
        ["deflate.blocks"], ["block-stored", "block-fixed", "block-dynamic"],
        [
          Bytes(
            bits {
              $0.putStored([0x53, 0x54])
              $0.putFixed(letters + [.match(length: 4, distance: 5)])
              $0.putFixed([])
              $0.putStored(.empty)
            }, DeflateLiterals.dynamicText)
        ], to: [Bytes([0x53, 0x54, 0x61, 0x62, 0xFF, 0x53, 0x54, 0x61, 0x62], DeflateLiterals.text)]),
      inflates(
        "several.match-across-blocks", "A match refers back into an earlier block of the same message.",
        ["deflate.blocks"], ["block-stored", "block-fixed"],
        [
          bits {
            $0.putStored(.ascii("abcdef"))
            $0.putFixed([.match(length: 6, distance: 6)])
            $0.putFlush()
          }
        ], to: [.ascii("abcdefabcdef")], contextTakeover: false),
      inflates(
        "several.not-aligned", "Two blocks of fixed codes, the second beginning inside of a byte.", ["deflate.blocks"],
        ["block-fixed"],
        [
          bits {
            $0.putFixed([.literal(1)])
            $0.putFixed([.literal(2)])
            $0.putFlush()
          }
        ], to: [[1, 2]]),
    ]
  }

  private static var finalBlockTests: [VectorTest] {
    let flags = ["bfinal"]
    return [
      inflates(
        "final.hello", "RFC 7692 section 7.2.3.4: a final block and a byte 00 after it.", ["deflate.bfinal"], flags,
        [.hex("f348cdc9c9070000")], to: [helloText]),
      inflates(
        "final.hello-without-zero", "The same without the byte 00.", ["deflate.bfinal"], flags,
        [.hex("f348cdc9c90700")], to: [helloText]),
      inflates(
        "final.stored", "A final stored block.", ["deflate.bfinal"], ["bfinal", "block-stored"],
        [bits { $0.putStored(helloText, final: true) }], to: [helloText]),
      inflates(
        "final.stored-and-zero", "A final stored block and a byte 00 after it.", ["deflate.bfinal"],
        ["bfinal", "block-stored"], [Bytes(bits { $0.putStored(helloText, final: true) }, [0])], to: [helloText]),
      inflates(
        "final.dynamic", "A final block of dynamic codes.", ["deflate.bfinal"], ["bfinal", "block-dynamic"],
        [DeflateLiterals.finalDynamicText], to: [DeflateLiterals.text]),
      inflates(
        "final.empty", "A final block that holds nothing, what zlib makes of no bytes with Z_FINISH.",
        ["deflate.bfinal"], ["bfinal", "empty"], [.hex("0300")], to: [.empty]),
      inflates(
        "final.after-another", "A block, then a final one.", ["deflate.bfinal", "deflate.blocks"],
        ["bfinal", "block-fixed"],
        [
          bits {
            $0.putFixed([.literal(1)])
            $0.putFixed([.literal(2)], final: true)
          }
        ], to: [[1, 2]]),
      inflates(
        "final.then-more-data", "A final block, then another stream in the same message.", ["deflate.bfinal.next"],
        ["bfinal"], [Bytes(.hex("f348cdc9c90700"), hello)], to: [Bytes(helloText, helloText)]),
      inflates(
        "final.twice", "Two final blocks in one message.", ["deflate.bfinal.next"], ["bfinal"],
        [Bytes(.hex("f348cdc9c90700"), .hex("f348cdc9c90700"))], to: [Bytes(helloText, helloText)]),
      inflates(
        "final.each-message", "Every message of a sequence ends in a final block.", ["deflate.bfinal.next"],
        ["bfinal", "sequence"], [.hex("f348cdc9c9070000"), .hex("f348cdc9c90700"), .hex("f348cdc9c9070000")],
        to: [helloText, helloText, helloText]),
      inflates(
        "final.each-message.no-takeover", "Every message of a sequence ends in a final block, without takeover.",
        ["deflate.bfinal.next"], ["bfinal", "sequence", "no-context-takeover"],
        [.hex("f348cdc9c9070000"), .hex("f348cdc9c90700")], to: [helloText, helloText], contextTakeover: false),
      inflates(
        "final.then-plain", "A message with a final block, then one without.", ["deflate.bfinal.next"],
        ["bfinal", "sequence"], [.hex("f348cdc9c9070000"), hello], to: [helloText, helloText]),
    ]
  }

  private static var sequenceTests: [VectorTest] {
    let takeover = DeflateLiterals.takeover
    return [
      inflates(
        "takeover.hello", "RFC 7692 section 7.2.3.2: the second message refers back to the first.",
        ["deflate.takeover"], ["takeover", "sequence"], [hello, .hex("f200110000")], to: [helloText, helloText]),
      inflates(
        "takeover.three-messages", "Three messages of zlib that refer back.", ["deflate.takeover"],
        ["takeover", "sequence"], takeover.map(\.message), to: takeover.map(\.text)),
      inflates(
        "takeover.empty-between", "An empty message leaves the window as it is.", ["deflate.takeover"],
        ["takeover", "sequence", "empty"], [hello, [0], .hex("f200110000")], to: [helloText, .empty, helloText]),
      inflates(
        "takeover.stored-then-match", "The bytes of a stored block are in the window too.", ["deflate.takeover"],
        ["takeover", "sequence", "block-stored"],
        [DeflateBits.storedMessage(.ascii("abcdef")), DeflateBits.fixedMessage([.match(length: 4, distance: 5)])],
        to: [.ascii("abcdef"), .ascii("bcde")]),
      inflates(
        "takeover.two-messages-back", "A match reaches over a message into the one before.", ["deflate.takeover"],
        ["takeover", "sequence"],
        [
          DeflateBits.storedMessage(.ascii("one")), DeflateBits.storedMessage(.ascii("two")),
          DeflateBits.fixedMessage([.match(length: 6, distance: 6)]),
        ], to: [.ascii("one"), .ascii("two"), .ascii("onetwo")]),
      inflates(
        "takeover.not-used", "A sender may use less than was negotiated: each message stands alone.",
        ["deflate.takeover"], ["takeover", "sequence"], DeflateLiterals.noTakeover, to: takeover.map(\.text)),
      inflates(
        "no-takeover.three-messages", "Three messages of zlib, each readable alone.", ["deflate.no-takeover"],
        ["no-context-takeover", "sequence"], DeflateLiterals.noTakeover, to: takeover.map(\.text),
        contextTakeover: false),
      inflates(
        "no-takeover.same-twice", "The same message twice.", ["deflate.no-takeover"],
        ["no-context-takeover", "sequence"], [hello, hello], to: [helloText, helloText], contextTakeover: false),
    ]
  }

  private static var captureTests: [VectorTest] {
    func frame(_ protocolId: UInt32, _ sn: UInt32, _ payload: String) -> Bytes {
      Bytes(.hex("feef"), .le32(UInt32(payload.utf8.count) + 8), .le32(protocolId), .le32(sn), .ascii(payload))
    }
    return [
      inflates(
        "captured.level-0", "The original's Go client at level 0: two messages in stored blocks.",
        ["deflate.blocks", "deflate.no-takeover"], ["block-stored", "no-context-takeover"],
        [
          .hex("001800e7fffeef120000000200000000000000676f206173796e63203000"),
          .hex("001600e9fffeef100000000200000002000000676f20727063203000"),
        ], to: [frame(2, 0, "go async 0"), frame(2, 2, "go rpc 0")], contextTakeover: false,
        capture: "go-deflate-level0.pcap"),
      inflates(
        "captured.level-2", "The original's Go client at level 2: three messages in fixed codes.",
        ["deflate.blocks", "deflate.no-takeover"], ["block-fixed", "no-context-takeover"],
        [
          .hex("faf75e88818181890102d2f315128b2bf392150c0000"), .hex("faf75e80818181098ad3f3158a0a92150c0000"),
          .hex("faf75e8081818189818181858181213d5fa1a82059c11000"),
        ], to: [frame(2, 0, "go async 0"), frame(2, 2, "go rpc 0"), frame(2, 4, "go rpc 1")], contextTakeover: false,
        capture: "go-deflate-level2.pcap"),
      inflates(
        "captured.server-answers", "The original's Go server to a TypeScript client.",
        ["deflate.blocks", "deflate.no-takeover"], ["block-fixed", "no-context-takeover"],
        [
          .hex("faf75e888181819901024a8a15128b2bf392150c0000"),
          .hex("faf75e8081818199818181898181a1a458a1a82059c10000"),
        ], to: [frame(3, 0, "ts async 0"), frame(3, 2, "ts rpc 0")], contextTakeover: false,
        capture: "ts-client-deflate.pcap"),
      inflates(
        "captured.second-connection", "The original's Go client on another connection.",
        ["deflate.blocks", "deflate.no-takeover"], ["block-fixed", "no-context-takeover"],
        [
          .hex("faf75e9e8181818901028a5393f3f3521492f3f3f252934b32f3f314128b2bf3920100"),
          .hex("faf75e96818181098a8b5393f3f3521492f3f3f252934b32f3f3148a0a920100"),
        ], to: [frame(2, 0, "second connection async"), frame(2, 2, "second connection rpc")], contextTakeover: false,
        capture: "displacement-deflate.pcap"),
    ]
  }
}
