import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// The messages of a connection that `Handlers.collect` keeps for it, in the order in which they came.
///
/// The sequence ends when the connection has ended and everything was taken. What nobody takes waits; when
/// `ConnectionOptions.collectedMessageLimit` messages or a mebibyte of them do, the connection is not read any more. Several
/// tasks may take from it: each message goes to one of them.
public struct ConnectionMessages: AsyncSequence, Sendable {
  /// A frame.
  public typealias Element = ReceivedMessage

  /// It does not fail.
  public typealias Failure = Never

  let inbox: MessageInbox?

  /// Takes messages.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let inbox: MessageInbox?

    /// The next message; nil at the end, or when the task is cancelled.
    public mutating func next() async -> ReceivedMessage? { await inbox?.next() }

    /// The next message; nil at the end, or when the task is cancelled.
    public mutating func next(isolation actor: isolated (any Actor)?) async -> ReceivedMessage? { await inbox?.next() }
  }

  /// An iterator; all of them share the messages.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(inbox: inbox) }
}

extension Connection {
  /// The messages whose protocolIds were registered with `Handlers.collect`; empty if none were.
  public var messages: ConnectionMessages { ConnectionMessages(inbox: handler.inbox) }
}

/// What was collected and not yet taken. For any thread.
final class MessageInbox: Sendable {
  private static let byteLimit = 1 << 20

  private struct State {
    var messages: [ReceivedMessage] = []
    var first = 0
    var bytes = 0
    var isFinished = false
    var waiting: [(id: UInt64, continuation: CheckedContinuation<ReceivedMessage?, Never>)] = []
    var lastId: UInt64 = 0
    var cancelled: Set<UInt64> = []

    var count: Int { messages.count - first }

    mutating func pop() -> ReceivedMessage? {
      guard first < messages.count else { return nil }
      let message = messages[first]
      first += 1
      bytes -= message.payload.readableBytes
      if first == messages.count {
        messages.removeAll(keepingCapacity: true)
        first = 0
      } else if first > 64, first > messages.count / 2 {
        messages.removeFirst(first)
        first = 0
      }
      return message
    }
  }

  private let limit: Int
  private let roomAppeared: @Sendable () -> Void
  private let state = NIOLockedValueBox(State())
  private let full = Atomic<Bool>(false)

  /// - Parameters:
  ///   - limit: how many messages may wait.
  ///   - roomAppeared: is called when there is room again.
  init(limit: Int, roomAppeared: @escaping @Sendable () -> Void) {
    self.limit = max(1, limit)
    self.roomAppeared = roomAppeared
  }

  /// Whether nothing more should come.
  var isFull: Bool { full.load(ordering: .acquiring) }

  func put(_ message: ReceivedMessage) {
    let taker = state.withLockedValue { state -> CheckedContinuation<ReceivedMessage?, Never>? in
      guard !state.isFinished else { return nil }
      if !state.waiting.isEmpty { return state.waiting.removeFirst().continuation }
      state.messages.append(message)
      state.bytes += message.payload.readableBytes
      if state.count >= limit || state.bytes >= Self.byteLimit { full.store(true, ordering: .releasing) }
      return nil
    }
    taker?.resume(returning: message)
  }

  /// Nothing more will come.
  func finish() {
    let takers = state.withLockedValue { state in
      state.isFinished = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for taker in takers { taker.continuation.resume(returning: nil) }
  }

  func next() async -> ReceivedMessage? {
    let id = state.withLockedValue { state in
      state.lastId += 1
      return state.lastId
    }
    let message = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in take(id, continuation) }
    } onCancel: {
      cancel(id)
    }
    state.withLockedValue { _ = $0.cancelled.remove(id) }
    return message
  }

  private func take(_ id: UInt64, _ continuation: CheckedContinuation<ReceivedMessage?, Never>) {
    let (message, isDone, hasRoom) = state.withLockedValue { state -> (ReceivedMessage?, Bool, Bool) in
      if state.cancelled.remove(id) != nil { return (nil, true, false) }
      guard let message = state.pop() else {
        if state.isFinished { return (nil, true, false) }
        state.waiting.append((id, continuation))
        return (nil, false, false)
      }
      // Half of it, so that reading does not stop and go on for each message.
      let hasRoom =
        full.load(ordering: .relaxed) && state.count <= limit / 2 && state.bytes <= Self.byteLimit / 2
      if hasRoom { full.store(false, ordering: .releasing) }
      return (message, true, hasRoom)
    }
    if isDone { continuation.resume(returning: message) }
    if hasRoom { roomAppeared() }
  }

  private func cancel(_ id: UInt64) {
    let waiting = state.withLockedValue { state -> CheckedContinuation<ReceivedMessage?, Never>? in
      if let index = state.waiting.firstIndex(where: { $0.id == id }) {
        return state.waiting.remove(at: index).continuation
      }
      // It has not begun to wait, or has what it wanted.
      state.cancelled.insert(id)
      return nil
    }
    waiting?.resume(returning: nil)
  }
}
