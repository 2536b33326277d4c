import NIOConcurrencyHelpers

/// Sends what a connection is to get from one of its numbered channels, on signal: a queue, a table, a log.
///
/// The first function runs once, the second once right after it, and then once more for each signal; signals that come while
/// one is waiting coalesce into it. Never two runs at once. It ends with the connection, or with `stop`.
public final class Puller: Sendable {
  /// Does the sending; may wait.
  public typealias Function = @Sendable (Connection) async throws -> Void

  /// The channel's number, as the program counts.
  public let channel: Int

  private let task: NIOLockedValueBox<Task<Void, Never>?> = NIOLockedValueBox(nil)
  private let signals: AsyncStream<Void>.Continuation

  /// Begins to pull.
  ///
  /// - Parameters:
  ///   - connection: whom to send to.
  ///   - channel: the channel's number.
  ///   - first: runs once at the beginning.
  ///   - pull: runs once after it, then once for each signal. An error ends the puller.
  public init(_ connection: Connection, channel: Int, first: Function? = nil, pull: @escaping Function) {
    self.channel = channel
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    signals = continuation
    let running = Task {
      do {
        try await first?(connection)
        try await pull(connection)
        for await _ in stream { try await pull(connection) }
      } catch {
        // The connection has ended, or the program has no more to send.
      }
    }
    task.withLockedValue { $0 = running }
    connection.whenEnded { [weak self] _ in self?.stop() }
  }

  /// Makes the function run once more. For any thread.
  public func signal() { signals.yield() }

  /// Ends it; a run that is going on is cancelled.
  public func stop() {
    signals.finish()
    task.withLockedValue { task in
      task?.cancel()
      task = nil
    }
  }
}

extension Connection {
  /// The puller of a channel of this connection: the one that runs, or a new one.
  ///
  /// - Parameters:
  ///   - channel: the channel's number.
  ///   - first: see `Puller.init`; used only for a new one.
  ///   - pull: likewise.
  public func puller(channel: Int, first: Puller.Function? = nil, pull: @escaping Puller.Function) -> Puller {
    store.withValue(for: "puller.\(channel)") { (puller: inout Puller?) in
      if let puller { return puller }
      let made = Puller(self, channel: channel, first: first, pull: pull)
      puller = made
      return made
    }
  }

  /// Makes the puller of a channel run once more.
  ///
  /// - Returns: whether there is one.
  @discardableResult
  public func signal(channel: Int) -> Bool {
    guard let puller = store.value(for: "puller.\(channel)", as: Puller.self) else { return false }
    puller.signal()
    return true
  }
}
