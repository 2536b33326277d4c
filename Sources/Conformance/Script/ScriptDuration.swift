/// A length of time in a script: `200ms`, `1.5s`, `5rtt`, or the longest of several, `1s|10rtt`.
struct ScriptDuration: Hashable, Sendable {
  private struct Part: Hashable, Sendable {
    /// Thousandths of the unit.
    let thousandths: Int64
    let unit: Unit
  }

  private enum Unit: String, CaseIterable, Hashable, Sendable {
    case milliseconds = "ms"
    case roundTrips = "rtt"
    case seconds = "s"
  }

  private let parts: [Part]

  /// The longest time that a script may name, in seconds.
  static let longest: Int64 = 3600

  /// Reads a duration; nil for what is none.
  init?(_ text: String) {
    var parts: [Part] = []
    for piece in text.split(separator: "|", omittingEmptySubsequences: false) {
      let word = piece.drop { $0 == " " }
      let number = word.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      let unitText = word.dropFirst(number.count).prefix { $0 != " " }
      guard let unit = Unit(rawValue: String(unitText)), let thousandths = Self.thousandths(number),
        thousandths <= Self.longest * 1_000_000
      else { return nil }
      parts.append(Part(thousandths: thousandths, unit: unit))
    }
    guard !parts.isEmpty else { return nil }
    self.parts = parts
  }

  /// The duration for a round trip of that length, at most an hour.
  func duration(roundTrip: Duration) -> Duration {
    let durations = parts.map { part -> Duration in
      switch part.unit {
      case .milliseconds: .microseconds(part.thousandths)
      case .seconds: .milliseconds(part.thousandths)
      case .roundTrips: roundTrip * Double(part.thousandths) / 1000
      }
    }
    return min(durations.max() ?? .zero, .seconds(Self.longest))
  }

  private static func thousandths(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Int64(parts[0]), whole <= 1_000_000_000 else { return nil }
    guard parts.count == 2 else { return whole * 1000 }
    let digits = parts[1]
    guard (1...3).contains(digits.count), let fraction = Int64(digits) else { return nil }
    return whole * 1000 + fraction * [100, 10, 1][digits.count - 1]
  }
}
