import WireproofPeer

/// Gives a server its certificate; its URL then begins with `wss`.
func secure(_ configuration: inout ServerConfiguration, certificate: String, key: String) throws {
  // snippet: tls-server
  configuration.tls = try TLSFiles.server(certificate: certificate, key: key)
  // end
}

/// Lets a client trust a certificate authority of its own instead of the system's.
func trust(_ authorities: String, _ configuration: inout ClientConfiguration) throws {
  // snippet: tls-client
  configuration.tls = try TLSFiles.client(authorities: authorities)
  // end
}

/// Lets a client take any certificate: for tests only.
func trustAnything(_ configuration: inout ClientConfiguration) throws {
  // snippet: tls-client-unverified
  configuration.tls = try TLSFiles.client(authorities: nil, verifies: false)
  // end
}
