/// A revision of the frame format on the wire; the raw value is its name in the specification.
public enum Revision: String, CaseIterable, Hashable, Sendable {
  /// The message is a bare `P_MESSAGE`: no magic, no length, no sn.
  case v1_1 = "1.1"

  /// FE EE, the length of the protobuf, then `P_MESSAGE`; no sn.
  case v1_2 = "1.2"

  /// FE EE, length, protocolId, payload; no sn.
  case v1_3_0 = "1.3.0"

  /// FE EF, length, protocolId, sn, payload.
  case v1_3_3 = "1.3.3"

  /// The revision of today's releases.
  @inlinable
  public static var current: Revision { .v1_3_3 }

  /// The two bytes that a frame begins with, the first in the low half as it stands in memory; nil: it has none.
  public var magic: UInt16? {
    switch self {
    case .v1_1: nil
    case .v1_2, .v1_3_0: 0xEEFE
    case .v1_3_3: 0xEFFE
    }
  }

  /// Whether frames have a serial number, and with it calls.
  public var hasSerialNumber: Bool { self == .v1_3_3 }

  /// Whether what follows the header is a `P_MESSAGE`.
  public var isProtobuf: Bool { self == .v1_1 || self == .v1_2 }

  /// The smallest value of the field `length`: the bytes of protocolId and sn; nil: the revision has no such field.
  public var smallestLength: UInt32? {
    switch self {
    case .v1_1: nil
    case .v1_2: 0
    case .v1_3_0: 4
    case .v1_3_3: 8
    }
  }

  /// The protocolId of the displacement message.
  public var displacementProtocolId: Int64 { isProtobuf ? -1 : 0x7FFF_FFFF }

  /// The values that protocolId can have: those of an int32 in the protobuf revisions, of a uint32 in the others.
  public var protocolIds: ClosedRange<Int64> {
    isProtobuf ? Int64(Int32.min)...Int64(Int32.max) : 0...Int64(UInt32.max)
  }
}
