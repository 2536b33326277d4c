import Specification
import StrictJSON
import WebSocketCodec

/// `ws.encode` and `ws.decode`.
enum WebSocketOperations {
  /// The longest message when the input names no limit: the frame limit and the six bytes before what it counts.
  private static let defaultMaxMessageLength = 524_294

  static func encode(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let role: PeerRole = try input.choice("role")
    let encoder = WebSocketEncoder(role: role, allowsCompression: try input.flag("deflate", default: false))
    let frame = RawFrame(
      fin: try input.flag("fin", default: true), rsv: try input.integerIfThere("rsv") ?? 0,
      opcode: try input.integer("opcode"), maskingKey: try maskingKey(input, role: role),
      payload: try input.bytes("payload"))
    var bytes: [UInt8] = []
    do throws(WebSocketEncodingError) {
      try encoder.encode(frame, into: &bytes)
    } catch {
      return .error(error.code)
    }
    return .output(["bytes": .hex(bytes)])
  }

  /// The key with its first byte lowest. One of another length is none for a client, which needs one, and one for a
  /// server, which must not have any: both refuse it.
  private static func maskingKey(_ input: OperationInput, role: PeerRole) throws(OperationInputMismatch) -> UInt32? {
    guard let key = try input.bytesIfThere("maskingKey") else { return nil }
    guard key.count == 4 else { return role == .client ? nil : 0 }
    return key.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  static func decode(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    var decoder = WebSocketDecoder(
      WebSocketDecoder.Configuration(
        receiver: try input.choice("role"), mode: .strict, allowsCompression: try input.flag("deflate", default: false),
        maxMessageLength: try input.integerIfThere("maxMessageLength") ?? defaultMaxMessageLength))
    var events: [JSONValue] = []
    var violation: JSONValue = .null
    for piece in try input.byteStrings("pieces") {
      var position = 0
      while let event = decoder.next(piece.span.bytes, at: &position) {
        switch event {
        case .message(let message), .lostMessage(let message):
          let payload = decoder.withPayload(message.payload, of: piece.span.bytes) { bytes in
            bytes.withUnsafeBytes { Array($0) }
          }
          events.append([
            "type": "message", "opcode": message.opcode == .text ? "text" : "binary", "payload": .hex(payload),
            "compressed": .bool(message.compressed), "fragments": .number(message.fragmentCount),
          ])
        case .control(let control): events.append(json(control))
        case .violation(let found):
          violation = [
            "code": .string(found.code.rawValue), "offset": .number(found.offset),
            "closeCode": .number(found.closeCode),
          ]
        }
      }
    }
    return .output(["events": .array(events), "violation": violation])
  }

  private static func json(_ control: WebSocketControl) -> JSONValue {
    switch control.opcode {
    case .ping: return ["type": "ping", "payload": .hex(control.payload)]
    case .pong: return ["type": "pong", "payload": .hex(control.payload)]
    default:
      let body = control.closeBody
      return ["type": "close", "code": body.code.map { .number($0) } ?? nil, "reason": .string(body.reason)]
    }
  }
}
