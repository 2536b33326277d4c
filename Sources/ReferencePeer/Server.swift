public import Logging
public import NIOCore
public import NIOPosix
public import NIOSSL
public import Negotiation
import Specification

/// How a server is set up.
public struct ServerConfiguration: Sendable {
  /// The host to listen on; loopback, so that nothing is open to the network by accident.
  public var host = "127.0.0.1"

  /// The port to listen on; 0 picks one.
  public var port = 0

  /// What is let in: the path, versions and charsets, origins. Compression is told in `options`.
  public var policy = HandshakePolicy(path: "/join")

  /// Decides about a request that keeps all rules, by its fields, and says who the client is; nil: the query says it.
  public var admission: (@Sendable (UpgradeRequest) -> Admission)?

  /// Whether `X-Real-Ip` and `X-Forwarded-For` are believed. Anyone can write them: only for a server behind a proxy that
  /// overwrites them.
  public var trustsProxyFields = false

  /// The certificate and key of a TLS server; nil: plain TCP. TLS 1.2 and up.
  public var tls: TLSConfiguration?

  /// Limits, deadlines, compression, revision.
  public var options = ConnectionOptions()

  /// What to run for each protocolId.
  public var handlers = Handlers()

  /// What the program wants to be told.
  public var callbacks = ConnectionCallbacks()

  /// Instead of `handlers`: gets whole WebSocket messages. Nobody is displaced then, since there are no frames to say so.
  public var messageHandler: WebSocketMessageHandler?

  /// How many shards the hub has.
  public var shards = 16

  /// Sees the bytes of all connections.
  public var observer: (any TrafficObserver)?

  /// Counts the traffic.
  public var statistics: TrafficStatistics?

  /// The deliberate faults; nil: none.
  package var mutation: PeerMutation?

  /// Where to log.
  public var logger = Logger(label: "wireproof.server") { _ in SwiftLogNoOpLogHandler() }

  /// A server on loopback at `/join` without handlers.
  public init() {}
}

/// What a program says to an upgrade request.
public enum Admission: Sendable {
  /// The client is let in, as this.
  case accepted(ConnectionMetadata)

  /// The client is refused with an HTTP status of 400 or above, and a detail for people.
  case refused(status: Int, detail: String)
}

/// A server of the protocol.
public final class Server: Sendable {
  /// The connections by identity.
  public let hub: Hub

  /// Where it listens.
  public let address: SocketAddress

  /// The port that it listens on.
  public var port: Int { address.port ?? 0 }

  private let channel: any Channel
  private let service: ServerService
  private let isTLS: Bool
  private let path: String

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - configuration: how it is set up.
  ///   - group: the event loops to run on; by default those that all of the process shares.
  /// - Throws: where the address cannot be bound or the certificate cannot be used.
  public static func listen(
    _ configuration: ServerConfiguration, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) async throws -> Server {
    let configuration = configuration.withFault
    let service = ServerService(configuration)
    let tlsContext = try configuration.tls.map { tls in
      var tls = tls
      tls.minimumTLSVersion = .tlsv12
      return try NIOSSLContext(configuration: tls)
    }
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.maxMessagesPerRead, value: 64)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause(logger: configuration.logger))
        }
      }
      .childChannelOption(.maxMessagesPerRead, value: 1)
      // TLS has an end of its own; with half-closure on, NIOSSL would wait out a timeout for it.
      .childChannelOption(.allowRemoteHalfClosure, value: tlsContext == nil)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tlsContext {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tlsContext))
          }
          try service.take(channel)
        }
      }
      .bind(host: configuration.host, port: configuration.port).get()
    guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
    return Server(
      service: service, address: address, channel: channel, isTLS: tlsContext != nil,
      path: configuration.policy.path ?? "/")
  }

  private init(service: ServerService, address: SocketAddress, channel: any Channel, isTLS: Bool, path: String) {
    self.service = service
    hub = service.hub
    self.address = address
    self.channel = channel
    self.isTLS = isTLS
    self.path = path
  }

  /// The URL to connect to, `ws://127.0.0.1:PORT/join`.
  public var url: String {
    let host = ClientAddress.peer(host: address.ipAddress ?? "", port: UInt16(clamping: port))
    return "\(isTLS ? "wss" : "ws")://\(host)\(path)"
  }

  /// Serves connections that come from now on in another way; those that are there stay as they are. All are in one hub.
  ///
  /// - Parameter configuration: How; its `host`, `port`, `tls` and `shards` are not looked at.
  package func serve(_ configuration: ServerConfiguration) { service.serve(configuration.withFault) }

  /// Hands connections that come from now on to somebody else, without a handler and not yet read.
  ///
  /// - Parameter taker: Takes a channel, on its event loop. What it takes it ends itself.
  package func handOver(to taker: @escaping @Sendable (any Channel) throws -> Void) { service.handOver(to: taker) }

  /// Ends the server: nothing new is accepted; each connection is closed with 1001 as soon as none of its handlers runs; what
  /// is left after the deadline is cut off.
  ///
  /// - Parameter deadline: how long the connections may take.
  public func shutDown(deadline: Duration = .seconds(5)) async {
    try? await channel.close()
    await service.drain(deadline: deadline, timer: channel.eventLoop)
  }
}
