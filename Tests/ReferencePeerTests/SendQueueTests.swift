import Conversation
import NIOCore
import Synchronization
import Testing
import WebSocketCodec

@testable import ReferencePeer

@Suite("The bounds of what a connection holds", .timeLimit(.minutes(10)))
struct SendQueueTests {
  /// send.queue.full
  @Test("Senders that do not wait get exactly the room there is, and are told so")
  func full() async throws {
    let outcomes = Inbox<String>()
    try await withServer({ configuration in
      configuration.options.sendQueueLimit = 8
      configuration.handlers.on(13) { _, connection in
        for _ in 0..<20 {
          connection.send(11) { result in
            switch result {
            case .success: outcomes.put("sent")
            case .failure(let error): outcomes.put("\(error)")
            }
          }
        }
      }
    }) { server in
      let received = Inbox<Int64>()
      let client = try await server.connect { $0.handlers.on(11) { message, _ in received.put(message.protocolId) } }
      client.send(13, completion: nil)
      let told = await outcomes.next(20)
      #expect(told.filter { $0 == "the send queue is full" }.count == 12)
      #expect(told.filter { $0 == "sent" }.count == 8)
      #expect(await received.next(8).count == 8)
      // There is room again, and nothing came late.
      #expect(try await client.call(2).protocolId == 3)
    }
  }

  /// send.queue.bound: the queue of a peer that does not read stays at its limit, and senders wait in line.
  @Test("Senders that wait go in the order in which they came, once the peer reads")
  func order() async throws {
    let waiting = Inbox<Int>()
    try await withServer({ configuration in
      configuration.options.sendQueueLimit = 4
      configuration.handlers.on(13) { _, connection in
        for number in 0..<200 {
          let handler = connection.handler
          let payload = ByteBuffer(repeating: UInt8(number), count: 50_000)
          handler.whenRoom { _ = handler.enqueue(protocolId: 11, sn: 0, payload: payload) }
        }
        waiting.put(connection.handler.conversation.queue.count)
      }
    }) { server in
      let received = Inbox<UInt8>()
      let client = try await server.connect {
        $0.handlers.on(11) { message, _ in received.put(message.payload.readableBytesView.first ?? 0) }
      }
      client.onLoop { try? $0.context?.channel.syncOptions?.setOption(.autoRead, value: false) }
      client.send(13, completion: nil)
      #expect(await waiting.next(1) == [4])
      client.onLoop { try? $0.context?.channel.syncOptions?.setOption(.autoRead, value: true) }
      #expect(await received.next(200) == (0..<200).map { UInt8($0) })
    }
  }

  @Test("No more handlers run at a time than may, and all that waited run")
  func runningHandlers() async throws {
    let started = Inbox<@Sendable () -> Void>()
    let running = Atomic<Int>(0)
    let most = Atomic<Int>(0)
    try await withServer({ configuration in
      configuration.options.runningHandlerLimit = 4
      configuration.handlers.onAsync(4) { message, connection in
        _ = most.max(running.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
        await withCheckedContinuation { continuation in started.put { continuation.resume() } }
        running.subtract(1, ordering: .relaxed)
        try await connection.answer(message, 5)
      }
    }) { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      socket.write((0..<50).flatMap { Wire.webSocket(.binary, Wire.frame(4, sn: 2 + 2 * $0), masked: true) })
      // All that may run have begun before the first may end.
      for goOn in await started.next(4) { goOn() }
      for _ in 4..<50 {
        let goOn = try #require(await started.next(1).first)
        goOn()
      }
      #expect(
        Set(await socket.lines.next(50))
          == Set((0..<50).map { "binary " + RawSocket.hex(Wire.frame(5, sn: 2 + 2 * $0)) }))
      #expect(most.load(ordering: .relaxed) == 4)
      socket.close()
    }
  }
}
