import FrameCodec

/// A grammar for Zeek's parser generator Spicy.
///
/// Zeek's WebSocket analyzer hands the payloads of one direction on as a stream of bytes, in which only revisions with a length have frames.
enum SpicyGrammar {
  static var text: String {
    var lines = [
      "# Frames of goutils ws in the payloads of WebSocket. Written by: wireproof dissector zeek",
      "# Build it with: spicyz -o goutils_ws.hlto goutils_ws.spicy goutils_ws.evt, where goutils_ws.evt holds:",
      "#", "#   import GoutilsWS;", "#   protocol analyzer GoutilsWS over TCP:", "#     parse with GoutilsWS::Frames;",
      "#   on GoutilsWS::Frame -> event goutils_ws::frame($conn, $is_orig, self.id, self.sn, |self.payload|);", "#",
      "# and give it the WebSocket connections that you want in a script:", "#",
      "#   event websocket_established(c: connection, aid: count) {",
      "#     WebSocket::configure_analyzer(c, aid, [$analyzer=Analyzer::ANALYZER_GOUTILSWS]);", "#   }", "",
      "module GoutilsWS;", "", "import spicy;", "", "%byte-order = spicy::ByteOrder::Little;", "",
      "public type Frames = unit {", "  frames: Frame[] &eod;", "};", "",
      "# What every frame has, whatever its revision; sn is 0 where there is none.",
      "public type Frame = unit {", "  var id: uint32;", "  var sn: uint32;", "  var payload: bytes;",
      "  magic: uint16 &byte-order=spicy::ByteOrder::Big;", "  switch (self.magic) {",
    ]
    for layout in streamed {
      guard let (first, second) = layout.magic else { continue }
      lines += [
        "    \(Int(first) << 8 | Int(second)) -> frame_\(layout.identifier): Frame_\(layout.identifier) {",
        "      self.id = $$.\(layout.fields.contains { $0.name == "protocolId" } ? "protocol_id" : "id");",
        "      self.sn = \(layout.revision.hasSerialNumber ? "$$.sn" : "0");", "      self.payload = $$.payload;",
        "    }",
      ]
    }
    lines += ["  };", "};"]
    for layout in streamed {
      lines += [
        "", "# Revision \(layout.revision.rawValue), behind the magic.", "type Frame_\(layout.identifier) = unit {",
      ]
      let between = layout.headerSize - (layout.offset(of: "length") ?? 0) - 4
      for field in layout.fields {
        switch field.content {
        case .magic: break
        case .integer:
          let name = field.name == "protocolId" ? "protocol_id" : field.name
          let requirement =
            field.name == "length" ? " &requires=($$ >= \(layout.revision.smallestLength ?? 0))" : ""
          lines.append("  \(name): uint32\(requirement);  # \(field.summary)")
        case .payload: lines.append("  payload: bytes &size=self.length - \(between);  # \(field.summary)")
        case .message: break
        }
      }
      lines.append("};")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Revisions that can be found in a stream. Of those that share a magic the newest is meant, because the analyzer sees no ends of messages.
  private static var streamed: [FrameLayout] { FrameLayout.all.filter { $0.magic != nil && !$0.revision.isProtobuf } }
}
