/// The body of a close frame, RFC 6455 section 5.5.1.
public struct CloseBody: Hashable, Sendable {
  /// The code; nil when the body is empty.
  public var code: UInt16?

  /// The reason.
  public var reason: String

  /// Puts a body together; a reason without a code is not written.
  public init(code: UInt16?, reason: String = "") {
    self.code = code
    self.reason = reason
  }

  /// Reads a body as far as it can be read: half a code is none, and what is not UTF-8 is repaired. `fault(in:)` says what
  /// is wrong with it.
  public init(reading payload: [UInt8]) {
    code = payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil
    reason = payload.count > 2 ? String(decoding: payload[2...], as: UTF8.self) : ""
  }

  /// What is wrong with the body of a close frame, the first rule that it breaks: `closeLengthOne`, `closeCode` or
  /// `closeUTF8`; nil: nothing.
  public static func fault(in payload: [UInt8]) -> WebSocketViolation.Code? {
    if payload.isEmpty { return nil }
    if payload.count == 1 { return .closeLengthOne }
    if !maySend(UInt16(payload[0]) << 8 | UInt16(payload[1])) { return .closeCode }
    var validator = UTF8Validator()
    let bad = payload.withUnsafeBytes { validator.validate(UnsafeRawBufferPointer(rebasing: $0[2...])) }
    return bad != nil || !validator.isComplete ? .closeUTF8 : nil
  }

  /// Whether a code may stand in a close frame: 1000–1003, 1007–1014 and 3000–4999 (section 7.4 and the registry that it
  /// sets up).
  public static func maySend(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }

  /// The bytes of the body, the reason cut between characters so that a control frame holds it.
  public func encoded() -> [UInt8] {
    guard let code else { return [] }
    var bytes = [UInt8(code >> 8), UInt8(code & 0xFF)]
    for character in reason {
      let utf8 = Array(character.utf8)
      guard bytes.count + utf8.count <= 125 else { break }
      bytes += utf8
    }
    return bytes
  }
}
