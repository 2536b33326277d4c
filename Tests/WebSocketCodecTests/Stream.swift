import Specification
import WebSocketCodec

/// What a decoder made of a stream, with payloads copied out.
enum Decoded: Hashable {
  case message(WebSocketOpcode, [UInt8], compressed: Bool, fragments: Int, Range<Int>)
  case control(WebSocketOpcode, [UInt8], Range<Int>)
  case violation(WebSocketViolation)
  case lost(fragments: Int, Range<Int>)
}

/// Feeds pieces to a decoder.
func decode(_ pieces: [[UInt8]], _ decoder: inout WebSocketDecoder) -> [Decoded] {
  var found: [Decoded] = []
  for piece in pieces {
    let chunk = piece.span.bytes
    var position = 0
    while let event = decoder.next(chunk, at: &position) {
      switch event {
      case .message(let message):
        let payload = decoder.withPayload(message.payload, of: chunk) { span in
          span.withUnsafeBytes { Array($0) }
        }
        found.append(
          .message(
            message.opcode, payload, compressed: message.compressed, fragments: message.fragmentCount,
            message.streamRange))
      case .control(let control): found.append(.control(control.opcode, control.payload, control.streamRange))
      case .violation(let violation): found.append(.violation(violation))
      case .lostMessage(let message): found.append(.lost(fragments: message.fragmentCount, message.streamRange))
      }
    }
  }
  return found
}

/// Decodes with a new decoder.
func decode(
  _ pieces: [[UInt8]], receiver: PeerRole, mode: WebSocketDecoder.Mode = .strict, compression: Bool = false,
  limit: Int = 524_294
) -> [Decoded] {
  var decoder = WebSocketDecoder(
    .init(receiver: receiver, mode: mode, allowsCompression: compression, maxMessageLength: limit))
  return decode(pieces, &decoder)
}

/// A stream with something of everything, from either side.
func sampleStream(from sender: PeerRole) -> [UInt8] {
  let key: UInt32? = sender == .client ? 0x3D21_FA37 : nil
  var bytes: [UInt8] = []
  let frames = [
    RawFrame(opcode: 2, maskingKey: key, payload: Array("hello".utf8)),
    RawFrame(fin: false, opcode: 1, maskingKey: key, payload: [0xE4, 0xBD]),
    RawFrame(opcode: 9, maskingKey: key, payload: Array("p".utf8)),
    RawFrame(opcode: 0, maskingKey: key, payload: [0xA0]),
    RawFrame(rsv: 4, opcode: 2, maskingKey: key, payload: [UInt8](repeating: 7, count: 130)),
    RawFrame(opcode: 2, maskingKey: key),
    RawFrame(opcode: 8, maskingKey: key, payload: [0x03, 0xE8, 0x62]),
  ]
  for frame in frames { frame.append(to: &bytes) }
  return bytes
}
