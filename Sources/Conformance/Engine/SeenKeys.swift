import NIOConcurrencyHelpers

/// The values of `Sec-WebSocket-Key` that clients have sent in a run.
final class SeenKeys: Sendable {
  private let keys = NIOLockedValueBox<Set<String>>([])

  /// None was seen.
  init() {}

  /// Takes note of a key.
  ///
  /// - Returns: Whether it is new.
  func insert(_ key: String) -> Bool { keys.withLockedValue { $0.insert(key).inserted } }
}
