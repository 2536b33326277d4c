/// How many frames wait to be written, against a limit. The frames themselves are the owner's.
///
/// Control frames and the displacement need no room: they must go out when nothing else does.
public struct SendQueue: Hashable, Sendable {
  /// How many frames may wait; nil: any number.
  public let limit: Int?

  /// How many frames wait.
  public private(set) var count = 0

  /// An empty queue with room for `limit` frames.
  public init(limit: Int?) {
    self.limit = limit
  }

  /// Whether a call, a one-way message or an answer has no room.
  public var isFull: Bool {
    guard let limit else { return false }
    return count >= limit
  }

  mutating func enqueue() { count += 1 }

  /// The socket took `frames` of them; more than there were is all of them.
  mutating func dequeue(_ frames: Int) { count -= min(max(frames, 0), count) }

  /// Empties the queue and says how many frames it held.
  mutating func discard() -> Int {
    defer { count = 0 }
    return count
  }
}
