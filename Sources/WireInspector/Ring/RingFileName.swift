import Glibc

/// The names of a ring's files: when it was, what it was, and on which connection, so that a list in the order of names is one in
/// the order of time.
enum RingFileName {
  private static let connection = "-connection-"
  private static let ending = ".pcapng"

  /// A name.
  ///
  /// - Parameters:
  ///   - time: When it was, in nanoseconds since 1970-01-01T00:00:00Z; nil: not known.
  ///   - packet: The packet that showed it, which stands for the time where there is none.
  ///   - reason: What it was, as letters, digits, dots, dashes and underscores.
  ///   - number: The connection's number.
  static func make(time: Int64?, packet: Int, reason: String, connection number: Int) -> String {
    let when = time.flatMap(text) ?? "packet-" + padded(packet, 9)
    return "\(when)-\(reason)\(connection)\(number)\(ending)"
  }

  /// Whether it is such a name.
  static func isOne(_ name: String) -> Bool {
    guard name.hasSuffix(ending), let range = name.firstRange(of: connection) else { return false }
    let number = name[range.upperBound...].dropLast(ending.count)
    let isDated = name.utf8.prefix(4).allSatisfy { (0x30...0x39).contains($0) }
    return (isDated || name.hasPrefix("packet-")) && !number.isEmpty && number.allSatisfy(\.isNumber)
  }

  /// A time as `2026-11-29T07.19.15.123456Z`: no file system minds the dots.
  private static func text(_ time: Int64) -> String? {
    guard time >= 0 else { return nil }
    var seconds = time_t(time / 1_000_000_000)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return nil }
    let date =
      "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    let clock = "\(padded(Int(parts.tm_hour), 2)).\(padded(Int(parts.tm_min), 2)).\(padded(Int(parts.tm_sec), 2))"
    return "\(date)T\(clock).\(padded(Int(time % 1_000_000_000 / 1_000), 6))Z"
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
