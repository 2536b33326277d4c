import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import ReferencePeer

@Suite("The bytes that handlers at work may hold", .timeLimit(.minutes(10)))
struct HandlerBudgetTests {
  @Test("Each gets less than what is free, and who waits is told when there is some")
  func shares() async {
    let budget = HandlerBudget(bytes: 100)
    #expect(budget.hasRoom(own: 0))
    budget.take(60)
    // Who holds 60 of 100 has more than what is left, who holds nothing may still begin.
    #expect(!budget.hasRoom(own: 60))
    #expect(budget.hasRoom(own: 0))
    let told = Inbox<Int>()
    budget.whenFreed(own: 60) { told.put(1) }
    budget.whenFreed(own: 0) { told.put(2) }
    #expect(await told.next(1) == [2])
    budget.giveBack(30)
    #expect(await told.next(1) == [1])
    budget.giveBack(30)
    #expect(budget.usedBytes == 0)
  }

  @Test("Who waited is told when nothing is held any more, however many wait")
  func wakesAll() async {
    let budget = HandlerBudget(bytes: 10)
    budget.take(10)
    let told = Inbox<Int>()
    for number in 0..<100 { budget.whenFreed(own: 5) { told.put(number) } }
    budget.giveBack(10)
    #expect(Set(await told.next(100)) == Set(0..<100))
  }

  /// Handlers that wait until they are told to go on.
  private final class Holding: Sendable {
    let started = Inbox<@Sendable () -> Void>()

    func handle(_ message: ReceivedMessage, _ connection: Connection) async throws {
      await withCheckedContinuation { continuation in started.put { continuation.resume() } }
      try await connection.answer(message, 5)
    }
  }

  @Test("Slow calls of several connections stay within the budget, another connection is served, and all are answered")
  func bounded() async throws {
    let holding = Holding()
    let budget = HandlerBudget(bytes: 4 << 20)
    let size = 100_000
    try await withServer({ configuration in
      configuration.options.handlerBudget = budget
      configuration.handlers.onAsync(4) { try await holding.handle($0, $1) }
    }) { server in
      let answers = Inbox<Bool>()
      var clients: [Connection] = []
      for number in 0..<4 {
        let client = try await server.connect("uid=\(number)") { $0.options.sendQueueLimit = 1000 }
        clients.append(client)
        client.onLoop { handler in
          for _ in 0..<100 {
            _ = handler.call(protocolId: 4, payload: ByteBuffer(repeating: 1, count: size), timeout: nil) { result in
              answers.put((try? result.get()) != nil)
            }
          }
        }
      }
      // 4 x 100 calls are 40 MB; each connection holds about a fifth of the budget.
      var running = await holding.started.next(4 * 6)
      let newcomer = try await server.connect("uid=new")
      #expect(try await newcomer.call(2).protocolId == 3)
      #expect(budget.usedBytes <= budget.bytes + 4 * size)
      var ended = 0
      while ended < 400 {
        if running.isEmpty { running = await holding.started.next(1) }
        running.removeFirst()()
        ended += 1
        #expect(budget.usedBytes <= budget.bytes + 4 * size)
      }
      #expect(await answers.next(400).allSatisfy { $0 })
      for client in clients { client.close() }
    }
    while budget.usedBytes > 0 { await Task.yield() }
  }

  @Test("A small message does not keep the buffer alive that it was read into")
  func compacted() {
    var buffer = ByteBufferAllocator().buffer(capacity: 65_536)
    buffer.writeString("hello")
    #expect(buffer.compacted.storageCapacity < 100)
    #expect(String(buffer: buffer.compacted) == "hello")
  }

  @Test("A burst from a handler on the event loop goes out whole, in order, and in few writes")
  func burst() async throws {
    let observer = WriteCounter()
    try await withServer({ configuration in
      configuration.observer = observer
      configuration.handlers.onAsync(10, on: .eventLoop) { _, connection in
        #expect(connection.eventLoop.inEventLoop)
        for number in 0..<200 { try await connection.send(11, ByteBuffer(integer: number)) }
      }
    }) { server in
      let received = Inbox<Int>()
      let client = try await server.connect {
        $0.handlers.on(11) { message, _ in
          var payload = message.payload
          received.put(payload.readInteger() ?? -1)
        }
      }
      try await client.send(10)
      #expect(await received.next(200) == Array(0..<200))
      // The 101, and the burst in one go; nothing else was sent.
      #expect(observer.writes.withLockedValue { $0 } <= 3)
    }
  }
}
