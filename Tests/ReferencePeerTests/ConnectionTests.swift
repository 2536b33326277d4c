import Conversation
import Deflate
import NIOCore
import Testing

@testable import ReferencePeer

@Suite("Connections over loopback")
struct ConnectionTests {
  @Test("A call gets its answer, with the request's sn", arguments: [0, 1, 125, 126, 65_535, 65_536, 524_280])
  func call(size: Int) async throws {
    try await withServer { server in
      let client = try await server.connect()
      let payload = ByteBuffer(repeating: 0x5A, count: size)
      let answer = try await client.call(2, payload)
      #expect(answer.protocolId == 3)
      #expect(answer.sn == 2)
      #expect(answer.payload == payload)
    }
  }

  @Test("A payload above the limit is refused before it is sent")
  func tooLarge() async throws {
    try await withServer { server in
      let client = try await server.connect()
      await #expect(throws: ConnectionError.self) {
        _ = try await client.call(2, ByteBuffer(repeating: 0, count: 524_281))
      }
      #expect(try await client.call(2, ByteBuffer(string: "still here")).payload.text == "still here")
    }
  }

  @Test("A slow call does not hold up a fast one")
  func slowAndFast() async throws {
    try await withServer { server in
      let client = try await server.connect()
      async let slow = client.call(4, ByteBuffer(string: "slow"))
      let fast = try await client.call(2, ByteBuffer(string: "fast"))
      #expect(fast.protocolId == 3)
      #expect(try await slow.protocolId == 5)
      #expect(try await slow.payload.text == "slow")
    }
  }

  @Test("The server calls the client and reports the answer")
  func serverCall() async throws {
    try await withServer { server in
      let reports = Inbox<String>()
      let client = try await server.connect { $0.handlers.on(8) { message, _ in reports.put(message.payload.text) } }
      try await client.send(6, ByteBuffer(string: "round trip"))
      #expect(await reports.next(1) == ["round trip"])
    }
  }

  @Test("A burst of one-way messages arrives whole, with deflate and without", arguments: [false, true])
  func burst(compressed: Bool) async throws {
    let compression = compressed ? CompressionOptions(level: 6) : nil
    try await withServer({ $0.options.compression = compression }) { server in
      let messages = Inbox<String>()
      let client = try await server.connect {
        $0.options.compression = compression
        $0.handlers.on(11) { message, _ in messages.put(message.payload.text) }
      }
      try await client.send(10)
      #expect(await messages.next(100) == (0..<100).map(String.init))
      #expect((client.details.deflate != nil) == compressed)
    }
  }

  @Test("Every window and takeover of permessage-deflate carries calls", arguments: [8, 9, 12, 15], [false, true])
  func deflate(bits: Int, takeover: Bool) async throws {
    let acceptance = DeflateConfiguration(
      serverNoContextTakeover: !takeover, clientNoContextTakeover: !takeover, serverMaxWindowBits: bits,
      clientMaxWindowBits: bits)
    let options = CompressionOptions(
      level: 9, acceptance: acceptance, offer: DeflateOffer(clientMaxWindowBits: .anyBits))
    try await withServer({ $0.options.compression = options }) { server in
      let client = try await server.connect { $0.options.compression = options }
      #expect(client.details.deflate?.serverMaxWindowBits == bits)
      for round in 0..<5 {
        let payload = ByteBuffer(string: String(repeating: "the same words again \(round) ", count: 500))
        #expect(try await client.call(2, payload).payload == payload)
      }
    }
  }

  @Test("A call times out alone, and its late answer completes nothing")
  func timeout() async throws {
    try await withServer { server in
      let client = try await server.connect()
      await #expect(throws: ConnectionError.callFailed(.timeout)) {
        _ = try await client.call(4, timeout: .milliseconds(5))
      }
      #expect(try await client.call(2, ByteBuffer(string: "on")).payload.text == "on")
    }
  }

  @Test("A cancelled task gives up its call")
  func cancellation() async throws {
    try await withServer({ $0.handlers = ReferenceApplication.serverHandlers(slowDelay: .seconds(60)) }) { server in
      let client = try await server.connect()
      let call = Task { try await client.call(4, timeout: nil) }
      _ = try await client.call(2)
      call.cancel()
      await #expect(throws: CancellationError.self) { _ = try await call.value }
    }
  }

  @Test("Calls that wait fail at once when the connection ends")
  func closing() async throws {
    try await withServer({ $0.handlers = ReferenceApplication.serverHandlers(slowDelay: .seconds(60)) }) { server in
      let client = try await server.connect()
      let outcomes = Inbox<ConnectionError?>()
      client.call(4, timeout: nil) { result in
        if case .failure(let error) = result { outcomes.put(error) } else { outcomes.put(nil) }
      }
      _ = try await client.call(2)
      client.close()
      #expect(await outcomes.next(1) == [.callFailed(.closed)])
      await #expect(throws: ConnectionError.callFailed(.stopped)) { _ = try await client.call(2) }
      await #expect(throws: ConnectionError.stopped) { try await client.send(2) }
      #expect(await client.ended().cause == .closed(code: 1000))
    }
  }

  @Test("The puller runs once, and once more for each signal")
  func puller() async throws {
    try await withServer { server in
      let pulled = Inbox<String>()
      let client = try await server.connect { $0.handlers.on(9) { message, _ in pulled.put(message.payload.text) } }
      try await client.send(12)
      #expect(await pulled.next(1) == ["pulled"])
      try await client.send(12)
      #expect(await pulled.next(1) == ["pulled"])
    }
  }
}
