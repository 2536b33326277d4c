import NIOCore
import WireproofPeer

/// Calls a server with 64-byte payloads, so many on the way at any time on each connection, and counts what is lost.
struct Load {
  let connections: Int
  let inFlight: Int
  let calls: Int
  let isCompressed: Bool

  /// Makes the calls and prints `calls N lost N seconds S`.
  func run(port: Int, on group: any EventLoopGroup) async throws {
    var opened: [Connection] = []
    for number in 0..<connections {
      var configuration = try ClientConfiguration("ws://127.0.0.1:\(port)/join?uid=\(number)")
      if isCompressed { configuration.options.compression = CompressionOptions() }
      opened.append(try await Client(configuration, on: group).connect())
    }
    let start = ContinuousClock.now
    let share = calls / connections
    let loads = opened.map { ConnectionLoad(connection: $0, calls: share) }
    let lost = await withTaskGroup(of: Int.self) { group in
      for load in loads { group.addTask { await load.run(inFlight: inFlight) } }
      return await group.reduce(0, +)
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print("calls \(share * connections) lost \(lost) seconds \(seconds)")
  }
}

/// The calls of one connection, all on its event loop.
private final class ConnectionLoad: @unchecked Sendable {
  private let connection: Connection
  private let calls: Int
  private let payload = ByteBuffer(repeating: 0x61, count: 64)
  private var started = 0
  private var ended = 0
  private var lost = 0
  private var finished: CheckedContinuation<Int, Never>?

  init(connection: Connection, calls: Int) {
    self.connection = connection
    self.calls = calls
  }

  /// Gives the number of lost calls.
  func run(inFlight: Int) async -> Int {
    await withCheckedContinuation { continuation in
      connection.eventLoop.execute {
        self.finished = continuation
        for _ in 0..<min(inFlight, self.calls) { self.callOnce() }
      }
    }
  }

  private func callOnce() {
    started += 1
    connection.call(2, payload, timeout: .seconds(30)) { result in
      self.ended += 1
      if case .failure = result { self.lost += 1 }
      if self.started < self.calls {
        self.callOnce()
      } else if self.ended == self.calls {
        self.finished?.resume(returning: self.lost)
        self.finished = nil
      }
    }
  }
}
