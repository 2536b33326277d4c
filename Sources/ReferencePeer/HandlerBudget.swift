import NIOConcurrencyHelpers
import Synchronization

/// How many bytes the messages may hold together whose async handlers are at work, over all connections that share it.
///
/// A connection may go on as long as its own handlers hold less than what is still free (a dynamic threshold, as switches
/// share their memory among ports). One alone thus gets up to half of all; n busy ones get about 1/(n+1) each, and some
/// always remains for one that has nothing yet. A connection beyond its share is not read until handlers have ended. What a
/// read has brought already may pass the bound by a message for each connection.
public final class HandlerBudget: Sendable {
  /// The budget that all servers and clients of the process share unless they are told otherwise: 256 MiB.
  public static let shared = HandlerBudget(bytes: 256 << 20)

  /// What a task costs besides its message.
  static let bytesPerTask = 1024

  /// How many connections are asked to look again when some bytes become free; when all do, all are.
  private static let wokenAtOnce = 16

  /// How many bytes there are.
  public let bytes: Int

  private let used = Atomic<Int>(0)
  private let waiterCount = Atomic<Int>(0)
  private let waiters: NIOLockedValueBox<[@Sendable () -> Void]> = NIOLockedValueBox([])

  /// A budget of so many bytes, at least one.
  public init(bytes: Int) { self.bytes = max(1, bytes) }

  /// How many bytes are taken now.
  public var usedBytes: Int { used.load(ordering: .relaxed) }

  /// Whether a connection whose handlers hold `own` bytes may start another one.
  func hasRoom(own: Int) -> Bool { own < bytes - used.load(ordering: .sequentiallyConsistent) }

  func take(_ bytes: Int) { used.add(bytes, ordering: .sequentiallyConsistent) }

  func giveBack(_ bytes: Int) {
    let left = used.subtract(bytes, ordering: .sequentiallyConsistent).newValue
    guard waiterCount.load(ordering: .sequentiallyConsistent) > 0 else { return }
    let woken = waiters.withLockedValue { waiters -> [@Sendable () -> Void] in
      let count = left == 0 ? waiters.count : min(waiters.count, Self.wokenAtOnce)
      defer {
        waiters.removeFirst(count)
        waiterCount.store(waiters.count, ordering: .sequentiallyConsistent)
      }
      return Array(waiters.prefix(count))
    }
    for wake in woken { wake() }
  }

  /// Calls `wake` once when it is worth asking again: at once if there is room for `own` by now.
  func whenFreed(own: Int, _ wake: @escaping @Sendable () -> Void) {
    let isWaiting = waiters.withLockedValue { waiters in
      // Counted before the look: who gives back afterwards sees the waiter, who did before is seen by the look.
      waiterCount.add(1, ordering: .sequentiallyConsistent)
      if hasRoom(own: own) {
        waiterCount.subtract(1, ordering: .sequentiallyConsistent)
        return false
      }
      waiters.append(wake)
      return true
    }
    if !isWaiting { wake() }
  }
}
