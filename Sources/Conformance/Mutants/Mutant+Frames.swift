import FrameCodec
import ReferencePeer
import Specification
import WebSocketCodec

extension Mutant {
  /// Faults in the frames that the server sends.
  static let frameSenders: [Mutant] = [
    Mutant(
      "length-one-more", "length is one more than it should be", breaks: "frame.length.exact", check: "frame.size.7",
      client: "client-frame.size.7"
    ) {
      $0.header = { $0[2] &+= 1 }
    },
    Mutant(
      "length-one-less", "length is one less than it should be", breaks: "frame.trailing", check: "sanity.sender.frame",
      client: "client-sanity.sender.frame"
    ) {
      $0.header = { $0[2] &-= 1 }
    },
    Mutant(
      "length-big-endian", "length is written in network order", breaks: "frame.byte-order",
      check: "sanity.sender.frame", client: "client-sanity.sender.frame"
    ) {
      $0.header = { $0[2..<6].reverse() }
    },
    Mutant(
      "sn-big-endian", "sn is written in network order", breaks: "frame.byte-order", check: "frame.sn.byte-order",
      client: "client-sanity.sender.frame"
    ) {
      $0.header = { $0[10..<14].reverse() }
    },
    Mutant(
      "magic-swapped", "frames begin with EF FE", breaks: "frame.magic", check: "sanity.sender.frame",
      client: "client-sanity.sender.frame"
    ) {
      $0.header = { $0.swapAt(0, 1) }
    },
    Mutant(
      "byte-behind-frame", "a byte follows each frame in its message", breaks: "frame.trailing",
      check: "sanity.sender.frame", client: "client-sanity.sender.frame"
    ) {
      $0.wire = PeerMutation.data { $0.payload.append(0) }
    },
    Mutant(
      "frame-twice-in-message", "each message holds its frame twice", breaks: "frame.message.one",
      check: "sanity.sender.frame"
    ) {
      $0.wire = PeerMutation.data { $0.payload += $0.payload }
    },
    Mutant(
      "text-messages", "frames go out in text messages", breaks: "frame.message.binary", check: "sanity.sender.frame",
      client: "client-sanity.sender.frame"
    ) {
      $0.wire = PeerMutation.data { if $0.opcode == 2 { $0.opcode = 1 } }
    },
    Mutant("one-way-with-sn", "one-way messages have an sn", breaks: "frame.sn.one-way", check: "sanity.one-way") {
      $0.sent = PeerMutation.each { if $0.sn == 0, $0.protocolId < 0x7FFF_FFFF { $0.sn = 4 } }
    },
    Mutant(
      "payload-as-utf8", "payloads pass through a decoder of UTF-8", breaks: "frame.payload.opaque",
      check: "frame.payload.not-utf8"
    ) {
      $0.sent = PeerMutation.each { $0.payload = Array(String(decoding: $0.payload, as: UTF8.self).utf8) }
    },
    Mutant(
      "payload-trimmed", "line ends at the end of payloads are lost", breaks: "frame.payload.opaque",
      check: "frame.payload.line-ends"
    ) {
      $0.sent = PeerMutation.each {
        while let last = $0.payload.last, last == 10 || last == 13 { $0.payload.removeLast() }
      }
    },
    Mutant(
      "charset-converted", "payloads of other charsets are lost", breaks: "charset.untouched",
      check: "charset.untouched.gbk"
    ) {
      $0.sent = PeerMutation.each { $0.payload.removeAll { $0 >= 0x80 } }
    },
  ]

  /// Faults in reading frames.
  static let frameReceivers: [Mutant] = [
    Mutant(
      "magic-unchecked", "the magic is not looked at", breaks: "frame.magic.reject", "malformed.delivery",
      check: "frame.magic.swapped", client: "client-frame.magic.swapped"
    ) {
      $0.message = PeerMutation.patched { if $0.count >= 2 { ($0[0], $0[1]) = (0xFE, 0xEF) } }
    },
    Mutant(
      "earlier-magic-taken", "FE EE is taken for FE EF", breaks: "revision.current",
      check: "frame.magic.revision.1-3-0"
    ) {
      $0.message = PeerMutation.patched { if $0.count >= 2, $0[1] == 0xEE { $0[1] = 0xEF } }
      $0.configuration = { $0.options.revision = .fixed(.current) }
    },
    Mutant(
      "six-bytes-as-zeros", "six bytes become a frame of zeros", breaks: "frame.zero-frame", check: "frame.cut.6.nine"
    ) {
      $0.message = PeerMutation.patched { bytes in
        guard bytes.count == 6, let length = bytes.frameLength, (8...524_288).contains(length) else { return }
        bytes += Array(repeating: 0, count: Int(length))
        // Only what shows: the handlers of the reference application know no id 0.
        bytes[6] = 2
      }
    },
    Mutant("short-padded", "a cut frame is filled up with zeros", breaks: "frame.short", check: "frame.cut.12") {
      $0.message = PeerMutation.patched { bytes in
        guard (10..<14).contains(bytes.count) else { return }
        bytes += Array(repeating: 0, count: 14 - bytes.count)
        bytes.setFrameLength(8)
      }
    },
    Mutant("empty-as-frame", "an empty message becomes a frame", breaks: "frame.empty", check: "frame.cut.0") {
      $0.message = PeerMutation.patched {
        if $0.isEmpty { $0 = [0xFE, 0xEF, 8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0] }
      }
    },
    Mutant(
      "length-more-taken", "a length beyond the message is taken for its end", breaks: "frame.short",
      check: "frame.length.more.1", client: "client-frame.cut.14"
    ) {
      $0.message = PeerMutation.patched { bytes in
        if bytes.count >= 14, let length = bytes.frameLength, Int(length) > bytes.count - 6 {
          bytes.setFrameLength(bytes.count - 6)
        }
      }
    },
    Mutant(
      "length-minimum-unchecked", "a length below 8 is taken for that of the message", breaks: "frame.length.minimum",
      check: "frame.length.minimum.0", client: "client-frame.length.0"
    ) {
      $0.message = PeerMutation.patched { bytes in
        if bytes.count >= 14, let length = bytes.frameLength, length < 8 { bytes.setFrameLength(bytes.count - 6) }
      }
    },
    Mutant(
      "limit-one-less", "a frame of the limit's length is refused", breaks: "frame.length.limit",
      check: "frame.length.limit.exact"
    ) {
      $0.configuration = { $0.options.maxFrameLength -= 1 }
    },
    Mutant(
      "limit-one-more", "a frame one byte above the limit is taken", breaks: "frame.length.limit.reject",
      check: "frame.length.limit.above"
    ) {
      $0.configuration = { $0.options.maxFrameLength += 1 }
    },
    Mutant(
      "trailing-delivered", "bytes behind the frame are part of its payload", breaks: "frame.trailing.truncate",
      check: "frame.trailing.one-byte", client: "client-frame.trailing.one"
    ) {
      $0.message = PeerMutation.patched { bytes in
        if let length = bytes.frameLength, length >= 8, bytes.count > Int(length) + 6 {
          bytes.setFrameLength(bytes.count - 6)
        }
      }
    },
    Mutant(
      "text-taken", "frames in text messages are taken", breaks: "frame.message.text",
      check: "message.text.frame.one-way", client: "client-frame.text.call"
    ) {
      $0.overlooks = { $0 == .textUTF8 }
      $0.message = {
        $0.isText = false
        return true
      }
    },
    Mutant(
      "fragments-lost", "messages of several fragments are lost", breaks: "frame.message.fragmented",
      "ws.fragment.assemble", check: "message.fragments.each", client: "client-websocket.fragments.each"
    ) {
      $0.assembled = { _ in false }
    },
    Mutant(
      "cut-messages-lost", "messages that come in several reads are lost", breaks: "ws.stream.cuts",
      check: "ws.stream.bytes", client: "client-websocket.pieces.slow"
    ) {
      $0.assembled = { _ in false }
    },
    Mutant(
      "empty-payload-lost", "frames without payload are lost", breaks: "frame.payload.empty",
      check: "frame.empty-payload.call", client: "client-frame.empty-payload.call"
    ) {
      $0.received = { frame, _ in !frame.payload.isEmpty }
    },
    Mutant(
      "id-of-16-bits", "only 16 bits of protocolId are looked at", breaks: "frame.protocol-id.range",
      check: "frame.protocol-id.high-bits.bit-16"
    ) {
      $0.received = PeerMutation.frame { $0.protocolId &= 0xFFFF }
    },
    Mutant(
      "id-zero-answered", "protocolId 0 is taken for 2", breaks: "frame.protocol-id.none",
      check: "frame.protocol-id.zero.call"
    ) {
      $0.received = PeerMutation.frame { if $0.protocolId == 0 { $0.protocolId = 2 } }
    },
    Mutant(
      "unknown-id-answered", "any id that is not known is taken for 2", breaks: "dispatch.unknown.silent",
      check: "frame.protocol-id.unknown.call"
    ) {
      $0.received = PeerMutation.frame { if $0.protocolId > 100, $0.protocolId < 0x7FFF_FFFF { $0.protocolId = 2 } }
    },
    Mutant(
      "unknown-id-fails", "an id that is not known ends the connection", breaks: "dispatch.unknown",
      check: "frame.protocol-id.unknown.one-way"
    ) {
      $0.message = PeerMutation.patched { if $0.count >= 14, $0[7] == 3 { $0[0] = 0 } }
    },
  ]
}

extension PeerMutation {
  /// A hook that changes each data frame that goes out.
  static func data(
    _ change: @escaping @Sendable (inout WireFrame) -> Void
  ) -> @Sendable (WireFrame) -> [WireFrame] {
    { frame in
      var changed = frame
      if frame.opcode < 8 { change(&changed) }
      return [changed]
    }
  }

  /// A hook that changes each control frame of an opcode that goes out.
  static func control(
    _ opcode: UInt8, _ change: @escaping @Sendable (inout WireFrame) -> Void
  ) -> @Sendable (WireFrame) -> [WireFrame] {
    { frame in
      var changed = frame
      if frame.opcode == opcode { change(&changed) }
      return [changed]
    }
  }

  /// A hook that changes each frame of the protocol that goes out.
  static func each(
    _ change: @escaping @Sendable (inout Frame) -> Void
  ) -> @Sendable (Frame, Connection) -> [(frame: Frame, to: Connection)] {
    { frame, connection in
      var changed = frame
      change(&changed)
      return [(changed, connection)]
    }
  }

  /// A hook that changes each message that came in.
  static func patched(_ change: @escaping @Sendable (inout [UInt8]) -> Void) -> @Sendable (inout Message) -> Bool {
    { message in
      change(&message.bytes)
      return true
    }
  }

  /// A hook that changes each frame that came in.
  static func frame(_ change: @escaping @Sendable (inout Frame) -> Void) -> @Sendable (inout Frame, Connection) -> Bool
  {
    { frame, _ in
      change(&frame)
      return true
    }
  }
}

extension [UInt8] {
  /// The length of a frame's header, where there is one.
  var frameLength: UInt32? {
    guard count >= 6 else { return nil }
    return self[2..<6].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Writes the length into a frame's header.
  mutating func setFrameLength(_ length: Int) {
    for index in 0..<4 { self[2 + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
  }
}
