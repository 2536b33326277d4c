import NIOCore
import WireproofPeer

/// Calls the server and reads the answer.
func call(on connection: Connection) async throws -> String {
  // snippet: call
  let answer = try await connection.call(ProtocolId.lookUp, ByteBuffer(string: "Ada"))
  let found = String(buffer: answer.payload)
  // end
  return found
}

/// Calls the server and gives up after a deadline.
func callWithDeadline(on connection: Connection, log: (String) -> Void) async throws {
  // snippet: call-deadline
  do {
    let answer = try await connection.call(
      ProtocolId.lookUp, ByteBuffer(string: "Ada"), timeout: .milliseconds(200))
    log("found: \(String(buffer: answer.payload))")
  } catch ConnectionError.callFailed(.timeout) {
    log("no answer in time")
  } catch ConnectionError.callFailed(.closed), ConnectionError.callFailed(.stopped) {
    log("the connection has ended")
  }
  // end
}

/// Calls the server and thinks better of it.
func cancelCall(on connection: Connection) async throws -> String {
  // snippet: call-cancel
  let task = Task {
    try await connection.call(ProtocolId.lookUp, ByteBuffer(string: "Ada"), timeout: nil)
  }
  task.cancel()
  // end
  return String(buffer: try await task.value.payload)
}

/// Many calls at once, on one connection.
func callSideBySide(on connection: Connection, names: [String]) async throws -> [String: String] {
  // snippet: call-many
  let found = try await withThrowingTaskGroup(of: (String, String).self) { group in
    for name in names {
      group.addTask {
        let answer = try await connection.call(ProtocolId.lookUp, ByteBuffer(string: name))
        return (name, String(buffer: answer.payload))
      }
    }
    return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
  }
  // end
  return found
}
