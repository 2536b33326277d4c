/// Tells from whole WebSocket messages which revision a connection speaks.
///
/// FE EF is 1.3.3. No magic, and a message that parses whole as `P_MESSAGE`, is 1.1. FE EE is 1.2 when the body parses whole
/// as `P_MESSAGE` that begins with its protocolId, else 1.3.0; as a short body can be both, one that is only 1.3.0 outweighs
/// any number that could be either.
public struct RevisionDetector: Hashable, Sendable {
  private var current = 0
  private var bareProtobuf = 0
  private var framedProtobuf = 0
  private var framedOnly = 0

  /// A detector that has seen nothing.
  public init() {}

  /// Takes a message of either side, inflated; one that is a frame of no revision changes nothing.
  public mutating func observe(_ message: RawSpan) {
    if case .frame = FrameCodec.decodeMessage(message, revision: .v1_3_3, maxFrameLength: .max) {
      current += 1
    } else if Self.couldBe(.v1_2, message), Self.firstByte(of: message, at: FrameCodec.prefixSize) == 0x08 {
      framedProtobuf += 1
    } else if Self.couldBe(.v1_3_0, message) {
      framedOnly += 1
    } else if Self.firstByte(of: message, at: 0) == 0x08, Self.couldBe(.v1_1, message) {
      bareProtobuf += 1
    }
  }

  /// The revision that fits what was seen best; nil when nothing fitted any.
  public var revision: Revision? {
    let framed: Revision = framedOnly > 0 ? .v1_3_0 : .v1_2
    let best = max(current, bareProtobuf, framedProtobuf + framedOnly)
    if best == 0 { return nil }
    if best == current { return .v1_3_3 }
    return best == bareProtobuf ? .v1_1 : framed
  }

  /// How sure that is, 0 to 1: the magic FE EF, and a body that only 1.3.0 can have, are certain; a protobuf that could be
  /// chance becomes surer with each message.
  public var confidence: Double {
    guard let revision else { return 0 }
    let total = current + bareProtobuf + framedProtobuf + framedOnly
    switch revision {
    case .v1_3_3: return Double(current) / Double(total)
    case .v1_3_0: return Double(framedOnly + framedProtobuf) / Double(total)
    case .v1_2: return Self.certainty(framedProtobuf) * Double(framedProtobuf) / Double(total)
    case .v1_1: return Self.certainty(bareProtobuf) * Double(bareProtobuf) / Double(total)
    }
  }

  /// Each message that could be chance leaves a tenth of the doubt.
  private static func certainty(_ count: Int) -> Double {
    var doubt = 1.0
    for _ in 0..<min(count, 16) { doubt /= 10 }
    return 1 - doubt
  }

  private static func couldBe(_ revision: Revision, _ message: RawSpan) -> Bool {
    if case .frame = FrameCodec.decodeMessage(message, revision: revision, maxFrameLength: .max) { return true }
    return false
  }

  private static func firstByte(of message: RawSpan, at offset: Int) -> UInt8? {
    offset < message.byteCount ? message.unsafeLoad(fromByteOffset: offset, as: UInt8.self) : nil
  }
}
