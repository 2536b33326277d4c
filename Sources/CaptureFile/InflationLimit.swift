/// How much compressed data may grow, against files that are made to use up time: a fixed amount that any file may reach, and
/// beyond it so many times its size.
public struct InflationLimit: Hashable, Sendable {
  /// How many times its size; 0 for no limit.
  public var ratio: Int

  /// How many bytes do not count.
  public var allowance: Int

  /// Makes a limit.
  public init(ratio: Int = 100, allowance: Int = 1 << 30) {
    self.ratio = ratio
    self.allowance = allowance
  }

  /// Whether so many bytes are too many for their compressed size.
  public func isExceeded(compressed: Int, inflated: Int) -> Bool {
    guard ratio > 0, inflated > allowance else { return false }
    let (permitted, overflow) = compressed.multipliedReportingOverflow(by: ratio)
    return !overflow && inflated - allowance > permitted
  }
}
