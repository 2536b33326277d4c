/// Times as decimal numbers, exactly.
enum DecimalTime {
  /// Nanoseconds as microseconds with three decimals.
  static func thousandths(_ nanoseconds: Int64) -> String {
    let magnitude = nanoseconds.magnitude
    let fraction = String(magnitude % 1000)
    return (nanoseconds < 0 ? "-" : "") + "\(magnitude / 1000)." + String(repeating: "0", count: 3 - fraction.count)
      + fraction
  }

  /// Nanoseconds as seconds with 1 to 9 decimals, cut.
  static func seconds(_ nanoseconds: Int64, decimals: Int) -> String {
    let magnitude = nanoseconds.magnitude
    let fraction = String(magnitude % 1_000_000_000)
    let nine = String(repeating: "0", count: 9 - fraction.count) + fraction
    return (nanoseconds < 0 ? "-" : "") + "\(magnitude / 1_000_000_000)." + nine.prefix(decimals)
  }
}
