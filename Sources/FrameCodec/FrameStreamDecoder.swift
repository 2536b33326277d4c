/// Decodes frames that stand back to back in a byte stream, however the stream is cut. For revisions with a length.
///
/// It owns the bytes that it was given and that no frame was made of yet: at most one unfinished frame and what was appended
/// with it. An announced length never makes it allocate.
///
/// Shape of use: `append` a piece, then call `next` until it says nil.
public struct FrameStreamDecoder: Sendable {
  /// The revision of the stream.
  public let revision: Revision

  /// The largest `length` accepted, in bytes.
  public let maxFrameLength: UInt32

  /// The bytes that `FrameHeader.payload` of the frames from `next` is a range of, until the next `append`.
  public private(set) var bytes: [UInt8] = []

  private var consumed = 0
  private var discarded = 0
  private var violation: FrameViolation?

  /// A decoder at the start of a stream.
  public init(revision: Revision = .current, maxFrameLength: UInt32 = FrameCodec.defaultMaxFrameLength) {
    self.revision = revision
    self.maxFrameLength = maxFrameLength
  }

  /// How many bytes wait for the rest of their frame; 0 after a violation.
  public var pendingByteCount: Int { violation == nil ? bytes.count - consumed : 0 }

  /// Takes the next piece of the stream; payload ranges of earlier frames are no longer good. After a violation it is dropped.
  public mutating func append(_ piece: RawSpan) {
    guard violation == nil else { return }
    if consumed > 0 {
      bytes.removeSubrange(0..<consumed)
      discarded += consumed
      consumed = 0
    }
    piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// The next whole frame, its payload a range of `bytes`; nil when more has to come.
  ///
  /// - Throws: the first violation, with its offset in the whole stream, and the same again at every further call.
  public mutating func next() throws(FrameViolation) -> FrameHeader? {
    if let violation { throw violation }
    let outcome = FrameCodec.decodePrefix(
      bytes.span.bytes, at: consumed, revision: revision, maxFrameLength: maxFrameLength)
    switch outcome {
    case .frame(let header, let end):
      consumed = end
      return header
    case .incomplete:
      return nil
    case .violation(var found):
      found.offset += discarded
      violation = found
      bytes = []
      consumed = 0
      throw found
    }
  }
}
