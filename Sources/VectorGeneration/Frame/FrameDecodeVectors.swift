import GoldenVectors
import Specification
import StrictJSON

/// What `frame.decode` has to make of one WebSocket message.
enum FrameDecodeVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.frameDecode, comment: "Good frames of every revision.", tests: good()),
      VectorGroup(.frameDecode, comment: "No bytes, or too few.", tests: short() + zeroFrames()),
      VectorGroup(.frameDecode, comment: "The magic.", tests: magic()),
      VectorGroup(.frameDecode, comment: "The field length at and around its bounds.", tests: bounds()),
      VectorGroup(.frameDecode, comment: "Bytes after the frame.", tests: trailing()),
      VectorGroup(.frameDecode, comment: "Messages from captures of the original.", tests: captured()),
    ]
  }

  private static func id(_ revision: String, _ what: String) -> String {
    "frame.decode.\(FrameLayout.slug(revision)).\(what)"
  }

  private static func flags(_ revision: String, _ flags: String...) -> [String] {
    revision == "1.3.3" ? flags : flags + ["legacy"]
  }

  private static func input(_ revision: String, _ message: Bytes, limit: UInt32? = nil) -> JSONValue {
    var input: JSONObject = ["revision": .string(revision), "message": .hex(message)]
    if let limit { input["maxFrameLength"] = .number(limit) }
    return .object(input)
  }

  /// The requirement that each rule about a message is in a revision.
  private static func rule(_ rule: String, _ revision: String) -> [RequirementID] {
    switch (rule, revision) {
    case ("magic", "1.2"): ["legacy.1_2.magic", "legacy.1_2.magic.reject"]
    case ("magic", "1.3.0"): ["legacy.1_3_0.magic", "legacy.1_3_0.magic.reject"]
    case ("magic", _): ["frame.magic", "frame.magic.reject"]
    case ("short", "1.2"): ["legacy.1_2.short", "legacy.1_2.length"]
    case ("short", "1.3.0"): ["legacy.1_3_0.short", "legacy.1_3_0.length"]
    case ("short", _): ["frame.short", "frame.length.exact"]
    case ("limit", "1.1"): ["legacy.1_1.limit"]
    case ("limit", "1.2"): ["legacy.1_2.limit"]
    case ("limit", "1.3.0"): ["legacy.1_3_0.limit"]
    case ("limit", _): ["frame.length.limit", "frame.length.limit.reject"]
    case ("trailing", "1.2"): ["legacy.1_2.trailing", "frame.trailing.truncate"]
    case ("trailing", "1.3.0"): ["legacy.1_3_0.trailing", "frame.trailing.truncate"]
    case ("trailing", _): ["frame.trailing", "frame.trailing.truncate", "frame.trailing.fail", "frame.message.one"]
    case ("minimum", "1.3.0"): ["legacy.1_3_0.length.minimum"]
    default: ["frame.length.minimum"]
    }
  }

  private static func accepted(
    _ revision: String, _ what: String, _ comment: String, id protocolId: Int64 = 2, sn: UInt32 = 0,
    payload: Bytes = .empty, requirements: [RequirementID], flags more: [String] = [], limit: UInt32? = nil
  ) -> VectorTest {
    .valid(
      id: id(revision, what), comment: comment, requirements: requirements, flags: flags(revision) + more,
      input: input(revision, FrameLayout.frame(revision, id: protocolId, sn: sn, payload: payload), limit: limit),
      output: FrameLayout.decoded(revision, id: protocolId, sn: sn, payload: payload))
  }

  private static func good() -> [VectorTest] {
    let ids: [UInt32] = [0, 1, 3, 0x0102_0304, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]
    let sns: [UInt32] = [0, 1, 2, 3, 4096, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF]
    let idTests = ids.map { value in
      accepted(
        "1.3.3", "id-\(value)", "protocolId \(value).", id: Int64(value), sn: 2, payload: .ascii("x"),
        requirements: ["frame.protocol-id.range", "frame.byte-order"], flags: value > 0x7FFF_FFFF ? ["sign-bit"] : [])
    }
    let snTests = sns.map { value in
      accepted(
        "1.3.3", "sn-\(value)", "Serial number \(value).", sn: value, payload: .ascii("x"),
        requirements: ["frame.sn.range", "frame.byte-order"], flags: value > 0x7FFF_FFFF ? ["sign-bit"] : [])
    }
    let payloads: [(String, Bytes)] = [
      ("payload-1", [0]), ("payload-zeros", .repeating(0, 14)), ("payload-all-bytes", .counting(256)),
      ("payload-frame", FrameLayout.current(id: 3, sn: 4, payload: .ascii("in"))), ("payload-chinese", .utf8("你好世界")),
      ("payload-gbk", [0xC4, 0xE3, 0xBA, 0xC3, 0xCA, 0xC0, 0xBD, 0xE7]), ("payload-8k", .repeating(0x62, 8192)),
    ]
    let payloadTests = FrameLayout.allRevisions.flatMap { revision in
      payloads.map { name, payload in
        accepted(
          revision, name, "A payload of \(payload.count) bytes comes out as it went in.",
          sn: revision == "1.3.3" ? 2 : 0,
          payload: payload, requirements: ["frame.payload.opaque"] + FrameLayout.requirements(revision))
      }
    }
    let smallest: [VectorTest] = [
      accepted(
        "1.3.3", "smallest", "Fourteen bytes, no payload.",
        requirements: [
          "frame.payload.empty", "frame.empty", "frame.short", "frame.length.minimum", "frame.magic.reject",
          "frame.zero-frame", "frame.trailing", "frame.trailing.truncate", "frame.message.one",
        ], flags: ["no-payload"]),
      accepted(
        "1.3.0", "smallest", "Ten bytes, no payload.",
        requirements: [
          "legacy.1_3_0.short", "legacy.1_3_0.length.minimum", "legacy.1_3_0.magic.reject", "legacy.1_3_0.trailing",
        ], flags: ["no-payload"]),
      accepted(
        "1.2", "smallest", "A P_MESSAGE of two bytes.",
        requirements: ["legacy.1_2.short", "legacy.1_2.magic.reject", "legacy.1_2.trailing", "legacy.1_2.body"],
        flags: ["no-payload"]),
      .valid(
        id: id("1.2", "length-0"), comment: "An empty P_MESSAGE: protocolId 0, no payload.",
        requirements: ["legacy.1_2.length.zero", "protobuf.field.absent"],
        flags: flags("1.2", "no-payload", "absent-field"),
        input: input("1.2", FrameLayout.v1_2(.empty)), output: FrameLayout.decoded("1.2", id: 0)),
      accepted(
        "1.1", "smallest", "Two bytes, no payload.", requirements: ["legacy.1_1.message", "legacy.1_1.reject"],
        flags: ["no-payload"]),
    ]
    let signed: [Int64] = [1, 127, 128, 0x7FFF_FFFF, -1, -0x8000_0000]
    let protobufIds = ["1.1", "1.2"].flatMap { revision in
      signed.map { value in
        accepted(
          revision, "id-\(value < 0 ? "minus-\(-value)" : "\(value)")", "protocol_id \(value).", id: value,
          payload: .ascii("x"),
          requirements: value == -1
            ? [revision == "1.1" ? "legacy.1_1.displacement-id" : "legacy.1_2.displacement-id"]
            : ["protobuf.message.fields"], flags: value < 0 ? ["sign-bit"] : [])
      }
    }
    let plainIds = [UInt32(1), 0x7FFF_FFFF, 0xFFFF_FFFF].map { value in
      accepted(
        "1.3.0", "id-\(value)", "protocolId \(value).", id: Int64(value), payload: .ascii("x"),
        requirements: value == 0x7FFF_FFFF ? ["legacy.1_3_0.displacement-id"] : ["legacy.1_3_0.no-sn"],
        flags: value > 0x7FFF_FFFF ? ["sign-bit"] : [])
    }
    return smallest + idTests + snTests + payloadTests + protobufIds + plainIds
  }

  private static func short() -> [VectorTest] {
    let none = FrameLayout.allRevisions.map { revision in
      VectorTest.invalid(
        id: id(revision, "empty"), comment: "A message without any bytes is no frame.",
        requirements: ["frame.empty"] + (revision == "1.1" ? ["legacy.1_1.reject"] : []),
        flags: flags(revision, "empty"), input: input(revision, .empty), error: "empty", offset: 0)
    }
    let cut = ["1.2", "1.3.0", "1.3.3"].flatMap { revision in
      let whole = FrameLayout.frame(revision, id: 2, sn: 2, payload: .ascii("hello"))
      return (1..<whole.count).map { count in
        VectorTest.invalid(
          id: id(revision, "first-\(count)-of-\(whole.count)"),
          comment: "Only the first \(count) bytes of a frame of \(whole.count).",
          requirements: rule("short", revision) + (revision == "1.3.3" && count == 6 ? ["frame.zero-frame"] : []),
          flags: flags(revision, "short") + (count == 6 ? ["zero-frame"] : []),
          input: input(revision, whole.prefix(count)), error: "short", offset: count)
      }
    }
    return none + cut
  }

  private static func zeroFrames() -> [VectorTest] {
    let lengths: [UInt32] = [8, 9, 14, 1024, 524_288]
    return lengths.map { length in
      .invalid(
        id: id("1.3.3", "zero-frame-\(length)"),
        comment: "Six bytes announce \(length) and nothing follows: there is no frame, least of all one of zeros.",
        requirements: ["frame.zero-frame", "frame.short"], flags: ["zero-frame", "short"],
        input: input("1.3.3", Bytes(FrameLayout.currentMagic, .le32(length))), error: "short", offset: 6)
    }
  }

  private static func magic() -> [VectorTest] {
    let rest = FrameLayout.current(id: 2, sn: 2, payload: .ascii("x")).dropFirst(2)
    func bad(_ revision: String, _ name: String, _ comment: String, _ magic: Bytes, offset: Int) -> VectorTest {
      .invalid(
        id: id(revision, "magic-\(name)"), comment: comment, requirements: rule("magic", revision),
        flags: flags(revision, "bad-magic"), input: input(revision, magic + rest), error: "bad-magic", offset: offset)
    }
    let bits = (0..<16).map { bit in
      var magic = FrameLayout.currentMagic.array
      magic[bit / 8] ^= UInt8(1 << (bit % 8))
      return bad("1.3.3", "bit-\(bit)", "One bit of the magic is wrong.", Bytes(magic), offset: bit / 8)
    }
    let named: [VectorTest] = [
      bad("1.3.3", "swapped", "The bytes of the magic are swapped.", [0xEF, 0xFE], offset: 0),
      bad("1.3.3", "zero", "Zeros.", [0, 0], offset: 0),
      bad("1.3.3", "of-1_3_0", "The magic of older revisions.", FrameLayout.legacyMagic, offset: 1),
      bad("1.3.3", "dead", "Another magic.", [0xDE, 0xAD], offset: 0),
      bad("1.3.0", "of-1_3_3", "The magic of the current revision.", FrameLayout.currentMagic, offset: 1),
      bad("1.3.0", "swapped", "The bytes of the magic are swapped.", [0xEE, 0xFE], offset: 0),
      bad("1.2", "of-1_3_3", "The magic of the current revision.", FrameLayout.currentMagic, offset: 1),
      bad("1.2", "swapped", "The bytes of the magic are swapped.", [0xEE, 0xFE], offset: 0),
    ]
    let short: [VectorTest] = [
      .invalid(
        id: id("1.3.3", "magic-one-byte-wrong"),
        comment: "One byte, and it is wrong: the magic is named, not the length.",
        requirements: ["frame.magic.reject", "frame.short"], flags: ["bad-magic", "precedence"],
        input: input("1.3.3", [0xEF]), error: "bad-magic", offset: 0),
      .invalid(
        id: id("1.3.3", "magic-two-bytes-wrong"), comment: "Two bytes, the second is wrong.",
        requirements: ["frame.magic.reject", "frame.short"], flags: ["bad-magic", "precedence"],
        input: input("1.3.3", FrameLayout.legacyMagic), error: "bad-magic", offset: 1),
      .invalid(
        id: id("1.3.3", "magic-before-length"), comment: "Magic and length are wrong: the magic is named.",
        requirements: ["frame.magic.reject"], flags: ["bad-magic", "precedence"],
        input: input("1.3.3", Bytes([0xFE, 0xEE], .le32(0), .le32(2), .le32(2))), error: "bad-magic", offset: 1),
      .invalid(
        id: id("1.1", "magic"), comment: "A frame of the current revision is no P_MESSAGE.",
        requirements: ["legacy.1_1.reject", "legacy.1_1.message", "protobuf.tag.invalid"],
        flags: flags("1.1", "bad-protobuf"),
        input: input("1.1", FrameLayout.current(id: 2, sn: 2, payload: .ascii("x"))),
        error: "bad-protobuf", offset: 0),
    ]
    return bits + named + short
  }

  private static func bounds() -> [VectorTest] {
    let small =
      (0..<8).map { ("1.3.3", UInt32($0)) } + (0..<4).map { ("1.3.0", UInt32($0)) }
    let tooSmall = small.map { revision, length in
      let frame =
        revision == "1.3.3"
        ? FrameLayout.current(id: 2, sn: 2, payload: .ascii("x"), length: length)
        : FrameLayout.v1_3_0(id: 2, payload: .ascii("x"), length: length)
      return VectorTest.invalid(
        id: id(revision, "length-\(length)"), comment: "length \(length) does not cover the fields that it counts.",
        requirements: rule("minimum", revision), flags: flags(revision, "length-too-small"),
        input: input(revision, frame), error: "length-too-small", offset: 2)
    }
    let atLimit = FrameLayout.allRevisions.flatMap { revision in
      let overhead = revision == "1.3.3" ? 8 : 4
      return [-1, 0, 1].map { distance in
        let payload = Bytes.counting(64 - overhead + distance)
        let name = distance < 0 ? "below" : distance == 0 ? "at" : "above"
        if distance <= 0 {
          return accepted(
            revision, "limit-\(name)", "The limit is 64.", payload: payload, requirements: rule("limit", revision),
            flags: ["limit"], limit: 64)
        }
        return .invalid(
          id: id(revision, "limit-above"), comment: "One above the limit of 64.", requirements: rule("limit", revision),
          flags: flags(revision, "limit", "too-large"),
          input: input(revision, FrameLayout.frame(revision, id: 2, payload: payload), limit: 64), error: "too-large",
          offset: revision == "1.1" ? 0 : 2)
      }
    }
    let announced: [UInt32] = [524_289, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]
    let tooLarge = announced.map { length in
      VectorTest.invalid(
        id: id("1.3.3", "length-\(length)"), comment: "length \(length) is above the limit of 524288.",
        requirements: ["frame.length.limit.reject"], flags: ["too-large"],
        input: input("1.3.3", FrameLayout.current(id: 2, sn: 0, payload: .ascii("x"), length: length)),
        error: "too-large", offset: 2)
    }
    let bigEndian = VectorTest.invalid(
      id: id("1.3.3", "length-big-endian"), comment: "length 9 with its highest byte first reads as 150994944.",
      requirements: ["frame.byte-order", "frame.length.limit.reject"], flags: ["too-large"],
      input: input("1.3.3", FrameLayout.current(id: 2, sn: 0, payload: .ascii("x"), length: 0x0900_0000)),
      error: "too-large", offset: 2)
    let exact: [VectorTest] = [-1, 1, 91].map { distance in
      let payload = Bytes.ascii("hello")
      let length = UInt32(13 + distance)
      if distance > 0 {
        return .invalid(
          id: id("1.3.3", "length-plus-\(distance)"), comment: "length promises \(distance) bytes more than there are.",
          requirements: ["frame.length.exact", "frame.short"], flags: ["short"],
          input: input("1.3.3", FrameLayout.current(id: 2, sn: 2, payload: payload, length: length)), error: "short",
          offset: 19)
      }
      return .acceptable(
        id: id("1.3.3", "length-minus-1"), comment: "length counts one byte less than there are.",
        requirements: ["frame.length.exact", "frame.trailing", "frame.trailing.truncate", "frame.trailing.fail"],
        flags: ["trailing"],
        input: input("1.3.3", FrameLayout.current(id: 2, sn: 2, payload: payload, length: length)),
        error: "trailing-bytes", offset: 18,
        alternatives: [.nonStrict(output: FrameLayout.decoded("1.3.3", id: 2, sn: 2, payload: .ascii("hell")))])
    }
    return tooSmall + atLimit + tooLarge + [bigEndian] + exact
  }

  private static func trailing() -> [VectorTest] {
    let extras: [(String, String, Bytes)] = [
      ("one-byte", "One byte too many.", [0]),
      ("zeros", "Padding.", .repeating(0, 8)),
      ("text", "Text.", .ascii("trailing!")),
      ("frame", "A second whole frame.", FrameLayout.current(id: 2, sn: 4, payload: .ascii("two"))),
      ("magic", "The beginning of another frame.", FrameLayout.currentMagic),
    ]
    let each = ["1.2", "1.3.0", "1.3.3"].flatMap { revision in
      extras.map { name, comment, extra in
        let frame = FrameLayout.frame(revision, id: 2, sn: 2, payload: .ascii("one"))
        return VectorTest.acceptable(
          id: id(revision, "trailing-\(name)"), comment: comment, requirements: rule("trailing", revision),
          flags: flags(revision, "trailing"), input: input(revision, frame + extra), error: "trailing-bytes",
          offset: frame.count,
          alternatives: [.nonStrict(output: FrameLayout.decoded(revision, id: 2, sn: 2, payload: .ascii("one")))])
      }
    }
    return each
  }

  private static func captured() -> [VectorTest] {
    func good(_ name: String, _ capture: String, _ hex: String, id protocolId: Int64, sn: UInt32, _ text: String)
      -> VectorTest
    {
      .valid(
        id: id("1.3.3", "capture-\(name)"), comment: "As seen on the wire.",
        requirements: ["frame.magic", "frame.length.exact", "malformed.delivery"],
        flags: ["real-capture"], capture: capture, input: input("1.3.3", .hex(hex)),
        output: FrameLayout.decoded("1.3.3", id: protocolId, sn: sn, payload: .ascii(text)))
    }
    func bad(
      _ name: String, _ capture: String, _ hex: String, _ error: String, offset: Int, _ requirement: RequirementID
    ) -> VectorTest {
      .invalid(
        id: id("1.3.3", "capture-\(name)"),
        comment: "As seen on the wire; the original closed the connection or dropped it.",
        requirements: [requirement, "malformed.delivery"], flags: ["real-capture"], capture: capture,
        input: input("1.3.3", .hex(hex)), error: error, offset: offset)
    }
    return [
      good("alive", "bad-length.pcap", "feef0e0000000300000000100000616c6976653f", id: 3, sn: 4096, "alive?"),
      good("before", "bad-magic.pcap", "feef0e00000003000000020000006265666f7265", id: 3, sn: 2, "before"),
      good(
        "fragmented", "fragmented.pcap", "feef1a0000000300000002000000667261676d656e746564207061796c6f6164", id: 3,
        sn: 2, "fragmented payload"),
      good("three", "fragmented.pcap", "feef0d00000003000000080000007468726565", id: 3, sn: 8, "three"),
      good(
        "byte-by-byte", "fragmented.pcap", "feef14000000030000000a000000627974652062792062797465", id: 3, sn: 10,
        "byte by byte"),
      bad(
        "length-3", "bad-length.pcap", "feef030000000200000002000000", "length-too-small", offset: 2,
        "frame.length.minimum"),
      bad(
        "length-7", "bad-length.pcap", "feef070000000200000002000000", "length-too-small", offset: 2,
        "frame.length.minimum"),
      bad(
        "length-100", "bad-length.pcap", "feef64000000020000000200000073686f7274", "short", offset: 19, "frame.short"),
      bad(
        "length-max", "bad-length.pcap", "feefffffffff020000000200000078", "too-large", offset: 2,
        "frame.length.limit.reject"),
      bad(
        "length-524289", "bad-length.pcap", "feef010008000200000002000000", "too-large", offset: 2,
        "frame.length.limit.reject"),
      bad(
        "magic-feee", "bad-magic.pcap", "feee110000000200000004000000626164206d61676963", "bad-magic", offset: 1,
        "frame.magic.reject"),
      bad(
        "magic-effe", "bad-magic.pcap", "effe0f000000020000000200000073776170706564", "bad-magic", offset: 0,
        "frame.magic.reject"),
      bad(
        "magic-dead", "bad-magic.pcap", "dead12000000020000000200000064656164206d61676963", "bad-magic", offset: 0,
        "frame.magic.reject"),
      .acceptable(
        id: id("1.3.3", "capture-length-8"), comment: "As seen on the wire; the original delivered the first 8 bytes.",
        requirements: ["frame.trailing", "frame.trailing.truncate", "frame.trailing.fail"],
        flags: ["real-capture", "trailing"],
        capture: "bad-length.pcap", input: input("1.3.3", .hex("feef080000000200000002000000747261696c696e6721")),
        error: "trailing-bytes", offset: 14,
        alternatives: [.nonStrict(output: FrameLayout.decoded("1.3.3", id: 2, sn: 2))]),
    ]
  }
}
