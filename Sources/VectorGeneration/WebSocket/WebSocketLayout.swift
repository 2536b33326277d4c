import GoldenVectors
import Specification
import StrictJSON

/// WebSocket frames put together byte by byte, as RFC 6455 section 5.2 lays them out.
enum WebSocketLayout {
  static let key: Bytes = [0x37, 0xFA, 0x21, 0x3D]

  /// A frame; masked when the sender is a client, unless `mask` says otherwise. `form` is the number of bytes of the length
  /// field: 1, 3 or 9; nil takes the shortest.
  static func frame(
    _ sender: PeerRole, fin: Bool = true, rsv: UInt8 = 0, opcode: UInt8, _ payload: Bytes = .empty, mask: Bool? = nil,
    key: Bytes = key, form: Int? = nil, length: UInt64? = nil
  ) -> Bytes {
    let masked = mask ?? (sender == .client)
    let length = length ?? UInt64(payload.count)
    let maskBit: UInt8 = masked ? 0x80 : 0
    let field: Bytes =
      switch form ?? (length < 126 ? 1 : length < 65536 ? 3 : 9) {
      case 1: .byte(maskBit | UInt8(truncatingIfNeeded: length))
      case 3: Bytes(.byte(maskBit | 126), .be16(UInt16(truncatingIfNeeded: length)))
      default: Bytes(.byte(maskBit | 127), .be64(length))
      }
    return Bytes(
      .byte((fin ? 0x80 : 0) | rsv << 4 | opcode), field, masked ? key : .empty,
      masked ? self.masked(payload, key) : payload)
  }

  /// The payload under a masking key.
  static func masked(_ payload: Bytes, _ key: Bytes) -> Bytes {
    Bytes(payload.array.enumerated().map { $1 ^ key[$0 % 4] })
  }

  /// The offset of a frame's payload in it.
  static func headerSize(_ sender: PeerRole, payload: Int) -> Int {
    (payload < 126 ? 2 : payload < 65536 ? 4 : 10) + (sender == .client ? 4 : 0)
  }

  /// The input of `ws.decode` for bytes from `sender`.
  static func input(
    from sender: PeerRole, _ pieces: [Bytes], deflate: Bool = false, limit: Int? = nil
  ) -> JSONValue {
    var input: JSONObject = ["role": .string(sender.peer.rawValue), "pieces": .hexes(pieces)]
    if deflate { input["deflate"] = true }
    if let limit { input["maxMessageLength"] = .number(limit) }
    return .object(input)
  }

  static func message(
    _ payload: Bytes, opcode: String = "binary", compressed: Bool = false, fragments: Int = 1
  ) -> JSONValue {
    [
      "type": "message", "opcode": .string(opcode), "payload": .hex(payload), "compressed": .bool(compressed),
      "fragments": .number(fragments),
    ]
  }

  static func control(_ type: String, _ payload: Bytes = .empty) -> JSONValue {
    ["type": .string(type), "payload": .hex(payload)]
  }

  static func close(_ code: UInt16?, _ reason: String = "") -> JSONValue {
    ["type": "close", "code": code.map { .number($0) } ?? .null, "reason": .string(reason)]
  }

  static func output(_ events: [JSONValue]) -> JSONValue {
    ["events": .array(events), "violation": nil]
  }

  static func output(
    _ events: [JSONValue] = [], violation code: String, at offset: Int, closeCode: Int = 1002
  ) -> JSONValue {
    [
      "events": .array(events),
      "violation": ["code": .string(code), "offset": .number(offset), "closeCode": .number(closeCode)],
    ]
  }

  static let senders: [PeerRole] = [.client, .server]
}
