import Specification

/// How far the end of a connection has come (RFC 6455 §7.1).
///
/// Whoever closes first sends a close frame and waits for the other's. The server then ends the transport; a client that
/// has answered the server's close leaves that to the server, for a while.
public struct ClosingHandshake: Hashable, Sendable {
  /// Where the connection stands.
  public enum State: Hashable, Sendable {
    /// Both sides may send.
    case open

    /// Our close frame went out first; the peer's is awaited until `deadline` (nanoseconds).
    case awaitingPeerClose(deadline: Int64)

    /// The server closed and we, a client, answered; the transport's end is awaited until `deadline` (nanoseconds).
    case awaitingTransportEnd(deadline: Int64)

    /// The transport was closed by either side: nothing comes in or goes out.
    case ended
  }

  /// What follows from the peer's close frame.
  enum PeerCloseOutcome {
    /// It is the first: answer with the same code; then end the transport, if so told.
    case answer(thenCloseTransport: Bool)
    /// It answers ours: end the transport.
    case closeTransport
    /// It means nothing any more.
    case ignore
  }

  /// Where the connection stands.
  public private(set) var state = State.open

  /// Whether frames may be sent and are taken.
  public var isOpen: Bool { state == .open }

  /// When the wait for the peer's close or for the transport's end is over.
  public var deadline: Int64? {
    switch state {
    case .open, .ended: nil
    case .awaitingPeerClose(let deadline), .awaitingTransportEnd(let deadline): deadline
    }
  }

  /// This side closes first; false when the connection is no longer open.
  mutating func begin(deadline: Int64) -> Bool {
    guard isOpen else { return false }
    state = .awaitingPeerClose(deadline: deadline)
    return true
  }

  /// The peer's close frame came in.
  mutating func peerClosed(role: PeerRole, deadline: Int64) -> PeerCloseOutcome {
    switch (state, role) {
    case (.open, .server):
      state = .ended
      return .answer(thenCloseTransport: true)
    case (.open, .client):
      state = .awaitingTransportEnd(deadline: deadline)
      return .answer(thenCloseTransport: false)
    case (.awaitingPeerClose, _):
      state = .ended
      return .closeTransport
    case (.awaitingTransportEnd, _), (.ended, _):
      return .ignore
    }
  }

  /// The transport ends, by either side or because a wait is over; false when it already had.
  mutating func end() -> Bool {
    guard state != .ended else { return false }
    state = .ended
    return true
  }
}
