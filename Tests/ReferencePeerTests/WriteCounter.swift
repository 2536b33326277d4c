import NIOConcurrencyHelpers
import NIOCore
import Specification

@testable import ReferencePeer

/// Counts the writes of all connections.
final class WriteCounter: TrafficObserver {
  let writes = NIOLockedValueBox(0)

  func opened(connection: UInt64, role: PeerRole, local: SocketAddress?, remote: SocketAddress?) {}
  func received(_ bytes: ByteBuffer, connection: UInt64) {}
  func sent(_ bytes: ByteBuffer, connection: UInt64) { writes.withLockedValue { $0 += 1 } }
  func closed(connection: UInt64) {}
}
