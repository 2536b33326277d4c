import Foundation
import Glibc

/// Somebody who takes TCP connections on loopback, says one thing to each, and then nothing.
final class TCPListener {
  /// The port on 127.0.0.1.
  let port: UInt16

  private let descriptor: Int32

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - greeting: What is said.
  ///   - ends: Whether the connection ends with it.
  init(saying greeting: String, ends: Bool = false) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) | listen(descriptor, 16) | getsockname(descriptor, pointer, &length)
      }
    }
    guard result == 0 else { throw NoPort() }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread {
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        _ = greeting.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        if ends { Self.end(connection) }
      }
    }
  }

  /// Ends a connection behind what was said: with data unread, TCP would reset it, and what was said may be lost.
  private static func end(_ connection: Int32) {
    shutdown(connection, Int32(SHUT_WR))
    var bytes = [UInt8](repeating: 0, count: 4096)
    while recv(connection, &bytes, bytes.count, 0) > 0 {}
    close(connection)
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  struct NoPort: Error {}
}
