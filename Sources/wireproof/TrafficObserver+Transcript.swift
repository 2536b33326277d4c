import Conformance
import NIOCore
import ReferencePeer
import Specification

extension TrafficObserver {
  /// Writes what an entry of a transcript brought over the wire.
  func record(_ entry: TranscriptEntry, of number: UInt64) {
    switch entry.event {
    case .opened(let local, let remote, let isServer):
      opened(
        connection: number, role: isServer ? .server : .client, local: Self.address(local),
        remote: Self.address(remote))
    case .sent(let bytes): sent(ByteBuffer(bytes: bytes), connection: number)
    case .received(let bytes): received(ByteBuffer(bytes: bytes), connection: number)
    case .endSent, .endReceived, .resetSent, .resetReceived: closed(connection: number)
    case .named, .decoded, .step, .note: break
    }
  }

  private static func address(_ text: String) -> SocketAddress? {
    guard let address = ListenAddress(argument: text) else { return nil }
    return try? SocketAddress(ipAddress: address.host, port: address.port)
  }
}
