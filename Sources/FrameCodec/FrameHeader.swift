/// A decoded frame without its payload's bytes: those stay where they are, as a range of the input.
public struct FrameHeader: Hashable, Sendable {
  /// The protocolId; signed in revisions 1.1 and 1.2, unsigned in the others.
  public var protocolId: Int64

  /// Where the payload stands, as byte offsets into the input.
  public var payload: Range<Int>

  /// The serial number; nil where the revision has none.
  public var sn: UInt32?

  /// The field `length` as it stands on the wire, in bytes; nil in revision 1.1, which has none.
  public var length: UInt32?

  /// The revision that the frame was read as.
  public var revision: Revision

  /// Puts a header together.
  @inlinable
  public init(revision: Revision, protocolId: Int64, sn: UInt32?, length: UInt32?, payload: Range<Int>) {
    self.revision = revision
    self.protocolId = protocolId
    self.sn = sn
    self.length = length
    self.payload = payload
  }
}
