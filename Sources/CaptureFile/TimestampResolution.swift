/// The unit and origin of the timestamps of an interface (pcapng options if_tsresol and if_tsoffset).
public struct TimestampResolution: Hashable, Sendable {
  /// Seconds to add to every timestamp.
  public let offsetSeconds: Int64
  /// The option's byte: an exponent, of 10, or of 2 if its top bit is set. The unit is base to the minus exponent seconds.
  public let exponent: UInt8

  /// Microseconds, what a file means that does not say.
  public static let microseconds = TimestampResolution(exponent: 6)
  /// Nanoseconds.
  public static let nanoseconds = TimestampResolution(exponent: 9)

  /// Makes a resolution from the option's byte.
  public init(exponent: UInt8, offsetSeconds: Int64 = 0) {
    self.exponent = exponent
    self.offsetSeconds = offsetSeconds
  }

  /// A timestamp in this unit as nanoseconds since 1970, rounded down; nil if 64 bits cannot hold it.
  func nanoseconds(_ units: UInt64) -> Int64? {
    guard let sinceOffset = unscaled(units), let nanoseconds = Int64(exactly: sinceOffset) else { return nil }
    if offsetSeconds == 0 { return nanoseconds }
    let (shift, tooFar) = offsetSeconds.multipliedReportingOverflow(by: 1_000_000_000)
    if tooFar { return nil }
    let (sum, overflow) = nanoseconds.addingReportingOverflow(shift)
    return overflow ? nil : sum
  }

  private func unscaled(_ units: UInt64) -> UInt64? {
    if exponent & 0x80 != 0 {
      let (high, low) = units.multipliedFullWidth(by: 1_000_000_000)
      return shiftedRight(high: high, low: low, by: Int(exponent & 0x7F))
    }
    if exponent <= 9 {
      let (product, overflow) = units.multipliedReportingOverflow(by: powerOfTen(9 - exponent))
      return overflow ? nil : product
    }
    // 2^64 is below 10^20: dividing by more leaves nothing.
    return exponent - 9 > 19 ? 0 : units / powerOfTen(exponent - 9)
  }
}

/// The 128-bit number shifted to the right; nil if the result has more than 64 bits.
private func shiftedRight(high: UInt64, low: UInt64, by count: Int) -> UInt64? {
  // The smart shifts give 0 from 64 on.
  if count >= 64 { return high >> (count - 64) }
  if high >> count != 0 { return nil }
  return count == 0 ? low : (high << (64 - count)) | (low >> count)
}

/// 10 to the power of at most 19.
private func powerOfTen(_ exponent: UInt8) -> UInt64 {
  var power: UInt64 = 1
  for _ in 0..<exponent { power &*= 10 }
  return power
}
