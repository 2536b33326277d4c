import WebSocketCodec

/// Which pings and pongs this side has sent on a connection, to notice a pong that answers a pong.
struct ControlAccounts: Sendable {
  /// How many payloads are kept; more than any case sends.
  private static let maximum = 10_000

  private var pings: Set<[UInt8]> = []
  private var pongs: Set<[UInt8]> = []

  /// Nothing was sent.
  init() {}

  /// Takes note of a control frame that was sent.
  mutating func sent(_ opcode: UInt8, _ payload: [UInt8]) {
    switch opcode {
    case WebSocketOpcode.ping.rawValue where pings.count < Self.maximum: pings.insert(payload)
    case WebSocketOpcode.pong.rawValue where pongs.count < Self.maximum: pongs.insert(payload)
    default: break
    }
  }

  /// Whether something that came can only be the answer to a pong of this side. Anybody may send pongs that answer nothing
  /// (RFC 6455 section 5.5.3), but they do not have the payload of ours; an empty one tells nothing.
  func isAnswerToPong(_ content: InboxItem.Content) -> Bool {
    guard case .pong(let payload) = content, !payload.isEmpty else { return false }
    return pongs.contains(payload) && !pings.contains(payload)
  }
}
