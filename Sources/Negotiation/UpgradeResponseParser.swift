/// Reads the answer to an upgrade request in any number of pieces, on the side of a client.
///
/// Bytes behind the empty line are not touched: they are the first frames, or the body of a refusal.
public struct UpgradeResponseParser: Sendable {
  /// What came of a piece.
  public enum Outcome: Hashable, Sendable {
    /// The empty line has not come yet; all of the piece was taken.
    case incomplete

    /// The server granted the upgrade; `taken` bytes of the piece belong to its answer.
    case upgraded(UpgradeAnswer, taken: Int)

    /// The server did not, or not properly. The head is there if it was read whole.
    case violation(HandshakeError, HTTPMessageHead?, taken: Int)
  }

  private var buffer: HTTPHeadBuffer
  private let expecting: UpgradeExpectation

  /// A parser of one answer.
  public init(expecting: UpgradeExpectation, limit: Int = UpgradeRequestParser.defaultLimit) {
    self.expecting = expecting
    buffer = HTTPHeadBuffer(limit: limit, ending: .crlf)
  }

  /// Reads a piece. Not to be called again after anything but ``Outcome/incomplete``.
  public mutating func read(_ piece: RawSpan) -> Outcome {
    switch buffer.append(piece) {
    case .incomplete: return .incomplete
    case .tooLarge:
      return .violation(HandshakeError(.headersTooLarge, offset: buffer.bytes.count), nil, taken: piece.byteCount)
    case .complete(let taken):
      let head = HTTPHeadParser.parse(buffer.bytes, as: .response, ending: .crlf)
      do throws(HandshakeError) {
        return .upgraded(try UpgradeAnswer(head, expecting: expecting), taken: taken)
      } catch {
        return .violation(error, head, taken: taken)
      }
    }
  }

  /// The violation that it is when no more bytes come.
  public var unfinished: HandshakeError { HandshakeError(.incomplete, offset: buffer.bytes.count) }
}
