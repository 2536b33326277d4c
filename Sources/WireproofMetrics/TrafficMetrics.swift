import Metrics
public import ReferencePeer

/// Hands the figures of a server or client to swift-metrics, with whatever backend the program has bootstrapped.
///
/// | label | kind | what |
/// |---|---|---|
/// | `PREFIX.connections` | gauge | open connections |
/// | `PREFIX.frames` | counter | frames; dimension `direction`: in, out |
/// | `PREFIX.bytes` | counter | bytes on the sockets; dimension `direction`: in, out |
/// | `PREFIX.calls` | counter | calls of the peer that were answered |
/// | `PREFIX.call.seconds` | gauge | how long those took that were answered since the last time; dimension `quantile`: 0.5, 0.99 |
///
/// It takes the snapshots of the statistics: others that take some of the same get the differences since then.
public struct TrafficMetrics: Sendable {
  private let statistics: TrafficStatistics
  private let connections: Gauge
  private let framesIn: Counter
  private let framesOut: Counter
  private let bytesIn: Counter
  private let bytesOut: Counter
  private let calls: Counter
  private let median: Gauge
  private let percentile99: Gauge

  /// Makes the metrics.
  ///
  /// - Parameters:
  ///   - statistics: those of the configuration of a server or client.
  ///   - prefix: what the labels begin with.
  public init(_ statistics: TrafficStatistics, prefix: String = "wireproof") {
    self.statistics = statistics
    connections = Gauge(label: "\(prefix).connections")
    framesIn = Counter(label: "\(prefix).frames", dimensions: [("direction", "in")])
    framesOut = Counter(label: "\(prefix).frames", dimensions: [("direction", "out")])
    bytesIn = Counter(label: "\(prefix).bytes", dimensions: [("direction", "in")])
    bytesOut = Counter(label: "\(prefix).bytes", dimensions: [("direction", "out")])
    calls = Counter(label: "\(prefix).calls")
    median = Gauge(label: "\(prefix).call.seconds", dimensions: [("quantile", "0.5")])
    percentile99 = Gauge(label: "\(prefix).call.seconds", dimensions: [("quantile", "0.99")])
  }

  /// Hands over what came since the last time.
  public func record() {
    let figures = statistics.snapshot()
    connections.record(Int64(clamping: figures.openConnections))
    framesIn.increment(by: Int64(clamping: figures.sinceLast.framesIn))
    framesOut.increment(by: Int64(clamping: figures.sinceLast.framesOut))
    bytesIn.increment(by: Int64(clamping: figures.sinceLast.bytesIn))
    bytesOut.increment(by: Int64(clamping: figures.sinceLast.bytesOut))
    calls.increment(by: Int64(clamping: figures.sinceLast.callsAnswered))
    guard let latency = figures.latency else { return }
    median.record(Double(latency.median) / 1e9)
    percentile99.record(Double(latency.percentile99) / 1e9)
  }

  /// Hands the figures over at intervals, until the task is cancelled.
  public func run(every interval: Duration = .seconds(5)) async throws {
    while true {
      try await Task.sleep(for: interval)
      record()
    }
  }
}
