/// Inflates raw deflate data (RFC 1951) under a window of a given size, to judge what an implementation compressed.
///
/// It shares nothing with the codec: zlib takes distances beyond the window when its output buffer still holds the bytes,
/// and does not tell where a block ends. This one refuses the first and tells the second. It is for judging, not for speed.
struct WindowedInflater {
  /// Why data cannot be inflated.
  enum Fault: Error, Hashable, Sendable {
    case truncated
    case badBlockType
    case badStoredLength
    case badCode
    case badSymbol
    case distanceBeyondWindow(Int)
    case tooLarge
  }

  /// What one message came to.
  struct Message: Hashable, Sendable {
    /// The inflated bytes.
    let bytes: [UInt8]

    /// Whether the data itself, before the tail was added, ended in an empty stored block.
    let keepsTail: Bool
  }

  private let windowSize: Int
  private let limit: Int
  private var history: [UInt8] = []

  /// An inflater whose distances may be at most 2 to the power of `windowBits`, and that stops beyond `limit` bytes a
  /// message.
  init(windowBits: Int, limit: Int) {
    windowSize = 1 << windowBits
    self.limit = limit
  }

  /// Forgets what was inflated.
  mutating func reset() {
    history = []
  }

  /// Inflates one message: its data with 00 00 FF FF added has to end at the end of a block.
  mutating func inflate(_ data: [UInt8]) throws(Fault) -> Message {
    var bits = BitReader(bytes: data + [0, 0, 0xFF, 0xFF])
    let start = history.count
    var keepsTail = false
    while !bits.isAtEnd {
      let isFinal = try bits.read(1) == 1
      let type = try bits.read(2)
      var isEmptyStored = false
      switch type {
      case 0:
        let before = history.count
        try inflateStored(&bits)
        isEmptyStored = history.count == before
      case 1: try inflateBlock(&bits, Self.fixedLiterals, Self.fixedDistances)
      case 2:
        let (literals, distances) = try readCodes(&bits)
        try inflateBlock(&bits, literals, distances)
      default: throw .badBlockType
      }
      if history.count - start > limit { throw .tooLarge }
      if isFinal { bits.alignToByte() }
      // The tail is four bytes; a block that ends where it begins ended within the data itself.
      keepsTail = isEmptyStored && bits.isByteAligned && bits.position == data.count
      if keepsTail { break }
      // A final block that ends with the data leaves only the tail, which is no block of its own.
      if isFinal, bits.position >= data.count { break }
    }
    let bytes = Array(history[start...])
    if history.count > windowSize { history.removeFirst(history.count - windowSize) }
    return Message(bytes: bytes, keepsTail: keepsTail)
  }

  private mutating func inflateStored(_ bits: inout BitReader) throws(Fault) {
    bits.alignToByte()
    let length = try bits.read(16)
    guard try bits.read(16) == ~length & 0xFFFF else { throw .badStoredLength }
    for _ in 0..<length { history.append(UInt8(try bits.read(8))) }
  }

  private mutating func inflateBlock(
    _ bits: inout BitReader, _ literals: PrefixCode, _ distances: PrefixCode
  ) throws(Fault) {
    let start = history.count
    while true {
      let symbol = try literals.read(&bits)
      if symbol < 256 {
        history.append(UInt8(symbol))
      } else if symbol == 256 {
        return
      } else {
        guard symbol <= 285 else { throw .badSymbol }
        let index = symbol - 257
        let length = Self.lengthBases[index] + (try bits.read(Self.lengthExtra(index)))
        let code = try distances.read(&bits)
        guard code < 30 else { throw .badSymbol }
        let distance = Self.distanceBases[code] + (try bits.read(Self.distanceExtra(code)))
        guard distance <= windowSize, distance <= history.count else { throw .distanceBeyondWindow(distance) }
        for _ in 0..<length { history.append(history[history.count - distance]) }
      }
      if history.count - start > limit { throw .tooLarge }
    }
  }

  private func readCodes(_ bits: inout BitReader) throws(Fault) -> (PrefixCode, PrefixCode) {
    let literalCount = try bits.read(5) + 257
    let distanceCount = try bits.read(5) + 1
    let lengthCount = try bits.read(4) + 4
    var codeLengths = [Int](repeating: 0, count: 19)
    for index in 0..<lengthCount { codeLengths[Self.codeLengthOrder[index]] = try bits.read(3) }
    let code = try PrefixCode(lengths: codeLengths)
    var lengths: [Int] = []
    while lengths.count < literalCount + distanceCount {
      let symbol = try code.read(&bits)
      switch symbol {
      case 0..<16: lengths.append(symbol)
      case 16:
        guard let last = lengths.last else { throw .badCode }
        lengths += [Int](repeating: last, count: try bits.read(2) + 3)
      case 17: lengths += [Int](repeating: 0, count: try bits.read(3) + 3)
      default: lengths += [Int](repeating: 0, count: try bits.read(7) + 11)
      }
    }
    guard lengths.count == literalCount + distanceCount else { throw .badCode }
    return (
      try PrefixCode(lengths: Array(lengths[..<literalCount])), try PrefixCode(lengths: Array(lengths[literalCount...]))
    )
  }

  // RFC 1951 section 3.2.5.
  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let distanceBases = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
  ]

  private static func lengthExtra(_ index: Int) -> Int { index < 8 || index == 28 ? 0 : index / 4 - 1 }

  private static func distanceExtra(_ code: Int) -> Int { code < 4 ? 0 : code / 2 - 1 }

  // RFC 1951 section 3.2.7.
  private static let codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  // RFC 1951 section 3.2.6.
  private static let fixedLiterals = PrefixCode(
    valid: [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112) + [Int](repeating: 7, count: 24)
      + [Int](repeating: 8, count: 8))
  private static let fixedDistances = PrefixCode(valid: [Int](repeating: 5, count: 30))
}

/// Reads bits, the lowest of each byte first.
private struct BitReader {
  let bytes: [UInt8]
  private var bit = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The byte that the next bit is in.
  var position: Int { bit >> 3 }

  var isByteAligned: Bool { bit & 7 == 0 }

  var isAtEnd: Bool { bit == bytes.count * 8 }

  mutating func alignToByte() {
    bit = (bit + 7) & ~7
  }

  mutating func read(_ count: Int) throws(WindowedInflater.Fault) -> Int {
    guard bytes.count * 8 - bit >= count else { throw .truncated }
    var value = 0
    for index in 0..<count {
      value |= Int(bytes[bit >> 3] >> UInt8(bit & 7) & 1) << index
      bit += 1
    }
    return value
  }
}

/// A prefix code of RFC 1951 section 3.2.2, decoded bit by bit.
private struct PrefixCode {
  private var counts = [Int](repeating: 0, count: 16)
  private var symbols: [Int]

  /// A code that is known to be valid.
  init(valid lengths: [Int]) {
    symbols = []
    for length in 1..<16 {
      for (symbol, other) in lengths.enumerated() where other == length {
        counts[length] += 1
        symbols.append(symbol)
      }
    }
  }

  /// A code that was read; one with more codes than its lengths allow is refused.
  init(lengths: [Int]) throws(WindowedInflater.Fault) {
    self.init(valid: lengths)
    var free = 1
    for length in 1..<16 {
      free = free * 2 - counts[length]
      guard free >= 0 else { throw .badCode }
    }
  }

  func read(_ bits: inout BitReader) throws(WindowedInflater.Fault) -> Int {
    var code = 0
    var first = 0
    var index = 0
    for length in 1..<16 {
      code |= try bits.read(1)
      let count = counts[length]
      if code - first < count { return symbols[index + code - first] }
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw .badSymbol
  }
}
