import NIOCore
import Synchronization
import Testing

@testable import ReferencePeer

@Suite("An answer never reaches another connection")
struct IsolationTests {
  /// The slow calls that are being handled, and what lets them answer.
  private final class SlowCalls: Sendable {
    let started = Inbox<@Sendable () -> Void>()
    let strayCount = Atomic<Int>(0)

    func handle(_ message: ReceivedMessage, _ connection: Connection) async {
      await withCheckedContinuation { continuation in started.put { continuation.resume() } }
      // Whether it was too late is for the test to find out.
      try? await connection.answer(message, 5, message.payload)
    }
  }

  @Test(
    "1,000 times a peer leaves with a slow call in flight, and newcomers connect at once",
    arguments: [true, false])
  func wrongRecipient(closesProperly: Bool) async throws {
    let slow = SlowCalls()
    try await withServer({ $0.handlers.onAsync(4) { await slow.handle($0, $1) } }) { server in
      for round in 0..<500 {
        let leaver = try await server.connect("uid=leaver")
        let call = Task { try? await leaver.call(4, ByteBuffer(string: "secret \(round)"), timeout: nil) }
        let release = try #require(await slow.started.next(1).first)
        if closesProperly {
          leaver.close()
        } else {
          leaver.onLoop { $0.context?.close(promise: nil) }
        }
        let newcomers = try await withThrowingTaskGroup(of: Connection.self) { group in
          for query in ["uid=leaver", "uid=newcomer\(round)"] {
            group.addTask {
              try await server.connect(query) {
                $0.callbacks.received = { _, message in
                  if message.protocolId != 3 { slow.strayCount.add(1, ordering: .relaxed) }
                }
              }
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        release()
        for newcomer in newcomers {
          #expect(try await newcomer.call(2, ByteBuffer(string: "\(round)")).payload.text == "\(round)")
          newcomer.close()
        }
        for newcomer in newcomers { _ = await newcomer.ended() }
        #expect(await call.value?.sn == nil)
      }
      #expect(slow.strayCount.load(ordering: .relaxed) == 0)
      // The server sees the last of them go a moment after its client does.
      let last = try await server.connect("uid=last")
      _ = try await last.call(2)
      last.close()
      _ = await last.ended()
    }
  }

  @Test("No call is lost, one after the other and 64 at a time", arguments: [1, 64])
  func lostAnswers(inFlight: Int) async throws {
    try await withServer { server in
      let client = try await server.connect()
      let lost = await withTaskGroup(of: Int.self) { group in
        for lane in 0..<inFlight {
          group.addTask {
            var lost = 0
            for number in 0..<(4096 / inFlight) {
              let payload = ByteBuffer(string: "\(lane).\(number)")
              if (try? await client.call(2, payload))?.payload != payload { lost += 1 }
            }
            return lost
          }
        }
        return await group.reduce(0, +)
      }
      #expect(lost == 0)
    }
  }

  @Test("A slow call of one connection is answered to it, whatever others do")
  func slowCallsOfMany() async throws {
    try await withServer { server in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<40 {
          group.addTask {
            let client = try await server.connect("uid=\(number)")
            async let slow = client.call(4, ByteBuffer(string: "slow \(number)"))
            let fast = try await client.call(2, ByteBuffer(string: "fast \(number)"))
            let good = try await slow.payload.text == "slow \(number)" && fast.payload.text == "fast \(number)"
            client.close()
            return good
          }
        }
        for try await good in group { #expect(good) }
      }
    }
  }
}
