import Negotiation

/// Payloads as text.
enum PayloadText {
  /// Whether bytes are UTF-8 without control characters other than TAB, CR and LF.
  static func isPlainUTF8(_ bytes: RawSpan) -> Bool {
    bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return true }
      let count = raw.count
      var offset = 0
      while offset < count {
        if offset &+ 8 <= count {
          let word = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          if isPlainASCII(word) {
            offset &+= 8
            continue
          }
        }
        let size = sizeOfPlainCharacter(base, offset, count)
        guard size > 0 else { return false }
        offset &+= size
      }
      return true
    }
  }

  /// Whether eight bytes are all 20 to 7E.
  @inline(__always)
  private static func isPlainASCII(_ word: UInt64) -> Bool {
    let high: UInt64 = 0x8080_8080_8080_8080
    let ones: UInt64 = 0x0101_0101_0101_0101
    let delete = word ^ (ones &* 0x7F)
    return (word | ((word &- ones &* 0x20) & ~word) | ((delete &- ones) & ~delete)) & high == 0
  }

  /// The size of the character at an offset, 0 if it is none or a control character.
  private static func sizeOfPlainCharacter(_ base: UnsafeRawPointer, _ offset: Int, _ count: Int) -> Int {
    func byte(_ index: Int) -> UInt8 { index < count ? base.load(fromByteOffset: index, as: UInt8.self) : 0 }
    func continues(_ index: Int) -> Bool { byte(index) & 0xC0 == 0x80 }
    let first = byte(offset)
    switch first {
    case 0x20...0x7E, 0x09, 0x0A, 0x0D: return 1
    case 0xC2...0xDF:
      guard continues(offset + 1), first != 0xC2 || byte(offset + 1) >= 0xA0 else { return 0 }
      return 2
    case 0xE0...0xEF:
      let second = byte(offset + 1)
      guard continues(offset + 1), continues(offset + 2), first != 0xE0 || second >= 0xA0,
        first != 0xED || second < 0xA0
      else { return 0 }
      return 3
    case 0xF0...0xF4:
      let second = byte(offset + 1)
      guard continues(offset + 1), continues(offset + 2), continues(offset + 3), first != 0xF0 || second >= 0x90,
        first != 0xF4 || second < 0x90
      else { return 0 }
      return 4
    default: return 0
    }
  }

  /// The text of bytes in GBK without control characters other than TAB, CR and LF; nil if they are not that.
  static func plainGBK(_ bytes: RawSpan) -> String? {
    guard let text = try? Charset.gbk.decode(bytes) else { return nil }
    return text.unicodeScalars.allSatisfy { isPlain($0) } ? text : nil
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D: true
    case 0..<0x20, 0x7F..<0xA0: false
    default: true
    }
  }
}
