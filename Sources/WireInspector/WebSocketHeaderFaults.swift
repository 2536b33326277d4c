import WebSocketCodec

/// What a frame header says about itself, right or wrong (RFC 6455 §5.2, §5.5).
extension WebSocketFrameHeader {
  var isControl: Bool { opcode & 8 != 0 }
  var isReservedOpcode: Bool { opcode & 7 > 2 }
  var isMasked: Bool { maskingKey != nil }
  var isBadControl: Bool { isControl && (!fin || payloadLength > 125) }
  /// Whether the length stands in more bytes than it needs.
  var isLengthPadded: Bool { lengthForm != .minimal(for: payloadLength) }
  /// Whether RSV2 or RSV3 is set, which no known extension uses.
  var hasUnknownReservedBits: Bool { rsv & 3 != 0 }

  /// The header at an offset, or nil if it is not all there.
  static func whole(_ bytes: RawSpan, at offset: Int) -> WebSocketFrameHeader? {
    if case .header(let header) = parse(bytes, at: offset) { header } else { nil }
  }

  /// One byte of the payload, unmasked.
  func unmasked(_ byte: UInt8, at index: Int) -> UInt8 {
    guard let maskingKey else { return byte }
    return byte ^ UInt8(truncatingIfNeeded: maskingKey >> (UInt32(index & 3) * 8))
  }
}
