public import Specification

/// What is wrong with bytes that should be a frame, and where.
public struct FrameViolation: Error, Hashable, Sendable {
  /// The kinds of violation; the raw values are the error codes of `frame.decode`.
  public enum Code: String, CaseIterable, Hashable, Sendable {
    /// The message has no bytes at all.
    case empty

    /// It does not begin with the revision's magic.
    case badMagic = "bad-magic"

    /// It ends before its header or before the bytes that `length` counts.
    case short

    /// `length` is below the size of the fields that it counts.
    case lengthTooSmall = "length-too-small"

    /// `length`, or in revision 1.1 the message, is above the receiver's limit.
    case tooLarge = "too-large"

    /// The message goes on after the bytes that `length` counts.
    case trailingBytes = "trailing-bytes"

    /// The protobuf of revision 1.1 or 1.2 cannot be parsed.
    case badProtobuf = "bad-protobuf"
  }

  /// The kind.
  public var code: Code

  /// The byte at fault, counted from the start of the input.
  public var offset: Int

  /// The number that is at fault, in bytes: the announced length, or how many bytes there are; 0 where there is none.
  public var observed: UInt64

  /// A violation of `code` at `offset`.
  public init(_ code: Code, offset: Int, observed: UInt64 = 0) {
    self.code = code
    self.offset = offset
    self.observed = observed
  }

  /// The close code to fail the connection with (requirement `frame.length.limit.fail`): 1009 for size, else 1002.
  public var closeCode: UInt16 { code == .tooLarge ? 1009 : 1002 }

  /// The requirement on the sender that was not met, from the catalogue; nil where the sender broke no rule but a limit of
  /// the receiver.
  ///
  /// - Parameter revision: the one that the connection speaks.
  public func requirement(in revision: Revision) -> RequirementID? {
    switch (code, revision) {
    case (.tooLarge, _): nil
    case (.trailingBytes, _): "frame.trailing"
    case (.badProtobuf, _): "protobuf.message.fields"
    case (_, .v1_1): "legacy.1_1.message"
    case (.badMagic, .v1_2): "legacy.1_2.magic"
    case (.badMagic, .v1_3_0): "legacy.1_3_0.magic"
    case (.badMagic, .v1_3_3): "frame.magic"
    case (_, .v1_2): "legacy.1_2.length"
    case (_, .v1_3_0): "legacy.1_3_0.length"
    case (_, .v1_3_3): "frame.length.exact"
    }
  }

  /// What was wrong, for people.
  public var reason: String {
    switch code {
    case .empty: "the message is empty; a frame has a header"
    case .badMagic: "the bytes at offset \(offset) are not the magic of a frame"
    case .short: "the message ends at offset \(offset), before its frame does"
    case .lengthTooSmall: "length \(observed) at offset \(offset) is below the size of the fields that it counts"
    case .tooLarge: "length \(observed) is above the receiver's limit"
    case .trailingBytes: "the message goes on at offset \(offset), after the end of its frame, for \(observed) bytes"
    case .badProtobuf: "the protobuf field at offset \(offset) cannot be parsed"
    }
  }
}
