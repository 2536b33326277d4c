/// Goes through one direction's HTTP/1 messages: collects heads, passes over bodies.
struct HTTPHalf {
  /// What a step ended at.
  enum Event {
    /// All bytes were taken.
    case needsMore
    /// A head is complete. The caller says what follows it with ``follow(_:)``.
    case head(HTTPHead)
    /// The content behind a head is complete.
    case contentEnd
    /// These bytes are no HTTP/1; the ones that were collected.
    case notHTTP([UInt8])
  }

  /// A head may have so many bytes.
  static let headLimit = 1 << 17

  private enum State {
    case head
    case body(Int)
    case chunkSize
    case chunkData(Int)
    case trailer
    case untilClose
  }

  private var state = State.head
  private var collected: [UInt8] = []
  private var lineEnds = 0
  /// Whether nothing of the content behind the last head has come.
  private(set) var isAtContentStart = false

  /// Whether it is inside of a head.
  var isInsideHead: Bool { if case .head = state { !collected.isEmpty } else { false } }
  /// Whether the next byte begins a message.
  var isBetweenMessages: Bool { if case .head = state { collected.isEmpty } else { false } }

  /// Takes bytes from `offset` on and moves it.
  mutating func step(_ bytes: RawSpan, _ offset: inout Int, _ end: Int) -> Event {
    if case .head = state {} else { isAtContentStart = false }
    while offset < end {
      switch state {
      case .head:
        let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        offset += 1
        // Empty lines before a start line are passed over (RFC 9112 §2.2).
        if collected.isEmpty, byte == 0x0A || byte == 0x0D { continue }
        collected.append(byte)
        if byte == 0x0A { lineEnds += 1 } else if byte != 0x0D { lineEnds = 0 }
        if !looksLikeStart() || collected.count > Self.headLimit { return .notHTTP(take()) }
        if lineEnds == 2 {
          let lines = take()
          guard let head = HTTPHead(lines) else { return .notHTTP(lines) }
          return .head(head)
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
          if collected.count < 1024 { collected.append(byte) }
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
  mutating func follow(_ body: HTTPHead.Body) {
    isAtContentStart = true
    switch body {
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

  /// The head of which no more will come.
  mutating func takeCutHead() -> [UInt8] { take() }

  private mutating func take() -> [UInt8] {
    defer {
      collected = []
      lineEnds = 0
    }
    return collected
  }

  /// The first bytes tell early whether this can be HTTP/1: a token and a blank, within a few bytes.
  private func looksLikeStart() -> Bool {
    guard collected.count <= 20, let last = collected.last else { return true }
    if collected.count == 1 { return (0x41...0x5A).contains(last) || (0x61...0x7A).contains(last) }
    return last >= 0x20 && last < 0x7F || collected.contains(0x20)
  }

  private mutating func endLine() {
    var line = collected
    collected = []
    if line.last == 0x0D { line.removeLast() }
    if case .trailer = state {
      if line.isEmpty { state = .head }
      return
    }
    // The line end behind a chunk's data.
    if line.isEmpty { return }
    let digits = line.prefix { $0 != 0x3B && $0 != 0x20 }
    guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
      state = .untilClose
      return
    }
    state = size == 0 ? .trailer : .chunkData(size)
  }
}
