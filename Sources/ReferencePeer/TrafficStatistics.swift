import NIOConcurrencyHelpers

/// Counts the traffic of a server or client: connections, frames, bytes, calls and how long they took.
///
/// Every event loop counts for itself, in counters that it gets from ``makeCounters()``; nothing is merged before somebody
/// asks. May be used from any thread.
public final class TrafficStatistics: Sendable {
  private struct State {
    var counters: [TrafficCounters] = []
    var lastTotals = TrafficTotals()
    var lastTime: Int64
    var latencies = LatencyHistogram()
  }

  private let state: NIOLockedValueBox<State>

  /// Begins to count.
  ///
  /// - Parameter now: The time in nanoseconds, on the clock that ``snapshot(at:)`` is given too.
  public init(startingAt now: Int64) {
    state = NIOLockedValueBox(State(lastTime: now))
  }

  /// Counters for an event loop. They are kept for good: make them once a loop, not once a connection.
  package func makeCounters() -> TrafficCounters {
    let made = TrafficCounters()
    state.withLockedValue { $0.counters.append(made) }
    return made
  }

  /// What was counted up to now, and the difference to the snapshot before.
  ///
  /// The loops go on counting meanwhile, so that figures of one snapshot may be of slightly different moments; nothing is
  /// lost or counted twice.
  ///
  /// - Parameter now: The time in nanoseconds; one before that of the last snapshot counts as the same time.
  public func snapshot(at now: Int64) -> TrafficSnapshot {
    state.withLockedValue { state in
      var totals = TrafficTotals()
      var latencies = LatencyHistogram()
      for counters in state.counters {
        totals.add(counters.totals())
        var taken = LatencyHistogram()
        counters.exchangeLatencies(&taken)
        latencies.add(taken)
      }
      state.latencies.add(latencies)
      let (elapsed, overflow) = now.subtractingReportingOverflow(state.lastTime)
      let snapshot = TrafficSnapshot(
        total: totals, sinceLast: totals.difference(to: state.lastTotals),
        elapsedNanoseconds: overflow ? 0 : max(elapsed, 0), latency: latencies.summary,
        totalLatency: state.latencies.summary)
      state.lastTotals = totals
      state.lastTime = max(now, state.lastTime)
      return snapshot
    }
  }
}

/// What ``TrafficStatistics`` counted up to a moment.
public struct TrafficSnapshot: Hashable, Sendable {
  /// Everything since counting began.
  public let total: TrafficTotals

  /// What came after the snapshot before; everything in the first one.
  public let sinceLast: TrafficTotals

  /// Nanoseconds since the snapshot before, or since counting began.
  public let elapsedNanoseconds: Int64

  /// How long the calls took that were answered since the snapshot before; nil if there were none.
  public let latency: LatencySummary?

  /// How long all calls took; nil if there were none.
  public let totalLatency: LatencySummary?

  /// The connections that are open.
  public var openConnections: UInt64 { total.openConnections }
}

/// Counts of traffic, since counting began or over an interval.
public struct TrafficTotals: Hashable, Sendable {
  /// Connections that were opened.
  public internal(set) var connectionsOpened: UInt64 = 0
  /// Connections that ended.
  public internal(set) var connectionsClosed: UInt64 = 0
  /// Frames of the protocol that came in.
  public internal(set) var framesIn: UInt64 = 0
  /// Frames of the protocol that went out.
  public internal(set) var framesOut: UInt64 = 0
  /// Bytes that came in: of the WebSocket layer, compressed where that was negotiated, without TLS.
  public internal(set) var bytesIn: UInt64 = 0
  /// Bytes that went out.
  public internal(set) var bytesOut: UInt64 = 0
  /// Calls that got their answer.
  public internal(set) var callsAnswered: UInt64 = 0

  /// Connections opened and not ended; 0 where, over an interval, more ended than began.
  public var openConnections: UInt64 {
    connectionsOpened > connectionsClosed ? connectionsOpened - connectionsClosed : 0
  }

  mutating func add(_ other: TrafficTotals) {
    connectionsOpened &+= other.connectionsOpened
    connectionsClosed &+= other.connectionsClosed
    framesIn &+= other.framesIn
    framesOut &+= other.framesOut
    bytesIn &+= other.bytesIn
    bytesOut &+= other.bytesOut
    callsAnswered &+= other.callsAnswered
  }

  func difference(to earlier: TrafficTotals) -> TrafficTotals {
    TrafficTotals(
      connectionsOpened: connectionsOpened &- earlier.connectionsOpened,
      connectionsClosed: connectionsClosed &- earlier.connectionsClosed, framesIn: framesIn &- earlier.framesIn,
      framesOut: framesOut &- earlier.framesOut, bytesIn: bytesIn &- earlier.bytesIn,
      bytesOut: bytesOut &- earlier.bytesOut, callsAnswered: callsAnswered &- earlier.callsAnswered)
  }
}

/// How long calls took, in nanoseconds to two significant digits.
public struct LatencySummary: Hashable, Sendable {
  /// The number of calls.
  public let count: UInt64
  /// Half of them took at most this long (p50).
  public let median: UInt64
  /// 99 of 100 took at most this long (p99).
  public let percentile99: UInt64
  /// The longest.
  public let maximum: UInt64
}
