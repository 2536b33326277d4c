/// Times as decimal numbers, exactly.
enum DecimalTime {
  /// Nanoseconds as seconds with 1 to 9 decimals, cut.
  static func seconds(_ nanoseconds: Int64, decimals: Int) -> String {
    let magnitude = nanoseconds.magnitude
    let fraction = String(magnitude % 1_000_000_000)
    let nine = String(repeating: "0", count: 9 - fraction.count) + fraction
    return (nanoseconds < 0 ? "-" : "") + "\(magnitude / 1_000_000_000)." + nine.prefix(decimals)
  }
}
