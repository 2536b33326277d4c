import WireproofMetrics
import WireproofPeer

/// Counts a server's traffic for swift-metrics.
func measure(_ configuration: inout ServerConfiguration) -> TrafficMetrics {
  // snippet: metrics
  let statistics = TrafficStatistics.starting()
  configuration.statistics = statistics
  let metrics = TrafficMetrics(statistics)
  // end
  return metrics
}
