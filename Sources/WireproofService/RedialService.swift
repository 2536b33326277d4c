public import ReferencePeer
public import ServiceLifecycle

/// A client that keeps itself connected, as a service of swift-service-lifecycle.
public struct RedialService: Service {
  private let client: Client
  private let schedule: RedialSchedule
  private let connected: @Sendable (Connection) -> Void

  /// A service.
  ///
  /// - Parameters:
  ///   - client: how one connection is made.
  ///   - schedule: how long is waited between two.
  ///   - connected: is handed each new connection.
  public init(
    _ client: Client, schedule: RedialSchedule = RedialSchedule(), connected: @escaping @Sendable (Connection) -> Void
  ) {
    self.client = client
    self.schedule = schedule
    self.connected = connected
  }

  /// Keeps connected until the connection is displaced or closed by this side, or a graceful shutdown closes it.
  public func run() async throws {
    let redialler = Redialler(client, schedule: schedule)
    try await cancelWhenGracefulShutdown {
      do { _ = try await redialler.run(connected) } catch is CancellationError {}
    }
  }
}
