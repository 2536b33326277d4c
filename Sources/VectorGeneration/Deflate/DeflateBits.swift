import GoldenVectors
import StrictJSON

/// Puts DEFLATE data (RFC 1951) together bit by bit, for vectors that no compressor makes.
struct DeflateBits {
  /// What stands in a block of fixed codes.
  enum Symbol {
    /// One byte.
    case literal(UInt8)
    /// `length` (3...258) bytes from `distance` (1...32768) bytes before.
    case match(length: Int, distance: Int)
    /// A literal/length code as such, 0...287.
    case code(Int)
    /// A distance code as such, 0...31, without extra bits.
    case distanceCode(Int)
  }

  private var array: [UInt8] = []
  private var used = 8

  /// The bytes so far; a last unfinished byte is filled with zero bits.
  var bytes: Bytes { Bytes(array) }

  /// Appends the lowest `count` bits of a number, the lowest bit first.
  mutating func put(_ value: Int, _ count: Int) {
    for index in 0..<count { putBit(value >> index & 1) }
  }

  /// Appends a Huffman code of `count` bits: its highest bit goes first.
  mutating func putCode(_ code: Int, _ count: Int) {
    for index in stride(from: count - 1, through: 0, by: -1) { putBit(code >> index & 1) }
  }

  /// Appends a block's header: whether it is the last one, and its type (0 stored, 1 fixed, 2 dynamic, 3 invalid).
  mutating func putHeader(final: Bool, type: Int) {
    put(final ? 1 : 0, 1)
    put(type, 2)
  }

  /// Appends a stored block.
  mutating func putStored(_ data: Bytes, final: Bool = false) {
    putHeader(final: final, type: 0)
    used = 8
    array += Bytes(.le16(UInt16(data.count)), .le16(~UInt16(data.count)), data).array
  }

  /// Appends a block of fixed codes with its end-of-block code.
  mutating func putFixed(_ symbols: [Symbol], final: Bool = false) {
    putHeader(final: final, type: 1)
    for symbol in symbols { putFixedSymbol(symbol) }
    putFixedCode(256)
  }

  /// Appends the header of the empty stored block whose other four bytes a sender leaves out (RFC 7692 §7.2.1).
  mutating func putFlush() {
    putHeader(final: false, type: 0)
    used = 8
  }

  /// Appends one symbol in fixed codes.
  mutating func putFixedSymbol(_ symbol: Symbol) {
    switch symbol {
    case .literal(let byte): putFixedCode(Int(byte))
    case .code(let code): putFixedCode(code)
    case .distanceCode(let code): putCode(code, 5)
    case .match(let length, let distance):
      let lengthCode = Self.code(for: length, in: Self.lengthBases)
      putFixedCode(257 + lengthCode)
      put(length - Self.lengthBases[lengthCode], Self.lengthExtraBits(lengthCode))
      let distanceCode = Self.code(for: distance, in: Self.distanceBases)
      putCode(distanceCode, 5)
      put(distance - Self.distanceBases[distanceCode], distanceCode < 4 ? 0 : distanceCode / 2 - 1)
    }
  }

  /// A message: one block of fixed codes, flushed, without the tail.
  static func fixedMessage(_ symbols: [Symbol]) -> Bytes {
    var bits = DeflateBits()
    bits.putFixed(symbols)
    bits.putFlush()
    return bits.bytes
  }

  /// A message: one stored block, flushed, without the tail.
  static func storedMessage(_ data: Bytes) -> Bytes {
    var bits = DeflateBits()
    bits.putStored(data)
    bits.putFlush()
    return bits.bytes
  }

  /// A message that inflates to `count` zero bytes, at least one: a literal and matches of it.
  static func zeros(_ count: Int) -> Bytes {
    var symbols = [Symbol.literal(0)]
    var left = count - 1
    while left > 0 {
      // A match has at least three bytes; what is less is written as literals.
      let length = min(left, 258)
      symbols += length < 3 ? Array(repeating: .literal(0), count: length) : [.match(length: length, distance: 1)]
      left -= length
    }
    return fixedMessage(symbols)
  }

  private mutating func putBit(_ bit: Int) {
    if used == 8 {
      array.append(0)
      used = 0
    }
    array[array.count - 1] |= UInt8(bit) << UInt8(used)
    used += 1
  }

  /// The fixed literal/length codes of RFC 1951 §3.2.6.
  private mutating func putFixedCode(_ code: Int) {
    switch code {
    case ..<144: putCode(0b0011_0000 + code, 8)
    case ..<256: putCode(0b1_1001_0000 + code - 144, 9)
    case ..<280: putCode(code - 256, 7)
    default: putCode(0b1100_0000 + code - 280, 8)
    }
  }

  private static func code(for value: Int, in bases: [Int]) -> Int { (bases.lastIndex { $0 <= value }) ?? 0 }

  /// RFC 1951 §3.2.5; 258 has a code of its own.
  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]

  private static func lengthExtraBits(_ code: Int) -> Int { code < 8 || code == 28 ? 0 : code / 4 - 1 }

  private static let distanceBases = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1_025, 1_537, 2_049, 3_073, 4_097,
    6_145, 8_193, 12_289, 16_385, 24_577,
  ]
}
