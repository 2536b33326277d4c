import GoldenVectors
import Specification
import StrictJSON

/// `frame.decode` of `P_MESSAGE`: legal forms that senders seldom write, and broken ones.
enum FrameProtobufVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.frameDecode, comment: "P_MESSAGE in every legal form.", tests: ["1.1", "1.2"].flatMap(forms)),
      VectorGroup(.frameDecode, comment: "P_MESSAGE that cannot be parsed.", tests: ["1.1", "1.2"].flatMap(broken)),
    ]
  }

  private static func wire(_ revision: String, _ body: Bytes) -> Bytes {
    revision == "1.1" ? body : FrameLayout.v1_2(body)
  }

  private static func id(_ revision: String, _ what: String) -> String {
    "frame.decode.\(FrameLayout.slug(revision)).\(what)"
  }

  private static func bodyRule(_ revision: String) -> RequirementID {
    revision == "1.1" ? "legacy.1_1.reject" : "legacy.1_2.body"
  }

  private static func form(
    _ revision: String, _ what: String, _ comment: String, _ body: Bytes, id protocolId: Int64, payload: Bytes,
    _ requirements: [RequirementID], flags: [String] = ["protobuf-form"]
  ) -> VectorTest {
    .valid(
      id: id(revision, what), comment: comment, requirements: requirements, flags: ["legacy"] + flags,
      input: ["revision": .string(revision), "message": .hex(wire(revision, body))],
      output: [
        "protocolId": .number(protocolId), "sn": nil, "length": revision == "1.1" ? .null : .number(body.count),
        "payload": .hex(payload),
      ])
  }

  private static func forms(_ revision: String) -> [VectorTest] {
    let text = Bytes.ascii("x")
    let data = FrameLayout.field(2, text)
    let around = ProtobufCases.skipped.flatMap { skipped in
      [
        form(
          revision, "\(skipped.name)-before", skipped.comment + " It comes first.",
          Bytes(skipped.bytes, [0x08, 0x02], data), id: 2, payload: text, skipped.requirements),
        form(
          revision, "\(skipped.name)-after", skipped.comment + " It comes last.",
          Bytes([0x08, 0x02], data, skipped.bytes), id: 2, payload: text, skipped.requirements),
      ]
    }
    return [
      form(
        revision, "order-reversed", "data before protocol_id.", Bytes(data, [0x08, 0x02]), id: 2, payload: text,
        ["protobuf.field.order"]),
      form(
        revision, "id-repeated", "protocol_id twice: the last wins.", Bytes([0x08, 0x02], data, [0x08, 0x03]), id: 3,
        payload: text, ["protobuf.field.repeated"]),
      form(
        revision, "data-repeated", "data twice: the last wins.",
        Bytes([0x08, 0x02], data, FrameLayout.field(2, .ascii("last"))), id: 2, payload: .ascii("last"),
        ["protobuf.field.repeated"]),
      form(
        revision, "data-repeated-empty", "data twice, the last one empty.", Bytes([0x08, 0x02], data, [0x12, 0x00]),
        id: 2,
        payload: .empty, ["protobuf.field.repeated"]),
      form(
        revision, "id-absent", "No protocol_id.", data, id: 0, payload: text, ["protobuf.field.absent"],
        flags: ["absent-field"]),
      form(
        revision, "data-absent", "No data.", [0x08, 0x02], id: 2, payload: .empty, ["protobuf.field.absent"],
        flags: ["absent-field"]),
      form(
        revision, "id-written-0", "protocol_id 0, written although it is the default.", Bytes([0x08, 0x00], data),
        id: 0,
        payload: text, ["protobuf.field.absent"]),
      form(
        revision, "id-wire-type", "Field 1 as bytes is not protocol_id.", Bytes([0x0A, 0x01, 0x05, 0x08, 0x02], data),
        id: 2,
        payload: text, ["protobuf.field.wire-type"]),
      form(
        revision, "data-wire-type", "Field 2 as a varint is not data.", Bytes([0x10, 0x05, 0x08, 0x02], data), id: 2,
        payload: text, ["protobuf.field.wire-type"]),
      form(
        revision, "id-padded", "protocol_id 2 in three bytes.", Bytes([0x08, 0x82, 0x80, 0x00], data), id: 2,
        payload: text,
        ["protobuf.varint.padded"]),
      form(
        revision, "length-padded", "The length of data in two bytes.", Bytes([0x08, 0x02, 0x12, 0x81, 0x00], text),
        id: 2,
        payload: text, ["protobuf.varint.padded"]),
      form(
        revision, "id-beyond-32-bits", "protocol_id 2^32 + 2: its low 32 bits count.",
        Bytes([0x08], .varint(0x1_0000_0002), data), id: 2, payload: text, ["protobuf.int32.truncate"]),
      form(
        revision, "id-bit-31", "protocol_id 2^31 as a five-byte varint is negative.",
        Bytes([0x08], .varint(0x8000_0000), data), id: -0x8000_0000, payload: text, ["protobuf.int32.truncate"]),
      form(
        revision, "id-minus-1-five-bytes", "2^32 - 1 in five bytes is -1.", Bytes([0x08], .varint(0xFFFF_FFFF), data),
        id: -1,
        payload: text, ["protobuf.int32.truncate"]),
    ] + around
  }

  private static func broken(_ revision: String) -> [VectorTest] {
    let base = revision == "1.1" ? 0 : 6
    let good = Bytes([0x08, 0x02], FrameLayout.field(2, .ascii("x")))
    let placed = ProtobufCases.broken.flatMap { broken in
      [("alone", Bytes.empty), ("after", good)].map { place, before in
        VectorTest.invalid(
          id: id(revision, "\(broken.name)-\(place)"),
          comment: broken.comment + (before.isEmpty ? "" : " A good message comes before it."),
          requirements: [broken.requirement, bodyRule(revision)], flags: ["legacy", "bad-protobuf"],
          input: ["revision": .string(revision), "message": .hex(wire(revision, before + broken.bytes))],
          error: "bad-protobuf", offset: base + before.count + broken.offset)
      }
    }
    let own: [VectorTest] = [
      .invalid(
        id: id(revision, "data-beyond"), comment: "data promises more bytes than there are.",
        requirements: ["protobuf.length.bounds", bodyRule(revision)], flags: ["legacy", "bad-protobuf"],
        input: ["revision": .string(revision), "message": .hex(wire(revision, [0x08, 0x02, 0x12, 0x05, 0x78]))],
        error: "bad-protobuf", offset: base + 2)
    ]
    return placed + own
  }
}
