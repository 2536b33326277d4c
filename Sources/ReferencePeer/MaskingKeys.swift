/// Masking keys for a client's frames: unpredictable, as RFC 6455 section 10.3 asks, and drawn from the system many at a time.
struct MaskingKeys {
  private var keys: [UInt32] = []

  /// A fresh key.
  mutating func next() -> UInt32 {
    if keys.isEmpty {
      var source = SystemRandomNumberGenerator()
      for _ in 0..<64 {
        let word = source.next()
        keys.append(UInt32(truncatingIfNeeded: word))
        keys.append(UInt32(truncatingIfNeeded: word >> 32))
      }
    }
    return keys.removeLast()
  }
}
