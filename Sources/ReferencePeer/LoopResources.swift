import Conversation
import Deflate
import NIOCore

/// What the connections of one event loop share: one timer wheel, the contexts of permessage-deflate, buffers that are used
/// again. Touched on its event loop only.
final class LoopResources: @unchecked Sendable {
  /// How large the buffer of a read is, in bytes.
  static let receiveBufferSize = 65_536

  /// How many of anything are kept for the next use.
  private static let keptCount = 64

  /// Lists that have grown beyond this are not kept.
  private static let keptCapacity = 4096

  let eventLoop: any EventLoop
  let allocator = ByteBufferAllocator()
  let taskExecutor: EventLoopTaskExecutor
  /// What this loop counts; nil: nobody asked for figures.
  let counters: TrafficCounters?
  var deflateContexts: DeflateContextPool
  var maskingKeys = MaskingKeys()

  /// For headers and compressed messages on their way into a batch.
  var header: [UInt8] = []
  var frameHeader: [UInt8] = []
  var deflated: [UInt8] = []
  var plain: [UInt8] = []

  /// The connections that have something to write at the end of this tick.
  private var waitingForFlush: [ConnectionHandler] = []
  private var flushing: [ConnectionHandler] = []

  private var wheel: TimerWheel<ConnectionHandler>
  private var wheelTask: Scheduled<Void>?
  private var wheelTaskTime = Int64.max
  private var due: [ConnectionHandler] = []
  private var receiveBuffers: [ByteBuffer] = []
  private var actionLists: [[TimedAction]] = []
  private var itemLists: [[InboundItem]] = []
  private var batches: [OutgoingBatch] = []

  init(eventLoop: any EventLoop, compressionLevel: Int, counters: TrafficCounters?) {
    self.eventLoop = eventLoop
    taskExecutor = EventLoopTaskExecutor(eventLoop)
    self.counters = counters
    deflateContexts = DeflateContextPool(capacity: 16, level: compressionLevel)
    wheel = TimerWheel(startingAt: Self.now())
  }

  /// The time on the clock of all connections, in nanoseconds.
  static func now() -> Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds) }

  // MARK: - Timers

  /// Lets `connection.timerFired` be called at `time` (nanoseconds).
  ///
  /// - Parameter entry: The connection's timer that this one replaces, if it has one.
  /// - Returns: What the timer is cancelled by.
  func wake(
    _ connection: ConnectionHandler, at time: Int64, insteadOf entry: TimerWheel<ConnectionHandler>.Entry?
  ) -> TimerWheel<ConnectionHandler>.Entry {
    defer { scheduleWheel() }
    if let entry {
      _ = wheel.reschedule(entry, at: time)
      return entry
    }
    return wheel.schedule(connection, at: time)
  }

  /// Forgets a timer.
  func cancel(_ entry: TimerWheel<ConnectionHandler>.Entry) { _ = wheel.cancel(entry) }

  private func scheduleWheel() {
    guard let next = wheel.nextDueTime, next < wheelTaskTime else { return }
    wheelTask?.cancel()
    wheelTaskTime = next
    wheelTask = eventLoop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(next, 0)))) { self.turnWheel() }
  }

  private func turnWheel() {
    wheelTask = nil
    wheelTaskTime = .max
    let now = Self.now()
    wheel.advance(to: now, into: &due)
    let fired = due
    due.removeAll(keepingCapacity: true)
    for connection in fired { connection.timerFired(at: now) }
    scheduleWheel()
  }

  // MARK: - Flushing

  /// Flushes a connection once, when the loop has done what it has at hand.
  func flushLater(_ connection: ConnectionHandler) {
    waitingForFlush.append(connection)
    guard waitingForFlush.count == 1 else { return }
    eventLoop.execute {
      swap(&self.waitingForFlush, &self.flushing)
      for connection in self.flushing { connection.flushIsDue() }
      self.flushing.removeAll(keepingCapacity: true)
    }
  }

  // MARK: - Things that are used again

  /// An empty buffer for a read. If somebody still holds a slice of the last one, clearing it takes fresh memory.
  func takeReceiveBuffer() -> ByteBuffer {
    guard var buffer = receiveBuffers.popLast() else { return allocator.buffer(capacity: Self.receiveBufferSize) }
    buffer.clear()
    return buffer
  }

  /// Takes a buffer back. It is not cleared yet, because NIO holds it until the read has returned.
  func giveBack(_ buffer: consuming ByteBuffer) {
    guard buffer.capacity == Self.receiveBufferSize, receiveBuffers.count < 2 else { return }
    receiveBuffers.append(buffer)
  }

  func takeActions() -> [TimedAction] { actionLists.popLast() ?? [] }

  func giveBack(_ actions: consuming [TimedAction]) {
    guard actionLists.count < Self.keptCount, actions.capacity <= Self.keptCapacity else { return }
    actions.removeAll(keepingCapacity: true)
    actionLists.append(actions)
  }

  func takeItems() -> [InboundItem] { itemLists.popLast() ?? [] }

  func giveBack(_ items: consuming [InboundItem]) {
    guard itemLists.count < Self.keptCount, items.capacity <= Self.keptCapacity else { return }
    items.removeAll(keepingCapacity: true)
    itemLists.append(items)
  }

  func takeBatch() -> OutgoingBatch { batches.popLast() ?? OutgoingBatch(allocator: allocator) }

  func giveBack(_ batch: OutgoingBatch) {
    guard batches.count < Self.keptCount, batch.tail.capacity <= 4 * Self.receiveBufferSize else { return }
    batch.reset()
    batches.append(batch)
  }
}
