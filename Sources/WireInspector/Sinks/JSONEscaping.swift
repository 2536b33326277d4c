import Specification

/// Strings of JSON (RFC 8259 §7): quotation marks, backslashes and control characters are escaped as the format asks, and beyond that
/// whatever is not seen or could act on a terminal that they are printed on (``Swift/Unicode/Scalar/isUnseen``).
enum JSONEscaping {
  /// A byte becomes so many at most.
  static let largestFactor = 6

  private static let digits = Array("0123456789abcdef".utf8)

  /// For each byte what follows the backslash when it is escaped, `u` where that is a number; 0 where it stands as it is.
  private static let letters: [UInt8] = (UInt8.min...UInt8.max).map { byte in
    switch byte {
    case 0x22, 0x5C: byte
    case 0x0A: 0x6E
    case 0x0D: 0x72
    case 0x09: 0x74
    case 0..<0x20, 0x7F: 0x75
    default: 0
    }
  }

  /// Writes the escaped bytes and gives their number.
  ///
  /// - Parameters:
  ///   - source: `count` bytes of UTF-8.
  ///   - target: Room for ``largestFactor`` times as many.
  static func escape(
    _ source: UnsafePointer<UInt8>, _ count: Int, to target: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let from = UnsafeRawPointer(source)
    let to = UnsafeMutableRawPointer(target)
    return letters.withUnsafeBufferPointer { letters in
      var offset = 0
      var written = 0
      // Eight bytes are written at a time, fewer of which may count: there is room for them as long as eight more are to come.
      while offset &+ 16 <= count {
        let word = from.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if word & high == 0 {
          // The bytes before each that is escaped go as they are, with more behind them that is written over.
          var special = specialBytes(word)
          var rest = word
          var taken = 0
          while special != 0 {
            let place = special.trailingZeroBitCount >> 3
            to.storeBytes(of: rest, toByteOffset: written, as: UInt64.self)
            written &+= place &- taken
            write(source[offset &+ place], letters, target, &written)
            taken = place &+ 1
            rest = word >> UInt64(8 &* taken)
            special &= special &- 1
          }
          to.storeBytes(of: rest, toByteOffset: written, as: UInt64.self)
          written &+= 8 &- taken
          offset &+= 8
        } else {
          let end = offset &+ 8
          while offset < end { writeCharacter(source, &offset, count, letters, target, &written) }
        }
      }
      while offset < count { writeCharacter(source, &offset, count, letters, target, &written) }
      return written
    }
  }

  private static let high: UInt64 = 0x8080_8080_8080_8080

  /// The high bits of those of eight bytes of ASCII that are escaped.
  @inline(__always)
  private static func specialBytes(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let others = ones &* 0x7F
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    let delete = word ^ others
    // Bytes below 80 do not carry into their neighbours.
    return ~((word &+ ones &* 0x60) & (quote &+ others) & (backslash &+ others) & (delete &+ others)) & high
  }

  /// Writes a character, escaped by its code units where it is not seen.
  private static func writeCharacter(
    _ source: UnsafePointer<UInt8>, _ offset: inout Int, _ count: Int, _ letters: UnsafeBufferPointer<UInt8>,
    _ target: UnsafeMutablePointer<UInt8>, _ written: inout Int
  ) {
    let first = source[offset]
    let size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    if size == 1 || offset &+ size > count {
      offset &+= 1
      return write(first, letters, target, &written)
    }
    if canBeUnseen(first) {
      var value = UInt32(first) & (0xFF >> UInt32(size &+ 1))
      for index in 1..<size { value = value << 6 | UInt32(source[offset &+ index] & 0x3F) }
      if let scalar = Unicode.Scalar(value), scalar.isUnseen {
        offset &+= size
        for unit in UTF16.encode(scalar) ?? .init() {
          target[written] = 0x5C
          target[written &+ 1] = 0x75
          for (index, shift) in [12, 8, 4, 0].enumerated() {
            target[written &+ 2 &+ index] = digits[Int(unit >> UInt16(shift) & 15)]
          }
          written &+= 6
        }
        return
      }
    }
    for index in 0..<size { target[written &+ index] = source[offset &+ index] }
    offset &+= size
    written &+= size
  }

  /// Whether a character that begins with a byte can be one of those: most text beyond ASCII has none of these bytes.
  @inline(__always)
  private static func canBeUnseen(_ first: UInt8) -> Bool {
    switch first {
    case 0xC2, 0xCD, 0xD8, 0xE1...0xE3, 0xEE...0xF4: true
    default: false
    }
  }

  /// Without a branch but for numbers: where text has many quotation marks, branches are guessed wrong.
  @inline(__always)
  private static func write(
    _ byte: UInt8, _ letters: UnsafeBufferPointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>, _ written: inout Int
  ) {
    let letter = letters[Int(byte)]
    let extra = letter == 0 ? 0 : 1
    target[written] = 0x5C
    target[written &+ extra] = letter == 0 ? byte : letter
    written &+= 1 &+ extra
    if letter == 0x75 { writeCode(byte, target, &written) }
  }

  /// The rest of an escape by number: `00` and two digits.
  private static func writeCode(_ byte: UInt8, _ target: UnsafeMutablePointer<UInt8>, _ written: inout Int) {
    target[written] = 0x30
    target[written &+ 1] = 0x30
    target[written &+ 2] = digits[Int(byte >> 4)]
    target[written &+ 3] = digits[Int(byte & 15)]
    written &+= 4
  }
}
