import NIOCore
import NIOPosix
import Negotiation
import Specification
import Synchronization
import Testing
import WebSocketCodec

@testable import ReferencePeer

@Suite("Back-pressure")
struct BackPressureTests {
  private final class Counter: Sendable {
    let count = Atomic<Int>(0)
  }

  @Test("A sender waits for a peer that does not read, and the connection is given up after the write wait")
  func slowReader() async throws {
    let sent = Counter()
    let ends = Inbox<ConnectionEnd.Cause>()
    let failures = Inbox<String>()
    try await withServer({ configuration in
      configuration.options.writeWait = .milliseconds(300)
      configuration.options.sendQueueLimit = 8
      configuration.callbacks.closed = { _, end in ends.put(end.cause) }
      configuration.handlers.onAsync(10) { _, connection in
        do {
          while true {
            try await connection.send(11, ByteBuffer(repeating: 1, count: 100_000))
            sent.count.add(1, ordering: .relaxed)
          }
        } catch { failures.put("\(error)") }
      }
    }) { server in
      let client = try await server.connect()
      client.onLoop { try? $0.context?.channel.syncOptions?.setOption(.autoRead, value: false) }
      try await client.send(10)
      #expect(await ends.next(1) == [.writeTimeout])
      #expect(await failures.next(1).count == 1)
      // What the kernel buffered, and the queue; far from without bound.
      #expect(sent.count.load(ordering: .relaxed) < 200)
    }
  }

  @Test("A peer that pings and reads nothing is not read any more when a mebibyte of pongs waits")
  func pings() async throws {
    try await withServer { server in
      let client = try await server.connect("uid=7")
      client.onLoop {
        try? $0.context?.channel.syncOptions?.setOption(.autoRead, value: false)
        for _ in 0..<200_000 { $0.sendPing(Array(repeating: 7, count: 125)) }
      }
      let pinged = try #require(server.server.hub.connection(identity: Array("7-0--".utf8)))
      var waiting: (isPaused: Bool, bytes: Int) = (false, 0)
      while !waiting.isPaused {
        waiting = try await pinged.handler.loop.eventLoop.submit {
          (pinged.handler.inbound.isHeld, pinged.handler.outbound.waitingBytes)
        }.get()
        await Task.yield()
      }
      #expect(waiting.bytes < 2 << 20)
    }
  }

  @Test("A flood of calls with large answers is answered whole to a peer that reads late")
  func flood() async throws {
    let calls = 3000
    try await withServer({ configuration in
      configuration.options.sendQueueLimit = 8
      configuration.handlers.on(2) { message, connection in
        connection.answer(message, 3, ByteBuffer(repeating: 7, count: 10_000), completion: nil)
      }
    }) { server in
      let answers = Inbox<Int>()
      let client = try await server.connect { $0.options.sendQueueLimit = calls }
      client.onLoop { handler in
        try? handler.context?.channel.syncOptions?.setOption(.autoRead, value: false)
        for _ in 0..<calls {
          _ = handler.call(protocolId: 2, payload: ByteBuffer(), timeout: nil) { result in
            answers.put((try? result.get())?.payload.readableBytes ?? -1)
          }
        }
      }
      // Something else goes back and forth meanwhile.
      let other = try await server.connect("uid=2")
      _ = try await other.call(2)
      client.onLoop { try? $0.context?.channel.syncOptions?.setOption(.autoRead, value: true) }
      #expect(await answers.next(calls) == Array(repeating: 10_000, count: calls))
    }
  }
}
