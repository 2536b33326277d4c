/// Strict UTF-8 (RFC 3629 section 4) with the place of the first fault.
enum UTF8Text {
  /// The text of bytes that are UTF-8 throughout.
  ///
  /// - Throws: ``CharsetErrorCode/malformed`` at the lead byte of the first sequence that is none.
  static func decode(_ bytes: RawSpan) throws(CharsetError) -> String {
    if let offset = firstFault(in: bytes) {
      throw CharsetError(code: .malformed, offset: offset, charset: .utf8, scalar: nil)
    }
    return repaired(bytes)
  }

  /// The text of bytes, with U+FFFD for whatever is not UTF-8.
  static func repaired(_ bytes: RawSpan) -> String {
    bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The offset of the first byte of the first sequence that is not UTF-8, or nil.
  static func firstFault(in bytes: RawSpan) -> Int? {
    let count = bytes.byteCount
    var at = 0
    while at < count {
      let lead = bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self)
      if lead < 0x80 {
        at += 1
        continue
      }
      guard let (length, second) = sequence(after: lead), at + length <= count else { return at }
      for index in 1..<length {
        let byte = bytes.unsafeLoad(fromByteOffset: at + index, as: UInt8.self)
        guard index == 1 ? second.contains(byte) : (0x80...0xBF).contains(byte) else { return at }
      }
      at += length
    }
    return nil
  }

  /// How many bytes a sequence with this lead byte has, and what its second byte may be: this is what keeps out
  /// overlong forms, surrogates and values above U+10FFFF.
  private static func sequence(after lead: UInt8) -> (length: Int, second: ClosedRange<UInt8>)? {
    switch lead {
    case 0xC2...0xDF: (2, 0x80...0xBF)
    case 0xE0: (3, 0xA0...0xBF)
    case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
    case 0xED: (3, 0x80...0x9F)
    case 0xF0: (4, 0x90...0xBF)
    case 0xF1...0xF3: (4, 0x80...0xBF)
    case 0xF4: (4, 0x80...0x8F)
    default: nil
    }
  }
}
