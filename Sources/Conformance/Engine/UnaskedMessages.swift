import NIOConcurrencyHelpers

/// The ids of messages that a peer sends on its own, as they were seen on a connection on which nothing was asked for.
package final class UnaskedMessages: Sendable {
  /// How many ids are kept; a peer that sends more of them has no application behind it.
  private static let maximum = 64

  /// How often it is waited for a message to be seen that a case has got, until it is plain that it does not come unasked.
  private static let maximumWaits = 3

  private let seen = NIOLockedValueBox<[Int64]>([])
  private let waits = NIOLockedValueBox<[Int64: Int]>([:])
  private let changed = ChangeSignal()

  /// Nothing was seen.
  init() {}

  /// The ids.
  var ids: Set<Int64> { Set(seen.withLockedValue { $0 }) }

  /// The ids in the order in which they were seen first.
  package var list: [Int64] { seen.withLockedValue { $0 } }

  /// Takes note of an id.
  func insert(_ id: Int64) {
    seen.withLockedValue { if !$0.contains(id), $0.count < Self.maximum { $0.append(id) } }
    changed.bump()
  }

  /// Waits until an id is seen: a message that comes every few seconds may have reached a case first.
  ///
  /// - Parameter delayed: How much of the time since a moment this program waited for a processor, and could see nothing.
  /// - Returns: Whether it is.
  func sees(
    _ id: Int64, within patience: Duration, delayed: @Sendable (ContinuousClock.Instant) -> Duration = { _ in .zero }
  ) async -> Bool {
    let start = ContinuousClock.now
    var deadline = start + patience
    while !Task.isCancelled {
      let version = changed.version
      if ids.contains(id) { return true }
      if ContinuousClock.now >= deadline {
        deadline = start + patience + min(delayed(start), CaseExecution.longestProgress)
      }
      guard ContinuousClock.now < deadline, waits.withLockedValue({ $0[id, default: 0] < Self.maximumWaits }) else {
        waits.withLockedValue { $0[id, default: 0] += 1 }
        return false
      }
      await changed.wait(after: version, until: deadline)
    }
    return false
  }
}
