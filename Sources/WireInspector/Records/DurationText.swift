/// Durations for people, in a unit that fits.
package enum DurationText {
  /// A duration to the microsecond: "117 us", "4.40 ms", "2.000 s".
  package static func of(nanoseconds: Int64) -> String {
    let magnitude = nanoseconds.magnitude
    let sign = nanoseconds < 0 ? "-" : ""
    if magnitude < 1_000_000 { return "\(sign)\(magnitude / 1000) us" }
    if magnitude < 1_000_000_000 {
      let hundredths = magnitude / 10_000
      return "\(sign)\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) ms"
    }
    return DecimalTime.seconds(nanoseconds, decimals: 3) + " s"
  }
}
