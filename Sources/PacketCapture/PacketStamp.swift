/// Which packet, and when.
package struct PacketStamp: Hashable, Sendable {
  /// The record's number, counted from 1 over all that is read.
  package var number: Int
  /// Nanoseconds since 1970-01-01T00:00:00Z, or nil where the capture has no time.
  package var time: Int64?

  package init(number: Int, time: Int64?) {
    self.number = number
    self.time = time
  }

  /// The later of two, by number.
  func later(_ other: PacketStamp) -> PacketStamp { other.number > number ? other : self }
}
