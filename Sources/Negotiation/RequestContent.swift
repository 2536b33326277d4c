/// What the header fields of a request say about its content (RFC 9112 section 6.3).
public enum RequestContent: Hashable, Sendable {
  /// There is none: what follows the empty line is not part of the request.
  case none

  /// So many bytes, at least one; a number that 64 bits cannot hold is the greatest that they can.
  case length(UInt64)

  /// Chunks, up to the last one and its trailer.
  case chunked

  /// Nobody can tell where it ends. The field at fault begins at this offset.
  case uncertain(offset: Int)
}

extension HTTPMessageHead {
  /// The content of a request. `Transfer-Encoding` counts before `Content-Length`.
  public var requestContent: RequestContent {
    let codings = fields(named: "transfer-encoding")
    if let last = codings.last {
      let names = elements("transfer-encoding")
      let chunked = names.filter { ASCII.areEqual($0, "chunked".utf8) }
      guard chunked.count == 1, names.last == chunked.first else { return .uncertain(offset: last.offset) }
      return .chunked
    }
    let lengths = fields(named: "content-length")
    guard let last = lengths.last else { return .none }
    let values = Set(lengths.flatMap(\.elements))
    guard values.count == 1, let digits = values.first, !digits.isEmpty, digits.allSatisfy(ASCII.isDigit) else {
      return .uncertain(offset: last.offset)
    }
    let length = UInt64(String(decoding: digits, as: UTF8.self)) ?? .max
    return length == 0 ? .none : .length(length)
  }
}
