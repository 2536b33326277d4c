import NIOConcurrencyHelpers
import NIOCore
import WireproofPeer

/// Asks a server for bursts of 100 messages with payloads of 64 bytes, so many at any time, on one connection.
struct PushLoad {
  let inFlight: Int
  let messages: Int

  /// Takes the messages and prints `messages N seconds S`.
  func run(port: Int, on group: any EventLoopGroup) async throws {
    let payload = ByteBuffer(repeating: 0x61, count: 64)
    let bursts = messages / ReferenceApplication.burstCount
    let counts = NIOLockedValueBox((asked: min(inFlight, bursts), came: 0))
    let (done, finish) = AsyncStream.makeStream(of: Void.self)
    var configuration = try ClientConfiguration("ws://127.0.0.1:\(port)/join?uid=1")
    configuration.handlers.on(11) { _, connection in
      let (asks, isLast) = counts.withLockedValue { counts in
        counts.came += 1
        let asks = counts.came.isMultiple(of: ReferenceApplication.burstCount) && counts.asked < bursts
        if asks { counts.asked += 1 }
        return (asks, counts.came == bursts * ReferenceApplication.burstCount)
      }
      if asks { connection.send(10, payload, completion: nil) }
      if isLast { finish.finish() }
    }
    let connection = try await Client(configuration, on: group).connect()
    let start = ContinuousClock.now
    for _ in 0..<min(inFlight, bursts) { connection.send(10, payload, completion: nil) }
    for await _ in done {}
    print("messages \(bursts * ReferenceApplication.burstCount) seconds \((ContinuousClock.now - start) / .seconds(1))")
  }
}
