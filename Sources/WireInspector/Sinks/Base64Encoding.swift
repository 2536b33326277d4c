import CByteLoops

/// Base64 (RFC 4648 §4): by vectors where the processor has them (``CByteLoops``), otherwise two characters at a time and four times
/// that at once.
enum Base64Encoding {
  /// Twelve bits to two characters, the first in the low byte.
  private static let pairs: [UInt16] = {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return (0..<4096).map { UInt16(alphabet[$0 >> 6]) | UInt16(alphabet[$0 & 63]) << 8 }
  }()

  /// Writes the encoding and gives its size.
  static func encode(_ source: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>) -> Int {
    guard let base = source.baseAddress else { return 0 }
    let taken = cbyteloops_base64(base.assumingMemoryBound(to: UInt8.self), source.count, target)
    let start = taken / 3 * 4
    return start + encodePairs(UnsafeRawBufferPointer(rebasing: source[taken...]), to: target + start)
  }

  /// The same without vectors.
  static func encodePairs(_ source: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>) -> Int {
    let raw = UnsafeMutableRawPointer(target)
    var written = 0
    var offset = 0
    pairs.withUnsafeBufferPointer { pairs in
      guard let table = pairs.baseAddress, let base = source.baseAddress else { return }
      // Eight bytes are read, and the first six of them are used.
      while offset &+ 8 <= source.count {
        let word = UInt64(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let first = UInt64(table[Int(word >> 52)]) | UInt64(table[Int(word >> 40 & 0xFFF)]) << 16
        let second = UInt64(table[Int(word >> 28 & 0xFFF)]) | UInt64(table[Int(word >> 16 & 0xFFF)]) << 16
        raw.storeBytes(of: (first | second << 32).littleEndian, toByteOffset: written, as: UInt64.self)
        offset &+= 6
        written &+= 8
      }
      while offset &+ 3 <= source.count {
        let value = Int(source[offset]) << 16 | Int(source[offset &+ 1]) << 8 | Int(source[offset &+ 2])
        let both = UInt32(table[value >> 12]) | UInt32(table[value & 0xFFF]) << 16
        raw.storeBytes(of: both.littleEndian, toByteOffset: written, as: UInt32.self)
        offset &+= 3
        written &+= 4
      }
      if offset < source.count {
        let second = offset &+ 1 < source.count ? Int(source[offset &+ 1]) : 0
        let value = Int(source[offset]) << 16 | second << 8
        let both = UInt32(table[value >> 12]) | UInt32(table[value & 0xFFF]) << 16
        raw.storeBytes(of: both.littleEndian, toByteOffset: written, as: UInt32.self)
        target[written + 3] = 0x3D
        if offset &+ 1 == source.count { target[written + 2] = 0x3D }
        written &+= 4
      }
    }
    return written
  }
}
