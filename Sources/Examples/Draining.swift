import WireproofPeer

/// Ends a server and lets running handlers finish.
func drain(_ server: Server) async {
  // snippet: drain
  await server.shutDown(deadline: .seconds(10))
  // end
}

/// Closes a client's connection and waits for its end.
func leave(_ connection: Connection) async -> ConnectionEnd {
  // snippet: close
  connection.close(code: 1000, reason: "done")
  let end = await connection.ended()
  // end
  return end
}
