/// Reads one upgrade request in any number of pieces, on the side of a server.
///
/// Bytes behind the empty line are not touched. Nothing is decided before the empty line is there, except that the
/// header is too large, and that what begins with an octet of no method (such as a TLS record) is no request: its sender
/// would wait for an answer that never comes.
public struct UpgradeRequestParser: Sendable {
  /// The most bytes that a header may take, with its first and its empty line (requirement `handshake.read.limit`).
  public static let defaultLimit = 16_384

  /// What came of a piece.
  public enum Outcome: Hashable, Sendable {
    /// The empty line has not come yet; all of the piece was taken.
    case incomplete

    /// The request, and how many bytes of the piece belong to it.
    case request(UpgradeRequest, taken: Int)

    /// The request breaks a rule.
    case violation(HandshakeError)
  }

  private var buffer: HTTPHeadBuffer

  /// A parser of one request.
  public init(limit: Int = defaultLimit) { buffer = HTTPHeadBuffer(limit: limit, ending: .crlf) }

  /// Reads a piece. Not to be called again after anything but ``Outcome/incomplete``.
  public mutating func read(_ piece: RawSpan) -> Outcome {
    switch buffer.append(piece) {
    case .incomplete:
      guard let first = buffer.bytes.first, !ASCII.isToken(first), first != UInt8(ascii: "\r"),
        first != UInt8(ascii: "\n")
      else { return .incomplete }
      return .violation(HandshakeError(.badRequestLine, offset: 0))
    case .tooLarge: return .violation(HandshakeError(.headersTooLarge, offset: buffer.bytes.count))
    case .complete(let taken):
      let head = HTTPHeadParser.parse(buffer.bytes, as: .request, ending: .crlf)
      do throws(HandshakeError) {
        return .request(try UpgradeRequest(head), taken: taken)
      } catch {
        return .violation(error)
      }
    }
  }

  /// The violation that it is when no more bytes come.
  public var unfinished: HandshakeError { HandshakeError(.incomplete, offset: buffer.bytes.count) }
}
