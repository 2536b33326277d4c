import WireproofPeer

/// Listens on loopback, at `/join`.
func listen(
  port: Int, handlers: Handlers, log: @escaping @Sendable (String) -> Void
) async throws -> Server {
  // snippet: listen
  var configuration = ServerConfiguration()
  configuration.port = port
  configuration.handlers = handlers
  configuration.callbacks.established = { connection in
    log("server established: \(connection.details.identityText)")
  }
  configuration.callbacks.closing = { connection in
    log("server closing: \(connection.details.identityText)")
  }
  configuration.callbacks.closed = { connection, end in
    log("server closed: \(connection.details.identityText), \(end)")
  }
  let server = try await Server.listen(configuration)
  log("listening on \(server.url)")
  // end
  return server
}
