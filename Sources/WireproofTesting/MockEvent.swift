import Conformance
import Specification

/// Something that the client under test did at a ``MockPeer``.
public struct MockEvent: Hashable, Sendable {
  /// What it did.
  public enum Content: Hashable, Sendable {
    /// It asked for the upgrade with this path and query, such as `/join?uid=1`, and was answered as the script says.
    case opened(path: String)

    /// It sent a frame of the protocol.
    case frame(MockFrame)

    /// It sent a WebSocket message that is no frame.
    case message([UInt8], isText: Bool)

    /// It sent a ping.
    case ping([UInt8])

    /// It sent a pong.
    case pong([UInt8])

    /// It sent a close frame; nil: without a body.
    case close(code: UInt16?, reason: String)

    /// It ended TCP, or reset it.
    case ended(isReset: Bool)

    /// It broke a rule of the protocol; in words.
    case violation(String)
  }

  /// When, since the peer began to listen.
  public let time: Duration

  /// The number of the connection, from 1, in the order in which they came.
  public let connection: Int

  /// What it did.
  public let content: Content

  init(_ event: MockServerAccount.Event) {
    time = event.time
    connection = event.connection
    content =
      switch event.content {
      case .opened(let path): .opened(path: path)
      case .frame(let id, let sn, let payload):
        .frame(MockFrame(connection: event.connection, id: id, sn: sn ?? 0, payload: payload))
      case .message(let bytes, let isText): .message(bytes, isText: isText)
      case .ping(let payload): .ping(payload)
      case .pong(let payload): .pong(payload)
      case .close(let code, let reason): .close(code: code, reason: reason)
      case .ended(let isReset): .ended(isReset: isReset)
      case .violation(let reason): .violation(reason)
      }
  }
}

/// A frame that the client under test sent.
public struct MockFrame: Hashable, Sendable {
  /// The number of the connection, from 1.
  public let connection: Int

  /// The protocolId.
  public let id: Int64

  /// The serial number; 0: a one-way message.
  public let sn: UInt32

  /// The payload.
  public let payload: [UInt8]

  /// The payload as UTF-8; nil where it is none.
  public var text: String? { String(validating: payload, as: UTF8.self) }
}

extension MockEvent: CustomStringConvertible {
  /// The event in one line, fit for a terminal.
  public var description: String {
    let (seconds, attoseconds) = time.components
    let milliseconds = String(attoseconds / 1_000_000_000_000_000)
    let padding = String(repeating: "0", count: max(0, 3 - milliseconds.utf8.count))
    return "\(seconds).\(padding)\(milliseconds) #\(connection) \(what)"
  }

  private var what: String {
    switch content {
    case .opened(let path): "opened \(InertText.visible(path))"
    case .frame(let frame):
      "\(frame.sn == 0 ? "one-way" : "sn \(frame.sn)") id \(frame.id), \(Self.described(frame.payload))"
    case .message(let bytes, let isText): "\(isText ? "text" : "binary") that is no frame, \(Self.described(bytes))"
    case .ping(let payload): "ping, \(Self.described(payload))"
    case .pong(let payload): "pong, \(Self.described(payload))"
    case .close(nil, _): "close without a code"
    case .close(let code?, let reason): "close \(code)\(reason.isEmpty ? "" : " \"\(InertText.visible(reason))\"")"
    case .ended(let isReset): isReset ? "reset TCP" : "ended TCP"
    case .violation(let reason): "VIOLATION: \(InertText.visible(reason))"
    }
  }

  private static func described(_ bytes: [UInt8]) -> String {
    "\(bytes.count) bytes \"\(InertText.ascii(bytes, limit: 60))\""
  }
}
