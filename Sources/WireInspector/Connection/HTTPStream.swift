import Negotiation

/// Goes through one direction's HTTP/1 messages as they were captured: reads heads (``HTTPHeadReader``), passes over content.
struct HTTPStream {
  /// What a step ended at.
  enum Event {
    /// All bytes were taken.
    case needsMore
    /// A head is complete. The caller says what follows it with ``follow(_:)``.
    case head(HTTPMessageHead)
    /// The content behind a head is complete.
    case contentEnd
    /// These bytes are no HTTP/1; the ones that were collected.
    case notHTTP([UInt8])
  }

  /// A head may have so many bytes.
  private static let headLimit = 1 << 17

  private enum State {
    case head
    case body(Int)
    case chunkSize
    case chunkData(Int)
    case trailer
    case untilClose
  }

  private var state = State.head
  private var reader = HTTPHeadReader(limit: headLimit)
  /// The line of a chunk's size, or of a trailer.
  private var line: [UInt8] = []
  /// Whether nothing of the content behind the last head has come.
  private(set) var isAtContentStart = false

  /// Whether it is inside of a head. Empty lines may come before one (RFC 9112 §2.2).
  var isInsideHead: Bool { if case .head = state { reader.bytes.contains { !Self.isLineEnd($0) } } else { false } }
  /// Whether the next byte begins a message.
  var isBetweenMessages: Bool { if case .head = state { !isInsideHead } else { false } }

  /// Takes bytes from `offset` on and moves it.
  mutating func step(_ bytes: RawSpan, _ offset: inout Int, _ end: Int) -> Event {
    if case .head = state {} else { isAtContentStart = false }
    while offset < end {
      switch state {
      case .head:
        let known = reader.bytes.count
        let outcome = reader.read(bytes.extracting(offset..<end))
        offset += reader.bytes.count - known
        switch outcome {
        case .incomplete where Self.canBeHead(reader.bytes): return .needsMore
        case .head(let head, _) where head.isHTTP1:
          _ = take()
          return .head(head)
        case .incomplete, .head, .tooLarge: return .notHTTP(take())
        }
      case .body(let left):
        let count = min(left, end - offset)
        offset += count
        state = count == left ? .head : .body(left - count)
        if count == left { return .contentEnd }
      case .chunkData(let left):
        let count = min(left, end - offset)
        offset += count
        state = count == left ? .chunkSize : .chunkData(left - count)
      case .chunkSize, .trailer:
        let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        offset += 1
        guard byte == 0x0A else {
          if line.count < 1024 { line.append(byte) }
          continue
        }
        endLine()
        if case .head = state { return .contentEnd }
      case .untilClose: offset = end
      }
    }
    return .needsMore
  }

  /// Says what follows the head that was given last.
  mutating func follow(_ content: HTTPMessageHead.Content) {
    isAtContentStart = true
    switch content {
    case .none: state = .head
    case .length(let length): state = .body(length)
    case .chunked: state = .chunkSize
    case .untilClose: state = .untilClose
    }
  }

  /// Goes past bytes that are missing. False if the place is lost.
  mutating func skip(_ count: Int) -> Bool {
    switch state {
    case .body(let left) where count <= left:
      state = count == left ? .head : .body(left - count)
      return true
    case .chunkData(let left) where count <= left:
      state = count == left ? .chunkSize : .chunkData(left - count)
      return true
    case .untilClose: return true
    default: return false
    }
  }

  /// What there is of a head whose rest was cut when captured: its first line. Of a request's that was cut itself the pairs of
  /// the query that are whole count. Nil if that is not enough.
  mutating func takeCutHead() -> HTTPMessageHead? {
    let head = reader.partialHead()
    _ = take()
    guard case .unreadable(let line)? = head?.startLine else { return head }
    var second = HTTPHeadReader()
    let lines = Array(Self.wholePart(of: line[...]) + "\r\n\r\n".utf8)
    guard case .head(let whole, _) = second.read(lines.span.bytes), whole.isHTTP1 else { return nil }
    return whole
  }

  private mutating func take() -> [UInt8] {
    defer { reader = HTTPHeadReader(limit: Self.headLimit) }
    return reader.bytes
  }

  /// A request line that was cut, with what is whole of its target.
  private static func wholePart(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let blanks = line.indices.filter { line[$0] == 0x20 }
    guard let blank = blanks.first, let query = line[blank...].firstIndex(of: 0x3F) else { return line }
    let end = blanks.count > 1 ? blanks[1] : line[query...].lastIndex { $0 == 0x26 || $0 == 0x3F } ?? query
    return line[..<end] + " HTTP/1.1".utf8
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  /// The first bytes tell early whether this can be HTTP/1: a word of visible characters that begins with a letter.
  private static func canBeHead(_ bytes: [UInt8]) -> Bool {
    let word = bytes.drop(while: isLineEnd).prefix(20).prefix { $0 != 0x20 }
    guard let first = word.first else { return bytes.allSatisfy(isLineEnd) }
    return (0x41...0x5A).contains(first & 0xDF) && word.allSatisfy { (0x21..<0x7F).contains($0) }
  }

  private mutating func endLine() {
    var ended = line
    line = []
    if ended.last == 0x0D { ended.removeLast() }
    if case .trailer = state {
      if ended.isEmpty { state = .head }
      return
    }
    // The line end behind a chunk's data.
    if ended.isEmpty { return }
    let digits = ended.prefix { $0 != 0x3B && $0 != 0x20 }
    guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
      state = .untilClose
      return
    }
    state = size == 0 ? .trailer : .chunkData(size)
  }
}

extension HTTPMessageHead {
  /// How the content that follows a head is delimited.
  enum Content { case none, length(Int), chunked, untilClose }

  /// What follows the head, as most recipients read it: nothing is judged.
  ///
  /// - Parameter answersHead: Whether it is the response to a HEAD request.
  func content(answersHead: Bool = false) -> Content {
    if hasToken("chunked", in: "transfer-encoding"), !answersHead { return .chunked }
    let length = elements("content-length").first.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    if let status, answersHead || status < 200 || status == 204 || status == 304 { return .none }
    return length.map { $0 > 0 ? .length($0) : .none } ?? (status == nil ? .none : .untilClose)
  }

  /// Whether it asks for an upgrade to WebSocket, and will know the answer to it.
  var isWebSocketUpgrade: Bool { isUpgrade && joined("sec-websocket-key") != nil }

  /// Whether its first line is one of HTTP/1.
  fileprivate var isHTTP1: Bool {
    switch startLine {
    case .request(_, _, let version), .response(let version, _, _): version.hasPrefix("HTTP/1.")
    case .unreadable: false
    }
  }
}
