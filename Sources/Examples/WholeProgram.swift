// snippet: whole-program
import NIOCore
import WireproofPeer

/// A server that echoes, and a client that calls it.
func greetOverLoopback() async throws -> String {
  var serverConfiguration = ServerConfiguration()
  serverConfiguration.handlers.on(2) { message, connection in
    connection.answer(message, 3, message.payload, completion: nil)
  }
  let server = try await Server.listen(serverConfiguration)

  let client = try Client(ClientConfiguration("\(server.url)?uid=100"))
  let connection = try await client.connect()
  let answer = try await connection.call(2, ByteBuffer(string: "hello"))

  connection.close()
  await server.shutDown()
  return String(buffer: answer.payload)
}
// end
