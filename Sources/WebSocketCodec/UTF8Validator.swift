/// Validates UTF-8 as it arrives, and fails at the first byte that cannot continue a valid sequence (RFC 6455 section 8.1;
/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
public struct UTF8Validator: Hashable, Sendable {
  /// How many continuation bytes the current sequence still needs, and the bounds of the next one.
  private var missing: UInt8 = 0
  private var low: UInt8 = 0x80
  private var high: UInt8 = 0xBF

  /// A validator at the start of a text.
  public init() {}

  /// Whether the text may end here: no sequence is unfinished.
  public var isComplete: Bool { missing == 0 }

  /// Takes the next bytes of the text. After a fault the validator is of no further use.
  ///
  /// - Returns: the offset in `bytes` of the first byte at fault; nil when all may stand.
  public mutating func validate(_ bytes: RawSpan) -> Int? {
    bytes.withUnsafeBytes { validate($0) }
  }

  /// Takes the next bytes of the text. After a fault the validator is of no further use.
  ///
  /// - Returns: the offset in `bytes` of the first byte at fault; nil when all may stand.
  public mutating func validate(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let count = bytes.count
    var offset = 0
    while offset < count {
      if missing == 0 {
        offset = Self.endOfPlainText(base, from: offset, count: count)
        guard offset < count else { return nil }
      }
      guard take(base.load(fromByteOffset: offset, as: UInt8.self)) else { return offset }
      offset &+= 1
    }
    return nil
  }

  /// Takes one byte; false: it cannot stand here.
  private mutating func take(_ byte: UInt8) -> Bool {
    if missing > 0 {
      guard byte >= low, byte <= high else { return false }
      missing &-= 1
      (low, high) = (0x80, 0xBF)
      return true
    }
    switch byte {
    case 0x00...0x7F: break
    case 0xC2...0xDF: missing = 1
    case 0xE0: (missing, low) = (2, 0xA0)
    case 0xED: (missing, high) = (2, 0x9F)
    case 0xE1...0xEF: missing = 2
    case 0xF0: (missing, low) = (3, 0x90)
    case 0xF4: (missing, high) = (3, 0x8F)
    case 0xF1...0xF3: missing = 3
    default: return false
    }
    return true
  }

  /// Passes over what most text is made of, between two sequences: ASCII, eight bytes at a time, and sequences of three
  /// bytes (most of what is written in East Asia) whose continuation bytes have no narrower bounds.
  private static func endOfPlainText(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
    var offset = start
    while offset < count {
      if offset &+ 8 <= count,
        base.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        offset &+= 8
        continue
      }
      let lead = base.load(fromByteOffset: offset, as: UInt8.self)
      if lead < 0x80 {
        offset &+= 1
        continue
      }
      guard offset &+ 3 <= count, lead > 0xE0, lead < 0xF0, lead != 0xED,
        base.load(fromByteOffset: offset &+ 1, as: UInt8.self) & 0xC0 == 0x80,
        base.load(fromByteOffset: offset &+ 2, as: UInt8.self) & 0xC0 == 0x80
      else { return offset }
      offset &+= 3
    }
    return offset
  }
}
