import Conversation
import FrameCodec
import ReferencePeer
import Specification

extension Mutant {
  /// Faults in the earlier revisions.
  static let revisions: [Mutant] = [
    legacy(
      "field-order-demanded", "fields have to be in order", "1.1", breaks: "protobuf.field.order",
      check: "legacy.1-1.field.order"
    ) { bytes in
      if bytes.first == 0x12 { bytes = [] }
    },
    legacy(
      "repeated-fields-refused", "a repeated field is refused", "1.1", breaks: "protobuf.field.repeated",
      check: "legacy.1-1.field.repeated"
    ) { bytes in
      let fields = ProtobufFields(bytes)?.numbers ?? []
      if Set(fields).count < fields.count { bytes = [0xFF] }
    },
    legacy(
      "unknown-fields-not-skipped", "unknown fields are refused", "1.1", breaks: "protobuf.field.unknown",
      check: "legacy.1-1.field.unknown"
    ) { bytes in
      if ProtobufFields(bytes)?.numbers.contains(where: { $0 > 2 }) == true { bytes = [0xFF] }
    },
    legacy(
      "other-wire-types-refused", "a field with another wire type is refused", "1.1",
      breaks: "protobuf.field.wire-type", check: "legacy.1-1.field.wire-type"
    ) { bytes in
      if ProtobufFields(bytes)?.hasOtherWireTypes == true { bytes = [0xFF] }
    },
    legacy(
      "padded-varints-refused", "a varint longer than it has to be is refused", "1.1", breaks: "protobuf.varint.padded",
      check: "legacy.1-1.varint.padded"
    ) { bytes in
      if ProtobufFields(bytes)?.hasPaddedVarints == true { bytes = [0xFF] }
    },
    legacy(
      "int32-not-cut", "an int32 of more than 32 bits is refused", "1.1", breaks: "protobuf.int32.truncate",
      check: "legacy.1-1.int32.truncate"
    ) { bytes in
      if ProtobufFields(bytes)?.hasWideIntegers == true { bytes = [0xFF] }
    },
    repaired(
      "varint-cut-taken", "a varint that is cut is overlooked", breaks: "protobuf.varint.invalid", "legacy.1_1.reject",
      check: "legacy.1-1.reject.varint-cut"),
    repaired(
      "length-beyond-taken", "a length beyond the message is overlooked", breaks: "protobuf.length.bounds",
      "legacy.1_1.reject", check: "legacy.1-1.reject.cut"),
    repaired(
      "tag-zero-taken", "a tag of field 0 is overlooked", breaks: "protobuf.tag.invalid", "legacy.1_1.reject",
      check: "legacy.1-1.reject.tag-zero"),
    repaired(
      "open-group-taken", "a group that is not closed is overlooked", breaks: "protobuf.group.balance",
      "legacy.1_1.reject", check: "legacy.1-1.reject.group-open"),
    Mutant(
      "fields-of-message-moved", "the payload is field 3", breaks: "protobuf.message.fields", check: "legacy.1-1.echo.5"
    ) {
      $0.header = { header in
        if header.first == 0x08, let index = header.firstIndex(of: 0x12) { header[index] = 0x1A }
      }
    },
    Mutant(
      "fields-of-displacement-moved", "the old address is field 4", breaks: "protobuf.displacement.fields",
      check: "displacement.payload"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 0x7FFF_FFFF, $0.payload.first == 0x0A { $0.payload[0] = 0x22 } }
    },
    legacy(
      "magic-1.2-unchecked", "the magic of revision 1.2 is not looked at", "1.2", breaks: "legacy.1_2.magic.reject",
      check: "legacy.1-2.magic.swapped"
    ) {
      if $0.count >= 2 { ($0[0], $0[1]) = (0xFE, 0xEE) }
    },
    legacy(
      "magic-1.3.0-unchecked", "the magic of revision 1.3.0 is not looked at", "1.3.0",
      breaks: "legacy.1_3_0.magic.reject", check: "legacy.1-3-0.magic.swapped"
    ) {
      if $0.count >= 2 { ($0[0], $0[1]) = (0xFE, 0xEE) }
    },
    legacy(
      "length-1.2-short-taken", "a length beyond the message of revision 1.2 is taken for its end", "1.2",
      breaks: "legacy.1_2.short", check: "legacy.1-2.short.1"
    ) { bytes in
      if let length = bytes.frameLength, Int(length) > bytes.count - 6 { bytes.setFrameLength(bytes.count - 6) }
    },
    legacy(
      "length-1.3.0-short-taken", "a length beyond the message of revision 1.3.0 is taken for its end", "1.3.0",
      breaks: "legacy.1_3_0.short", check: "legacy.1-3-0.short.1"
    ) { bytes in
      if let length = bytes.frameLength, Int(length) > bytes.count - 6 { bytes.setFrameLength(bytes.count - 6) }
    },
    legacy(
      "length-1.3.0-minimum-unchecked", "a length below 4 is taken for that of the message", "1.3.0",
      breaks: "legacy.1_3_0.length.minimum", check: "legacy.1-3-0.length.minimum.0"
    ) { bytes in
      if let length = bytes.frameLength, length < 4, bytes.count >= 10 { bytes.setFrameLength(bytes.count - 6) }
    },
    legacy(
      "length-1.2-zero-refused", "a frame of revision 1.2 without a body is refused", "1.2",
      breaks: "legacy.1_2.length.zero", check: "legacy.1-2.length.zero"
    ) { bytes in
      if bytes.frameLength == 0 { bytes = [0] }
    },
    legacy(
      "body-1.2-unchecked", "a body of revision 1.2 that is broken is overlooked", "1.2", breaks: "legacy.1_2.body",
      check: "legacy.1-2.body.broken"
    ) { bytes in
      if bytes.count > 6, ProtobufFields(Array(bytes[6...])) == nil {
        bytes = Array(bytes[..<6]) + [0x08, 2]
        bytes.setFrameLength(2)
      }
    },
    legacyLimit("1.2", breaks: "legacy.1_2.limit", check: "legacy.1-2.limit"),
    legacyLimit("1.3.0", breaks: "legacy.1_3_0.limit", check: "legacy.1-3-0.limit"),
    displacementID("1.1", breaks: "legacy.1_1.displacement-id", check: "legacy.1-1.displacement"),
    displacementID("1.2", breaks: "legacy.1_2.displacement-id", check: "legacy.1-2.displacement"),
    displacementID("1.3.0", breaks: "legacy.1_3_0.displacement-id", check: "legacy.1-3-0.displacement"),
    magic("1.2", breaks: "legacy.1_2.magic", check: "legacy.1-2.echo.5"),
    magic("1.3.0", breaks: "legacy.1_3_0.magic", check: "legacy.1-3-0.echo.5"),
    length("1.2", breaks: "legacy.1_2.length", check: "legacy.1-2.echo.5"),
    length("1.3.0", breaks: "legacy.1_3_0.length", check: "legacy.1-3-0.echo.5"),
    Mutant(
      "revision-1.1-unread", "messages of revision 1.1 are read as those of 1.3.3", breaks: "legacy.1_1.message",
      check: "legacy.1-1.echo.5"
    ) {
      $0.configuration = { $0.options.revision = .fixed(.current) }
    },
    Mutant(
      "revision-1.3.0-unread", "messages of revision 1.3.0 are read as those of 1.3.3", breaks: "legacy.1_3_0.no-sn",
      check: "legacy.1-3-0.echo.5"
    ) {
      $0.configuration = { $0.options.revision = .fixed(.current) }
    },
  ]

  private static func legacy(
    _ name: String, _ fault: String, _ revision: String, breaks requirement: RequirementID, check: String,
    _ change: @escaping @Sendable (inout [UInt8]) -> Void
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check) {
      $0.message = { message in
        if message.revision.rawValue == revision { change(&message.bytes) }
        return true
      }
    }
  }

  /// A mutant that puts a right message of revision 1.1 in the place of a broken one.
  private static func repaired(
    _ name: String, _ fault: String, breaks requirements: RequirementID..., check: String
  ) -> Mutant {
    Mutant(name, fault, breaks: requirements, check: check) {
      $0.message = { message in
        if message.revision == .v1_1, ProtobufFields(message.bytes) == nil { message.bytes = [0x08, 2, 0x12, 1, 0x78] }
        return true
      }
    }
  }

  private static func legacyLimit(_ revision: String, breaks requirement: RequirementID, check: String) -> Mutant {
    legacy(
      "limit-\(revision)", "a length of revision \(revision) above the limit is taken for the end", revision,
      breaks: requirement, check: check
    ) { bytes in
      if let length = bytes.frameLength, length > 524_288 { bytes.setFrameLength(bytes.count - 6) }
    }
  }

  private static func displacementID(_ revision: String, breaks requirement: RequirementID, check: String) -> Mutant {
    Mutant(
      "displacement-id-\(revision)", "the displacement of revision \(revision) has another id", breaks: requirement,
      check: check
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == -1 || $0.protocolId == 0x7FFF_FFFF { $0.protocolId = 99 } }
    }
  }

  private static func magic(_ revision: String, breaks requirement: RequirementID, check: String) -> Mutant {
    Mutant("magic-\(revision)", "the magic of revision \(revision) is wrong", breaks: requirement, check: check) {
      $0.header = { if $0.count >= 2, $0[1] != 0xEF { $0[1] ^= 1 } }
    }
  }

  private static func length(_ revision: String, breaks requirement: RequirementID, check: String) -> Mutant {
    Mutant(
      "length-\(revision)", "the length of revision \(revision) is one too many", breaks: requirement, check: check
    ) {
      $0.header = { if $0.count >= 6, $0[1] != 0xEF { $0[2] &+= 1 } }
    }
  }
}
