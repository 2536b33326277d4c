package import NIOCore
package import NIOPosix

extension ClientBootstrap {
  /// Connects to a host. An address is connected to at once: NIO's resolver would look it up on a thread of its own, which a busy
  /// machine may not run before the time to connect is over, though the server answers.
  ///
  /// - Parameters:
  ///   - host: A name or an address, IPv6 without brackets.
  ///   - port: The port.
  package func connect(toHost host: String, port: Int) -> EventLoopFuture<any Channel> {
    if let address = try? SocketAddress(ipAddress: host, port: port) { return connect(to: address) }
    return connect(host: host, port: port)
  }
}
