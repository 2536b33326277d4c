/// The header of a WebSocket frame, RFC 6455 section 5.2, as it stands on the wire; nothing about it is judged here.
public struct WebSocketFrameHeader: Hashable, Sendable {
  /// How the length of the payload is written.
  public enum LengthForm: UInt8, Hashable, Sendable {
    /// In the seven bits of the second byte: 0 to 125.
    case sevenBits

    /// In two bytes after it; minimal from 126 on.
    case sixteenBits

    /// In eight bytes after it; minimal from 65536 on.
    case sixtyFourBits

    /// The shortest form that a length fits.
    public static func minimal(for length: UInt64) -> LengthForm {
      length < 126 ? .sevenBits : length < 65536 ? .sixteenBits : .sixtyFourBits
    }
  }

  /// What parsing gives.
  public enum ParseOutcome: Hashable, Sendable {
    /// The whole header.
    case header(WebSocketFrameHeader)

    /// The header will have at least so many bytes, and they are not all there.
    case incomplete(atLeast: Int)
  }

  /// The longest header: two bytes, a 64-bit length and a masking key.
  public static let maximumSize = 14

  /// Whether this is the last fragment of its message.
  public var fin: Bool

  /// The three reserved bits as a number: RSV1 is 4, RSV2 is 2, RSV3 is 1.
  public var rsv: UInt8

  /// The four bits of the opcode, defined or not.
  public var opcode: UInt8

  /// The masking key, its first byte in the low eight bits; nil when the frame is not masked.
  public var maskingKey: UInt32?

  /// The length of the payload in bytes.
  public var payloadLength: UInt64

  /// How that length is written.
  public var lengthForm: LengthForm

  /// Puts a header together.
  public init(
    fin: Bool, rsv: UInt8 = 0, opcode: UInt8, maskingKey: UInt32?, payloadLength: UInt64, lengthForm: LengthForm
  ) {
    self.fin = fin
    self.rsv = rsv
    self.opcode = opcode
    self.maskingKey = maskingKey
    self.payloadLength = payloadLength
    self.lengthForm = lengthForm
  }

  /// How many bytes the header takes: 2 to 14.
  public var size: Int { Self.size(lengthForm, masked: maskingKey != nil) }

  /// Whether the length stands in the shortest form that holds it, as section 5.2 demands.
  public var isLengthMinimal: Bool { lengthForm == .minimal(for: payloadLength) }

  /// Whether the opcode is one of a control frame, defined or reserved.
  public var isControl: Bool { WebSocketOpcode.isControl(opcode) }

  /// RSV1, which permessage-deflate sets on the first frame of a compressed message (RFC 7692 section 6).
  public var rsv1: Bool { rsv & 4 != 0 }

  /// Parses the header that begins at `start`, wherever it may stand: nothing is judged, and nothing allocated.
  ///
  /// - Parameters:
  ///   - bytes: the bytes at hand.
  ///   - start: the offset of the header in them, from 0 on.
  /// - Returns: the header, or how many bytes it will have at least, counted from `start`.
  public static func parse(_ bytes: RawSpan, at start: Int) -> ParseOutcome {
    let available = bytes.byteCount - start
    guard available >= 2 else { return .incomplete(atLeast: 2) }
    let first = bytes.unsafeLoad(fromByteOffset: start, as: UInt8.self)
    let second = bytes.unsafeLoad(fromByteOffset: start + 1, as: UInt8.self)
    let form: LengthForm = second & 0x7F < 126 ? .sevenBits : second & 0x7F == 126 ? .sixteenBits : .sixtyFourBits
    let masked = second & 0x80 != 0
    let size = size(form, masked: masked)
    guard available >= size else { return .incomplete(atLeast: size) }
    var header = WebSocketFrameHeader(
      fin: first & 0x80 != 0, rsv: first >> 4 & 7, opcode: first & 0xF, maskingKey: nil,
      payloadLength: UInt64(second & 0x7F), lengthForm: form)
    switch form {
    case .sevenBits: break
    case .sixteenBits:
      header.payloadLength = UInt64(
        UInt16(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start + 2, as: UInt16.self)))
    case .sixtyFourBits:
      header.payloadLength = UInt64(
        bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start + 2, as: UInt64.self))
    }
    if masked {
      header.maskingKey = UInt32(
        littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start + size - 4, as: UInt32.self))
    }
    return .header(header)
  }

  /// Appends the header as it stands on the wire.
  ///
  /// Of `rsv` the low three bits count, of `opcode` the low four. The length is written in its form; one that does not fit
  /// loses its high bits, so a test can lie about it.
  public func append(to bytes: inout [UInt8]) {
    bytes.append((fin ? 0x80 : 0) | (rsv & 7) << 4 | opcode & 0xF)
    let mask: UInt8 = maskingKey == nil ? 0 : 0x80
    switch lengthForm {
    case .sevenBits: bytes.append(mask | UInt8(truncatingIfNeeded: payloadLength) & 0x7F)
    case .sixteenBits:
      bytes.append(mask | 126)
      for shift in [UInt64(8), 0] { bytes.append(UInt8(truncatingIfNeeded: payloadLength >> shift)) }
    case .sixtyFourBits:
      bytes.append(mask | 127)
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: payloadLength >> shift))
      }
    }
    if let maskingKey {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: maskingKey >> shift))
      }
    }
  }

  private static func size(_ form: LengthForm, masked: Bool) -> Int {
    let length =
      switch form {
      case .sevenBits: 0
      case .sixteenBits: 2
      case .sixtyFourBits: 8
      }
    return 2 + length + (masked ? 4 : 0)
  }
}
