public import Conversation

/// How a connection came to its end.
public struct ConnectionEnd: Sendable, CustomStringConvertible {
  /// Who or what ended it.
  public enum Cause: Sendable, Equatable {
    /// The peer's close frame, with its code.
    case peerClosed(code: UInt16?)
    /// This side closed it, with this code.
    case closed(code: UInt16?)
    /// A newer connection with the same identity took its place.
    case displaced
    /// The server dropped it.
    case kicked
    /// The peer broke a rule.
    case violation(code: UInt16)
    /// Nothing came from the peer for the read wait.
    case readTimeout
    /// The peer took nothing for the write wait.
    case writeTimeout
    /// The upgrade did not come about; the reason is in `detail`.
    case handshakeFailed
    /// TCP or TLS ended without a close frame.
    case transportEnded
  }

  /// Who or what ended it.
  public let cause: Cause

  /// More for people, or empty.
  public let detail: String

  /// One line for people.
  public var description: String {
    let what =
      switch cause {
      case .peerClosed(let code): "the peer closed it" + Self.text(code)
      case .closed(let code): "closed by this side" + Self.text(code)
      case .displaced: "displaced by a newer connection"
      case .kicked: "dropped by the server"
      case .violation(let code): "failed with close code \(code)"
      case .readTimeout: "nothing came for the read wait"
      case .writeTimeout: "the peer took nothing for the write wait"
      case .handshakeFailed: "the upgrade failed"
      case .transportEnded: "the transport ended without a close frame"
      }
    return detail.isEmpty ? what : "\(what): \(detail)"
  }

  private static func text(_ code: UInt16?) -> String { code.map { " with code \($0)" } ?? "" }
}

/// Why something that a program asked of a connection did not happen.
public enum ConnectionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The call ended without an answer.
  case callFailed(CallFailure)

  /// The connection is no longer open.
  case stopped

  /// The send queue is full, and the sender could not wait.
  case queueFull

  /// The frame was queued and dropped, because the connection was displaced, dropped or lost first.
  case notSent

  /// The frame cannot be written: the protocolId, the size, or a serial number in a revision that has none.
  case notEncodable(String)

  /// The connection could not be made.
  case dialFailed(DialFailure)

  /// Why there is no connection, where that is what failed.
  public var dialFailure: DialFailure? {
    if case .dialFailed(let failure) = self { failure } else { nil }
  }

  /// One line for people.
  public var description: String {
    switch self {
    case .callFailed(.timeout): "no answer came in time"
    case .callFailed(.cancelled): "the call was cancelled"
    case .callFailed(.closed): "the connection ended before the answer came"
    case .callFailed(.stopped), .stopped: "the connection is no longer open"
    case .callFailed(.queueFull), .queueFull: "the send queue is full"
    case .notSent: "the connection ended before the frame was sent"
    case .notEncodable(let reason): "the frame cannot be sent: \(reason)"
    case .dialFailed(let failure): "cannot connect: \(failure.reason)"
    }
  }
}
