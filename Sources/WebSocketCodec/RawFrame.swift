/// A WebSocket frame with every field free, right or wrong: for a scripted peer that has to break the rules.
public struct RawFrame: Hashable, Sendable {
  /// Whether FIN is set.
  public var fin: Bool

  /// The three reserved bits as a number; RSV1 is 4.
  public var rsv: UInt8

  /// The four bits of the opcode.
  public var opcode: UInt8

  /// The masking key, its first byte in the low eight bits; nil: no key is written, and the payload goes as it is.
  public var maskingKey: UInt32?

  /// The bit that says whether a key follows; nil: as `maskingKey` says.
  public var maskBit: Bool?

  /// How the length is written; nil: in its shortest form.
  public var lengthForm: WebSocketFrameHeader.LengthForm?

  /// The length that the header announces; nil: that of the payload.
  public var declaredLength: UInt64?

  /// The payload, before masking.
  public var payload: [UInt8]

  /// A frame; what is left out is as the rules want it.
  public init(
    fin: Bool = true, rsv: UInt8 = 0, opcode: UInt8, maskingKey: UInt32? = nil, maskBit: Bool? = nil,
    lengthForm: WebSocketFrameHeader.LengthForm? = nil, declaredLength: UInt64? = nil, payload: [UInt8] = []
  ) {
    self.fin = fin
    self.rsv = rsv
    self.opcode = opcode
    self.maskingKey = maskingKey
    self.maskBit = maskBit
    self.lengthForm = lengthForm
    self.declaredLength = declaredLength
    self.payload = payload
  }

  /// Appends the frame as it goes on the wire: the header as `WebSocketFrameHeader.append(to:)` writes it, then the payload.
  public func append(to bytes: inout [UInt8]) {
    let length = declaredLength ?? UInt64(payload.count)
    let second = bytes.count + 1
    WebSocketFrameHeader(
      fin: fin, rsv: rsv, opcode: opcode, maskingKey: maskingKey, payloadLength: length,
      lengthForm: lengthForm ?? .minimal(for: length)
    ).append(to: &bytes)
    if let maskBit { bytes[second] = bytes[second] & 0x7F | (maskBit ? 0x80 : 0) }
    let start = bytes.count
    bytes += payload
    if let maskingKey { Masking.apply(maskingKey, to: &bytes, from: start) }
  }
}
