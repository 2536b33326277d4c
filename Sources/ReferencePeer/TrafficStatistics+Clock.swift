extension TrafficStatistics {
  /// Begins to count now.
  public static func starting() -> TrafficStatistics { TrafficStatistics(startingAt: LoopResources.now()) }

  /// What was counted up to now; see `snapshot(at:)`.
  public func snapshot() -> TrafficSnapshot { snapshot(at: LoopResources.now()) }
}
