import NIOConcurrencyHelpers
import NIOCore
import Negotiation
import Specification

/// What a server is apart from its listener: settings, hub, connections.
final class ServerCore: Sendable {
  let hub: Hub
  let settings: PeerSettings
  private let loops: PeerLoops
  private let connections = ServerConnections()

  /// The deliberate faults; nil: none.
  private let mutation: PeerMutation?

  /// - Parameters:
  ///   - configuration: How connections are served.
  ///   - hub: The hub; nil: one of its own.
  ///   - numbers: Numbers the connections.
  init(_ configuration: ServerConfiguration, hub: Hub? = nil, numbers: ConnectionNumbers = ConnectionNumbers()) {
    var policy = configuration.policy
    policy.compression = configuration.options.compression?.acceptance
    let hub = hub ?? Hub(shards: configuration.shards)
    self.hub = hub
    settings = PeerSettings(
      role: .server, options: configuration.options, handlers: configuration.handlers,
      callbacks: configuration.callbacks, messageHandler: configuration.messageHandler, logger: configuration.logger,
      handshakePolicy: policy, admission: configuration.admission, trustsProxyFields: configuration.trustsProxyFields,
      hub: configuration.messageHandler == nil ? hub : nil,
      observer: configuration.observer, numbers: numbers)
    mutation = configuration.mutation
    loops = PeerLoops(
      compressionLevel: configuration.options.compression?.level ?? 6, statistics: configuration.statistics)
  }

  /// Whether there is a connection.
  var isIdle: Bool { connections.isEmpty }

  /// Makes the handler of a channel, which counts among the connections until the channel is closed. On the channel's event loop.
  ///
  /// - Parameters:
  ///   - channel: The channel.
  ///   - phase: How far the connection has come.
  func makeHandler(for channel: any Channel, phase: ConnectionHandler.Phase) throws -> ConnectionHandler {
    let resources = loops.resources(of: channel.eventLoop)
    // A fault in how requests are read needs their heads whole.
    try channel.syncOptions?.setOption(
      .recvAllocator,
      value: ReceiveBufferAllocator(
        loop: resources, firstCapacity: mutation == nil ? 64 : LoopResources.receiveBufferSize))
    let handler =
      if let mutation {
        FaultyConnectionHandler(mutation, settings: settings, loop: resources, phase: phase)
      } else {
        ConnectionHandler(settings: settings, loop: resources, phase: phase)
      }
    connections.add(handler)
    channel.closeFuture.assumeIsolated().whenComplete { [connections] _ in connections.remove(handler) }
    return handler
  }

  /// Closes each connection with 1001 as soon as none of its handlers runs, and cuts off what is left after the deadline.
  func drain(deadline: Duration, timer eventLoop: any EventLoop) async {
    connections.forEach { handler in handler.handle.onLoop { $0.closeIfIdle() } }
    let cutOff = eventLoop.scheduleTask(in: .nanoseconds(deadline.nanoseconds)) {
      self.connections.forEach { handler in handler.handle.onLoop { $0.cutOff() } }
    }
    await connections.waitUntilEmpty()
    cutOff.cancel()
  }
}

/// The channels of a server, also those whose upgrade is not done.
private final class ServerConnections: Sendable {
  private struct State {
    var handlers: Set<HandlerReference> = []
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private struct HandlerReference: Hashable {
    let handler: ConnectionHandler

    static func == (left: HandlerReference, right: HandlerReference) -> Bool { left.handler === right.handler }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(handler)) }
  }

  private let state = NIOLockedValueBox(State())

  func add(_ handler: ConnectionHandler) {
    _ = state.withLockedValue { $0.handlers.insert(HandlerReference(handler: handler)) }
  }

  func remove(_ handler: ConnectionHandler) {
    let waiting = state.withLockedValue { state -> [CheckedContinuation<Void, Never>] in
      state.handlers.remove(HandlerReference(handler: handler))
      guard state.handlers.isEmpty else { return [] }
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  var isEmpty: Bool { state.withLockedValue { $0.handlers.isEmpty } }

  func forEach(_ body: (ConnectionHandler) -> Void) {
    for reference in state.withLockedValue({ Array($0.handlers) }) { body(reference.handler) }
  }

  func waitUntilEmpty() async {
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLockedValue { state in
        if !state.handlers.isEmpty { state.waiting.append(continuation) }
        return state.handlers.isEmpty
      }
      if isEmpty { continuation.resume() }
    }
  }
}
