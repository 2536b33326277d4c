import NIOConcurrencyHelpers
import NIOCore
import Negotiation

/// Who serves the connections of a server: at any time one core, or somebody else, serves those that come.
final class ServerService: Sendable {
  private enum Taker: Sendable {
    case core(ServerCore)
    case other(@Sendable (any Channel) throws -> Void)
  }

  private struct State {
    var taker: Taker
    /// Those that may have connections.
    var cores: [ServerCore]
  }

  let hub: Hub
  private let numbers = ConnectionNumbers()
  private let state: NIOLockedValueBox<State>

  init(_ configuration: ServerConfiguration) {
    let core = ServerCore(configuration, numbers: numbers)
    hub = core.hub
    state = NIOLockedValueBox(State(taker: .core(core), cores: [core]))
  }

  /// Serves connections that come from now on as another configuration says.
  func serve(_ configuration: ServerConfiguration) {
    let core = ServerCore(configuration, hub: hub, numbers: numbers)
    change(.core(core))
  }

  /// Hands connections that come from now on to somebody else.
  func handOver(to taker: @escaping @Sendable (any Channel) throws -> Void) { change(.other(taker)) }

  private func change(_ taker: Taker) {
    state.withLockedValue { state in
      let former: ServerCore? = if case .core(let core) = state.taker { core } else { nil }
      // The former one may be handed a channel at this moment.
      state.cores.removeAll { $0.isIdle && $0 !== former }
      if case .core(let core) = taker { state.cores.append(core) }
      state.taker = taker
    }
  }

  /// Takes a channel that was accepted. On its event loop.
  func take(_ channel: any Channel) throws {
    switch state.withLockedValue({ $0.taker }) {
    case .core(let core):
      let handler = try core.makeHandler(for: channel, phase: .accepting(UpgradeRequestParser()))
      try channel.pipeline.syncOperations.addHandler(handler)
    case .other(let taker):
      try channel.syncOptions?.setOption(.autoRead, value: false)
      try taker(channel)
    }
  }

  /// Closes each connection as soon as none of its handlers runs, and cuts off what is left after the deadline.
  func drain(deadline: Duration, timer: any EventLoop) async {
    let cores = state.withLockedValue { $0.cores }
    await withTaskGroup { group in
      for core in cores { group.addTask { await core.drain(deadline: deadline, timer: timer) } }
    }
  }
}

extension ServerConfiguration {
  /// The configuration as its deliberate fault changes it.
  var withFault: ServerConfiguration {
    var configuration = self
    if let change = mutation?.configuration { change(&configuration) }
    return configuration
  }
}
