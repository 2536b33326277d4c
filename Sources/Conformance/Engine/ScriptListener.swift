import NIOConcurrencyHelpers
package import NIOCore
import NIOPosix

/// A listening socket. Connections that come wait in a queue until a script accepts them.
package final class ScriptListener: Sendable {
  /// How many connections may wait.
  private static let maximumQueue = 10_000

  private struct State {
    var channel: (any Channel)?
    var queue: [any Channel] = []
    var isClosed = false
    var peerEnd: String?
  }

  private let state = NIOLockedValueBox(State())
  private let changed = ChangeSignal()

  private init() {}

  /// A listener without a socket of its own, which is given its connections.
  static func mounted() -> ScriptListener { ScriptListener() }

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - host: The address, such as `127.0.0.1`.
  ///   - port: The port; 0 picks one.
  ///   - group: Where the sockets live.
  ///   - secure: Adds what a connection needs below the script, such as TLS.
  package static func listen(
    host: String = "127.0.0.1", port: Int = 0, group: (any EventLoopGroup)? = nil,
    secure: (@Sendable (any Channel) -> EventLoopFuture<Void>)? = nil
  ) async throws -> ScriptListener {
    let listener = ScriptListener()
    let channel = try await ServerBootstrap(group: group ?? MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(ChannelOptions.backlog, value: 1024)
      .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
      .childChannelOption(ChannelOptions.autoRead, value: false)
      .childChannelInitializer { channel in
        let secured = secure?(channel) ?? channel.eventLoop.makeSucceededVoidFuture()
        return secured.map { listener.arrived(channel) }
      }
      .bind(host: host, port: port).get()
    listener.state.withLockedValue { $0.channel = channel }
    return listener
  }

  /// The port.
  package var port: Int { state.withLockedValue { $0.channel?.localAddress?.port ?? 0 } }

  /// Whether it stopped listening.
  var isClosed: Bool { state.withLockedValue { $0.isClosed } }

  /// How the client ended that was to connect; nil: it runs, or nobody knows.
  var peerEnd: String? { state.withLockedValue { $0.peerEnd } }

  /// How many connections wait to be accepted.
  var waiting: Int { state.withLockedValue { $0.queue.count } }

  /// Takes note that the client has ended: nobody waits for another connection any more.
  func peerEnded(_ end: String) {
    state.withLockedValue { $0.peerEnd = end }
    changed.bump()
  }

  /// Stops listening, and closes what was not accepted.
  package func close() {
    let channels = state.withLockedValue { state -> [any Channel] in
      state.isClosed = true
      defer { state.queue = [] }
      return state.queue + (state.channel.map { [$0] } ?? [])
    }
    for channel in channels { channel.close(promise: nil) }
    changed.bump()
  }

  /// The next connection; nil when none comes in time, the listener is closed, or the task is cancelled. Without a deadline it
  /// waits for as long as it takes.
  func next(until deadline: ContinuousClock.Instant?) async -> (any Channel)? {
    while !Task.isCancelled {
      let version = changed.version
      let (channel, isClosed) = state.withLockedValue { state -> ((any Channel)?, Bool) in
        (state.queue.isEmpty ? nil : state.queue.removeFirst(), state.isClosed || state.peerEnd != nil)
      }
      if let channel { return channel }
      if isClosed || deadline.map({ ContinuousClock.now >= $0 }) ?? false { return nil }
      await changed.wait(after: version, until: deadline)
    }
    return nil
  }

  /// Waits until a connection waits to be accepted, or the client has ended.
  func arrival(until deadline: ContinuousClock.Instant) async {
    while !Task.isCancelled, ContinuousClock.now < deadline {
      let version = changed.version
      if state.withLockedValue({ !$0.queue.isEmpty || $0.isClosed || $0.peerEnd != nil }) { return }
      await changed.wait(after: version, until: deadline)
    }
  }

  /// A connection has come, which has no handler and is not read.
  func arrived(_ channel: any Channel) {
    let isKept = state.withLockedValue { state -> Bool in
      guard !state.isClosed, state.queue.count < Self.maximumQueue else { return false }
      state.queue.append(channel)
      return true
    }
    if isKept { changed.bump() } else { channel.close(promise: nil) }
  }
}
