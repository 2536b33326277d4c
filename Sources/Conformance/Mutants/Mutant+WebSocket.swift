import Conversation
import ReferencePeer
import Specification
import WebSocketCodec

extension Mutant {
  /// Faults in the WebSocket frames that the server sends.
  static let webSocketSenders: [Mutant] = [
    Mutant("frames-masked", "the server masks its frames", breaks: "ws.mask.server", check: "sanity.sender.websocket") {
      $0.wire = PeerMutation.data { $0.maskingKey = 0x0102_0304 }
    },
    Mutant(
      "length-not-minimal", "lengths are written with 16 bits too many", breaks: "ws.length.minimal",
      check: "sanity.sender.websocket"
    ) {
      $0.wire = PeerMutation.data { $0.lengthForm = .sixtyFourBits }
    },
    Mutant("rsv1-without-deflate", "RSV1 is set on plain messages", breaks: "ws.rsv", check: "sanity.sender.websocket")
    {
      $0.wire = PeerMutation.data { $0.rsv = 4 }
    },
    Mutant("reserved-opcode-sent", "messages have opcode 3", breaks: "ws.opcode", check: "sanity.sender.websocket") {
      $0.wire = PeerMutation.data { if $0.opcode == 2 { $0.opcode = 3 } }
    },
    Mutant(
      "second-fragment-binary", "later fragments are no continuations", breaks: "ws.fragment.form",
      check: "sanity.sender.websocket"
    ) {
      $0.wire = { frame in
        guard frame.opcode == 2, frame.payload.count > 8 else { return [frame] }
        var first = frame
        var second = frame
        first.fin = false
        first.payload = Array(frame.payload.prefix(8))
        second.payload = Array(frame.payload.dropFirst(8))
        return [first, second]
      }
    },
    Mutant(
      "pong-too-long", "a pong has more than 125 bytes", breaks: "ws.control.length", check: "sanity.sender.websocket",
      client: "client-sanity.sender.websocket"
    ) {
      $0.wire = PeerMutation.control(10) { frame in
        frame.payload += Array(repeating: 0, count: max(0, 126 - frame.payload.count))
        frame.lengthForm = .minimal(for: UInt64(frame.payload.count))
      }
    },
    Mutant(
      "pong-fragmented", "a pong is a fragment", breaks: "ws.control.fragmented", check: "sanity.sender.websocket",
      client: "client-sanity.sender.websocket"
    ) {
      $0.wire = PeerMutation.control(10) { $0.fin = false }
    },
    Mutant(
      "pong-missing", "pings are not answered", breaks: "ws.ping.answer", check: "sanity.ping",
      client: "client-sanity.ping"
    ) {
      $0.actions = { $0.filter { $0.action != .sendPong } }
    },
    Mutant(
      "pong-empty", "a pong does not hold the ping's payload", breaks: "ws.pong.payload", check: "control.ping.26",
      client: "client-sanity.ping"
    ) {
      $0.wire = PeerMutation.control(10) {
        $0.payload = []
        $0.lengthForm = .minimal(for: 0)
      }
    },
  ]

  /// Faults in reading WebSocket frames.
  static let webSocketReceivers: [Mutant] = [
    overlooking(
      "unmasked-taken", "frames without a mask are taken", .unmaskedClient, breaks: "ws.mask.client.fail",
      check: "ws.mask.missing.binary"),
    overlooking(
      "rsv-ignored", "reserved bits are not looked at", .reservedBits, breaks: "ws.rsv.fail", check: "ws.rsv.2",
      client: "client-websocket.rsv.7"),
    overlooking(
      "opcode-ignored", "frames with reserved opcodes are dropped", .reservedOpcode, breaks: "ws.opcode.fail",
      check: "ws.opcode.3", client: "client-websocket.opcode.3"),
    overlooking(
      "stray-continuation-dropped", "continuations of nothing are dropped", .strayContinuation,
      breaks: "ws.fragment.stray", check: "ws.fragment.stray.final", client: "client-websocket.fragments.stray"),
    Mutant(
      "interleaved-taken", "a message inside of another is taken", breaks: "ws.fragment.interleaved",
      check: "ws.fragment.interleaved.binary", client: "client-websocket.fragments.interleaved.binary"
    ) {
      $0.overlooks = { $0 == .interleavedMessage || $0 == .strayContinuation }
      $0.message = { $0.bytes.count >= 6 }
    },
    overlooking(
      "control-fragment-taken", "fragmented control frames are taken", .controlFragmented,
      breaks: "ws.control.fragmented.fail", check: "control.fragmented.ping",
      client: "client-websocket.control.fragmented.ping"),
    overlooking(
      "long-control-taken", "long control frames are taken", .controlTooLong, breaks: "ws.control.length.fail",
      check: "control.length.ping.126", client: "client-websocket.control.long.ping"),
    overlooking(
      "top-bit-ignored", "a length with its top bit set is no violation", .badLength, breaks: "ws.length.top-bit",
      check: "ws.length.top-bit.alone", client: "client-websocket.length.top-bit"),
    Mutant(
      "violation-goes-on", "frames behind a violation are taken", breaks: "ws.violation.stop", "malformed.websocket",
      check: "ws.violation.stop.no-mask"
    ) {
      $0.overlooks = { $0 == .unmaskedClient }
      $0.message = { $0.bytes.starts(with: [0xFE, 0xEF]) }
    },
    Mutant("mask-not-applied", "payloads stay masked", breaks: "ws.mask.apply", check: "ws.mask.key.a1b2c3d4") {
      $0.message = PeerMutation.patched { bytes in
        let key: [UInt8] = [0xA1, 0xB2, 0xC3, 0xD4]
        for index in bytes.indices { bytes[index] ^= key[index % 4] }
      }
    },
    Mutant(
      "long-messages-lost", "messages whose length needs 16 bits are lost", breaks: "ws.length.forms",
      check: "frame.size.112", client: "client-frame.size.128"
    ) {
      $0.message = { $0.bytes.count < 126 }
    },
    Mutant(
      "empty-fragments-lost", "messages with empty fragments are lost", breaks: "ws.fragment.empty",
      check: "message.fragments.empty.middle", client: "client-websocket.fragments.empty"
    ) {
      $0.assembled = { _ in false }
    },
    Mutant(
      "message-limit-less", "messages above half the limit are lost", breaks: "ws.message.limit.accept",
      check: "frame.length.limit.exact", client: "client-frame.limit"
    ) {
      $0.message = { $0.bytes.count < 262_144 }
    },
    Mutant(
      "pings-lost", "pings are lost, also those between fragments", breaks: "ws.fragment.control",
      check: "message.fragments.pings", client: "client-websocket.fragments.controls"
    ) {
      $0.control = { opcode, _ in opcode != .ping }
    },
    Mutant(
      "pong-fails", "a pong that nobody asked for ends the connection", breaks: "ws.pong.unsolicited",
      check: "control.pong.unsolicited.10", client: "client-websocket.pong.payload"
    ) {
      $0.control = { opcode, payload in
        if opcode == .pong { (opcode, payload) = (.close, []) }
        return true
      }
    },
  ]

  /// One that does not look for a violation, of a server, and of a client where a probe is named for it.
  static func overlooking(
    _ name: String, _ fault: String, _ code: WebSocketViolation.Code, breaks requirement: RequirementID,
    check: String, client: String? = nil
  ) -> Mutant {
    Mutant(name, fault, breaks: requirement, check: check, client: client) { $0.overlooks = { $0 == code } }
  }

  /// Faults in the closing handshake.
  static let closing: [Mutant] = [
    Mutant(
      "close-unanswered", "a close frame is not answered", breaks: "close.echo", check: "sanity.close",
      client: "client-close.code.1000",
      PeerMutation.leavesCloseUnanswered),
    Mutant(
      "served-after-close", "frames behind a close frame are served", breaks: "close.after.receive",
      check: "close.after.one-way", PeerMutation.servesAfterClose),
    Mutant(
      "message-after-close", "a message follows the close frame", breaks: "close.after",
      check: "sanity.sender.websocket", PeerMutation.speaksAfterClose),
    Mutant(
      "close-code-1006", "close frames hold 1006", breaks: "close.code", check: "close.code.legal.1000",
      client: "client-close.driven"
    ) {
      $0.wire = PeerMutation.close([0x03, 0xEE])
    },
    Mutant(
      "close-of-one-byte", "close frames hold one byte", breaks: "close.body.one", check: "sanity.sender.websocket",
      client: "client-close.driven"
    ) {
      $0.wire = PeerMutation.close([3])
    },
    Mutant(
      "close-reason-no-utf8", "the reason of close frames is no UTF-8", breaks: "close.reason.utf8",
      check: "sanity.sender.websocket", client: "client-close.driven"
    ) {
      $0.wire = PeerMutation.close([0x03, 0xE8, 0xFF])
    },
    Mutant(
      "application-codes-dropped", "close frames with codes from 3000 are ignored", breaks: "close.code.accept",
      check: "close.code.legal.3000", client: "client-close.code.3000", PeerMutation.dropsApplicationCloses),
    Mutant(
      "empty-close-ignored", "close frames without a body are ignored", breaks: "close.body.empty",
      check: "close.empty", client: "client-close.empty", PeerMutation.ignoresEmptyCloses),
    Mutant(
      "transport-left-open", "TCP is not ended after the close frames", breaks: "close.transport.server",
      check: "sanity.close"
    ) {
      $0.actions = { $0.filter { $0.action != .closeTransport } }
    },
  ]
}

extension PeerMutation {
  /// A hook that gives close frames another body.
  static func close(_ body: [UInt8]) -> @Sendable (WireFrame) -> [WireFrame] {
    control(8) {
      $0.payload = body
      $0.lengthForm = .minimal(for: UInt64(body.count))
    }
  }
}
