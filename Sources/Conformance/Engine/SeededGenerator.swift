/// Numbers that look random and are the same for the same seed (SplitMix64), on every machine.
struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable {
  private var state: UInt64

  /// A generator for a seed and whatever tells its uses apart.
  init(seed: UInt64, _ distinctions: String...) {
    state = seed
    for text in distinctions { state = Self.mix(state, text) }
  }

  /// Adds a text to a number, so that other texts give other numbers (FNV-1a).
  static func mix(_ number: UInt64, _ text: String) -> UInt64 {
    var hash = number ^ 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    // The end of a text counts, so that "a", "bc" and "ab", "c" differ.
    return (hash ^ 0xFF) &* 0x100_0000_01B3
  }

  /// The next 64 bits.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// So many bytes.
  mutating func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      var word = next()
      for _ in 0..<min(8, count - bytes.count) {
        bytes.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
      }
    }
    return bytes
  }
}
