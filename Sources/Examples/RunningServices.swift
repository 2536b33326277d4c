import ServiceLifecycle
import UnixSignals
import WireproofPeer
import WireproofService

/// Runs a server until the process is told to end.
func runService(_ configuration: ServerConfiguration, listening: @escaping @Sendable (Server) -> Void) async throws {
  // snippet: service
  let service = ServerService(configuration, deadline: .seconds(10), listening: listening)
  let group = ServiceGroup(
    configuration: .init(
      services: [.init(service: service)], gracefulShutdownSignals: [.sigterm], logger: configuration.logger))
  try await group.run()
  // end
}
