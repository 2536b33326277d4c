import GoldenVectors
import Specification
import StrictJSON

/// `displacement.json`: the payload of a displacement frame, both ways.
enum DisplacementVectors {
  static func file() -> VectorFile {
    VectorFile(
      area: "displacement",
      notes: [
        "absent-field": "A field with its default value is not written.",
        "bad-protobuf": "The payload breaks the protobuf encoding.",
        "protobuf-form": "An unusual but legal form of the protobuf encoding.",
        "real-capture": "The bytes were seen on the wire, sent by the original.",
        "sign-bit": "A negative timestamp is ten bytes.",
      ],
      groups: [
        VectorGroup(.displacementEncode, comment: "What a server writes.", tests: encode()),
        VectorGroup(.displacementDecode, comment: "What a client reads: the same bytes.", tests: values.map(decoding)),
        VectorGroup(.displacementDecode, comment: "Legal forms that servers seldom write.", tests: forms()),
        VectorGroup(.displacementDecode, comment: "Payloads that cannot be parsed.", tests: broken()),
        VectorGroup(.displacementDecode, comment: "Payloads from captures of the original.", tests: captured()),
      ])
  }

  private struct Value {
    var name: String
    var comment: String
    var old: Bytes
    var new: Bytes
    var timestamp: Int64
    var requirements: [RequirementID]
    var flags: [String] = []
  }

  private static let values: [Value] = [
    Value(
      name: "usual", comment: "Two addresses and a time.", old: .ascii("127.0.0.1:38098"),
      new: .ascii("127.0.0.1:38108"),
      timestamp: 1_795_343_866_293_165_380,
      requirements: ["protobuf.displacement.fields", "hub.displacement.addresses", "hub.displacement.timestamp"]),
    Value(
      name: "ipv6", comment: "Addresses in brackets.", old: .ascii("[::1]:5000"), new: .ascii("[2001:db8::1]:65535"),
      timestamp: 1, requirements: ["protobuf.displacement.fields", "hub.displacement.addresses"]),
    Value(
      name: "forwarded", comment: "A list of forwarded addresses is text like any other.",
      old: .ascii("203.0.113.7, 10.0.0.1"), new: .ascii("x"), timestamp: 127,
      requirements: ["protobuf.displacement.fields", "hub.displacement.addresses"]),
    Value(
      name: "empty", comment: "All fields have their default.", old: .empty, new: .empty, timestamp: 0,
      requirements: ["protobuf.encode.default", "protobuf.field.absent"], flags: ["absent-field"]),
    Value(
      name: "old-only", comment: "Only the old address.", old: .ascii("a:1"), new: .empty, timestamp: 0,
      requirements: ["protobuf.encode.default", "protobuf.field.absent"], flags: ["absent-field"]),
    Value(
      name: "new-only", comment: "Only the new address.", old: .empty, new: .ascii("b:2"), timestamp: 0,
      requirements: ["protobuf.encode.default", "protobuf.field.absent"], flags: ["absent-field"]),
    Value(
      name: "ts-only", comment: "Only the time.", old: .empty, new: .empty, timestamp: 5,
      requirements: ["protobuf.encode.default", "hub.displacement.timestamp"], flags: ["absent-field"]),
    Value(
      name: "ts-128", comment: "The smallest time of two bytes.", old: .ascii("a"), new: .ascii("b"), timestamp: 128,
      requirements: ["hub.displacement.timestamp"]),
    Value(
      name: "ts-max", comment: "The largest time, nine bytes.", old: .ascii("a"), new: .ascii("b"), timestamp: .max,
      requirements: ["hub.displacement.timestamp"]),
    Value(
      name: "ts-minus-1", comment: "A negative time is ten bytes.", old: .ascii("a"), new: .ascii("b"), timestamp: -1,
      requirements: ["protobuf.encode.negative"], flags: ["sign-bit"]),
    Value(
      name: "ts-min", comment: "The smallest time.", old: .ascii("a"), new: .ascii("b"), timestamp: .min,
      requirements: ["protobuf.encode.negative"], flags: ["sign-bit"]),
    Value(
      name: "not-utf8", comment: "Addresses are bytes.", old: [0xFF, 0x00], new: [0xC4, 0xE3], timestamp: 1,
      requirements: ["protobuf.displacement.fields"]),
    Value(
      name: "long", comment: "A length of two bytes.", old: .repeating(0x61, 200), new: .repeating(0x62, 128),
      timestamp: 1,
      requirements: ["protobuf.displacement.fields"]),
  ]

  private static func payload(_ value: Value) -> Bytes {
    Bytes(
      value.old.isEmpty ? .empty : FrameLayout.field(1, value.old),
      value.new.isEmpty ? .empty : FrameLayout.field(2, value.new),
      value.timestamp == 0 ? .empty : Bytes([0x18], .varint(UInt64(bitPattern: value.timestamp))))
  }

  private static func json(old: Bytes, new: Bytes, _ timestamp: Int64) -> JSONValue {
    ["oldIp": .hex(old), "newIp": .hex(new), "ts": .number(timestamp)]
  }

  private static func encode() -> [VectorTest] {
    values.map { value in
      .valid(
        id: "displacement.encode.\(value.name)", comment: value.comment,
        requirements: value.requirements.filter { $0 != "protobuf.displacement.fields" } + [
          "protobuf.displacement.fields", "protobuf.encode.order",
        ], flags: value.flags,
        input: json(old: value.old, new: value.new, value.timestamp), output: ["payload": .hex(payload(value))])
    }
  }

  private static func decoding(_ value: Value) -> VectorTest {
    .valid(
      id: "displacement.decode.\(value.name)", comment: value.comment, requirements: value.requirements,
      flags: value.flags, input: ["payload": .hex(payload(value))],
      output: json(old: value.old, new: value.new, value.timestamp))
  }

  private static func forms() -> [VectorTest] {
    let old = FrameLayout.field(1, .ascii("a:1"))
    let new = FrameLayout.field(2, .ascii("b:2"))
    func form(_ name: String, _ comment: String, _ payload: Bytes, _ requirements: [RequirementID]) -> VectorTest {
      .valid(
        id: "displacement.decode.\(name)", comment: comment, requirements: requirements, flags: ["protobuf-form"],
        input: ["payload": .hex(payload)], output: json(old: .ascii("a:1"), new: .ascii("b:2"), 5))
    }
    let own = [
      form("order-reversed", "Fields in descending order.", Bytes([0x18, 0x05], new, old), ["protobuf.field.order"]),
      form(
        "old-repeated", "old_ip twice: the last wins.",
        Bytes(FrameLayout.field(1, .ascii("z")), old, new, [0x18, 0x05]), ["protobuf.field.repeated"]),
      form(
        "ts-repeated", "ts twice: the last wins.", Bytes([0x18, 0x09], old, new, [0x18, 0x05]),
        ["protobuf.field.repeated"]),
      form("ts-padded", "ts in three bytes.", Bytes(old, new, [0x18, 0x85, 0x80, 0x00]), ["protobuf.varint.padded"]),
      form(
        "old-wire-type", "Field 1 as a varint is not old_ip.", Bytes([0x08, 0x07], old, new, [0x18, 0x05]),
        ["protobuf.field.wire-type"]),
      form(
        "ts-wire-type", "Field 3 as bytes is not ts.", Bytes(old, new, [0x18, 0x05, 0x1A, 0x01, 0x09]),
        ["protobuf.field.wire-type"]),
    ]
    return own
      + ProtobufCases.skipped.map { skipped in
        form(skipped.name, skipped.comment, Bytes(old, skipped.bytes, new, [0x18, 0x05]), skipped.requirements)
      }
  }

  private static func broken() -> [VectorTest] {
    let good = Bytes(FrameLayout.field(1, .ascii("a:1")), FrameLayout.field(2, .ascii("b:2")))
    return ProtobufCases.broken.flatMap { broken in
      [("alone", Bytes.empty), ("after", good)].map { place, before in
        VectorTest.invalid(
          id: "displacement.decode.\(broken.name)-\(place)", comment: broken.comment,
          requirements: [broken.requirement],
          flags: ["bad-protobuf"], input: ["payload": .hex(before + broken.bytes)], error: "bad-protobuf",
          offset: before.count + broken.offset)
      }
    }
  }

  private static func captured() -> [VectorTest] {
    let seen: [(String, String, String, String, String, Int64)] = [
      (
        "go", "displacement.pcap",
        "0a0f3132372e302e302e313a3530313636120f3132372e302e302e313a353031373418c4bad2c0bff795f518",
        "127.0.0.1:50166", "127.0.0.1:50174", 1_795_343_866_293_165_380
      ),
      (
        "go-deflate", "displacement-deflate.pcap",
        "0a0f3132372e302e302e313a3530313830120f3132372e302e302e313a353031393618ccfbe5a3cbf795f518",
        "127.0.0.1:50180", "127.0.0.1:50196", 1_795_343_869_453_893_068
      ),
      (
        "rev-1_1", "rev-1.1.pcap",
        "0a0f3132372e302e302e313a3531373638120f3132372e302e302e313a353137383418ccd7b2d4f2fb95f518",
        "127.0.0.1:51768", "127.0.0.1:51784", 1_795_344_017_463_749_580
      ),
      (
        "rev-1_2", "rev-1.2.pcap",
        "0a0f3132372e302e302e313a3531383030120f3132372e302e302e313a353138303618a18dd2c280fc95f518",
        "127.0.0.1:51800", "127.0.0.1:51806", 1_795_344_021_184_612_001
      ),
      (
        "rev-1_3_0", "rev-1.3.0.pcap",
        "0a0f3132372e302e302e313a3531383038120f3132372e302e302e313a353138313618b48cb0ad8efc95f518",
        "127.0.0.1:51808", "127.0.0.1:51816", 1_795_344_024_898_111_028
      ),
    ]
    return seen.map { name, capture, hex, old, new, timestamp in
      .valid(
        id: "displacement.decode.capture-\(name)", comment: "As the original sent it.",
        requirements: ["protobuf.displacement.fields", "hub.displacement.addresses", "hub.displacement.timestamp"],
        flags: ["real-capture"], capture: capture, input: ["payload": .hex(.hex(hex))],
        output: json(old: .ascii(old), new: .ascii(new), timestamp))
    }
  }
}
