import FrameCodec

/// A description of the frames for Kaitai Struct.
enum KaitaiStruct {
  static var text: String {
    var lines = [
      "# Frames of goutils ws: one WebSocket message each. Written by: wireproof dissector kaitai",
      "meta:", "  id: goutils_ws", "  title: Frame of the WebSocket protocol of goutils", "  endian: le", "seq:",
      "  - id: frame", "    type:", "      switch-on: revision", "      cases:",
    ]
    for layout in FrameLayout.all {
      lines.append("        \"'\(layout.revision.rawValue)'\": frame_\(layout.identifier)")
    }
    lines += [
      "instances:", "  magic:", "    pos: 0", "    type: u2be", "    if: _io.size >= 2", "  first_of_body:",
      "    pos: \((FrameLayout(.v1_2).headerSize))", "    type: u1",
      "    if: _io.size > \(FrameLayout(.v1_2).headerSize)",
      "  revision:",
      "    doc: By the first bytes. A body of 1.3.0 can look like one of 1.2, so look at more than one frame.",
    ]
    let cases = FrameLayout.all.compactMap { layout -> String? in
      guard let (first, second) = layout.magic else { return nil }
      let magic = "magic == 0x\(hexadecimal(first))\(hexadecimal(second))"
      // Two revisions share a magic; a body that begins as P_MESSAGE is the older one's.
      let isOlder =
        layout.revision == .v1_3_0
        ? " and not (_io.size > \(layout.offset(of: "protocolId") ?? 0) and first_of_body == 0x08)" : ""
      return "_io.size >= 2 and \(magic)\(isOlder) ? '\(layout.revision.rawValue)'"
    }
    lines.append("    value: \"\(cases.joined(separator: " : ")) : '1.1'\"")
    lines.append("types:")
    for layout in FrameLayout.all { lines += type(of: layout) }
    return (lines + Self.protobuf).joined(separator: "\n") + "\n"
  }

  private static func type(of layout: FrameLayout) -> [String] {
    var lines = ["  frame_\(layout.identifier):", "    seq:"]
    let hasLength = layout.offset(of: "length") != nil
    for field in layout.fields {
      switch field.content {
      case .magic(let first, let second):
        lines += ["      - id: magic", "        contents: [0x\(hexadecimal(first)), 0x\(hexadecimal(second))]"]
      case .integer:
        lines += ["      - id: \(identifier(field.name))", "        type: u4"]
        if field.name == "length", let smallest = layout.revision.smallestLength, smallest > 0 {
          lines += ["        valid:", "          min: \(smallest)"]
        }
      case .payload:
        // The length counts what comes between it and the payload as well.
        let between = layout.headerSize - (layout.offset(of: "length") ?? 0) - 4
        lines += ["      - id: payload", "        size: length - \(between)"]
      case .message:
        lines += ["      - id: message", "        type: p_message"]
        lines += hasLength ? ["        size: length"] : ["        size-eos: true"]
      }
      lines.append("        doc: \(field.summary)")
    }
    return lines
  }

  private static func identifier(_ name: String) -> String { name == "protocolId" ? "protocol_id" : name }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static let protobuf = [
    "  p_message:", "    doc: protocol_id (field 1) and data (field 2); the last one of each counts", "    seq:",
    "      - id: fields",
    "        type: field", "        repeat: eos", "  field:", "    seq:", "      - id: tag", "        type: varint",
    "      - id: integer", "        type: varint", "        if: wire_type == 0", "      - id: bits64",
    "        type: u8",
    "        if: wire_type == 1", "      - id: size", "        type: varint", "        if: wire_type == 2",
    "      - id: bytes",
    "        size: size.value", "        if: wire_type == 2", "      - id: bits32", "        type: u4",
    "        if: wire_type == 5", "    instances:", "      number:", "        value: tag.value / 8", "      wire_type:",
    "        value: tag.value % 8", "  varint:", "    seq:", "      - id: groups", "        type: group",
    "        repeat: until",
    "        repeat-until: not _.has_next", "    instances:", "      value:", "        doc: The low 32 bits",
    "        value: \"groups[0].value + (groups.size > 1 ? groups[1].value * 0x80 : 0) + (groups.size > 2 ? groups[2].value * 0x4000 : 0)"
      + " + (groups.size > 3 ? groups[3].value * 0x200000 : 0) + (groups.size > 4 ? (groups[4].value % 16) * 0x10000000 : 0)\"",
    "      signed:", "        doc: The low 32 bits as an int32",
    "        value: \"value >= 0x80000000 ? value - 0x100000000 : value\"", "  group:", "    seq:",
    "      - id: has_next",
    "        type: b1", "      - id: value", "        type: b7",
  ]
}
