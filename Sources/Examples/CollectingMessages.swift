import NIOCore
import WireproofPeer

/// Has the messages of a protocolId collected.
func collectNews(_ configuration: inout ClientConfiguration) {
  // snippet: collect
  configuration.handlers.collect(ProtocolId.news)
  // end
}

/// Takes them until the connection ends.
func readNews(on connection: Connection, log: (String) -> Void) async {
  // snippet: messages
  for await message in connection.messages {
    log("news: \(String(buffer: message.payload))")
  }
  // end
}
