import NIOCore
import WireproofPeer

/// Sends one-way messages: one that waits for room, one that tells what became of it.
func send(on connection: Connection, log: @escaping @Sendable (String) -> Void) async throws {
  // snippet: send
  try await connection.send(ProtocolId.request, ByteBuffer(string: "client request"))
  // end
  // snippet: send-completion
  connection.send(ProtocolId.request, ByteBuffer(string: "client request")) { result in
    switch result {
    case .success: log("sent")
    case .failure(let error): log("not sent: \(error)")
    }
  }
  // end
}
