/// How much a peer may send on one connection beyond what was asked of it. A case that gets more ends, so that a peer that
/// floods costs neither memory nor time.
struct FloodLimit: Hashable, Sendable {
  /// Bytes on the wire that may come whatever was sent: bursts and greetings.
  private static let bytes = 8 << 20

  /// How many times as much as was sent may come besides.
  private static let ratio = 4

  /// How many bytes of payload, inflated, may be kept.
  private static let payload = 24 << 20

  /// How many frames and messages may wait that no step has asked for, and for how many bytes that were sent another one: who
  /// answers much may ping in each of its messages.
  private static let waiting = 10_000
  private static let bytesPerFrame = 16

  /// What is too much; nil: nothing is.
  func excess(received: Int, sent: Int, waiting: Int, payload: Int) -> String? {
    if waiting > Self.waiting + sent / Self.bytesPerFrame {
      return "more than \(Self.waiting) frames came that nothing asked for"
    }
    if received > Self.bytes + Self.ratio * sent {
      return "\(received >> 20) MiB came in answer to \(sent) bytes"
    }
    if payload > Self.payload + Self.ratio * sent { return "\(payload >> 20) MiB came, inflated" }
    return nil
  }
}
