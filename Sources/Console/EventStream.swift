import NIOConcurrencyHelpers
import NIOCore
import StrictJSON

/// Tells pages what happens, as Server-Sent Events. What comes close together goes out together, and a page that does not keep up
/// misses events, of which it is told the number: nothing piles up for it.
final class EventStream: Sendable {
  /// Takes what is to be written to one page. Called from any thread.
  typealias Writer = @Sendable ([UInt8]) -> Void

  /// How many bytes may wait for a page.
  static let limit = 4 << 20

  fileprivate struct Subscriber {
    let write: Writer
    var pending: [UInt8] = []
    var missed = 0
    /// Whether what was written last has not been taken.
    var isBusy = false
  }

  private struct State {
    var subscribers: [Int: Subscriber] = [:]
    var next = 0
  }

  private let state = NIOLockedValueBox(State())

  /// Whether a page listens.
  var isHeard: Bool { state.withLockedValue { !$0.subscribers.isEmpty } }

  /// Adds a page.
  ///
  /// - Parameters:
  ///   - events: What it is told first.
  ///   - write: Takes bytes; calls for more with ``resume(_:)`` when they are written.
  /// - Returns: Its number.
  func subscribe(_ events: [JSONObject], write: @escaping Writer) -> Int {
    state.withLockedValue { state in
      let number = state.next
      state.next += 1
      var subscriber = Subscriber(write: write)
      for event in events { subscriber.pending += Self.bytes(of: event) }
      state.subscribers[number] = subscriber
      return number
    }
  }

  /// Forgets a page.
  func unsubscribe(_ number: Int) {
    state.withLockedValue { _ = $0.subscribers.removeValue(forKey: number) }
  }

  /// Tells all pages.
  func publish(_ event: JSONObject) {
    guard isHeard else { return }
    let bytes = Self.bytes(of: event)
    state.withLockedValue { state in
      for number in state.subscribers.keys {
        state.subscribers[number]?.add(bytes)
      }
    }
  }

  /// Writes what waits for a page, unless what was written before has not been taken.
  func flush(_ number: Int) {
    let due = state.withLockedValue { state -> (write: Writer, bytes: [UInt8])? in
      guard var subscriber = state.subscribers[number], !subscriber.isBusy else { return nil }
      if subscriber.missed > 0 {
        subscriber.pending += Self.bytes(of: ["type": "missed", "count": .number(subscriber.missed)])
        subscriber.missed = 0
      }
      guard !subscriber.pending.isEmpty else { return nil }
      let bytes = subscriber.pending
      subscriber.pending = []
      subscriber.isBusy = true
      state.subscribers[number] = subscriber
      return (subscriber.write, bytes)
    }
    if let due { due.write(due.bytes) }
  }

  /// What was written has been taken.
  func resume(_ number: Int) {
    state.withLockedValue { $0.subscribers[number]?.isBusy = false }
  }

  private static func bytes(of event: JSONObject) -> [UInt8] {
    Array("data: \(JSONValue.object(event).line)\n\n".utf8)
  }
}

extension EventStream.Subscriber {
  fileprivate mutating func add(_ bytes: [UInt8]) {
    if pending.count + bytes.count > EventStream.limit { missed += 1 } else { pending += bytes }
  }
}
