import ReferencePeer
import WebSocketCodec

/// What either side can do wrong in the closing handshake.
extension PeerMutation {
  /// A close frame is not answered.
  static let leavesCloseUnanswered: @Sendable (inout PeerMutation) -> Void = {
    $0.control = { opcode, _ in opcode != .close }
  }

  /// Frames behind a close frame are taken.
  static let servesAfterClose: @Sendable (inout PeerMutation) -> Void = {
    $0.control = { opcode, _ in opcode != .close }
    $0.overlooks = { $0 == .dataAfterClose }
  }

  /// A message follows the close frame.
  static let speaksAfterClose: @Sendable (inout PeerMutation) -> Void = {
    $0.wire = { frame in
      guard frame.opcode == 8 else { return [frame] }
      var message = frame
      message.opcode = 2
      message.payload = [0xFE, 0xEF, 8, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0]
      message.lengthForm = .minimal(for: 14)
      return [frame, message]
    }
  }

  /// Close frames with codes from 3000 are ignored.
  static let dropsApplicationCloses: @Sendable (inout PeerMutation) -> Void = {
    $0.control = { opcode, payload in opcode != .close || payload.first ?? 0 < 0x0B }
  }

  /// Close frames without a body are ignored.
  static let ignoresEmptyCloses: @Sendable (inout PeerMutation) -> Void = {
    $0.control = { opcode, payload in opcode != .close || !payload.isEmpty }
  }
}
