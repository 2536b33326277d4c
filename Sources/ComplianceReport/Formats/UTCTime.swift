/// Times as result files have them, `2026-11-29T00:41:20Z`.
enum UTCTime {
  /// Milliseconds since 1970-01-01T00:00:00Z; nil: it is no such time.
  static func milliseconds(_ text: String) -> Int64? {
    let parts = text.split { "-T:Z.".contains($0) }.prefix(6).map { Int64($0) }
    guard text.hasSuffix("Z"), parts.count == 6, let year = parts[0], let month = parts[1], let day = parts[2],
      let hour = parts[3], let minute = parts[4], let second = parts[5], (1970...9999).contains(year),
      (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour), (0...59).contains(minute),
      (0...60).contains(second)
    else { return nil }
    // Days of the civil calendar with years that begin in March, so that the leap day is the last.
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000
  }
}
