/// ChaCha20-Poly1305 (RFC 8439). What is sealed is opened; nothing is sealed.
///
/// Written out, because libcrypto has it in its EVP layer only (`CCrypto` says why that is not used).
package struct ChaChaPoly {
  private let key: (SIMD4<UInt32>, SIMD4<UInt32>)

  /// - Parameter key: 32 bytes; nil for another length.
  package init?(key bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    key = (Self.words(bytes, 0), Self.words(bytes, 16))
  }

  /// Opens what was sealed.
  ///
  /// - Parameters:
  ///   - sealed: The ciphertext and the tag behind it.
  ///   - nonce: 12 bytes.
  ///   - plaintext: Takes the content, in the place of what it holds, where the tag is right.
  /// - Returns: Whether the tag is right.
  package func open(
    _ sealed: ArraySlice<UInt8>, nonce: [UInt8], authenticated: [UInt8], into plaintext: inout [UInt8]
  ) -> Bool {
    let count = sealed.count - 16
    guard count >= 0, nonce.count == 12 else { return false }
    let content = sealed.prefix(count)
    var code = Poly1305(key: block(0, nonce))
    code.update(authenticated[...])
    code.update(content)
    var lengths = [UInt8](repeating: 0, count: 16)
    for index in 0..<8 {
      lengths[index] = UInt8(truncatingIfNeeded: authenticated.count >> (8 * index))
      lengths[8 + index] = UInt8(truncatingIfNeeded: count >> (8 * index))
    }
    code.update(lengths[...])
    guard code.finish().elementsEqual(sealed.suffix(16)) else { return false }
    plaintext.removeAll(keepingCapacity: true)
    plaintext.reserveCapacity(count)
    var number: UInt32 = 0
    var index = content.startIndex
    while index < content.endIndex {
      number &+= 1
      let mask = words(number, nonce)
      let end = min(index + 64, content.endIndex)
      for (place, offset) in (index..<end).enumerated() {
        plaintext.append(content[offset] ^ UInt8(truncatingIfNeeded: mask[place >> 2] >> (8 * UInt32(place & 3))))
      }
      index = end
    }
    return true
  }

  /// One byte of the content, without looking at the tag.
  ///
  /// - Parameter index: Its place, in front of the tag.
  package func byte(_ index: Int, of sealed: ArraySlice<UInt8>, nonce: [UInt8]) -> UInt8 {
    sealed[sealed.startIndex + index] ^ block(UInt32(truncatingIfNeeded: index / 64 + 1), nonce)[index % 64]
  }

  // MARK: ChaCha20

  private static func words(_ bytes: [UInt8], _ offset: Int) -> SIMD4<UInt32> {
    func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) } }
    return SIMD4(word(offset), word(offset + 4), word(offset + 8), word(offset + 12))
  }

  /// A block of the key stream as 16 words (RFC 8439 §2.3); the four rows of its state are vectors.
  private func words(_ counter: UInt32, _ nonce: [UInt8]) -> SIMD16<UInt32> {
    func rotate(_ value: SIMD4<UInt32>, _ count: UInt32) -> SIMD4<UInt32> {
      value &<< SIMD4(repeating: count) | value &>> SIMD4(repeating: 32 - count)
    }
    let counterBytes = (0..<4).map { UInt8(truncatingIfNeeded: counter >> (8 * UInt32($0))) }
    let start = (
      SIMD4<UInt32>(0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574), key.0, key.1,
      Self.words(counterBytes + nonce, 0)
    )
    var (a, b, c, d) = start
    func round() {
      a &+= b
      d = rotate(d ^ a, 16)
      c &+= d
      b = rotate(b ^ c, 12)
      a &+= b
      d = rotate(d ^ a, 8)
      c &+= d
      b = rotate(b ^ c, 7)
    }
    for _ in 0..<10 {
      round()
      // The diagonals become columns, and back.
      b = SIMD4(b[1], b[2], b[3], b[0])
      c = SIMD4(c[2], c[3], c[0], c[1])
      d = SIMD4(d[3], d[0], d[1], d[2])
      round()
      b = SIMD4(b[3], b[0], b[1], b[2])
      c = SIMD4(c[2], c[3], c[0], c[1])
      d = SIMD4(d[1], d[2], d[3], d[0])
    }
    return SIMD16(
      lowHalf: SIMD8(lowHalf: a &+ start.0, highHalf: b &+ start.1),
      highHalf: SIMD8(lowHalf: c &+ start.2, highHalf: d &+ start.3))
  }

  private func block(_ counter: UInt32, _ nonce: [UInt8]) -> [UInt8] {
    let words = words(counter, nonce)
    return (0..<64).map { UInt8(truncatingIfNeeded: words[$0 >> 2] >> (8 * UInt32($0 & 3))) }
  }
}

/// The one-time authenticator (RFC 8439 §2.5): a polynomial modulo 2^130 - 5, in limbs of 26 bits.
struct Poly1305 {
  private var r: (UInt64, UInt64, UInt64, UInt64, UInt64)
  private var h: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
  private let pad: (UInt64, UInt64)

  /// - Parameter key: 32 bytes or more, of which the first 32 count.
  init(key: [UInt8]) {
    let low = Self.number(key[0..<8])
    let high = Self.number(key[8..<16])
    r = (
      low & 0x3FF_FFFF, (low >> 26) & 0x3FF_FF03, (low >> 52 | high << 12) & 0x3FF_C0FF, (high >> 14) & 0x3F0_3FFF,
      (high >> 40) & 0x00F_FFFF
    )
    pad = (Self.number(key[16..<24]), Self.number(key[24..<32]))
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Takes bytes, filled up with zeros to whole blocks as the construction of RFC 8439 §2.8 wants it.
  mutating func update(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { raw in
      var offset = 0
      while offset + 16 <= raw.count {
        take(
          UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
          UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
        offset += 16
      }
      guard offset < raw.count else { return }
      let rest = Array(raw[offset...]) + [UInt8](repeating: 0, count: 16 - (raw.count - offset))
      take(Self.number(rest[0..<8]), Self.number(rest[8..<16]))
    }
  }

  private mutating func take(_ low: UInt64, _ high: UInt64) {
    let mask: UInt64 = 0x3FF_FFFF
    let h0 = h.0 + low & mask
    let h1 = h.1 + (low >> 26) & mask
    let h2 = h.2 + (low >> 52 | high << 12) & mask
    let h3 = h.3 + (high >> 14) & mask
    let h4 = h.4 + (high >> 40 | 1 << 24)
    let (s1, s2, s3, s4) = (r.1 * 5, r.2 * 5, r.3 * 5, r.4 * 5)
    var d0 = h0 * r.0 + h1 * s4 + h2 * s3
    d0 += h3 * s2 + h4 * s1
    var d1 = h0 * r.1 + h1 * r.0 + h2 * s4
    d1 += h3 * s3 + h4 * s2
    var d2 = h0 * r.2 + h1 * r.1 + h2 * r.0
    d2 += h3 * s4 + h4 * s3
    var d3 = h0 * r.3 + h1 * r.2 + h2 * r.1
    d3 += h3 * r.0 + h4 * s4
    var d4 = h0 * r.4 + h1 * r.3 + h2 * r.2
    d4 += h3 * r.1 + h4 * r.0
    d1 += d0 >> 26
    d2 += d1 >> 26
    d3 += d2 >> 26
    d4 += d3 >> 26
    let low0 = d0 & mask + (d4 >> 26) * 5
    h = (low0 & mask, d1 & mask + low0 >> 26, d2 & mask, d3 & mask, d4 & mask)
  }

  /// The tag of what was taken, 16 bytes.
  func finish() -> [UInt8] {
    let mask: UInt64 = 0x3FF_FFFF
    var h = h
    func carry() {
      h.1 += h.0 >> 26
      h.0 &= mask
      h.2 += h.1 >> 26
      h.1 &= mask
      h.3 += h.2 >> 26
      h.2 &= mask
      h.4 += h.3 >> 26
      h.3 &= mask
      h.0 += (h.4 >> 26) * 5
      h.4 &= mask
    }
    carry()
    carry()
    // What is not below 2^130 - 5 is taken modulo it.
    var g = h
    g.0 += 5
    g.1 += g.0 >> 26
    g.2 += g.1 >> 26
    g.3 += g.2 >> 26
    g.4 += g.3 >> 26
    if g.4 >> 26 != 0 { h = (g.0 & mask, g.1 & mask, g.2 & mask, g.3 & mask, g.4 & mask) }
    let low = h.0 | h.1 << 26 | h.2 << 52
    let high = h.2 >> 12 | h.3 << 14 | h.4 << 40
    let (sum, overflow) = low.addingReportingOverflow(pad.0)
    let top = high &+ pad.1 &+ (overflow ? 1 : 0)
    return (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * UInt64($0))) }
      + (0..<8).map { UInt8(truncatingIfNeeded: top >> (8 * UInt64($0))) }
  }
}
