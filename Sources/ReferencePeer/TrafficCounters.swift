import Histogram
import NIOConcurrencyHelpers
import Synchronization

/// What one event loop counts of its connections' traffic. The loop alone writes; ``TrafficStatistics`` reads at any time.
///
/// The counters are atomic so that they can be read from elsewhere, but since there is one writer, counting is a plain load
/// and a plain store. The latencies are behind a lock that only the loop takes, except for an instant at each snapshot.
package final class TrafficCounters: Sendable {
  // NIOConcurrencyHelpers has an Atomic of its own.
  private typealias Counter = Synchronization.Atomic<UInt64>

  private let connectionsOpened = Counter(0)
  private let connectionsClosed = Counter(0)
  private let framesIn = Counter(0)
  private let framesOut = Counter(0)
  private let bytesIn = Counter(0)
  private let bytesOut = Counter(0)
  private let callsAnswered = Counter(0)
  private let latencies = NIOLockedValueBox(LatencyHistogram())

  init() {}

  /// A connection is there.
  package func opened() { Self.add(1, to: connectionsOpened) }

  /// A connection that was counted as opened is gone.
  package func closed() { Self.add(1, to: connectionsClosed) }

  /// A frame of the protocol (or `count` of them) came in.
  package func receivedFrame(_ count: Int = 1) { Self.add(count, to: framesIn) }

  /// A frame of the protocol (or `count` of them) went out.
  package func sentFrame(_ count: Int = 1) { Self.add(count, to: framesOut) }

  /// Bytes came in, as the WebSocket layer has them: with its headers, compressed, without TLS.
  package func received(bytes: Int) { Self.add(bytes, to: bytesIn) }

  /// Bytes went out, counted as in ``received(bytes:)``.
  package func sent(bytes: Int) { Self.add(bytes, to: bytesOut) }

  /// A call got its answer.
  ///
  /// - Parameter latency: Nanoseconds from the request to the answer. What is negative counts as 0, what is longer than an
  ///   hour as an hour.
  package func answeredCall(latency: Int64) {
    Self.add(1, to: callsAnswered)
    latencies.withLockedValue { $0.record(latency) }
  }

  /// What was counted so far. Counters that change meanwhile need not fit each other.
  func totals() -> TrafficTotals {
    // What ends first, so that more connections do not seem closed than opened.
    let closed = connectionsClosed.load(ordering: .acquiring)
    return TrafficTotals(
      connectionsOpened: connectionsOpened.load(ordering: .relaxed), connectionsClosed: closed,
      framesIn: framesIn.load(ordering: .relaxed), framesOut: framesOut.load(ordering: .relaxed),
      bytesIn: bytesIn.load(ordering: .relaxed), bytesOut: bytesOut.load(ordering: .relaxed),
      callsAnswered: callsAnswered.load(ordering: .relaxed))
  }

  /// Swaps the latencies recorded since the last time for those in `other`, which should be empty.
  func exchangeLatencies(_ other: inout LatencyHistogram) {
    // The lock is held for the exchange of a reference; the merging is done by the one who asks.
    latencies.withLockedValue { swap(&$0, &other) }
  }

  /// Correct for a single writer only.
  @inline(__always)
  private static func add(_ count: Int, to counter: borrowing Counter) {
    let sum = counter.load(ordering: .relaxed) &+ UInt64(clamping: count)
    counter.store(sum, ordering: .releasing)
  }
}

/// How often which latency occurred, to two significant digits, from 1 ns to an hour.
struct LatencyHistogram: Sendable {
  private static let hour: UInt64 = 3_600_000_000_000

  private var counts = Histogram<UInt64>(
    lowestDiscernibleValue: 1, highestTrackableValue: hour, numberOfSignificantValueDigits: .two)

  /// Takes in a latency in nanoseconds, cut to what is possible.
  mutating func record(_ latency: Int64) {
    counts.record(min(UInt64(clamping: latency), Self.hour))
  }

  /// Takes in all latencies of another.
  mutating func add(_ other: LatencyHistogram) { counts.add(other.counts) }

  /// The figures; nil when there are no latencies.
  var summary: LatencySummary? {
    guard counts.totalCount > 0 else { return nil }
    return LatencySummary(
      count: counts.totalCount, median: counts.valueAtPercentile(50), percentile99: counts.valueAtPercentile(99),
      maximum: min(counts.maxRecorded, Self.hour))
  }
}
