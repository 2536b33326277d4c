import WireproofPeer

/// Turns compression on at both ends.
func compress(_ server: inout ServerConfiguration, _ client: inout ClientConfiguration) {
  // snippet: compression
  server.options.compression = CompressionOptions(level: 2)
  client.options.compression = CompressionOptions(level: 2)
  // end
}

/// Compresses better, at the price of memory for each connection: messages may refer back to earlier ones.
func compressWithTakeover(_ server: inout ServerConfiguration, _ client: inout ClientConfiguration) {
  // snippet: compression-takeover
  let takeover = CompressionOptions(
    level: 6, minimumLength: 64, acceptance: DeflateConfiguration(),
    offer: DeflateOffer(clientMaxWindowBits: .anyBits))
  server.options.compression = takeover
  client.options.compression = takeover
  // end
}
