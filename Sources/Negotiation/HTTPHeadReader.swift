/// Reads the head of any HTTP/1 message as it is, in any number of pieces: for looking at traffic, not for serving it.
///
/// Lines may end in LF alone and empty lines before the first are skipped; every fault is listed in the head.
public struct HTTPHeadReader: Sendable {
  /// What came of a piece.
  public enum Outcome: Hashable, Sendable {
    /// The empty line has not come yet; all of the piece was taken.
    case incomplete

    /// The head, and how many bytes of the piece belong to it; what follows is not touched.
    case head(HTTPMessageHead, taken: Int)

    /// More bytes than the limit without an empty line. Nothing more is read.
    case tooLarge
  }

  /// What has been taken so far.
  public var bytes: [UInt8] { buffer.bytes }

  private var buffer: HTTPHeadBuffer

  /// A reader of one head.
  ///
  /// - Parameter limit: The most bytes that a head may take, with its empty line.
  public init(limit: Int = UpgradeRequestParser.defaultLimit) {
    buffer = HTTPHeadBuffer(limit: limit, ending: .any)
  }

  /// Reads a piece. Not to be called again after a head or ``Outcome/tooLarge``.
  public mutating func read(_ piece: RawSpan) -> Outcome {
    switch buffer.append(piece) {
    case .incomplete: .incomplete
    case .tooLarge: .tooLarge
    case .complete(let taken):
      .head(HTTPHeadParser.parse(buffer.bytes, as: .either, ending: .any), taken: taken)
    }
  }

  /// What there is of a head whose end did not come, nil if nothing came. Its faults end with `incomplete`.
  public func partialHead() -> HTTPMessageHead? {
    guard !buffer.bytes.isEmpty else { return nil }
    let head = HTTPHeadParser.parse(buffer.bytes, as: .either, ending: .any)
    return HTTPMessageHead(
      startLine: head.startLine, fields: head.fields,
      faults: head.faults + [HandshakeError(.incomplete, offset: head.byteCount)], byteCount: head.byteCount)
  }
}
