import Metrics
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Testing
import WireproofMetrics
import WireproofPeer
import WireproofService
import WireproofUpgrade

@testable import Examples

@Suite("The library among others: an HTTP server, ServiceLifecycle, swift-metrics", .timeLimit(.minutes(10)))
struct IntegrationTests {
  @Test("Connections of an HTTP server are served and drained, its own pages too, and what the policy refuses")
  func mounted() async throws {
    var configuration = ServerConfiguration()
    configuration.handlers = handlers(Lines())
    configuration.options.compression = CompressionOptions()
    let server = MountedServer(configuration)
    let channel = try await serveHTTP(with: server)
    let port = channel.localAddress?.port ?? 0

    var client = try ClientConfiguration("ws://127.0.0.1:\(port)/join?uid=100")
    client.options.compression = CompressionOptions()
    let connection = try await Client(client).connect()
    #expect(connection.details.deflate != nil)
    #expect(try await connection.call(ProtocolId.request).protocolId == ProtocolId.response)
    #expect(server.hub.connection(identity: "100-0--") != nil)

    #expect(try await page(port: port, path: "/health") == "page /health")
    // Refused by the path: the HTTP server answers as it answers anybody.
    let elsewhere = try Client(ClientConfiguration("ws://127.0.0.1:\(port)/other"))
    let error = await #expect(throws: ConnectionError.self) { _ = try await elsewhere.connect() }
    #expect(error?.dialFailure?.kind == .refused(status: 200))

    try await channel.close()
    await server.shutDown()
    #expect(await connection.ended().cause == .peerClosed(code: 1001))
  }

  /// The body of a page, by a plain request.
  private func page(port: Int, path: String) async throws -> String {
    let (bytes, received) = AsyncStream.makeStream(of: ByteBuffer.self)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Receiver(received)) }
      }
      .connect(host: "127.0.0.1", port: port).get()
    try await channel.writeAndFlush(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n"))
    var text = ""
    for await part in bytes {
      text += String(buffer: part)
      if let end = text.firstRange(of: "\r\n\r\n"), !text[end.upperBound...].isEmpty { break }
    }
    channel.close(promise: nil)
    return text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
  }

  private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let received: AsyncStream<ByteBuffer>.Continuation

    init(_ received: AsyncStream<ByteBuffer>.Continuation) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { received.yield(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) { received.finish() }
  }

  @Test("Collected messages come in order, and the sequence ends with the connection")
  func messages() async throws {
    let seen = Lines()
    try await withServer({ configuration in
      configuration.handlers.on(ProtocolId.request) { _, connection in
        for number in 0..<1000 {
          connection.send(ProtocolId.news, ByteBuffer(string: "\(number)"), completion: nil)
        }
        connection.close()
      }
      configuration.options.sendQueueLimit = 2000
    }) { server in
      let connection = try await client(of: server, change: { collectNews(&$0) }).connect()
      try await connection.send(ProtocolId.request)
      await readNews(on: connection, log: seen.add)
      #expect(seen.all == (0..<1000).map { "news: \($0)" })
    }
  }

  @Test("A service listens, and drains on a graceful shutdown")
  func service() async throws {
    let (servers, listening) = AsyncStream.makeStream(of: Server.self)
    var configuration = ServerConfiguration()
    configuration.handlers = handlers(Lines())
    let service = ServerService(configuration) { listening.yield($0) }
    let group = ServiceGroup(
      configuration: .init(services: [.init(service: service)], logger: configuration.logger))
    async let running: Void = group.run()
    var iterator = servers.makeAsyncIterator()
    let server = try #require(await iterator.next())
    let connection = try await Client(ClientConfiguration("\(server.url)?uid=1")).connect()
    #expect(try await connection.call(ProtocolId.request).protocolId == ProtocolId.response)
    await group.triggerGracefulShutdown()
    try await running
    #expect(await connection.ended().cause == .peerClosed(code: 1001))
  }

  @Test("The figures reach swift-metrics")
  func metrics() async throws {
    let factory = CountingFactory()
    MetricsSystem.bootstrap(factory)
    var configuration = ServerConfiguration()
    configuration.handlers = handlers(Lines())
    let metrics = measure(&configuration)
    let server = try await Server.listen(configuration)
    let connection = try await Client(ClientConfiguration("\(server.url)?uid=1")).connect()
    for _ in 0..<3 { _ = try await connection.call(ProtocolId.request) }
    metrics.record()
    #expect(factory.count("wireproof.frames in") == 3)
    #expect(factory.count("wireproof.calls") == 3)
    connection.close()
    await server.shutDown()
  }

  /// Keeps the sums of counters by label and direction.
  private final class CountingFactory: MetricsFactory {
    private let counts = NIOLockedValueBox<[String: Int64]>([:])

    func count(_ name: String) -> Int64 { counts.withLockedValue { $0[name] ?? 0 } }

    private final class Sum: CounterHandler, RecorderHandler {
      private let add: @Sendable (Int64) -> Void

      init(_ add: @escaping @Sendable (Int64) -> Void) { self.add = add }

      func increment(by amount: Int64) { add(amount) }
      func reset() {}
      func record(_ value: Int64) {}
      func record(_ value: Double) {}
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
      let name = ([label] + dimensions.map(\.1)).joined(separator: " ")
      return Sum { amount in self.counts.withLockedValue { $0[name, default: 0] += amount } }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
      Sum { _ in }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
  }
}
