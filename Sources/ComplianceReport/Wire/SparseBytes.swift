import StrictJSON

/// The bytes of one direction of a connection, as far as a transcript keeps them: offsets count those that it does not, too.
struct SparseBytes: Sendable {
  /// How many bytes of a direction are held.
  private static let limit = 1 << 18

  /// How many bytes one entry may claim, so that no sum of them overflows.
  private static let longest = 1 << 36

  private var pieces: [(start: Int, bytes: [UInt8])] = []
  private var held = 0

  /// How many bytes there were.
  private(set) var count = 0

  /// Where bytes whose number is unknown are missing; nil: nowhere.
  private(set) var lostAt: Int?

  /// Adds what an entry `sent` or `received` says.
  mutating func append(_ entry: JSONValue) {
    let (length, head) = Self.extent(of: entry)
    add(head, at: count)
    count += length
    if let tail = Bytes(hex: entry["tail"]?.stringValue ?? ""), tail.array.count <= length - head.count {
      add(tail.array, at: count - tail.array.count)
    }
  }

  /// How many bytes an entry had, and the first of them.
  static func extent(of entry: JSONValue) -> (length: Int, head: [UInt8]) {
    let digits = entry["bytes"]?.stringValue ?? ""
    let head = Bytes(hex: String(digits.prefix(limit * 2)))?.array ?? []
    let told = min(entry["length"]?.intValue.flatMap(Int.init(exactly:)) ?? 0, longest)
    return (max(told, digits.utf8.count / 2, head.count), head)
  }

  /// From here on nobody knows how many bytes were before.
  mutating func loseTrack() {
    if lostAt == nil { lostAt = count }
  }

  private mutating func add(_ bytes: [UInt8], at start: Int) {
    let kept = bytes.prefix(max(0, Self.limit - held))
    guard !kept.isEmpty else { return }
    held += kept.count
    if let last = pieces.last, last.start + last.bytes.count == start {
      pieces[pieces.count - 1].bytes += kept
    } else {
      pieces.append((start, Array(kept)))
    }
  }

  /// What is known from an offset on without a gap, at most so many bytes.
  func known(from offset: Int, limit: Int) -> ArraySlice<UInt8> {
    // The last piece that begins at or before the offset.
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].start <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return [] }
    let piece = pieces[low - 1]
    let start = offset - piece.start
    guard start < piece.bytes.count else { return [] }
    return piece.bytes[start...].prefix(limit)
  }
}
