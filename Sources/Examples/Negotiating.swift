import WireproofPeer

/// Makes a server negotiate: versions 1 to 3, UTF-8 and GBK.
func negotiate(_ configuration: inout ServerConfiguration) {
  // snippet: negotiation-server
  configuration.policy.negotiation = NegotiationPolicy(
    versions: VersionRange(min: 1, max: 3), charsets: [Charset.utf8.rawValue, Charset.gbk.rawValue])
  // end
}

/// Says in the query which version and charset a client speaks.
func declare(_ configuration: inout ClientConfiguration) {
  // snippet: negotiation-client
  configuration.metadata = ConnectionMetadata(uid: "100", version: 5, charset: Charset.gbk.rawValue)
  // end
}

/// Offers versions and charsets as subprotocols, the best first.
func offer(_ configuration: inout ClientConfiguration) {
  // snippet: negotiation-subprotocol
  configuration.subprotocols = ["ws.v5.c1", "ws.v3.c1", "ws.v2.c0"]
  // end
}

/// Sends text in the charset of the connection, and reads the answer in it.
func callWithText(on connection: Connection, log: (String) -> Void) async throws {
  // snippet: text
  let selection = connection.details.selection
  log("version \(selection.version), charset \(connection.charset)")
  let question = try connection.payload(text: "你好")
  let answer = try await connection.call(ProtocolId.request, question)
  log(try connection.text(of: answer.payload))
  // end
}
