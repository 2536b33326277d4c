import GoldenVectors
import Specification
import StrictJSON

/// `ws.decode` of frames that break a rule by themselves.
enum WebSocketViolationVectors {
  private typealias Layout = WebSocketLayout

  static func groups() -> [VectorGroup] {
    Layout.senders.map { sender in
      VectorGroup(
        .webSocketDecode, comment: "Headers of a \(sender.rawValue) that break a rule.",
        tests: bits(sender) + opcodes(sender) + masks(sender) + lengths(sender) + controls(sender) + limits(sender)
          + stops(sender))
    }
  }

  /// A violation behind a good message, which is still reported.
  private static func test(
    _ sender: PeerRole, _ name: String, _ comment: String, _ bytes: Bytes, _ code: String, at offset: Int = 0,
    closeCode: Int = 1002, deflate: Bool = false, limit: Int? = nil, _ requirements: [RequirementID], flags: [String]
  ) -> VectorTest {
    let before = Layout.frame(sender, opcode: 2, .ascii("ok"))
    return .invalid(
      id: "websocket.decode.violation.\(sender.rawValue).\(name)", comment: comment,
      requirements: requirements + (closeCode == 1002 ? ["ws.violation.code"] : []), flags: flags,
      input: Layout.input(from: sender, [before + bytes], deflate: deflate, limit: limit),
      output: Layout.output(
        [Layout.message(.ascii("ok"))], violation: code, at: before.count + offset, closeCode: closeCode))
  }

  private static func bits(_ sender: PeerRole) -> [VectorTest] {
    let data = (1...7).map { rsv in
      test(
        sender, "rsv-\(rsv)", "Reserved bits without an extension.",
        Layout.frame(sender, rsv: UInt8(rsv), opcode: 2, .ascii("x")), "reserved-bits", ["ws.rsv", "ws.rsv.fail"],
        flags: ["reserved-bits"])
    }
    let withDeflate = [1, 2, 3, 5, 6, 7].map { rsv in
      test(
        sender, "rsv-\(rsv)-deflate", "permessage-deflate gives a meaning to RSV1 alone.",
        Layout.frame(sender, rsv: UInt8(rsv), opcode: 2, .ascii("x")), "reserved-bits", deflate: true,
        ["ws.rsv", "ws.rsv.fail"], flags: ["reserved-bits", "compressed"])
    }
    let controls = [(UInt8(8), "close"), (9, "ping"), (10, "pong")].flatMap { opcode, name in
      [
        test(
          sender, "rsv-4-\(name)", "RSV1 on a \(name) without an extension.",
          Layout.frame(sender, rsv: 4, opcode: opcode),
          "reserved-bits", ["ws.rsv", "ws.rsv.fail"], flags: ["reserved-bits", "control"]),
        test(
          sender, "compressed-\(name)", "RSV1 on a \(name) after deflate was negotiated.",
          Layout.frame(sender, rsv: 4, opcode: opcode), "control-compressed", deflate: true,
          ["ws.rsv", "deflate.rsv1.control", "deflate.rsv1.control.fail"],
          flags: ["reserved-bits", "control", "compressed"]),
      ]
    }
    let continuation = test(
      sender, "compressed-continuation", "RSV1 on a continuation.",
      Layout.frame(sender, fin: false, rsv: 4, opcode: 2, [0xCA]) + Layout.frame(sender, rsv: 4, opcode: 0, [0x00]),
      "continuation-compressed", at: Layout.frame(sender, opcode: 2, [0xCA]).count, deflate: true,
      ["ws.rsv", "deflate.rsv1.continuation", "deflate.rsv1.continuation.fail"],
      flags: ["reserved-bits", "fragmented", "compressed"])
    return data + withDeflate + controls + [continuation]
  }

  private static func opcodes(_ sender: PeerRole) -> [VectorTest] {
    [UInt8(3), 4, 5, 6, 7, 11, 12, 13, 14, 15].map { opcode in
      test(
        sender, "opcode-\(opcode)", "Opcode \(opcode) is reserved.", Layout.frame(sender, opcode: opcode, .ascii("x")),
        "reserved-opcode", ["ws.opcode", "ws.opcode.fail"], flags: ["reserved-opcode"])
    }
  }

  private static func masks(_ sender: PeerRole) -> [VectorTest] {
    let code = sender == .client ? "unmasked-client" : "masked-server"
    let requirements: [RequirementID] =
      sender == .client ? ["ws.mask.client", "ws.mask.client.fail"] : ["ws.mask.server", "ws.mask.server.fail"]
    let frames: [(String, UInt8, Bytes)] = [
      ("binary", 2, .ascii("x")), ("text", 1, .ascii("x")), ("empty", 2, .empty), ("ping", 9, .empty),
      ("close", 8, .empty),
      ("long", 2, .counting(126)),
    ]
    return frames.map { name, opcode, payload in
      test(
        sender, "mask-\(name)", sender == .client ? "A client that does not mask." : "A server that masks.",
        Layout.frame(sender, opcode: opcode, payload, mask: sender == .server), code, at: 1, requirements,
        flags: opcode > 7 ? ["bad-mask", "control"] : ["bad-mask"])
    } + [
      test(
        sender, "mask-two-bytes", "The second byte tells, nothing more is needed.",
        Layout.frame(sender, opcode: 2, .ascii("x"), mask: sender == .server).prefix(2), code, at: 1, requirements,
        flags: ["bad-mask", "unfinished"])
    ]
  }

  private static func lengths(_ sender: PeerRole) -> [VectorTest] {
    let longer: [(Int, Int)] = [(0, 3), (1, 3), (125, 3), (0, 9), (125, 9), (126, 9), (1000, 9)]
    let nonminimal = longer.map { length, form in
      let before = Layout.frame(sender, opcode: 2, .ascii("ok"))
      let payload = Bytes.repeating(0x61, length)
      return VectorTest.acceptable(
        id: "websocket.decode.violation.\(sender.rawValue).nonminimal-\(length)-in-\((form - 1) * 8)",
        comment: "A length of \(length) in \((form - 1) * 8) bits.",
        requirements: ["ws.length.minimal", "ws.length.minimal.fail"], flags: ["nonminimal-length"],
        input: Layout.input(from: sender, [before + Layout.frame(sender, opcode: 2, payload, form: form)]),
        output: Layout.output([Layout.message(.ascii("ok"))], violation: "nonminimal-length", at: before.count + 1),
        alternatives: [.nonStrict(output: Layout.output([Layout.message(.ascii("ok")), Layout.message(payload)]))])
    }
    let topBit = [UInt64(1) << 63, .max].map { length in
      test(
        sender, "top-bit-\(length == .max ? "all" : "only")", "A 64-bit length with its top bit set.",
        Layout.frame(sender, opcode: 2, .empty, form: 9, length: length), "bad-length", at: 2, ["ws.length.top-bit"],
        flags: ["bad-length"])
    }
    return nonminimal + topBit
  }

  private static func controls(_ sender: PeerRole) -> [VectorTest] {
    [(UInt8(8), "close"), (9, "ping"), (10, "pong")].flatMap { opcode, name in
      [
        test(
          sender, "\(name)-126", "A \(name) of 126 bytes.", Layout.frame(sender, opcode: opcode, .repeating(0x61, 126)),
          "control-too-long", at: 1, ["ws.control.length", "ws.control.length.fail"],
          flags: ["control-too-long", "control"]),
        test(
          sender, "\(name)-64-bit", "A \(name) with a 64-bit length.",
          Layout.frame(sender, opcode: opcode, .ascii("x"), form: 9), "control-too-long", at: 1,
          ["ws.control.length", "ws.control.length.fail"], flags: ["control-too-long", "control"]),
        test(
          sender, "\(name)-fragmented", "A \(name) without FIN.", Layout.frame(sender, fin: false, opcode: opcode),
          "control-fragmented", ["ws.control.fragmented", "ws.control.fragmented.fail"],
          flags: ["bad-fragmentation", "control"]),
      ]
    }
  }

  private static func limits(_ sender: PeerRole) -> [VectorTest] {
    let one = [(99, "below"), (100, "at"), (101, "above")].map { length, name in
      limit(sender, "limit-\(name)", [Layout.frame(sender, opcode: 2, .counting(length))], length, fragments: 1)
    }
    let several = [(39, "below"), (40, "at"), (41, "above")].map { length, name in
      limit(
        sender, "limit-fragments-\(name)",
        [
          Layout.frame(sender, fin: false, opcode: 2, .counting(30)),
          Layout.frame(sender, fin: false, opcode: 0, .counting(from: 30, 30)),
          Layout.frame(sender, opcode: 0, .counting(from: 60, length)),
        ], 60 + length, fragments: 3)
    }
    let announced: [UInt64] = [524_295, 1 << 40]
    let early = announced.map { length in
      test(
        sender, "announced-\(length)", "\(length) bytes are announced and none is sent.",
        Layout.frame(sender, opcode: 2, .empty, form: 9, length: length).prefix(10), "message-too-large",
        closeCode: 1009,
        ["ws.message.limit"], flags: ["too-large"])
    }
    let atDefault = VectorTest.valid(
      id: "websocket.decode.violation.\(sender.rawValue).announced-524294",
      comment: "The default limit is announced; the message may still come.",
      requirements: ["ws.message.limit.accept"], flags: ["limit", "unfinished"],
      input: Layout.input(from: sender, [Layout.frame(sender, opcode: 2, .empty, form: 9, length: 524_294)]),
      output: Layout.output([]))
    return one + several + early + [atDefault]
  }

  private static func limit(
    _ sender: PeerRole, _ name: String, _ frames: [Bytes], _ length: Int, fragments: Int
  ) -> VectorTest {
    let id = "websocket.decode.violation.\(sender.rawValue).\(name)"
    let input = Layout.input(from: sender, [Bytes(joining: frames)], limit: 100)
    if length > 100 {
      return .invalid(
        id: id, comment: "One byte above the limit of 100.", requirements: ["ws.message.limit"],
        flags: fragments > 1 ? ["limit", "too-large", "fragmented"] : ["limit", "too-large"], input: input,
        output: Layout.output(
          violation: "message-too-large", at: Bytes(joining: frames.dropLast()).count, closeCode: 1009))
    }
    return .valid(
      id: id, comment: "A limit of 100.", requirements: ["ws.message.limit", "ws.message.limit.accept"],
      flags: fragments > 1 ? ["limit", "fragmented"] : ["limit"], input: input,
      output: Layout.output([Layout.message(.counting(length), fragments: fragments)]))
  }

  private static func stops(_ sender: PeerRole) -> [VectorTest] {
    [
      test(
        sender, "stop", "A good message after the violation is not reported.",
        Layout.frame(sender, opcode: 3, .ascii("x")) + Layout.frame(sender, opcode: 2, .ascii("after")),
        "reserved-opcode",
        ["ws.violation.stop", "ws.opcode.fail"], flags: ["reserved-opcode"]),
      test(
        sender, "first-of-two", "Two rules broken by one byte: the reserved bits are named.",
        Layout.frame(sender, rsv: 1, opcode: 3, .ascii("x")), "reserved-bits", ["ws.rsv.fail", "ws.opcode.fail"],
        flags: ["reserved-bits", "reserved-opcode"]),
    ]
  }
}
