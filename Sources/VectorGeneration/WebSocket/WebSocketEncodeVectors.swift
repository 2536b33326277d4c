import GoldenVectors
import Specification
import StrictJSON

/// What `ws.encode` has to write, and what it has to refuse.
enum WebSocketEncodeVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.webSocketEncode, comment: "Frames of both sides.", tests: WebSocketLayout.senders.flatMap(good)),
      VectorGroup(.webSocketEncode, comment: "Masking keys.", tests: keys()),
      VectorGroup(.webSocketEncode, comment: "What must not be sent.", tests: refused()),
    ]
  }

  private static func input(
    _ role: PeerRole, fin: Bool = true, rsv: UInt8 = 0, opcode: UInt8, _ payload: Bytes = .empty, key: Bytes? = nil,
    withoutKey: Bool = false, deflate: Bool = false
  ) -> JSONValue {
    var input: JSONObject = ["role": .string(role.rawValue), "fin": .bool(fin)]
    if rsv != 0 { input["rsv"] = .number(rsv) }
    if deflate { input["deflate"] = true }
    input["opcode"] = .number(opcode)
    let key = key ?? (role == .client && !withoutKey ? WebSocketLayout.key : nil)
    if let key { input["maskingKey"] = .hex(key) }
    input["payload"] = .hex(payload)
    return .object(input)
  }

  private static func good(_ role: PeerRole) -> [VectorTest] {
    let masks: [RequirementID] = role == .client ? ["ws.mask.client", "ws.mask.apply"] : ["ws.mask.server"]
    func test(
      _ name: String, _ comment: String, fin: Bool = true, rsv: UInt8 = 0, opcode: UInt8, _ payload: Bytes,
      deflate: Bool = false, _ requirements: [RequirementID], flags: [String] = []
    ) -> VectorTest {
      .valid(
        id: "websocket.encode.\(role.rawValue).\(name)", comment: comment, requirements: masks + requirements,
        flags: flags + (role == .client ? ["masked"] : []),
        input: input(role, fin: fin, rsv: rsv, opcode: opcode, payload, deflate: deflate),
        output: ["bytes": .hex(WebSocketLayout.frame(role, fin: fin, rsv: rsv, opcode: opcode, payload))])
    }
    let lengths = ([0, 1, 3, 4, 5, 124, 125, 126, 127, 255, 256] + [role == .client ? 65536 : 65535]).map { length in
      test(
        "length-\(length)", "A payload of \(length) bytes in the shortest form.", opcode: 2, .counting(length),
        ["ws.length.minimal", "ws.length.forms"],
        flags: [0, 125, 126, 65535, 65536].contains(length) ? ["length-form"] : [])
    }
    let opcodes: [(String, UInt8, [RequirementID])] = [
      ("text", 1, ["ws.opcode", "ws.text.utf8"]), ("binary", 2, ["ws.opcode"]),
      ("ping", 9, ["ws.opcode", "ws.control.fragmented"]), ("pong", 10, ["ws.opcode", "ws.control.fragmented"]),
    ]
    let kinds = opcodes.map { name, opcode, requirements in
      test(
        name, "A \(name) frame.", opcode: opcode, .ascii("hello"), requirements, flags: opcode > 8 ? ["control"] : [])
    }
    return lengths + kinds + [
      test("ping-125", "The longest ping.", opcode: 9, .counting(125), ["ws.control.length"], flags: ["control"]),
      test("pong-125", "The longest pong.", opcode: 10, .counting(125), ["ws.control.length"], flags: ["control"]),
      test(
        "ping-empty", "A ping without payload.", opcode: 9, .empty, ["ws.control.length"], flags: ["control", "empty"]),
      test(
        "first", "The first fragment of a message.", fin: false, opcode: 2, .ascii("he"), ["ws.fragment.form"],
        flags: ["fragmented"]),
      test(
        "middle", "A fragment in the middle.", fin: false, opcode: 0, .ascii("ll"), ["ws.fragment.form"],
        flags: ["fragmented"]),
      test("last", "The last fragment.", opcode: 0, .ascii("o"), ["ws.fragment.form"], flags: ["fragmented"]),
      test(
        "last-empty", "A last fragment without payload, as the original's server ends long messages.", opcode: 0,
        .empty, ["ws.fragment.form", "ws.fragment.empty"], flags: ["fragmented", "empty"]),
      test(
        "compressed", "RSV1 on a message that is one frame.", rsv: 4, opcode: 2, [0xCA, 0x00], deflate: true,
        ["ws.rsv"], flags: ["compressed"]),
      test(
        "compressed-text", "RSV1 on a text message.", rsv: 4, opcode: 1, [0xCA, 0x00], deflate: true, ["ws.rsv"],
        flags: ["compressed"]),
      test(
        "compressed-first", "RSV1 on the first fragment.", fin: false, rsv: 4, opcode: 2, [0xCA], deflate: true,
        ["ws.rsv"], flags: ["compressed", "fragmented"]),
      test(
        "compressed-later", "No RSV1 on a later fragment.", opcode: 0, [0x00], deflate: true, ["ws.rsv"],
        flags: ["compressed", "fragmented"]),
    ]
  }

  private static func keys() -> [VectorTest] {
    let keys: [(String, Bytes)] = [
      ("zero", [0, 0, 0, 0]), ("ones", [0xFF, 0xFF, 0xFF, 0xFF]), ("first", [0x80, 0, 0, 0]),
      ("last", [0, 0, 0, 0x01]),
      ("counting", [1, 2, 3, 4]),
    ]
    return keys.flatMap { name, key in
      [1, 4, 7, 33].map { count in
        .valid(
          id: "websocket.encode.client.key-\(name)-\(count)", comment: "Byte i under byte i modulo 4 of the key.",
          requirements: ["ws.mask.apply"], flags: ["masked"],
          input: input(.client, opcode: 2, .counting(from: 0x41, count), key: key),
          output: ["bytes": .hex(WebSocketLayout.frame(.client, opcode: 2, .counting(from: 0x41, count), key: key))])
      }
    }
  }

  private static func refused() -> [VectorTest] {
    func test(
      _ name: String, _ comment: String, _ input: JSONValue, _ error: String, _ requirements: [RequirementID],
      _ flag: String
    ) -> VectorTest {
      .invalid(
        id: "websocket.encode.refused.\(name)", comment: comment, requirements: requirements, flags: [flag],
        input: input,
        error: error)
    }
    let opcodes = [UInt8(3), 4, 5, 6, 7, 11, 12, 13, 14, 15].map { opcode in
      test(
        "opcode-\(opcode)", "Opcode \(opcode) is reserved.", input(.server, opcode: opcode, .ascii("x")),
        "reserved-opcode",
        ["ws.opcode"], "reserved-opcode")
    }
    let bits = [UInt8(1), 2, 3, 4, 5, 6, 7].map { rsv in
      test(
        "rsv-\(rsv)", "Reserved bits without an extension.", input(.server, rsv: rsv, opcode: 2, .ascii("x")),
        "reserved-bits", ["ws.rsv"], "reserved-bits")
    }
    let bitsWithDeflate = [UInt8(1), 2, 5, 6, 7].map { rsv in
      test(
        "rsv-\(rsv)-deflate", "permessage-deflate gives a meaning to RSV1 alone.",
        input(.server, rsv: rsv, opcode: 2, .ascii("x"), deflate: true), "reserved-bits", ["ws.rsv"], "reserved-bits")
    }
    let compressedElsewhere = [(UInt8(0), "continuation"), (9, "ping"), (10, "pong"), (8, "close")].map {
      opcode, name in
      test(
        "rsv1-\(name)", "RSV1 on a \(name).", input(.server, rsv: 4, opcode: opcode, .empty, deflate: true),
        "reserved-bits",
        opcode == 0
          ? ["ws.rsv", "deflate.rsv1.continuation", "deflate.rsv1.continuation.fail"]
          : ["ws.rsv", "deflate.rsv1.control"],
        "reserved-bits")
    }
    let controls = [(UInt8(8), "close"), (9, "ping"), (10, "pong")].flatMap { opcode, name in
      [
        test(
          "\(name)-fragmented", "A \(name) without FIN.", input(.server, fin: false, opcode: opcode),
          "control-fragmented",
          ["ws.control.fragmented"], "bad-fragmentation"),
        test(
          "\(name)-126", "A \(name) of 126 bytes.", input(.server, opcode: opcode, .repeating(0, 126)),
          "control-too-long",
          ["ws.control.length"], "control-too-long"),
      ]
    }
    return opcodes + bits + bitsWithDeflate + compressedElsewhere + controls + [
      test(
        "client-unmasked", "A client without a masking key.", input(.client, opcode: 2, .ascii("x"), withoutKey: true),
        "masking-key", ["ws.mask.client"], "bad-mask"),
      test(
        "server-masked", "A server with a masking key.",
        input(.server, opcode: 2, .ascii("x"), key: WebSocketLayout.key), "masking-key", ["ws.mask.server"], "bad-mask"),
      test(
        "client-short-key", "A masking key of three bytes.", input(.client, opcode: 2, .ascii("x"), key: [1, 2, 3]),
        "masking-key", ["ws.mask.client"], "bad-mask"),
    ]
  }
}
