/// The ones' complement sum of RFC 1071, for packets that are written.
///
/// Sums are of words in the machine's (little-endian) order and not folded, so that parts can be added; the checksum is
/// turned to the order of the network.
enum InternetSum {
  /// The sum of the bytes from an even or odd offset to the end; an odd last byte counts as a word with zero after it.
  static func of(_ bytes: RawSpan, from start: Int) -> UInt64 {
    bytes.extracting(start..<bytes.byteCount).withUnsafeBytes { buffer in
      var sum: UInt64 = 0
      var offset = 0
      // Words of 32 bits summed in 64: 2^32 of them fit.
      while offset &+ 4 <= buffer.count {
        sum &+= UInt64(UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        offset &+= 4
      }
      for (index, byte) in buffer[offset...].enumerated() { sum &+= UInt64(byte) << UInt64(8 * index) }
      return sum
    }
  }

  /// What a word in the order of the network adds to a sum.
  static func word(_ value: UInt16) -> UInt64 { UInt64(value.byteSwapped) }

  /// The checksum that belongs to a sum of everything else: folded, complemented, in the order of the network.
  static func checksum(_ sum: UInt64) -> UInt16 {
    var folded = sum
    while folded >> 16 != 0 { folded = (folded >> 16) &+ (folded & 0xFFFF) }
    return ~UInt16(truncatingIfNeeded: folded).byteSwapped
  }
}
