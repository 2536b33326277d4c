import NIOCore
import ReferencePeer
import Specification

/// The server as the options of `serve` say, for any behavior.
struct ServedConfiguration: Sendable {
  /// What does not depend on the behavior.
  var base: ServerConfiguration

  /// How long the slow call takes.
  let slowDelay: Duration

  /// The largest frame length, where the options name one; nil: the behavior's.
  let maxFrameLength: UInt32?

  /// The configuration of a server with a behavior that is no script.
  func configuration(for behavior: ServedBehavior) -> ServerConfiguration {
    var configuration = base
    behavior.apply(to: &configuration, slowDelay: slowDelay)
    if let maxFrameLength { configuration.options.maxFrameLength = maxFrameLength }
    return configuration
  }
}

/// Several observers of one server's traffic.
struct TrafficObservers: TrafficObserver {
  /// The observers, told in this order.
  let all: [any TrafficObserver]

  func opened(connection: UInt64, role: PeerRole, local: SocketAddress?, remote: SocketAddress?) {
    for observer in all { observer.opened(connection: connection, role: role, local: local, remote: remote) }
  }

  func received(_ bytes: ByteBuffer, connection: UInt64) {
    for observer in all { observer.received(bytes, connection: connection) }
  }

  func sent(_ bytes: ByteBuffer, connection: UInt64) {
    for observer in all { observer.sent(bytes, connection: connection) }
  }

  func peerEnded(connection: UInt64) {
    for observer in all { observer.peerEnded(connection: connection) }
  }

  func closed(connection: UInt64) {
    for observer in all { observer.closed(connection: connection) }
  }
}
