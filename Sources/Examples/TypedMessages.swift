import NIOCore
import SwiftProtobuf
import WireproofPeer

/// Handles a protobuf type and answers with one.
func greet(_ handlers: inout Handlers, log: @escaping @Sendable (String) -> Void) {
  // snippet: typed-handler
  handlers.on(ProtocolId.name, decoding: Google_Protobuf_StringValue.self) { name, message, connection in
    let greeting = Google_Protobuf_StringValue("Hello, \(name.value)")
    do {
      connection.answer(message, ProtocolId.greeting, try ByteBuffer(encoding: greeting), completion: nil)
    } catch {
      log("the answer does not encode: \(error)")
    }
  }
  // end
}

/// Calls with a protobuf type and decodes the answer.
func askForGreeting(on connection: Connection) async throws -> String {
  // snippet: typed-call
  let name = Google_Protobuf_StringValue("Ada")
  let answer = try await connection.call(ProtocolId.name, ByteBuffer(encoding: name))
  let greeting = try answer.decode(Google_Protobuf_StringValue.self)
  // end
  return greeting.value
}
