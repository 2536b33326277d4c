import Conversation
import NIOCore
import Testing
import WebSocketCodec

@testable import ReferencePeer

/// The caller's side of a call, against a peer that answers wrongly, late or twice.
@Suite("Callers, and peers that answer as they like", .timeLimit(.minutes(10)))
struct CallRuleTests {
  /// rpc.answer.second, rpc.answer.pairing
  @Test("A server that called a client takes the first answer, whatever its id, and keeps the connection")
  func server() async throws {
    try await withServer { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      socket.write(Wire.webSocket(.binary, Wire.frame(6, [1, 2]), masked: true))
      #expect(await socket.lines.next(1) == ["binary " + RawSocket.hex(Wire.frame(7, sn: 3, [1, 2]))])
      socket.write(
        Wire.webSocket(.binary, Wire.frame(77, sn: 5, [0]), masked: true)
          + Wire.webSocket(.binary, Wire.frame(77, sn: 3, [1]), masked: true)
          + Wire.webSocket(.binary, Wire.frame(17, sn: 3, [2]), masked: true)
          + Wire.webSocket(.binary, Wire.frame(2, sn: 2), masked: true))
      #expect(
        await socket.lines.next(2)
          == ["binary " + RawSocket.hex(Wire.frame(8, [1])), "binary " + RawSocket.hex(Wire.frame(3, sn: 2))])
      // Its next call has the next number of its parity (rpc.sn.step).
      socket.write(Wire.webSocket(.binary, Wire.frame(6), masked: true))
      #expect(await socket.lines.next(1) == ["binary " + RawSocket.hex(Wire.frame(7, sn: 5))])
      socket.close()
    }
  }

  /// rpc.order, rpc.sn.parity, rpc.sn.unique
  @Test("A client pairs answers that come in the wrong order")
  func order() async throws {
    try await withRawServer { server in
      let (socket, connection) = try await server.connect()
      let calls = (0..<3).map { number in
        connection.result(of: 5, ByteBuffer(bytes: [UInt8(number)]))
      }
      #expect(
        await socket.lines.next(3)
          == (0..<3).map { "binary " + RawSocket.hex(Wire.frame(5, sn: UInt32(2 + 2 * $0), [UInt8($0)])) })
      for sn in [UInt32(6), 2, 4] {
        socket.write(Wire.webSocket(.binary, Wire.frame(200 + sn, sn: sn, [UInt8(sn)]), masked: false))
      }
      for (number, call) in calls.enumerated() {
        let answer = try #require(try await call.next(1).first?.get())
        #expect(answer.protocolId == Int64(202 + 2 * number))
        #expect(answer.payload == ByteBuffer(bytes: [UInt8(2 + 2 * number)]))
      }
      socket.close()
      _ = await connection.ended()
    }
  }

  /// rpc.answer.late, rpc.timeout.silent
  @Test("An answer after the deadline completes nothing, and nothing was written")
  func late() async throws {
    try await withRawServer { server in
      let (socket, connection) = try await server.connect()
      await #expect(throws: ConnectionError.callFailed(.timeout)) {
        _ = try await connection.call(5, timeout: .milliseconds(1))
      }
      socket.write(Wire.webSocket(.binary, Wire.frame(6, sn: 2), masked: false))
      let next = Task { try await connection.call(5, timeout: nil) }
      #expect(
        await socket.lines.next(2)
          == ["binary " + RawSocket.hex(Wire.frame(5, sn: 2)), "binary " + RawSocket.hex(Wire.frame(5, sn: 4))])
      socket.write(Wire.webSocket(.binary, Wire.frame(6, sn: 2, [1]), masked: false))
      socket.write(Wire.webSocket(.binary, Wire.frame(6, sn: 4, [2]), masked: false))
      #expect(try await next.value.payload == ByteBuffer(bytes: [2]))
      socket.close()
      _ = await connection.ended()
    }
  }

  /// rpc.dispatch.complete, rpc.dispatch.handler
  @Test("An answer completes its call, and then runs the handler of its id")
  func handlerOfAnswer() async throws {
    try await withRawServer { server in
      let events = Inbox<String>()
      let (socket, connection) = try await server.connect {
        $0.handlers.on(6) { message, _ in events.put("handler, \(message.kind)") }
      }
      connection.call(5) { result in events.put((try? result.get()) == nil ? "failure" : "answer") }
      _ = await socket.lines.next(1)
      socket.write(Wire.webSocket(.binary, Wire.frame(6, sn: 2), masked: false))
      #expect(await events.next(2) == ["answer", "handler, response"])
      socket.close()
      _ = await connection.ended()
    }
  }

  /// rpc.close.pending
  @Test("Calls fail at once however the connection ends", arguments: ["close", "reset", "violation"])
  func ends(how: String) async throws {
    try await withRawServer { server in
      let (socket, connection) = try await server.connect()
      let call = connection.result(of: 5, ByteBuffer())
      _ = await socket.lines.next(1)
      switch how {
      case "close": socket.write(Wire.webSocket(.close, [], masked: false))
      case "violation": socket.write(Wire.webSocket(.binary, [], masked: false))
      default: socket.close()
      }
      let result = try #require(await call.next(1).first)
      #expect(throws: ConnectionError.callFailed(.closed)) { try result.get() }
      socket.close()
      let cause = await connection.ended().cause
      switch how {
      case "close": #expect(cause == .peerClosed(code: nil))
      case "violation": #expect(cause == .violation(code: 1002))
      default: #expect(cause == .transportEnded)
      }
    }
  }
}

extension Connection {
  /// Makes a call now, and hands its result on.
  fileprivate func result(of protocolId: Int64, _ payload: ByteBuffer) -> Inbox<
    Result<ReceivedMessage, ConnectionError>
  > {
    let results = Inbox<Result<ReceivedMessage, ConnectionError>>()
    call(protocolId, payload, timeout: nil) { results.put($0) }
    return results
  }
}
