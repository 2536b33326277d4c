/// Reads the answer to an upgrade request in any number of pieces, on the side of a client.
///
/// Answers of the class 1xx other than 101 come before the answer and are read over, however many there are (RFC 9110
/// section 15.2). Each is held to the limit, and none is kept.
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

  /// How many bytes the interim answers took that were read over. Offsets of violations count from behind them.
  public private(set) var interimByteCount = 0

  private var buffer: HTTPHeadBuffer
  private let expecting: UpgradeExpectation
  private let limit: Int

  /// A parser of one answer.
  public init(expecting: UpgradeExpectation, limit: Int = UpgradeRequestParser.defaultLimit) {
    self.expecting = expecting
    self.limit = limit
    buffer = HTTPHeadBuffer(limit: limit, ending: .crlf)
  }

  /// Reads a piece. Not to be called again after anything but ``Outcome/incomplete``.
  public mutating func read(_ piece: RawSpan) -> Outcome {
    var taken = 0
    while true {
      switch buffer.append(piece.extracting(taken..<piece.byteCount)) {
      case .incomplete: return .incomplete
      case .tooLarge:
        return .violation(HandshakeError(.headersTooLarge, offset: buffer.bytes.count), nil, taken: piece.byteCount)
      case .complete(let count): taken += count
      }
      let head = HTTPHeadParser.parse(buffer.bytes, as: .response, ending: .crlf)
      if head.isInterim {
        interimByteCount += head.byteCount
        buffer = HTTPHeadBuffer(limit: limit, ending: .crlf)
        continue
      }
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
