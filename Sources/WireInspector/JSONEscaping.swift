/// Strings of JSON (RFC 8259 §7): quotation marks, backslashes and control characters below 20 are escaped; DEL and the like are
/// left to who prints it.
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
    case 0..<0x20: 0x75
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
      while offset &+ 8 <= count {
        let word = from.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if isPlain(word) {
          to.storeBytes(of: word, toByteOffset: written, as: UInt64.self)
          written &+= 8
        } else {
          for index in 0..<8 { write(source[offset &+ index], letters, target, &written) }
        }
        offset &+= 8
      }
      while offset < count {
        write(source[offset], letters, target, &written)
        offset &+= 1
      }
      return written
    }
  }

  /// Whether none of eight bytes needs escaping.
  @inline(__always)
  private static func isPlain(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    let found =
      ((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
    return found & (ones &* 0x80) == 0
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
