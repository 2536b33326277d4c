/// Why a frame cannot be encoded: a fault of the caller.
public struct FrameEncodingError: Error, Hashable, Sendable {
  /// The kinds of error; the raw values are the error codes of `frame.encode`.
  public enum Code: String, CaseIterable, Hashable, Sendable {
    /// The protocolId does not fit the revision's field.
    case protocolIdOutOfRange = "protocol-id-out-of-range"

    /// An sn other than 0 in a revision that has none.
    case snUnsupported = "sn-unsupported"

    /// The frame would pass the receiver's limit.
    case tooLarge = "too-large"
  }

  /// The kind.
  public var code: Code

  /// An error of `code`.
  public init(code: Code) {
    self.code = code
  }

  /// Encoding errors are about arguments: always 0.
  public var offset: Int { 0 }

  /// What was wrong, for people.
  public var reason: String {
    switch code {
    case .protocolIdOutOfRange: "the protocolId does not fit the field of this revision"
    case .snUnsupported: "this revision has no serial number"
    case .tooLarge: "the frame would be longer than the receiver's limit"
    }
  }
}

extension FrameCodec {
  /// Appends everything of a frame that comes before its payload, so that the payload need not be copied.
  ///
  /// - Parameters:
  ///   - protocolId: int32 in revisions 1.1 and 1.2, uint32 in the others.
  ///   - sn: 0 for a one-way message.
  ///   - payloadLength: how many bytes of payload will follow.
  ///   - revision: the revision to write.
  ///   - maxFrameLength: the receiver's limit on `length` (in revision 1.1 on the message), in bytes.
  ///   - bytes: where to append.
  /// - Throws: a `FrameEncodingError`; nothing was appended then.
  public static func appendHeader(
    protocolId: Int64, sn: UInt32 = 0, payloadLength: Int, revision: Revision = .current,
    maxFrameLength: UInt32 = defaultMaxFrameLength, to bytes: inout [UInt8]
  ) throws(FrameEncodingError) {
    guard revision.protocolIds.contains(protocolId) else { throw FrameEncodingError(code: .protocolIdOutOfRange) }
    guard sn == 0 || revision.hasSerialNumber else { throw FrameEncodingError(code: .snUnsupported) }
    let length =
      revision.isProtobuf
      ? ProtobufMessage.size(protocolId: Int32(truncatingIfNeeded: protocolId), payloadLength: payloadLength)
      : payloadLength + (revision.hasSerialNumber ? 8 : 4)
    guard length <= Int(maxFrameLength) else { throw FrameEncodingError(code: .tooLarge) }
    if let magic = revision.magic {
      RawFramePrefix(magic: magic, length: UInt32(length)).append(to: &bytes)
    }
    if revision.isProtobuf {
      ProtobufMessage.appendHeader(
        protocolId: Int32(truncatingIfNeeded: protocolId), payloadLength: payloadLength, to: &bytes)
      return
    }
    bytes.append(littleEndian: UInt32(truncatingIfNeeded: protocolId))
    if revision.hasSerialNumber { bytes.append(littleEndian: sn) }
  }

  /// Appends a whole frame. Parameters and errors as in `appendHeader`.
  public static func encode(
    protocolId: Int64, sn: UInt32 = 0, payload: RawSpan, revision: Revision = .current,
    maxFrameLength: UInt32 = defaultMaxFrameLength, into bytes: inout [UInt8]
  ) throws(FrameEncodingError) {
    try appendHeader(
      protocolId: protocolId, sn: sn, payloadLength: payload.byteCount, revision: revision,
      maxFrameLength: maxFrameLength, to: &bytes)
    bytes.reserveCapacity(bytes.count + payload.byteCount)
    payload.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

/// The first six bytes of a frame with every field free, right or wrong: for a scripted peer that has to break the rules.
public struct RawFramePrefix: Hashable, Sendable {
  /// The magic, the first byte in the low half.
  public var magic: UInt16

  /// The field `length`, whatever follows.
  public var length: UInt32

  /// A prefix of these two fields.
  public init(magic: UInt16, length: UInt32) {
    self.magic = magic
    self.length = length
  }

  /// Appends the six bytes.
  public func append(to bytes: inout [UInt8]) {
    bytes.append(UInt8(magic & 0xFF))
    bytes.append(UInt8(magic >> 8))
    bytes.append(littleEndian: length)
  }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: UInt32) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
