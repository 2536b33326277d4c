public import NIOCore
public import NIOPosix
public import ReferencePeer
public import ServiceLifecycle

/// A server as a service of swift-service-lifecycle: listens while it runs, and drains on a graceful shutdown.
public struct ServerService: Service {
  private let configuration: ServerConfiguration
  private let group: any EventLoopGroup
  private let deadline: Duration
  private let listening: @Sendable (Server) -> Void

  /// A service.
  ///
  /// - Parameters:
  ///   - configuration: how the server is set up.
  ///   - group: the event loops to run on.
  ///   - deadline: how long connections may take to end on shutdown.
  ///   - listening: is handed the server when it listens.
  public init(
    _ configuration: ServerConfiguration, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    deadline: Duration = .seconds(5), listening: @escaping @Sendable (Server) -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.group = group
    self.deadline = deadline
    self.listening = listening
  }

  /// Serves until a graceful shutdown is asked for, or the task is cancelled.
  ///
  /// - Throws: where the address cannot be bound or the certificate cannot be used.
  public func run() async throws {
    let server = try await Server.listen(configuration, on: group)
    listening(server)
    // Cancelled or asked to end: the connections are drained in both cases.
    try? await gracefulShutdown()
    await server.shutDown(deadline: deadline)
  }
}
