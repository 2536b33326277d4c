import GoldenVectors
internal import Specification
import StrictJSON

/// Messages that a receiver has to refuse, and those just inside of the line.
extension DeflateVectors {
  static var violationGroups: [VectorGroup] {
    [
      VectorGroup(.deflateDecompress, comment: "Data that RFC 1951 does not allow.", tests: invalidDataTests),
      VectorGroup(.deflateDecompress, comment: "Messages that end too early, at every point.", tests: cutTests),
      VectorGroup(
        .deflateDecompress, comment: "References back beyond the window, and as far back as it reaches.",
        tests: windowTests),
      VectorGroup(.deflateDecompress, comment: "The tail that a sender left on.", tests: tailTests),
      VectorGroup(.deflateDecompress, comment: "The limit of the inflated size.", tests: limitTests),
    ]
  }

  private static func refuses(
    _ name: String, _ comment: String, _ requirements: [RequirementID], _ flags: [String], _ messages: [Bytes],
    error: String, index: Int = 0, contextTakeover: Bool? = nil, maxLength: Int? = nil
  ) -> VectorTest {
    .invalid(
      id: "deflate.decompress.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: compressed(messages, contextTakeover: contextTakeover, maxLength: maxLength), error: error, index: index)
  }

  /// A message that ends too soon. Whoever puts the tail behind it may read that as invalid data, so that either code is
  /// right.
  private static func cutOff(
    _ name: String, _ comment: String, _ flags: [String], _ messages: [Bytes], error: String = "truncated",
    index: Int = 0
  ) -> VectorTest {
    .acceptable(
      id: "deflate.decompress.cut.\(name)", comment: comment, requirements: ["deflate.truncated"], flags: flags,
      input: compressed(messages), error: error, index: index,
      alternatives: [.pass(error: error == "truncated" ? "invalid-data" : "truncated", index: index)])
  }

  private static var invalidDataTests: [VectorTest] {
    let faults: [(name: String, what: String, flags: [String], message: Bytes)] = [
      (
        "block-type-three", "A block of the type that does not exist.", ["block-type-three"],
        bits { $0.putHeader(final: false, type: 3) }
      ),
      (
        "block-type-three-final", "A final block of the type that does not exist.", ["block-type-three", "bfinal"],
        bits { $0.putHeader(final: true, type: 3) }
      ),
      (
        "block-type-three-after-good", "A good block, then one of the type that does not exist.", ["block-type-three"],
        bits {
          $0.putFixed([.literal(1), .literal(2)])
          $0.putHeader(final: false, type: 3)
        }
      ),
      (
        "stored-lengths-differ", "A stored block whose length and its complement do not agree.",
        ["block-stored", "invalid-codes"], .hex("000500fbff48656c6c6f00")
      ),
      (
        "stored-complement-equal", "A stored block whose length stands there twice, without complement.",
        ["block-stored", "invalid-codes"], .hex("000500050048656c6c6f00")
      ),
      (
        "literal-code-286", "A literal/length code that RFC 1951 reserves.", ["block-fixed", "invalid-codes"],
        DeflateBits.fixedMessage([.literal(1), .code(286)])
      ),
      (
        "literal-code-287", "A literal/length code that RFC 1951 reserves.", ["block-fixed", "invalid-codes"],
        DeflateBits.fixedMessage([.literal(1), .code(287)])
      ),
      (
        "distance-code-30", "A distance code that RFC 1951 reserves.", ["block-fixed", "invalid-codes"],
        DeflateBits.fixedMessage([.literal(1), .code(257), .distanceCode(30)])
      ),
      (
        "distance-code-31", "A distance code that RFC 1951 reserves.", ["block-fixed", "invalid-codes"],
        DeflateBits.fixedMessage([.literal(1), .code(257), .distanceCode(31)])
      ),
      (
        "too-many-literal-codes", "A dynamic block that announces 287 literal/length codes.",
        ["block-dynamic", "invalid-codes"], dynamicHeader(literals: 30, distances: 0, lengths: [])
      ),
      (
        "too-many-distance-codes", "A dynamic block that announces 32 distance codes.",
        ["block-dynamic", "invalid-codes"], dynamicHeader(literals: 0, distances: 31, lengths: [])
      ),
      (
        "code-lengths-oversubscribed", "A dynamic block with more codes of one bit than there are.",
        ["block-dynamic", "invalid-codes"],
        dynamicHeader(literals: 0, distances: 0, lengths: Array(repeating: 1, count: 19))
      ),
      (
        "code-lengths-incomplete", "A dynamic block whose code lengths leave codes unused.",
        ["block-dynamic", "invalid-codes"], dynamicHeader(literals: 0, distances: 0, lengths: [2, 2, 2, 0])
      ),
      (
        "repeat-of-nothing", "A dynamic block that begins with a repetition of the previous length.",
        ["block-dynamic", "invalid-codes"],
        dynamicHeader(literals: 0, distances: 0, lengths: [1, 0, 0, 1]) { $0.putCode(1, 1) }
      ),
      (
        "repeat-too-far", "A dynamic block that repeats zeros beyond its last code.",
        ["block-dynamic", "invalid-codes"],
        dynamicHeader(literals: 0, distances: 0, lengths: [0, 0, 1, 1]) {
          for _ in 0..<2 {
            $0.putCode(1, 1)
            $0.put(127, 7)
          }
        }
      ),
      (
        "no-end-of-block", "A dynamic block without a code for its end.", ["block-dynamic", "invalid-codes"],
        dynamicHeader(literals: 0, distances: 0, lengths: [0, 0, 1, 1]) {
          $0.putCode(1, 1)
          $0.put(127, 7)
          $0.putCode(1, 1)
          $0.put(109, 7)
        }
      ),
      (
        "after-final-block", "Behind a final block stands no DEFLATE data.", ["bfinal", "block-type-three"],
        .hex("f348cdc9c90700ff")
      ),
      (
        "text", "A frame that is not compressed at all.", ["invalid-codes"],
        Bytes(.hex("feef"), .le32(8), .le32(2), .le32(0))
      ),
    ]
    var tests = faults.map {
      refuses("invalid.\($0.name)", $0.what, ["deflate.invalid"], $0.flags, [$0.message], error: "invalid-data")
    }
    tests.append(
      refuses(
        "invalid.second-message", "The second message of three is at fault.", ["deflate.invalid"],
        ["block-type-three", "sequence"], [hello, bits { $0.putHeader(final: false, type: 3) }, hello],
        error: "invalid-data", index: 1))
    tests.append(
      refuses(
        "invalid.second-message.no-takeover", "The second message of three is at fault, without takeover.",
        ["deflate.invalid"], ["block-type-three", "sequence", "no-context-takeover"],
        [hello, bits { $0.putHeader(final: true, type: 3) }, hello], error: "invalid-data", index: 1,
        contextTakeover: false))
    return tests
  }

  /// The start of a dynamic block: how many codes beyond the least number, the lengths of the code length codes in the order of
  /// RFC 1951 §3.2.7 (16, 17, 18, 0, 8, …; at least four), and what follows. Zeros make up the rest of 24 bytes.
  private static func dynamicHeader(
    literals: Int, distances: Int, lengths: [Int], then body: (inout DeflateBits) -> Void = { _ in }
  ) -> Bytes {
    let start = bits {
      $0.putHeader(final: false, type: 2)
      $0.put(literals, 5)
      $0.put(distances, 5)
      $0.put(max(lengths.count, 4) - 4, 4)
      for length in lengths { $0.put(length, 3) }
      body(&$0)
    }
    return Bytes(start, .repeating(0, 24 - start.count))
  }

  private static var cutTests: [VectorTest] {
    let cuts: [(name: String, message: Bytes, from: Int)] = [
      ("fixed", hello, 1), ("stored", DeflateBits.storedMessage(helloText), 2),
      ("final", .hex("f348cdc9c90700"), 1), ("final-stored", bits { $0.putStored(helloText, final: true) }, 6),
    ]
    // What the tail does to the cut message: it may be read as codes that are invalid, or leave the block open. Either is an
    // error; a stored block that lacks just four bytes takes the tail for them, and nobody can tell.
    let invalid: [String: Set<Int>] = [
      "stored": [2, 3, 4, 7, 8], "final": [1, 2, 3, 4, 5], "final-stored": [7, 8],
    ]
    let undetectable: [String: [Int: Bytes]] = [
      "stored": [6: .hex("480000ffff")], "final-stored": [6: .hex("480000ffff")],
    ]
    var tests = cuts.flatMap { cut in
      (cut.from..<cut.message.count).map { length in
        let name = "cut.\(cut.name).\(length)-of-\(cut.message.count)"
        let flags = cut.name.hasPrefix("final") ? ["cut", "bfinal"] : ["cut"]
        let message = cut.message.prefix(length)
        if let output = undetectable[cut.name]?[length] {
          return VectorTest.valid(
            id: "deflate.decompress.\(name)",
            comment: "Cut where the tail is taken for the missing bytes of a stored block: nobody can tell.",
            requirements: ["deflate.blocks"], flags: flags + ["tail"], input: compressed([message]),
            output: inflated([output]))
        }
        let isInvalid = invalid[cut.name]?.contains(length) ?? false
        return cutOff(
          "\(cut.name).\(length)-of-\(cut.message.count)",
          "The first \(length) bytes of a message of \(cut.message.count); the tail after them "
            + (isInvalid ? "is read as data that is invalid." : "does not end the block."),
          flags, [message], error: isInvalid ? "invalid-data" : "truncated")
      }
    }
    tests += [3, 20, 70].map {
      cutOff(
        "dynamic.\($0)-of-\(DeflateLiterals.dynamicText.count)", "A dynamic block cut after \($0) bytes.",
        ["cut", "block-dynamic"], [DeflateLiterals.dynamicText.prefix($0)])
    }
    return tests + [
      cutOff(
        "nothing", "A compressed message without a byte: not even the header of a block is there.", ["cut", "empty"],
        [.empty]),
      cutOff(
        "nothing.after-another", "A message without a byte after a good one.", ["cut", "empty", "sequence"],
        [hello, .empty], index: 1),
      cutOff(
        "stored-announces-more", "A stored block that announces a thousand bytes and holds five.",
        ["cut", "block-stored"], [.hex("00e80317fc48656c6c6f")]),
      cutOff(
        "second-message", "The second message is cut.", ["cut", "sequence", "takeover"], [hello, .hex("f20011")],
        index: 1),
      .valid(
        id: "deflate.decompress.cut.not", comment: "The whole message, for comparison.",
        requirements: ["deflate.truncated", "deflate.invalid"], flags: ["block-fixed"], input: compressed([hello]),
        output: inflated([helloText])),
    ]
  }

  private static var windowTests: [VectorTest] {
    var tests: [VectorTest] = []
    for bits in [8, 9, 10, 12] {
      let size = 1 << bits
      let history = Bytes.counting(size + 8)
      for excess in [0, 1] {
        let distance = size + excess
        let start = history.count - distance
        let messages = [
          DeflateBits.storedMessage(history), DeflateBits.fixedMessage([.match(length: 5, distance: distance)]),
        ]
        let output = inflated([history, history[start..<start + 5]])
        let input = compressed(messages, windowBits: bits)
        let id = "deflate.decompress.window.bits-\(bits).distance-\(distance)"
        let flags = bits == 8 ? ["window", "sequence", "window-eight"] : ["window", "sequence"]
        if excess == 0 {
          tests.append(
            .valid(
              id: id, comment: "A match \(distance) bytes back, the whole window of \(bits) bits.",
              requirements: ["deflate.window", "deflate.takeover"], flags: flags, input: input, output: output))
        } else {
          tests.append(
            .acceptable(
              id: id,
              comment:
                "A match one byte beyond the window of \(bits) bits: the sender's violation. A receiver may inflate with 15.",
              requirements: ["deflate.window"], flags: flags, input: input, error: "invalid-data", index: 1,
              alternatives: [.pass(output: output)]))
        }
      }
    }
    return tests + beyondTests
  }

  private static var beyondTests: [VectorTest] {
    [
      refuses(
        "window.before-the-start", "A match in front of the first byte of all.", ["deflate.invalid"], ["window"],
        [DeflateBits.fixedMessage([.match(length: 3, distance: 1)])], error: "invalid-data"),
      refuses(
        "window.one-before-the-start", "A match that begins one byte before the first.", ["deflate.invalid"],
        ["window"], [DeflateBits.fixedMessage([.literal(1), .literal(2), .match(length: 3, distance: 3)])],
        error: "invalid-data"),
      refuses(
        "window.one-before-the-start.takeover", "The same in the second message.", ["deflate.invalid"],
        ["window", "sequence", "takeover"], [hello, DeflateBits.fixedMessage([.match(length: 3, distance: 6)])],
        error: "invalid-data", index: 1),
      .acceptable(
        id: "deflate.decompress.window.no-takeover",
        comment: "The second message refers back to the first although its sender gave that up.",
        requirements: ["deflate.no-takeover"], flags: ["no-context-takeover", "sequence"],
        input: compressed([hello, .hex("f200110000")], contextTakeover: false), error: "invalid-data", index: 1,
        alternatives: [.pass(output: inflated([helloText, helloText]))]),
      .acceptable(
        id: "deflate.decompress.window.no-takeover.third",
        comment: "The third message refers back to the second although its sender gave that up.",
        requirements: ["deflate.no-takeover"], flags: ["no-context-takeover", "sequence"],
        input: compressed([hello, hello, .hex("f200110000")], contextTakeover: false), error: "invalid-data", index: 2,
        alternatives: [.pass(output: inflated([helloText, helloText, helloText]))]),
      .acceptable(
        id: "deflate.decompress.window.over-final-block",
        comment: "The second message refers back over a final block: zlib's window does not outlive it, others' may.",
        requirements: ["deflate.bfinal.next"], flags: ["bfinal", "sequence", "takeover"],
        input: compressed([.hex("f348cdc9c9070000"), .hex("f200110000")]), error: "invalid-data", index: 1,
        alternatives: [.pass(output: inflated([helloText, helloText]))]),
    ]
  }

  private static var tailTests: [VectorTest] {
    // With another tail after it, the one that was left on is a block without its header. Receivers that are content with data
    // that ends between two blocks inflate it.
    func left(_ name: String, _ comment: String, _ messages: [Bytes], _ output: [Bytes], _ flags: [String])
      -> VectorTest
    {
      .acceptable(
        id: "deflate.decompress.tail.\(name)", comment: comment, requirements: ["deflate.tail.receive"], flags: flags,
        input: compressed(messages), error: "truncated", index: 0,
        alternatives: [.informational(error: "invalid-data", index: 0), .informational(output: inflated(output))]
          + (messages.count == 1
            ? []
            : [
              .informational(error: "invalid-data", index: 1), .informational(error: "truncated", index: 1),
            ]))
    }
    let tail = Bytes.hex("0000ffff")
    return [
      left("left-on", "The sender left 00 00 FF FF on.", [Bytes(hello, tail)], [helloText], ["tail"]),
      left(
        "left-on.stored", "The sender left 00 00 FF FF on a stored block.",
        [Bytes(DeflateBits.storedMessage(helloText), tail)], [helloText], ["tail", "block-stored"]),
      left(
        "left-on.sequence", "The sender left 00 00 FF FF on every message and refers back.",
        [Bytes(hello, tail), Bytes(.hex("f200110000"), tail)], [helloText, helloText], ["tail", "sequence", "takeover"]),
      .valid(
        id: "deflate.decompress.tail.removed", comment: "The same as it should be.",
        requirements: ["deflate.tail.receive"], flags: ["sequence", "takeover"],
        input: compressed([hello, .hex("f200110000")]), output: inflated([helloText, helloText])),
    ]
  }

  private static var limitTests: [VectorTest] {
    var tests: [VectorTest] = []
    let messages: [(name: String, what: String, message: Bytes, output: Bytes, flags: [String])] = [
      (
        "zeros-1000", "a thousand zeros in 18 bytes", DeflateBits.zeros(1_000), .repeating(0, 1_000), ["limit", "bomb"]
      ),
      (
        "stored-300", "300 stored bytes", DeflateBits.storedMessage(.counting(300)), .counting(300),
        ["limit", "block-stored"]
      ),
      (
        "dynamic-330", "330 bytes in a dynamic block", DeflateLiterals.dynamicText, DeflateLiterals.text,
        ["limit", "block-dynamic"]
      ),
      ("hello", "five bytes", hello, helloText, ["limit", "block-fixed"]),
    ]
    for message in messages {
      for (name, difference) in [("below", -1), ("exact", 0), ("above", 1)] {
        let limit = message.output.count + difference
        let id = "deflate.decompress.limit.\(message.name).\(name)"
        let comment = "A message of \(message.what), the limit is \(limit)."
        let input = compressed([message.message], maxLength: limit)
        tests.append(
          difference < 0
            ? .invalid(
              id: id, comment: comment, requirements: ["deflate.limit"], flags: message.flags, input: input,
              error: "too-large", index: 0)
            : .valid(
              id: id, comment: comment, requirements: ["deflate.limit"], flags: message.flags, input: input,
              output: inflated([message.output])))
      }
    }
    return tests + specialLimitTests
  }

  private static var specialLimitTests: [VectorTest] {
    [
      .valid(
        id: "deflate.decompress.limit.zero.nothing", comment: "The limit is 0, and nothing is inflated.",
        requirements: ["deflate.limit"], flags: ["limit", "empty"], input: compressed([[0]], maxLength: 0),
        output: inflated([.empty])),
      refuses(
        "limit.zero.one-byte", "The limit is 0, and one byte is inflated.", ["deflate.limit"], ["limit"],
        [DeflateBits.fixedMessage([.literal(0)])], error: "too-large", maxLength: 0),
      .valid(
        id: "deflate.decompress.limit.each-message",
        comment: "The limit holds for each message, not for their sum.", requirements: ["deflate.limit"],
        flags: ["limit", "sequence"],
        input: compressed([DeflateBits.zeros(600), DeflateBits.zeros(600)], maxLength: 1_000),
        output: inflated([.repeating(0, 600), .repeating(0, 600)])),
      refuses(
        "limit.second-message", "The second message passes the limit.", ["deflate.limit"],
        ["limit", "sequence", "bomb"],
        [hello, DeflateBits.zeros(2_000)], error: "too-large", index: 1, maxLength: 1_000),
      refuses(
        "limit.default", "One byte beyond the default limit, 524294, in 3 KiB.", ["deflate.limit"], ["limit", "bomb"],
        [DeflateBits.zeros(524_295)], error: "too-large"),
      refuses(
        "limit.default.mebibyte", "A mebibyte of zeros in 1033 bytes, twice the default limit.", ["deflate.limit"],
        ["limit", "bomb", "block-dynamic"], [DeflateLiterals.mebibyte], error: "too-large"),
      refuses(
        "limit.65536", "100,000 bytes in 115, the limit is 65536.", ["deflate.limit"],
        ["limit", "bomb", "block-dynamic"], [DeflateLiterals.hundredThousand], error: "too-large", maxLength: 65_536),
      refuses(
        "limit.final-blocks", "A limit that two streams in one message pass only together.", ["deflate.limit"],
        ["limit", "bfinal"], [Bytes(.hex("f348cdc9c90700"), .hex("f348cdc9c90700"))], error: "too-large", maxLength: 9),
      refuses(
        "limit.before-fault", "The limit is passed before the data becomes invalid: that comes first.",
        ["deflate.limit"], ["limit", "invalid-codes"],
        [DeflateBits.fixedMessage(Array(repeating: .literal(1), count: 20) + [.code(286)])], error: "too-large",
        maxLength: 10),
    ]
  }
}
