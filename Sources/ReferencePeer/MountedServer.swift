package import NIOCore
import NIOPosix
import Negotiation

/// A server without a listener of its own: it takes over connections of an HTTP server that was there before. The product
/// `WireproofUpgrade` connects the two.
///
/// Of the configuration, `host`, `port` and `tls` are the HTTP server's and not looked at.
public final class MountedServer: Sendable {
  private let core: ServerCore

  /// A server that waits for connections.
  public init(_ configuration: ServerConfiguration) { core = ServerCore(configuration) }

  /// The connections by identity.
  public var hub: Hub { core.hub }

  /// Decides about an upgrade request.
  ///
  /// - Parameters:
  ///   - head: Its bytes, with the empty line.
  ///   - remote: The address of the TCP peer.
  package func decide(_ head: [UInt8], from remote: SocketAddress?) -> UpgradeVerdict {
    var parser = UpgradeRequestParser()
    switch parser.read(head.span.bytes) {
    case .request(let request, _): return core.settings.verdict(on: request, from: remote)
    case .violation(let error):
      return .refused(
        HandshakeResponder.refuse(error, policy: core.settings.handshakePolicy).response, reason: error.reason)
    case .incomplete: return .refused(HandshakeResponder.refuse(parser.unfinished).response, reason: "incomplete")
    }
  }

  /// Takes over a channel whose 101 was sent: its handler becomes the last of the pipeline. On the channel's event loop.
  package func take(_ channel: any Channel, _ details: ConnectionDetails) throws {
    let handler = try core.makeHandler(for: channel, phase: .accepting(UpgradeRequestParser()))
    try channel.pipeline.syncOperations.addHandler(handler)
    handler.accept(details, nil)
  }

  /// Closes each connection with 1001 as soon as none of its handlers runs; what is left after the deadline is cut off. The HTTP server
  /// should have stopped listening.
  public func shutDown(deadline: Duration = .seconds(5)) async {
    await core.drain(deadline: deadline, timer: MultiThreadedEventLoopGroup.singleton.any())
  }
}
