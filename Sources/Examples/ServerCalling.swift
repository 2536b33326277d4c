import NIOCore
import WireproofPeer

/// Lets a client answer the server's calls.
func answerQuestions(_ configuration: inout ClientConfiguration) {
  // snippet: client-answer
  configuration.handlers.on(ProtocolId.question) { message, connection in
    connection.answer(message, ProtocolId.reply, ByteBuffer(string: "yes"), completion: nil)
  }
  // end
}

/// Calls a client from the server.
func ask(_ server: Server, identity: String) async throws -> String? {
  // snippet: server-call
  guard let connection = server.hub.connection(identity: identity) else { return nil }
  let answer = try await connection.call(ProtocolId.question, ByteBuffer(string: "are you there?"))
  return String(buffer: answer.payload)
  // end
}
