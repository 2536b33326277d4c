import NIOConcurrencyHelpers
package import NIOCore
import NIOPosix
import ReferencePeer

/// A listening socket. Connections that come wait in a queue until a script accepts them.
///
/// One on which nothing has come yet is held back: browsers open connections ahead of time, a dialler of two addresses drops the
/// slower one, and whoever waits for a port connects to it and leaves. Nothing of that is an upgrade request.
package final class ScriptListener: Sendable {
  /// How many connections may wait.
  private static let maximumQueue = 10_000

  private struct State {
    var channel: (any Channel)?
    var queue: [any Channel] = []
    /// On which nothing has come.
    var silent: [ObjectIdentifier: any Channel] = [:]
    var ended: String?
    var endedCount = 0
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
        return secured.flatMapThrowing {
          guard listener.hold(channel) else { return channel.close(promise: nil) }
          try channel.pipeline.syncOperations.addHandler(FirstBytes(listener))
        }
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

  /// How many connections are open that nobody has accepted.
  var open: Int { state.withLockedValue { $0.queue.count + $0.silent.count } }

  /// How many connections have come that nobody has accepted, with those that have ended.
  var unaccepted: Int { state.withLockedValue { $0.queue.count + $0.silent.count + $0.endedCount } }

  /// What came of connections on which no byte was sent; nil: there was none.
  var silence: String? {
    let (open, ended, reason) = state.withLockedValue { ($0.silent.count, $0.endedCount, $0.ended) }
    guard open + ended > 0 else { return nil }
    let times = open + ended == 1 ? "" : " \(open + ended) times"
    return "it connected\(times) and sent nothing" + (reason.map { ": \($0)" } ?? "")
  }

  /// Takes note that the client has ended: nobody waits for another connection any more.
  func peerEnded(_ end: String) {
    state.withLockedValue { $0.peerEnd = end }
    changed.bump()
  }

  /// Stops listening, and closes what was not accepted.
  package func close() {
    let channels = state.withLockedValue { state -> [any Channel] in
      state.isClosed = true
      defer {
        state.queue = []
        state.silent = [:]
      }
      return state.queue + state.silent.values + (state.channel.map { [$0] } ?? [])
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

  /// A connection has come, on which nothing is sent yet.
  ///
  /// - Returns: Whether there is room for it.
  private func hold(_ channel: any Channel) -> Bool {
    state.withLockedValue { state in
      guard !state.isClosed, state.silent.count < Self.maximumQueue else { return false }
      state.silent[ObjectIdentifier(channel)] = channel
      return true
    }
  }

  /// A connection has ended that nobody has accepted.
  ///
  /// - Parameter reason: Why, where it is known.
  fileprivate func left(_ channel: any Channel, _ reason: String?) {
    state.withLockedValue { state in
      state.queue.removeAll { $0 === channel }
      guard state.silent.removeValue(forKey: ObjectIdentifier(channel)) != nil else { return }
      state.endedCount += 1
      state.ended = reason ?? state.ended
    }
  }

  /// A connection has come, which nobody reads.
  func arrived(_ channel: any Channel) {
    let isKept = state.withLockedValue { state -> Bool in
      state.silent[ObjectIdentifier(channel)] = nil
      guard !state.isClosed, state.queue.count < Self.maximumQueue else { return false }
      state.queue.append(channel)
      return true
    }
    if isKept { changed.bump() } else { channel.close(promise: nil) }
  }
}

/// Reads a connection until its first bytes come, and keeps them for who accepts it.
final class FirstBytes: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let listener: ScriptListener
  private var held: [NIOAny] = []
  private var hasEnded = false
  private var reason: String?

  /// A handler that tells the listener.
  init(_ listener: ScriptListener) { self.listener = listener }

  func channelActive(context: ChannelHandlerContext) {
    try? context.channel.syncOptions?.setOption(.autoRead, value: true)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    held.append(data)
    guard held.count == 1 else { return }
    try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    listener.arrived(context.channel)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed? = event as? ChannelEvent else { return }
    hasEnded = true
    if held.isEmpty { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    reason = TransportFault.reason(of: error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { listener.left(context.channel, reason) }

  func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
    for data in held { context.fireChannelRead(data) }
    if !held.isEmpty { context.fireChannelReadComplete() }
    if hasEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    context.leavePipeline(removalToken: removalToken)
  }
}
