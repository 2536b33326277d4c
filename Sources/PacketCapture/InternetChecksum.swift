import CByteLoops

/// The ones' complement sum of RFC 1071.
enum InternetChecksum {
  /// The sum of a range's 16-bit words, taken in the machine's (little-endian) order and not yet folded: a sum does not
  /// depend on the order as long as all its parts use the same one. An odd last byte counts as a word with zero after it.
  static func sum(_ bytes: RawSpan, _ range: Range<Int>) -> UInt64 {
    bytes.extracting(range).withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return cbyteloops_internet_sum(base.assumingMemoryBound(to: UInt8.self), buffer.count)
    }
  }

  /// Folds a sum to 16 bits.
  static func fold(_ sum: UInt64) -> UInt16 {
    var value = (sum >> 32) &+ (sum & 0xFFFF_FFFF)
    while value >> 16 != 0 { value = (value >> 16) &+ (value & 0xFFFF) }
    return UInt16(value)
  }

  /// The sum of the pseudo-header of TCP over IPv4 (RFC 9293 §3.1) or IPv6 (RFC 8200 §8.1), in the order of ``sum(_:_:)``.
  static func pseudoHeader(_ packet: InternetPacket, length: Int) -> UInt64 {
    words(packet.source.high) &+ words(packet.source.low) &+ words(packet.destination.high)
      &+ words(packet.destination.low) &+ words(UInt64(length)) &+ words(UInt64(packet.transport))
  }

  /// The words of a number as it would stand on the wire.
  private static func words(_ value: UInt64) -> UInt64 {
    let swapped = value.byteSwapped
    return (swapped >> 32) &+ (swapped & 0xFFFF_FFFF)
  }
}
