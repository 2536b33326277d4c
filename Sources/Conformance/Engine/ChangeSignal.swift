import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Tells waiting tasks that something has changed. Every wait ends when its task is cancelled.
package final class ChangeSignal: Sendable {
  private struct State {
    var version: UInt64 = 0
    var nextWaiter: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    /// Waits that were begun and have not ended.
    var active: Set<UInt64> = []
    /// Those among them that were to be woken before they began to wait.
    var cancelled: Set<UInt64> = []
    /// Is told as well.
    var next: ChangeSignal?
  }

  private let state = NIOLockedValueBox(State())

  /// Counts the changes: read it before looking, and hand it to ``wait(after:until:)``.
  package var version: UInt64 { state.withLockedValue { $0.version } }

  /// Wakes everybody who waits.
  ///
  /// - Parameter forwards: Whether the signal that this one forwards to is told, too.
  package func bump(forwards: Bool = true) {
    let (waiters, next) = state.withLockedValue { state -> ([CheckedContinuation<Void, Never>], ChangeSignal?) in
      state.version &+= 1
      defer { state.waiters.removeAll() }
      return (Array(state.waiters.values), state.next)
    }
    for waiter in waiters { waiter.resume() }
    if forwards { next?.bump() }
  }

  /// Tells another signal of every change, too.
  func forward(to next: ChangeSignal) {
    state.withLockedValue { $0.next = next }
  }

  /// Waits for a change.
  ///
  /// - Parameters:
  ///   - version: Of the last change that the caller knows; a later one ends the wait at once.
  ///   - deadline: When to give up; nil: never.
  package func wait(after version: UInt64, until deadline: ContinuousClock.Instant?) async {
    let id = state.withLockedValue { state -> UInt64 in
      state.nextWaiter &+= 1
      state.active.insert(state.nextWaiter)
      return state.nextWaiter
    }
    // Not a task that sleeps: when such a one is cancelled, its timer and all that it holds stay until they are due.
    let timer = deadline.map { deadline in
      MultiThreadedEventLoopGroup.singleton.next().scheduleTask(
        in: .nanoseconds(max(0, CaseTranscript.nanoseconds(of: deadline - .now)))
      ) { self.wake(id) }
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDone = state.withLockedValue { state -> Bool in
          if state.version != version || state.cancelled.remove(id) != nil { return true }
          state.waiters[id] = continuation
          return false
        }
        if isDone { continuation.resume() }
      }
    } onCancel: {
      wake(id)
    }
    timer?.cancel()
    state.withLockedValue { state in
      state.active.remove(id)
      state.cancelled.remove(id)
    }
  }

  private func wake(_ id: UInt64) {
    let waiter = state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
      if let waiter = state.waiters.removeValue(forKey: id) { return waiter }
      if state.active.contains(id) { state.cancelled.insert(id) }
      return nil
    }
    waiter?.resume()
  }
}
