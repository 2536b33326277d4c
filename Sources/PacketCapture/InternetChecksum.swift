/// The ones' complement sum of RFC 1071.
enum InternetChecksum {
  /// The sum of a range's 16-bit words, taken in the machine's (little-endian) order and not yet folded: a sum does not
  /// depend on the order as long as all its parts use the same one. An odd last byte counts as a word with zero after it.
  static func sum(_ bytes: RawSpan, _ range: Range<Int>) -> UInt64 {
    bytes.extracting(range).withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      let count = buffer.count
      // Words of 32 bits summed in 64: 2^32 of them fit. Four sums, so that the loop becomes vector code.
      var first: UInt64 = 0
      var second: UInt64 = 0
      var third: UInt64 = 0
      var fourth: UInt64 = 0
      var offset = 0
      while offset &+ 16 <= count {
        first &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        second &+= UInt64(base.loadUnaligned(fromByteOffset: offset &+ 4, as: UInt32.self))
        third &+= UInt64(base.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt32.self))
        fourth &+= UInt64(base.loadUnaligned(fromByteOffset: offset &+ 12, as: UInt32.self))
        offset &+= 16
      }
      var sum = first &+ second &+ third &+ fourth
      while offset &+ 2 <= count {
        sum &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
        offset &+= 2
      }
      if offset < count { sum &+= UInt64(base.load(fromByteOffset: offset, as: UInt8.self)) }
      return sum
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
