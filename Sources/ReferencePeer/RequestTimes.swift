/// When the calls of a peer came in that are not answered yet; kept only while somebody counts.
struct RequestTimes {
  /// Calls whose time is kept at most: those that are never answered are not kept for ever.
  private static let limit = 4096

  private var bySn: [UInt32: Int64] = [:]

  /// A call came in, in nanoseconds.
  mutating func came(_ sn: UInt32, at time: Int64) {
    if bySn.count < Self.limit { bySn[sn] = time }
  }

  /// A frame goes out.
  ///
  /// - Returns: When the call came that it answers; nil: it answers none that is known.
  mutating func answered(_ sn: UInt32) -> Int64? { bySn.removeValue(forKey: sn) }
}
