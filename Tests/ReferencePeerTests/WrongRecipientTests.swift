import NIOCore
import Testing
import WebSocketCodec

@testable import ReferencePeer

/// rpc.isolation, with peers that know nothing of our client: a late answer would be the first thing that a newcomer reads.
@Suite("The wrong recipient", .timeLimit(.minutes(10)))
struct WrongRecipientTests {
  /// Tells when it is gone, and with it what holds it.
  private final class Token: Sendable {
    private let gone: Inbox<Void>

    init(_ gone: Inbox<Void>) {
      self.gone = gone
    }

    deinit { gone.put(()) }
  }

  @Test("1,000 leave with a call in flight, the next uses the same sn; all that was held for them is released")
  func rounds() async throws {
    let rounds = 1000
    let started = Inbox<@Sendable () -> Void>()
    let gone = Inbox<Void>()
    let outcomes = Inbox<ConnectionError?>()
    try await withServer({ configuration in
      configuration.handlers.onAsync(4) { message, connection in
        await withCheckedContinuation { continuation in started.put { continuation.resume() } }
        do {
          try await connection.answer(message, 5, message.payload)
          outcomes.put(nil)
        } catch { outcomes.put(error as? ConnectionError) }
      }
      configuration.callbacks.established = { _ = $0.store.set(Token(gone), for: "token") }
    }) { server in
      let port = server.server.port
      for round in 0..<rounds {
        let leaver = try await RawSocket.upgraded(port: port, query: "uid=leaver")
        leaver.write(Wire.webSocket(.binary, Wire.frame(4, sn: 2, [0xBA]), masked: true))
        let release = try #require(await started.next(1).first)
        leaver.close()
        let query = round.isMultiple(of: 2) ? "uid=leaver" : "uid=newcomer"
        let newcomer = try await RawSocket.upgraded(port: port, query: query)
        release()
        let failure = await outcomes.next(1).first ?? nil
        // The server may see the newcomer before it sees the leaver go: then it displaces it, or has just sent the answer
        // where nobody reads.
        #expect(failure == .stopped || failure == .notSent || failure == nil)
        newcomer.write(
          Wire.webSocket(.binary, Wire.frame(2, sn: 2, [0x01]), masked: true) + Wire.webSocket(.ping, [], masked: true))
        #expect(await newcomer.lines.next(2) == ["binary " + RawSocket.hex(Wire.frame(3, sn: 2, [0x01])), "pong"])
        newcomer.close()
      }
      #expect(await gone.next(2 * rounds).count == 2 * rounds)
      #expect(server.server.hub.count == 0)
    }
  }

  /// rpc.close.release
  @Test("Both ends release a connection that ended, its handlers, calls, pullers and waiting senders")
  func release() async throws {
    let gone = Inbox<Void>()
    try await withServer({ configuration in
      configuration.handlers = ReferenceApplication.serverHandlers(slowDelay: .seconds(3600))
      configuration.callbacks.established = { connection in
        _ = connection.store.set(Token(gone), for: "token")
        connection.puller(channel: 1) { _ in }.signal()
        connection.call(7, timeout: .seconds(3600)) { _ in }
        connection.whenEnded { _ in }
      }
    }) { server in
      for round in 0..<50 {
        let client = try await server.connect("uid=\(round)") {
          $0.handlers = Handlers()
          $0.options.readWait = .seconds(3600)
        }
        _ = client.store.set(Token(gone), for: "token")
        client.call(4, timeout: .seconds(3600)) { _ in }
        _ = try await client.call(2)
        client.close()
        _ = await client.ended()
      }
      #expect(await gone.next(100).count == 100)
    }
  }
}
