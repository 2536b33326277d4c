/// Which ends of lines count.
enum HTTPLineEnding: Hashable, Sendable {
  /// CR LF only: what is demanded of a peer.
  case crlf

  /// CR LF or LF alone: what an inspector takes.
  case any
}

/// Collects the bytes of a head until its empty line, in any number of pieces and never more than a limit.
struct HTTPHeadBuffer: Sendable {
  /// How far collecting has come.
  enum Progress {
    /// The empty line has not come yet; all of the piece was taken.
    case incomplete

    /// The empty line is there; `taken` bytes of the piece belong to the head.
    case complete(taken: Int)

    /// The head is larger than the limit.
    case tooLarge
  }

  /// The bytes so far.
  private(set) var bytes: [UInt8] = []

  private let limit: Int
  private let ending: HTTPLineEnding
  private var lineLength = 0
  private var isAfterReturn = false
  private var hasLine = false

  init(limit: Int, ending: HTTPLineEnding) {
    self.limit = limit
    self.ending = ending
  }

  /// Takes the bytes of a piece that belong to the head.
  mutating func append(_ piece: RawSpan) -> Progress {
    for at in 0..<piece.byteCount {
      guard bytes.count < limit else { return .tooLarge }
      if take(piece.unsafeLoad(fromByteOffset: at, as: UInt8.self)) { return .complete(taken: at + 1) }
    }
    return .incomplete
  }

  /// Takes one byte; true when it ends the empty line. The length of a line counts without the return that may end it.
  private mutating func take(_ byte: UInt8) -> Bool {
    bytes.append(byte)
    guard byte == UInt8(ascii: "\n"), isAfterReturn || ending == .any else {
      if isAfterReturn { lineLength += 1 }
      isAfterReturn = byte == UInt8(ascii: "\r")
      if !isAfterReturn { lineLength += 1 }
      return false
    }
    isAfterReturn = false
    // Two line ends at the very start are an empty first line for a strict reader, nothing at all for a lenient one.
    let isEnd = lineLength == 0 && (hasLine || ending == .crlf && bytes.count > 2)
    hasLine = hasLine || lineLength > 0
    lineLength = 0
    return isEnd
  }
}
