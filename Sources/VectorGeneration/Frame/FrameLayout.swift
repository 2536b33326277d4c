import GoldenVectors
import Specification
import StrictJSON

/// Frames put together byte by byte, as clauses 4 to 6 of the specification lay them out.
enum FrameLayout {
  static let currentMagic: Bytes = [0xFE, 0xEF]
  static let legacyMagic: Bytes = [0xFE, 0xEE]

  /// A frame of revision 1.3.3; `length` replaces the right value.
  static func current(id: UInt32, sn: UInt32, payload: Bytes = .empty, length: UInt32? = nil) -> Bytes {
    Bytes(currentMagic, .le32(length ?? UInt32(8 + payload.count)), .le32(id), .le32(sn), payload)
  }

  /// A frame of revision 1.3.0.
  static func v1_3_0(id: UInt32, payload: Bytes = .empty, length: UInt32? = nil) -> Bytes {
    Bytes(legacyMagic, .le32(length ?? UInt32(4 + payload.count)), .le32(id), payload)
  }

  /// A frame of revision 1.2 around a `P_MESSAGE`.
  static func v1_2(_ message: Bytes, length: UInt32? = nil) -> Bytes {
    Bytes(legacyMagic, .le32(length ?? UInt32(message.count)), message)
  }

  /// `P_MESSAGE`, which is also the whole frame of revision 1.1.
  static func message(id: Int32, payload: Bytes = .empty) -> Bytes {
    Bytes(
      id == 0 ? .empty : Bytes(.byte(0x08), .varint(UInt64(bitPattern: Int64(id)))),
      payload.isEmpty ? .empty : field(2, payload))
  }

  /// A length-delimited protobuf field.
  static func field(_ number: UInt64, _ value: Bytes) -> Bytes {
    Bytes(.varint(number << 3 | 2), .varint(UInt64(value.count)), value)
  }

  /// The frame of any revision; `sn` counts only where there is one.
  static func frame(_ revision: String, id: Int64, sn: UInt32 = 0, payload: Bytes = .empty) -> Bytes {
    switch revision {
    case "1.1": message(id: Int32(truncatingIfNeeded: id), payload: payload)
    case "1.2": v1_2(message(id: Int32(truncatingIfNeeded: id), payload: payload))
    case "1.3.0": v1_3_0(id: UInt32(truncatingIfNeeded: id), payload: payload)
    default: current(id: UInt32(truncatingIfNeeded: id), sn: sn, payload: payload)
    }
  }

  /// The value of the field `length` of a frame; null in revision 1.1.
  static func length(_ revision: String, of frame: Bytes) -> JSONValue {
    revision == "1.1" ? .null : .number(frame.count - 6)
  }

  /// What decoding a frame gives.
  static func decoded(_ revision: String, id: Int64, sn: UInt32 = 0, payload: Bytes = .empty) -> JSONValue {
    [
      "protocolId": .number(id), "sn": revision == "1.3.3" ? .number(sn) : .null,
      "length": length(revision, of: frame(revision, id: id, sn: sn, payload: payload)), "payload": .hex(payload),
    ]
  }

  /// The revision in an id: `v1_3_3`.
  static func slug(_ revision: String) -> String {
    "v" + String(revision.map { $0 == "." ? "_" : $0 })
  }

  static let allRevisions = ["1.1", "1.2", "1.3.0", "1.3.3"]

  /// The requirements that a good frame of a revision shows, by the part that a test is about.
  static func requirements(_ revision: String) -> [RequirementID] {
    switch revision {
    case "1.1": ["legacy.1_1.message", "protobuf.message.fields"]
    case "1.2": ["legacy.1_2.magic", "legacy.1_2.length"]
    case "1.3.0": ["legacy.1_3_0.magic", "legacy.1_3_0.length", "legacy.1_3_0.no-sn"]
    default: ["frame.magic", "frame.length.exact", "frame.byte-order"]
    }
  }
}
