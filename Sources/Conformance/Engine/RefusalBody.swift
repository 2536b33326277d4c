import Negotiation

/// Takes the body out of what follows the head of a refusal: by its length, in chunks (RFC 9112 section 7.1), or up to the
/// end of the connection.
struct RefusalBody: Sendable {
  /// How the end of a body is known.
  private enum Framing {
    case length(Int)
    case chunked
    case untilEnd
  }

  /// Where in a chunked body the next byte stands.
  private enum Position {
    /// In the line with the size of a chunk, of which there are these bytes.
    case size([UInt8])
    /// In the data of a chunk, of which so much is missing.
    case data(Int)
    /// In the line break behind a chunk's data.
    case dataEnd
    /// In the lines behind the last chunk; the number of bytes of the current one.
    case trailer(Int)
  }

  /// The longest body that is kept; more is read over.
  static let maximumSize = 1 << 20

  /// The longest line with the size of a chunk.
  private static let maximumLine = 4096

  /// What there is of it.
  private(set) var bytes: [UInt8] = []

  /// Whether that is all of it.
  private(set) var isComplete = false

  private let framing: Framing
  private var taken = 0
  private var position = Position.size([])

  /// The body that a head announces.
  init(_ head: HTTPMessageHead?) {
    if let head, head.hasToken("chunked", in: "Transfer-Encoding") {
      framing = .chunked
    } else if let length = head?.text("Content-Length").flatMap({ Int($0) }), length >= 0 {
      framing = .length(length)
      isComplete = length == 0
    } else {
      framing = .untilEnd
    }
  }

  /// Takes what came.
  mutating func read(_ more: [UInt8]) {
    guard !isComplete else { return }
    switch framing {
    case .untilEnd: keep(more[...])
    case .length(let length):
      let part = more.prefix(length - taken)
      taken += part.count
      keep(part)
      isComplete = taken == length
    case .chunked: readChunks(more)
    }
  }

  private mutating func keep(_ part: ArraySlice<UInt8>) {
    bytes += part.prefix(max(0, Self.maximumSize - bytes.count))
  }

  private mutating func readChunks(_ more: [UInt8]) {
    var rest = more[...]
    while let byte = rest.first, !isComplete {
      switch position {
      case .size(let line):
        rest.removeFirst()
        guard byte == UInt8(ascii: "\n") else {
          guard line.count < Self.maximumLine else { return giveUp() }
          position = .size(line + [byte])
          continue
        }
        // Extensions stand behind a semicolon, and mean nothing to who does not know them.
        let digits = line.prefix { $0 != UInt8(ascii: ";") }.filter { $0 > UInt8(ascii: " ") }
        guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else { return giveUp() }
        position = size == 0 ? .trailer(0) : .data(size)
      case .data(let missing):
        let part = rest.prefix(missing)
        rest = rest.dropFirst(part.count)
        keep(part)
        position = part.count == missing ? .dataEnd : .data(missing - part.count)
      case .dataEnd:
        rest.removeFirst()
        if byte == UInt8(ascii: "\n") { position = .size([]) }
      case .trailer(let count):
        rest.removeFirst()
        if byte == UInt8(ascii: "\n") {
          isComplete = count == 0
          position = .trailer(0)
        } else if byte != UInt8(ascii: "\r") {
          position = .trailer(count + 1)
        }
      }
    }
  }

  /// What is no chunk ends the body: there is nothing to wait for.
  private mutating func giveUp() { isComplete = true }
}
