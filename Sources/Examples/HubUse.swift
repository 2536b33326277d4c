import WireproofPeer

/// Looks at the connections of a server.
func look(at server: Server, for identity: String, log: (String) -> Void) {
  // snippet: hub
  log("\(server.hub.count) connections")
  if let connection = server.hub.connection(identity: identity) {
    log("\(identity) comes from \(connection.details.metadata.sourceText)")
  }
  server.hub.forEach { connection in
    log("\(connection.number): \(connection.details.identityText)")
  }
  // end
}

/// Sends a connection away as if a newcomer had taken its place on another machine.
func displace(_ identity: String, at server: Server, newAddress: String) -> Bool {
  // snippet: displace
  let wasHere = server.hub.displace(identity: Array(identity.utf8), newAddress: newAddress)
  // end
  return wasHere
}

/// Drops a connection without a word.
func kick(_ identity: String, from server: Server) -> Bool {
  // snippet: kick
  let wasHere = server.hub.kick(identity: Array(identity.utf8))
  // end
  return wasHere
}
