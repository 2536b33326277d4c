import Deflate
public import Logging
public import NIOCore
public import NIOPosix
public import NIOSSL
public import Negotiation
import Specification

/// How a client is set up.
public struct ClientConfiguration: Sendable {
  /// Where to connect to.
  public var url: ConnectionURL

  /// What the client says about itself: replaces the parameters of these names in the URL's query. Nil: the query says it.
  public var metadata: ConnectionMetadata?

  /// Further fields of the upgrade request.
  public var fields: [HTTPField] = []

  /// The subprotocols to offer, for negotiation; `ws.v3.c1` is version 3 in charset 1.
  public var subprotocols: [String] = []

  /// How often to try before giving up.
  public var attempts = 3

  /// How long to wait between two tries.
  public var retryDelay: Duration = .seconds(1)

  /// How TLS is done for `wss`: own certificate authorities, or no verification.
  public var tls = TLSConfiguration.makeClientConfiguration()

  /// Limits, deadlines, compression, revision.
  public var options = ConnectionOptions()

  /// What to run for each protocolId.
  public var handlers = Handlers()

  /// What the program wants to be told.
  public var callbacks = ConnectionCallbacks()

  /// Instead of `handlers`: gets whole WebSocket messages.
  public var messageHandler: WebSocketMessageHandler?

  /// Sees the bytes of all connections.
  public var observer: (any TrafficObserver)?

  /// Counts the traffic.
  public var statistics: TrafficStatistics?

  /// The deliberate faults; nil: none.
  package var mutation: PeerMutation?

  /// Where to log.
  public var logger = Logger(label: "wireproof.client") { _ in SwiftLogNoOpLogHandler() }

  /// A client of the server at a URL.
  public init(_ url: ConnectionURL) {
    self.url = url
  }

  /// A client of the server at a URL.
  ///
  /// - Throws: `ConnectionError.dialFailed` that says what is wrong with the URL.
  public init(_ url: String) throws(ConnectionError) {
    self.init(try ConnectionURL(url))
  }
}

/// A client of the protocol: makes connections.
///
/// A program that wants to know its connections by ids of its own gives one to `connect(id:)`; dialling again with the same
/// id closes the older connection.
public final class Client: Sendable {
  /// How it was set up.
  public let configuration: ClientConfiguration

  private let settings: PeerSettings
  private let loops: PeerLoops
  private let group: any EventLoopGroup
  private let tlsContext: NIOSSLContext?
  private let byId = ClientConnections()

  /// Makes a client; nothing is dialled yet.
  ///
  /// - Parameters:
  ///   - configuration: how it is set up.
  ///   - group: the event loops to run on; by default those that all of the process shares.
  /// - Throws: where the TLS configuration cannot be used.
  public init(
    _ configuration: ClientConfiguration, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) throws {
    var configuration = configuration
    if let change = configuration.mutation?.clientConfiguration { change(&configuration) }
    self.configuration = configuration
    self.group = group
    settings = PeerSettings(
      role: .client, options: configuration.options, handlers: configuration.handlers,
      callbacks: configuration.callbacks, messageHandler: configuration.messageHandler, logger: configuration.logger,
      observer: configuration.observer)
    loops = PeerLoops(
      compressionLevel: configuration.options.compression?.level ?? 6, statistics: configuration.statistics)
    if configuration.url.isSecure {
      var tls = configuration.tls
      tls.minimumTLSVersion = .tlsv12
      tlsContext = try NIOSSLContext(configuration: tls)
    } else {
      tlsContext = nil
    }
  }

  /// Connects, with as many tries as the configuration says; what cannot pass by itself, such as a wrong path or a certificate that
  /// is not trusted, is not tried again.
  ///
  /// - Parameter id: the program's own id of the connection; an older one with the same id is closed. Nil: none.
  /// - Returns: the connection, after its `established` callback.
  /// - Throws: `ConnectionError.dialFailed` with the reason of the last try; `CancellationError`.
  public func connect(id: String? = nil) async throws -> Connection {
    var tries = 0
    while true {
      try Task.checkCancellation()
      tries += 1
      do {
        let connection = try await dial()
        if let id { byId.replace(id, by: connection)?.close(code: 1000, reason: "dialled again") }
        return connection
      } catch {
        let failure = TransportFault.failure(of: error)
        guard tries < configuration.attempts, !failure.isLasting else { throw ConnectionError.dialFailed(failure) }
        configuration.logger.info(
          "dialling failed",
          metadata: [
            "url": "\(configuration.url)", "try": "\(tries)", "of": "\(configuration.attempts)",
            "reason": "\(failure.reason)",
          ])
        try await Task.sleep(for: configuration.retryDelay)
      }
    }
  }

  /// The connection that was made with this id, unless it has ended.
  public func connection(id: String) -> Connection? { byId.connection(id) }

  /// One try.
  private func dial() async throws -> Connection {
    let eventLoop = group.next()
    let promise = eventLoop.makePromise(of: Connection.self)
    let url = configuration.url
    let metadata = configuration.metadata ?? ConnectionMetadata(query: Array(url.query.utf8))
    var key = SystemRandomNumberGenerator()
    var draft = UpgradeRequestDraft(
      path: url.path, query: query(of: url), host: url.hostField,
      key: SecWebSocketAccept.key(from: (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &key) }),
      extensions: configuration.options.compression?.offeredExtensions, protocols: configuration.subprotocols,
      additionalFields: configuration.fields)
    configuration.mutation?.draft?(&draft)
    var request: [UInt8]
    do { request = try draft.bytes() } catch {
      promise.fail(error)
      throw ConnectionError.dialFailed(DialFailure(.badRequest, "the upgrade request cannot be written: \(error)"))
    }
    configuration.mutation?.request?(&request)
    let (bytes, expectation) = (request, draft.expectation)
    do {
      let channel = try await ClientBootstrap(group: eventLoop)
        .connectTimeout(.nanoseconds(configuration.options.handshakeWait.nanoseconds))
        .channelOption(.maxMessagesPerRead, value: 1)
        .channelOption(.allowRemoteHalfClosure, value: tlsContext == nil)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let resources = self.loops.resources(of: channel.eventLoop)
            try channel.syncOptions?.setOption(.recvAllocator, value: ReceiveBufferAllocator(loop: resources))
            if let tlsContext = self.tlsContext {
              let name = Self.isAddress(url.host) ? nil : url.host
              try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tlsContext, serverHostname: name))
            }
            let phase = ConnectionHandler.Phase.dialing(UpgradeResponseParser(expecting: expectation))
            let dial = Dial(
              request: bytes, metadata: metadata, isSecure: self.tlsContext != nil, promise: promise)
            let handler =
              if let mutation = self.configuration.mutation {
                FaultyConnectionHandler(
                  mutation, settings: self.settings, loop: resources, phase: phase, dial: dial, expecting: expectation)
              } else {
                ConnectionHandler(settings: self.settings, loop: resources, phase: phase, dial: dial)
              }
            try channel.pipeline.syncOperations.addHandler(handler)
          }
        }
        .connect(toHost: url.host, port: url.port).get()
      // For a channel that ended between the two: a promise that was kept takes no notice.
      channel.closeFuture.whenComplete { _ in
        promise.fail(ConnectionError.dialFailed(AnswerOpening().cut))
      }
    } catch {
      promise.fail(error)
    }
    return try await promise.futureResult.get()
  }

  /// The URL's query, with the metadata of the configuration in place of the URL's.
  private func query(of url: ConnectionURL) -> [UInt8] {
    guard let metadata = configuration.metadata else { return Array(url.query.utf8) }
    let names: Set<Substring> = ["uid", "typed", "deviceId", "source", "version", "charset"]
    let others = url.query.split(separator: "&").filter { !names.contains($0.prefix { $0 != "=" }) }
    return Array(
      ([String(decoding: metadata.query, as: UTF8.self)] + others.map(String.init)).joined(separator: "&").utf8)
  }

  /// Whether a host is an IP address, which is no name to verify a certificate against by SNI.
  private static func isAddress(_ host: String) -> Bool {
    (try? SocketAddress(ipAddress: host, port: 0)) != nil
  }
}
