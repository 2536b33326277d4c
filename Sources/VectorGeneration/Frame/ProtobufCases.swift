import GoldenVectors
import Specification
import StrictJSON

/// Unusual and broken encodings that every protobuf message shares: used for `P_MESSAGE` and `P_DISPLACE`.
enum ProtobufCases {
  /// A well-formed piece of a message that both messages have to skip.
  struct Skipped {
    var name: String
    var comment: String
    var bytes: Bytes
    var requirements: [RequirementID]
  }

  /// A piece that cannot be parsed; `offset` counts from its first byte.
  struct Broken {
    var name: String
    var comment: String
    var bytes: Bytes
    var offset = 0
    var requirement: RequirementID
  }

  /// Groups of field 9 within one another, `depth` of them, around a varint.
  static func groups(depth: Int) -> Bytes {
    Bytes(.repeating([0x4B], depth), [0x50, 0x01], .repeating([0x4C], depth))
  }

  static let skipped: [Skipped] = [
    Skipped(
      name: "unknown-varint", comment: "Field 9 is not known.", bytes: [0x48, 0x96, 0x01],
      requirements: ["protobuf.field.unknown", "protobuf.tag.invalid"]),
    Skipped(
      name: "unknown-fixed64", comment: "Field 9 with eight bytes.", bytes: Bytes([0x49], .counting(8)),
      requirements: ["protobuf.field.unknown", "protobuf.length.bounds"]),
    Skipped(
      name: "unknown-bytes", comment: "Field 9 with a length.", bytes: Bytes([0x4A, 0x03], .ascii("abc")),
      requirements: ["protobuf.field.unknown", "protobuf.length.bounds"]),
    Skipped(
      name: "unknown-empty-bytes", comment: "Field 9 with length 0.", bytes: [0x4A, 0x00],
      requirements: ["protobuf.field.unknown"]),
    Skipped(
      name: "unknown-fixed32", comment: "Field 9 with four bytes.", bytes: Bytes([0x4D], .counting(4)),
      requirements: ["protobuf.field.unknown"]),
    Skipped(
      name: "unknown-group", comment: "A group of field 9, with a field in it.", bytes: groups(depth: 1),
      requirements: ["protobuf.field.unknown", "protobuf.group.balance"]),
    Skipped(
      name: "unknown-empty-group", comment: "A group without fields.", bytes: [0x4B, 0x4C],
      requirements: ["protobuf.field.unknown", "protobuf.group.balance"]),
    Skipped(
      name: "groups-32", comment: "Groups as deep as they may be.", bytes: groups(depth: 32),
      requirements: ["protobuf.group.depth", "protobuf.group.balance"]),
    Skipped(
      name: "largest-number", comment: "The largest field number, 2^29 - 1.",
      bytes: [0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 0x01],
      requirements: ["protobuf.tag.invalid", "protobuf.field.unknown"]),
    Skipped(
      name: "padded-tag", comment: "A tag with a superfluous zero group.", bytes: [0xC8, 0x00, 0x01],
      requirements: ["protobuf.varint.padded"]),
    Skipped(
      name: "ten-byte-varint", comment: "The longest varint.",
      bytes: Bytes([0x48], .repeating(0xFF, 9), [0x01]), requirements: ["protobuf.varint.invalid"]),
  ]

  static let broken: [Broken] = [
    Broken(
      name: "varint-cut", comment: "A varint that does not end.", bytes: [0x48, 0x96],
      requirement: "protobuf.varint.invalid"),
    Broken(
      name: "value-missing", comment: "A tag and nothing else.", bytes: [0x48], requirement: "protobuf.varint.invalid"),
    Broken(name: "tag-cut", comment: "A tag that does not end.", bytes: [0xC8], requirement: "protobuf.varint.invalid"),
    Broken(
      name: "varint-eleven", comment: "A varint of eleven bytes.", bytes: Bytes([0x48], .repeating(0x80, 10), [0x01]),
      requirement: "protobuf.varint.invalid"),
    Broken(
      name: "varint-tenth", comment: "The tenth byte of a varint is 2: more than 64 bits.",
      bytes: Bytes([0x48], .repeating(0xFF, 9), [0x02]), requirement: "protobuf.varint.invalid"),
    Broken(
      name: "length-beyond", comment: "A length of 4 with 3 bytes left.", bytes: Bytes([0x4A, 0x04], .ascii("abc")),
      requirement: "protobuf.length.bounds"),
    Broken(
      name: "length-huge", comment: "A length of 2^63.", bytes: Bytes([0x4A], .repeating(0x80, 9), [0x01]),
      requirement: "protobuf.length.bounds"),
    Broken(
      name: "length-cut", comment: "A length that does not end.", bytes: [0x4A, 0x80],
      requirement: "protobuf.varint.invalid"),
    Broken(
      name: "fixed64-cut", comment: "Seven of eight bytes.", bytes: Bytes([0x49], .counting(7)),
      requirement: "protobuf.length.bounds"),
    Broken(
      name: "fixed32-cut", comment: "Three of four bytes.", bytes: Bytes([0x4D], .counting(3)),
      requirement: "protobuf.length.bounds"),
    Broken(name: "number-0", comment: "Field number 0.", bytes: [0x00, 0x01], requirement: "protobuf.tag.invalid"),
    Broken(name: "wire-type-6", comment: "Wire type 6.", bytes: [0x4E, 0x01], requirement: "protobuf.tag.invalid"),
    Broken(name: "wire-type-7", comment: "Wire type 7.", bytes: [0x4F, 0x01], requirement: "protobuf.tag.invalid"),
    Broken(
      name: "tag-above-32-bits", comment: "A tag of 2^32.", bytes: [0x80, 0x80, 0x80, 0x80, 0x10, 0x01],
      requirement: "protobuf.tag.invalid"),
    Broken(
      name: "group-end-alone", comment: "A group ends that never began.", bytes: [0x4C],
      requirement: "protobuf.group.balance"),
    Broken(
      name: "group-no-end", comment: "A group begins and the message ends.", bytes: [0x4B, 0x50, 0x01],
      requirement: "protobuf.group.balance"),
    Broken(
      name: "group-other-end", comment: "A group of field 9 ends with field 10.", bytes: [0x4B, 0x54], offset: 1,
      requirement: "protobuf.group.balance"),
    Broken(
      name: "groups-33", comment: "One group deeper than allowed.", bytes: groups(depth: 33), offset: 32,
      requirement: "protobuf.group.depth"),
  ]
}
