import NIOCore
import WireproofPeer

/// The handlers of the server that the other steps talk to.
func serverHandlers(
  log: @escaping @Sendable (String) -> Void, lookUp: @escaping @Sendable (String) async throws -> String
) -> Handlers {
  // snippet: handler
  var handlers = Handlers()
  handlers.on(ProtocolId.request) { message, connection in
    log("server received: \(String(buffer: message.payload))")
    connection.answer(message, ProtocolId.response, ByteBuffer(string: "server response"), completion: nil)
  }
  // end
  // snippet: handler-async
  handlers.onAsync(ProtocolId.lookUp) { message, connection in
    let found = try await lookUp(String(buffer: message.payload))
    try await connection.answer(message, ProtocolId.found, ByteBuffer(string: found))
  }
  // end
  return handlers
}
