/// What this side has asked for on a connection, to notice messages that it never asked for.
struct RequestAccounts: Sendable {
  /// How many payloads are kept, and how long they may be: they only help to tell what an answer belongs to.
  private static let maximumPayloads = 1000
  private static let longestPayload = 64

  private var ids: Set<Int64> = []
  private var payloads: Set<[UInt8]> = []

  /// Whether something was sent that may hold any request, such as raw bytes.
  private(set) var isUncertain = false

  /// Nothing was sent.
  init() {}

  /// Takes note of a frame that was sent.
  mutating func sent(_ frame: ReceivedFrame) {
    ids.insert(frame.id)
    if frame.payload.count <= Self.longestPayload, payloads.count < Self.maximumPayloads {
      payloads.insert(frame.payload)
    }
  }

  /// Takes note of something that may hold any request.
  mutating func sentUnknown() { isUncertain = true }

  /// Whether one of these requests was sent, or may have been.
  func mayHaveSent(_ requests: Set<Int64>) -> Bool { isUncertain || !ids.isDisjoint(with: requests) }

  /// Whether a frame may be the answer to something that was sent: it has the payload of something, or anything may have been
  /// sent.
  func mayExplain(_ frame: ReceivedFrame) -> Bool {
    isUncertain || (!frame.payload.isEmpty && payloads.contains(frame.payload))
  }
}
