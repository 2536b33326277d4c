import GoldenVectors
import Specification
import StrictJSON

/// Close frames as bytes.
enum CloseFrameVectors {
  static var groups: [VectorGroup] { [encoding, refusedEncoding, decoding, refusedDecoding] }

  private static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

  /// Every close frame here has a body of at most 125 bytes, so its length is one byte.
  private static func frame(_ body: Bytes, from sender: PeerRole) -> Bytes {
    guard sender == .client else { return Bytes(.byte(0x88), .byte(UInt8(body.count)), body) }
    let masked = Bytes(body.array.enumerated().map { $1 ^ key[$0 % 4] })
    return Bytes(.byte(0x88), .byte(0x80 | UInt8(body.count)), Bytes(key), masked)
  }

  private static func body(_ code: UInt16, _ reason: Bytes = .empty) -> Bytes { Bytes(.be16(code), reason) }

  private static func encodeInput(_ body: Bytes, from role: PeerRole) -> JSONValue {
    var object: JSONObject = ["role": .string(role.rawValue), "fin": true, "opcode": 8]
    if role == .client { object["maskingKey"] = .hex(key) }
    object["payload"] = body.json
    return .object(object)
  }

  private static let acceptedCodes: [UInt16] = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
  ]
  private static let refusedCodes: [UInt16] = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999]
  private static let largeCodes: [UInt16] = [5000, 65535]
  private static let longest = Bytes.repeating(0x78, 123)
  private static let reasons: [(String, Bytes)] = [
    ("ascii", .ascii("bye")), ("chinese", .utf8("再见")), ("emoji", .utf8("👋")), ("longest", longest),
  ]
  private static let badReasons: [(String, Bytes)] = [
    ("gbk", [0xC4, 0xE3]), ("stray", [0x80]), ("cut", [0x61, 0xE5, 0x86]), ("overlong", [0xC0, 0xAF]),
    ("surrogate", [0xED, 0xA0, 0x80]), ("too-high", [0xF4, 0x90, 0x80, 0x80]),
  ]

  private static func flags(of code: UInt16) -> [String] { code >= 3000 ? ["private-code"] : [] }

  private static let encoding = VectorGroup(
    .webSocketEncode, comment: "Close frames that may be sent.",
    tests: [PeerRole.client, .server].flatMap { role -> [VectorTest] in
      let bodies: [(String, Bytes, [RequirementID], [String])] =
        [("empty", Bytes.empty, ["close.code", "close.body.one"], ["no-code"])]
        + acceptedCodes.map { ("\($0)", body($0), ["close.code"], flags(of: $0)) }
        + reasons.map { ("reason-\($0)", body(1000, $1), ["close.reason.utf8", "ws.control.length"], []) }
      return bodies.map { name, body, requirements, flags in
        .valid(
          id: "close.encode.\(role.rawValue).\(name)", comment: "A close frame that a \(role.rawValue) may send.",
          requirements: requirements, flags: flags, input: encodeInput(body, from: role),
          output: ["bytes": frame(body, from: role).json])
      }
    })

  private static let refusedEncoding = VectorGroup(
    .webSocketEncode, comment: "Close frames that must not be sent.",
    tests: (refusedCodes + largeCodes).map { code in
      .invalid(
        id: "close.encode.server.refused-\(code)", comment: "\(code) is no code to send.", requirements: ["close.code"],
        flags: [code >= 5000 ? "large-code" : "bad-code"], input: encodeInput(body(code), from: .server),
        error: "close-code")
    }
      + badReasons.map { name, reason in
        .invalid(
          id: "close.encode.client.bad-reason-\(name)", comment: "A reason that is not valid UTF-8.",
          requirements: ["close.reason.utf8"], flags: ["bad-utf8"],
          input: encodeInput(body(1000, reason), from: .client), error: "close-utf8")
      } + [
        .invalid(
          id: "close.encode.server.half-code", comment: "A body of one byte cannot hold a code.",
          requirements: ["close.body.one"], flags: ["half-code"], input: encodeInput([0x03], from: .server),
          error: "close-length-one"),
        .invalid(
          id: "close.encode.server.reason-too-long", comment: "A reason of 124 bytes makes the frame too long.",
          requirements: ["ws.control.length"],
          input: encodeInput(body(1000, .repeating(0x78, 124)), from: .server), error: "control-too-long"),
      ])

  private static func decodeInput(_ body: Bytes, at role: PeerRole, after bytes: Bytes = .empty) -> JSONValue {
    ["role": .string(role.rawValue), "pieces": [(frame(body, from: role.peer) + bytes).json]]
  }

  private static func closed(_ code: UInt16?, _ reason: String = "") -> JSONValue {
    [
      "events": [["type": "close", "code": code.map { .number($0) } ?? .null, "reason": .string(reason)]],
      "violation": nil,
    ]
  }

  private static func violated(_ code: String, at role: PeerRole, closeCode: Int64 = 1002) -> JSONValue {
    [
      "events": [],
      "violation": ["code": .string(code), "offset": role == .server ? 6 : 2, "closeCode": .int(closeCode)],
    ]
  }

  private static let decoding = VectorGroup(
    .webSocketDecode, comment: "Close frames that must be taken.",
    tests: [PeerRole.client, .server].flatMap { role -> [VectorTest] in
      [
        .valid(
          id: "close.decode.\(role.rawValue).empty", comment: "A close frame without a body.",
          requirements: ["close.body.empty"], flags: ["no-code"], input: decodeInput(.empty, at: role),
          output: closed(nil)),
        .valid(
          id: "close.decode.\(role.rawValue).nothing-after", comment: "What follows a close frame is not decoded.",
          requirements: ["close.after.receive"], flags: ["stopped"],
          input: decodeInput(body(1000), at: role, after: [0xFF, 0xFF, 0x00]), output: closed(1000)),
      ]
        + acceptedCodes.map { code in
          .valid(
            id: "close.decode.\(role.rawValue).\(code)", comment: "\(code) is a code that may be sent.",
            requirements: ["close.code.accept"], flags: flags(of: code), input: decodeInput(body(code), at: role),
            output: closed(code))
        }
        + reasons.map { name, reason in
          .valid(
            id: "close.decode.\(role.rawValue).reason-\(name)", comment: "A close frame with a reason.",
            requirements: ["close.code.accept", "close.reason.utf8"], input: decodeInput(body(1000, reason), at: role),
            output: closed(1000, String(decoding: reason.array, as: UTF8.self)))
        }
    })

  private static let refusedDecoding = VectorGroup(
    .webSocketDecode, comment: "Close frames that break RFC 6455.",
    tests: [PeerRole.client, .server].flatMap { role -> [VectorTest] in
      refusedCodes.map { code in
        .invalid(
          id: "close.decode.\(role.rawValue).refused-\(code)", comment: "\(code) must not be sent: answered with 1002.",
          requirements: ["close.code.fail", "close.code"], flags: ["bad-code"],
          input: decodeInput(body(code), at: role),
          output: violated("close-code", at: role))
      }
        + largeCodes.map { code in
          .acceptable(
            id: "close.decode.\(role.rawValue).large-\(code)", comment: "RFC 6455 does not say what \(code) is.",
            requirements: ["close.code.large"], flags: ["large-code"], input: decodeInput(body(code), at: role),
            output: violated("close-code", at: role), alternatives: [.informational(output: closed(code))])
        }
        + badReasons.map { name, reason in
          .invalid(
            id: "close.decode.\(role.rawValue).bad-reason-\(name)", comment: "A reason that is not valid UTF-8.",
            requirements: ["close.reason.utf8.fail", "close.reason.utf8"], flags: ["bad-utf8"],
            input: decodeInput(body(1000, reason), at: role),
            output: violated("close-utf8", at: role, closeCode: 1007))
        } + [
          .invalid(
            id: "close.decode.\(role.rawValue).half-code", comment: "A body of one byte is half a code.",
            requirements: ["close.body.one.fail", "close.body.one"], flags: ["half-code"],
            input: decodeInput([0x03], at: role), output: violated("close-length-one", at: role))
        ]
    })
}
