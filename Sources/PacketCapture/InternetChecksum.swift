/// The ones' complement sum of RFC 1071.
enum InternetChecksum {
  /// The sum of a range's 16-bit words, taken in the machine's (little-endian) order and not yet folded: a sum does not
  /// depend on the order as long as all its parts use the same one. An odd last byte counts as a word with zero after it.
  static func sum(_ bytes: RawSpan, _ range: Range<Int>) -> UInt64 {
    bytes.extracting(range).withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      let count = buffer.count
      // Words of 64 bits, each overflow added again (RFC 1071 §2): 2^64 - 1 is a multiple of 2^16 - 1. Two sums, so that one does
      // not wait for the other.
      var first: UInt64 = 0
      var second: UInt64 = 0
      var offset = 0
      while offset &+ 32 <= count {
        first = addingCarry(first, base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        second = addingCarry(second, base.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
        first = addingCarry(first, base.loadUnaligned(fromByteOffset: offset &+ 16, as: UInt64.self))
        second = addingCarry(second, base.loadUnaligned(fromByteOffset: offset &+ 24, as: UInt64.self))
        offset &+= 32
      }
      var sum = halved(first) &+ halved(second)
      while offset &+ 2 <= count {
        sum &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
        offset &+= 2
      }
      if offset < count { sum &+= UInt64(base.load(fromByteOffset: offset, as: UInt8.self)) }
      return sum
    }
  }

  @inline(__always)
  private static func addingCarry(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    let (total, overflow) = sum.addingReportingOverflow(word)
    return total &+ (overflow ? 1 : 0)
  }

  /// The sum of both halves: the same but for multiples of 2^16 - 1, with room for more.
  @inline(__always)
  private static func halved(_ sum: UInt64) -> UInt64 { (sum >> 32) &+ (sum & 0xFFFF_FFFF) }

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
