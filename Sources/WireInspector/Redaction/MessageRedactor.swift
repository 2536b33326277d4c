import FrameCodec
import Negotiation
import Specification

/// Messages with pseudonyms in the place of their payloads: as long as they were, with the same header.
struct MessageRedactor {
  /// What is known of the connection when a message comes.
  struct Context {
    /// Who sends, as far as known.
    var role: PeerRole
    var charset: TextCharset
    /// The revision, if the user named it.
    var revision: Revision?
  }

  /// No header of a frame has more bytes: magic and length, and of P_MESSAGE a field of ten bytes and the head of another.
  private static let longestHeader = 23
  /// What is put in the place of bytes that are no payload. It begins no frame of any kind, and no UTF-8.
  static let filler: UInt8 = 0xFF

  let pseudonyms: Pseudonyms

  func redact(_ message: [UInt8], isText: Bool, _ context: Context) -> [UInt8] {
    if isText {
      let isWhole = message.withUnsafeBytes { (try? UTF8Span(validating: $0.bindMemory(to: UInt8.self).span)) != nil }
      return pseudonyms.payload(message, isText: isWhole)
    }
    for revision in candidates(message, context) {
      switch FrameCodec.decodeMessage(message.span.bytes, revision: revision, maxFrameLength: .max) {
      case .frame(let header):
        guard header.payload.isEmpty ? message.count <= Self.longestHeader : header.payload.upperBound == message.count,
          header.payload.isEmpty || header.payload.lowerBound <= Self.longestHeader
        else { continue }
        return redact(message, header, context)
      case .trailing(let header, let rest):
        guard header.payload.upperBound <= rest.lowerBound, header.payload.lowerBound <= Self.longestHeader else {
          continue
        }
        var result = redact(message, header, context)
        for index in rest { result[index] = Self.filler }
        return result
      case .violation: continue
      }
    }
    return withoutPayload(message)
  }

  /// The beginning of a message of which the rest is not known: its header, and nothing else.
  func withoutPayload(_ message: [UInt8]) -> [UInt8] {
    guard message.first == 0xFE || message.dropFirst().first == 0xFE else {
      return [UInt8](repeating: Self.filler, count: message.count)
    }
    let kept = message.starts(with: [0xFE, 0xEE]) ? 10 : 14
    return message.prefix(kept) + [UInt8](repeating: Self.filler, count: max(0, message.count - kept))
  }

  private func candidates(_ message: [UInt8], _ context: Context) -> [Revision] {
    if let revision = context.revision { return [revision] }
    guard message.count >= 2, message[0] == 0xFE else { return [.v1_1] }
    return switch message[1] {
    case 0xEF: [.v1_3_3]
    case 0xEE: message.count > 6 && message[6] == 0x08 ? [.v1_2, .v1_3_0] : [.v1_3_0]
    default: []
    }
  }

  private func redact(_ message: [UInt8], _ header: FrameHeader, _ context: Context) -> [UInt8] {
    guard !header.payload.isEmpty else { return message }
    let payload = Array(message[header.payload])
    let isDisplacement =
      header.protocolId == header.revision.displacementProtocolId && context.role == .server && (header.sn ?? 0) == 0
    let redacted = isDisplacement ? displacement(payload) : nil
    return message[..<header.payload.lowerBound]
      + (redacted ?? pseudonyms.payload(payload, isText: isText(payload, context.charset)))
      + message[header.payload.upperBound...]
  }

  private func isText(_ payload: [UInt8], _ charset: TextCharset) -> Bool {
    switch charset {
    case .utf8: PayloadText.isPlainUTF8(payload.span.bytes)
    case .gbk: PayloadText.plainGBK(payload.span.bytes) != nil
    case .unknown: false
    }
  }

  /// The payload of a displacement, at other addresses; nil if it is none, or holds more than one does.
  private func displacement(_ payload: [UInt8]) -> [UInt8]? {
    guard let original = try? Displacement(decoding: payload.span.bytes), original.encoded() == payload else {
      return nil
    }
    func address(_ bytes: [UInt8]) -> [UInt8] {
      let text = String(decoding: bytes, as: UTF8.self)
      let known = pseudonyms.addressText(text).map { Array($0.utf8) }
      return known?.count == bytes.count ? known ?? [] : pseudonyms.fitted(text)
    }
    let redacted = Displacement(
      oldAddress: address(original.oldAddress), newAddress: address(original.newAddress),
      timestampNanoseconds: original.timestampNanoseconds
    ).encoded()
    return redacted.count == payload.count ? redacted : nil
  }

  /// The payload of a control frame: a close keeps its code, and its reason the words that name nobody.
  func control(_ payload: [UInt8], opcode: UInt8) -> [UInt8] {
    guard opcode == 8 else {
      return pseudonyms.payload(payload, isText: PayloadText.isPlainUTF8(payload.span.bytes))
    }
    let reason = Array(payload.dropFirst(2))
    guard !reason.isEmpty else { return payload }
    let isWhole = reason.withUnsafeBytes { (try? UTF8Span(validating: $0.bindMemory(to: UInt8.self).span)) != nil }
    return payload.prefix(2)
      + (isWhole
        ? pseudonyms.fitted(String(decoding: reason, as: UTF8.self)) : pseudonyms.payload(reason, isText: false))
  }
}
