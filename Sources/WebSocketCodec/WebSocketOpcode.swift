/// The opcodes that RFC 6455 section 5.2 defines; all others are reserved.
public enum WebSocketOpcode: UInt8, CaseIterable, Hashable, Sendable {
  /// A further fragment of the message that is open.
  case continuation = 0x0

  /// The first frame of a text message.
  case text = 0x1

  /// The first frame of a binary message.
  case binary = 0x2

  /// Control: begins or ends the closing handshake.
  case close = 0x8

  /// Control: asks for a pong with the same payload.
  case ping = 0x9

  /// Control: answers a ping, or stands for itself.
  case pong = 0xA

  /// Whether frames with this opcode are control frames: never fragmented, at most 125 bytes (section 5.5).
  public var isControl: Bool { Self.isControl(rawValue) }

  /// Whether four bits belong to the control opcodes, defined or reserved.
  static func isControl(_ bits: UInt8) -> Bool { bits & 0x8 != 0 }
}
