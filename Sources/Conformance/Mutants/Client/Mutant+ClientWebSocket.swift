import Conversation
import NIOConcurrencyHelpers
import ReferencePeer
import Specification
import WebSocketCodec

extension Mutant {
  /// Faults in the WebSocket frames that the client sends.
  static let clientWebSocketSenders: [Mutant] = [
    Mutant(
      "client-unmasked", "frames are not masked", breaks: "ws.mask.client", check: "client-sanity.sender.websocket"
    ) {
      $0.wire = PeerMutation.data { $0.maskingKey = nil }
    },
    Mutant(
      "client-controls-unmasked", "control frames are not masked", breaks: "ws.mask.client",
      check: "client-sanity.sender.websocket"
    ) {
      $0.wire = PeerMutation.changing { if $0.opcode >= 8 { $0.maskingKey = nil } }
    },
    Mutant("client-mask-zero", "the masking key is always 0", breaks: "ws.mask.key", check: "client-sanity.masks") {
      $0.wire = PeerMutation.changing { $0.maskingKey = 0 }
    },
    Mutant(
      "client-mask-same", "the masking key is always the same", breaks: "ws.mask.key", check: "client-sanity.masks"
    ) {
      $0.wire = PeerMutation.changing { $0.maskingKey = 0xA1B2_C3D4 }
    },
    Mutant(
      "client-mask-counts", "the masking key is the one before and one more", breaks: "ws.mask.key",
      check: "client-sanity.masks"
    ) {
      let last = NIOLockedValueBox<UInt32>(0x1000_0000)
      $0.wire = PeerMutation.changing { frame in
        frame.maskingKey = last.withLockedValue {
          $0 &+= 1
          return $0
        }
      }
    },
    Mutant(
      "client-mask-not-applied", "the masking key is written and not applied", breaks: "ws.mask.apply",
      check: "client-sanity.masks"
    ) {
      $0.wire = PeerMutation.changing { $0.isPayloadMasked = false }
    },
    Mutant(
      "client-length-not-minimal", "lengths are written with 64 bits", breaks: "ws.length.minimal",
      check: "client-frame.size.7"
    ) {
      $0.wire = PeerMutation.data { $0.lengthForm = .sixtyFourBits }
    },
    Mutant(
      "client-rsv1-without-deflate", "RSV2 is set on messages", breaks: "ws.rsv",
      check: "client-sanity.sender.websocket"
    ) {
      $0.wire = PeerMutation.data { $0.rsv |= 2 }
    },
    Mutant(
      "client-reserved-opcode", "messages have opcode 3", breaks: "ws.opcode", check: "client-sanity.sender.websocket"
    ) {
      $0.wire = PeerMutation.data { if $0.opcode == 2 { $0.opcode = 3 } }
    },
    Mutant(
      "client-second-fragment-binary", "later fragments are no continuations", breaks: "ws.fragment.form",
      check: "client-sanity.sender.websocket"
    ) {
      $0.wire = { frame in
        guard frame.opcode == 2, frame.payload.count > 8 else { return [frame] }
        var first = frame
        var second = frame
        first.fin = false
        second.rsv = 0
        first.payload = Array(frame.payload.prefix(8))
        second.payload = Array(frame.payload.dropFirst(8))
        first.lengthForm = .minimal(for: 8)
        second.lengthForm = .minimal(for: UInt64(second.payload.count))
        return [first, second]
      }
    },
    Mutant(
      "client-pong-of-the-ping-before", "a pong holds the payload of the ping before", breaks: "ws.pong.payload",
      check: "client-sanity.ping"
    ) {
      let last = NIOLockedValueBox<[UInt8]>([])
      $0.wire = PeerMutation.control(10) { frame in
        last.withLockedValue { swap(&$0, &frame.payload) }
        frame.lengthForm = .minimal(for: UInt64(frame.payload.count))
      }
    },
  ]

  /// Faults in reading WebSocket frames.
  static let clientWebSocketReceivers: [Mutant] = [
    overlooking(
      "client-masked-taken", "masked frames are taken", .maskedServer, breaks: "ws.mask.server.fail",
      check: "client-websocket.masked"),
    Mutant(
      "client-violation-goes-on", "frames behind a violation are taken", breaks: "ws.violation.stop",
      check: "client-websocket.violation.stop"
    ) {
      $0.overlooks = { _ in true }
      $0.message = { $0.bytes.starts(with: [0xFE, 0xEF]) }
    },
    Mutant(
      "client-longest-messages-lost", "messages whose length needs 64 bits are lost", breaks: "ws.length.forms",
      check: "client-frame.size.65536"
    ) {
      $0.message = { $0.bytes.count < 65_536 }
    },
    Mutant(
      "client-text-unchecked", "text that is no UTF-8 is dropped", breaks: "ws.text.utf8.fail",
      check: "client-websocket.text.utf8.stray"
    ) {
      $0.overlooks = { $0 == .textUTF8 }
      $0.message = { !$0.isText }
    },
  ]
}

extension PeerMutation {
  /// A hook that changes each WebSocket frame that goes out.
  static func changing(
    _ change: @escaping @Sendable (inout WireFrame) -> Void
  ) -> @Sendable (WireFrame) -> [WireFrame] {
    { frame in
      var changed = frame
      change(&changed)
      return [changed]
    }
  }
}
