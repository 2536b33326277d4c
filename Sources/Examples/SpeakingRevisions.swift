import WireproofPeer

/// Lets a server serve old and new clients at once, and a client speak to an old server.
func speakRevisions(_ server: inout ServerConfiguration, _ client: inout ClientConfiguration) {
  // snippet: revisions
  server.options.revision = .detected(until: .v1_3_3)
  client.options.revision = .fixed(.v1_3_0)
  // end
}
