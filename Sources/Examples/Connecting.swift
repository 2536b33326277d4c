import NIOCore
import WireproofPeer

/// Connects to a server as user 100, with callbacks and a handler for what the server sends of itself.
func connect(url: String, log: @escaping @Sendable (String) -> Void) async throws -> Connection {
  // snippet: connect
  var configuration = try ClientConfiguration(url)
  configuration.metadata = ConnectionMetadata(uid: "100", typed: 1, deviceId: "phone", source: "ios")
  configuration.fields = [HTTPField("X-App-Version", "1.0")]
  configuration.callbacks.established = { connection in
    log("client established: \(connection.details.identityText)")
  }
  configuration.callbacks.closing = { _ in log("client closing") }
  configuration.callbacks.closed = { _, end in log("client closed: \(end)") }
  configuration.handlers.on(ProtocolId.response) { message, _ in
    log("client received: \(String(buffer: message.payload))")
  }
  let client = try Client(configuration)
  let connection = try await client.connect()
  // end
  return connection
}
