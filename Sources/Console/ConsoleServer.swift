import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// `serve --console`: a page in the browser that shows the protocol live, and the small HTTP server behind it.
///
/// The page is a client of its own, over the browser's WebSocket. The server gives it the files, tells it what crosses the sockets of
/// the mock server, and does there what it asks for.
package final class ConsoleServer: Sendable {
  /// How a console is set up.
  package struct Configuration: Sendable {
    /// The address to listen on.
    package var host: String

    /// The port; 0 picks one.
    package var port: Int

    /// Names by which browsers reach the console besides the loopback ones.
    package var names: [String]

    /// The files of the page.
    package var files: ConsoleFiles

    /// A configuration from its parts.
    package init(host: String, port: Int, names: [String], files: ConsoleFiles) {
      self.host = host
      self.port = port
      self.names = names
      self.files = files
    }
  }

  /// The parts that the mock server is connected to, made before it.
  package struct Taps: Sendable {
    let events = EventStream()

    /// Is told of the server's connections.
    package let connections: ServedConnections

    /// Sees the server's traffic.
    package let feed: TrafficFeed

    /// Taps for one mock server.
    package init() throws {
      connections = ServedConnections(events)
      feed = try TrafficFeed(events)
    }
  }

  /// Where a browser finds the page; the token stands in the fragment, which a browser sends to nobody.
  package let url: String

  private let channel: any Channel

  /// Begins to serve.
  ///
  /// - Parameters:
  ///   - configuration: Where, and what.
  ///   - taps: What the mock server is connected to.
  ///   - mock: The mock server.
  ///   - behavior: What it does now.
  ///   - compress: Whether it accepts permessage-deflate now.
  /// - Throws: Where the address cannot be bound.
  package static func start(
    _ configuration: Configuration, taps: Taps, mock: any ConsoleMock, behavior: String, compress: Bool
  ) async throws -> ConsoleServer {
    let api = ConsoleAPI(
      mock: mock, connections: taps.connections, feed: taps.feed, events: taps.events,
      choice: NIOLockedValueBox(.init(behavior: behavior, compress: compress)))
    let token = ConsoleAccess.makeToken()
    let port = NIOLockedValueBox(configuration.port)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          let access = ConsoleAccess(
            host: configuration.host, names: configuration.names,
            port: port.withLockedValue { $0 == 0 ? channel.localAddress?.port ?? 0 : $0 }, token: token)
          try channel.pipeline.syncOperations.addHandler(
            ConsoleRequestHandler(access: access, files: configuration.files, api: api))
        }
      }
      .bind(host: configuration.host, port: configuration.port).get()
    let bound = channel.localAddress?.port ?? configuration.port
    port.withLockedValue { $0 = bound }
    let host =
      configuration.names.first ?? (configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host)
    return ConsoleServer(url: "http://\(host):\(bound)/#token=\(token)", channel: channel)
  }

  private init(url: String, channel: any Channel) {
    self.url = url
    self.channel = channel
  }

  /// Stops listening. Pages that listen to events are left to the end of the process.
  package func shutDown() async { try? await channel.close() }
}
