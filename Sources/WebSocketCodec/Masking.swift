/// The masking of payloads, RFC 6455 section 5.3: XOR with a key of four bytes over and over. Masking and unmasking are the
/// same.
public enum Masking {
  /// Masks or unmasks bytes in place, wherever they lie in memory and in their payload.
  ///
  /// - Parameters:
  ///   - key: the masking key, its first byte in the low eight bits.
  ///   - bytes: the bytes of the payload, or a part of it.
  ///   - phase: how many bytes of the payload came before these; only its remainder by 4 counts.
  public static func apply(_ key: UInt32, to bytes: UnsafeMutableRawBufferPointer, phase: Int = 0) {
    guard let base = bytes.baseAddress else { return }
    let count = bytes.count
    let shift = UInt32(truncatingIfNeeded: phase & 3) &* 8
    // The key as it falls on the first of these bytes.
    let rotated = key &>> shift | key &<< (32 &- shift & 31)
    let word = rotated.littleEndian
    let block = SIMD8<UInt32>(repeating: word)
    var offset = 0
    while offset &+ 64 <= count {
      let first = base.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self) ^ block
      let second = base.loadUnaligned(fromByteOffset: offset &+ 32, as: SIMD8<UInt32>.self) ^ block
      base.storeBytes(of: first, toByteOffset: offset, as: SIMD8<UInt32>.self)
      base.storeBytes(of: second, toByteOffset: offset &+ 32, as: SIMD8<UInt32>.self)
      offset &+= 64
    }
    while offset &+ 4 <= count {
      let masked = base.loadUnaligned(fromByteOffset: offset, as: UInt32.self) ^ word
      base.storeBytes(of: masked, toByteOffset: offset, as: UInt32.self)
      offset &+= 4
    }
    var rest = rotated
    while offset < count {
      let masked = base.load(fromByteOffset: offset, as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
      base.storeBytes(of: masked, toByteOffset: offset, as: UInt8.self)
      rest &>>= 8
      offset &+= 1
    }
  }

  /// Masks or unmasks the bytes of an array from `start` on: the beginning of a payload, or what comes after `phase` bytes
  /// of it. A `start` beyond the end changes nothing.
  public static func apply(_ key: UInt32, to bytes: inout [UInt8], from start: Int, phase: Int = 0) {
    bytes.withUnsafeMutableBytes { buffer in
      guard start >= 0, start < buffer.count else { return }
      apply(key, to: UnsafeMutableRawBufferPointer(rebasing: buffer[start...]), phase: phase)
    }
  }
}
