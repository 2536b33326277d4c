import Glibc

/// A compressed message that is inflated on another thread, or on the one that follows the connections if it needs it first.
///
/// From ``InflationThreads/submit(_:)`` until ``InflationThreads/finish(_:)`` returns nobody else touches it.
final class InflationTask: @unchecked Sendable {
  fileprivate(set) var inflation: MessageInflation
  fileprivate var agreement: MessageInflation.Agreement
  fileprivate let limit: Int
  fileprivate var compressed: [UInt8] = []
  /// What it inflated to, what came of it, and how many bytes were inflated for that.
  fileprivate(set) var inflated: [UInt8] = []
  fileprivate(set) var outcome = MessageInflation.Outcome.refused
  fileprivate(set) var inflatedBytes = 0
  /// Whether it is done; only with the lock held.
  fileprivate var isDone = false

  /// Bytes of memory that are kept from one message to the next.
  private static let keptCapacity = 1 << 17

  /// - Parameters:
  ///   - inflation: What inflates the direction's messages, in their order.
  ///   - limit: Bytes that the message may inflate to.
  init(_ bytes: RawSpan, _ inflation: MessageInflation, _ agreement: MessageInflation.Agreement, limit: Int) {
    self.inflation = inflation
    self.agreement = agreement
    self.limit = limit
    keep(bytes)
  }

  /// Uses its memory for another message; the limit stays.
  func reset(_ bytes: RawSpan, _ inflation: MessageInflation, _ agreement: MessageInflation.Agreement) {
    self.inflation = inflation
    self.agreement = agreement
    isDone = false
    inflated.removeAll(keepingCapacity: inflated.capacity <= Self.keptCapacity)
    compressed.removeAll(keepingCapacity: compressed.capacity <= Self.keptCapacity)
    keep(bytes)
  }

  private func keep(_ bytes: RawSpan) { bytes.withUnsafeBytes { compressed.append(contentsOf: $0) } }

  fileprivate func run() {
    (outcome, inflatedBytes) = inflation.inflate(compressed.span.bytes, agreement, limit: limit, into: &inflated)
  }
}

/// Threads that inflate messages. Those of one direction of a connection are inflated in their order, one after the other; of
/// different ones side by side.
///
/// The thread that gives them takes part: where it needs a message that nobody has begun with it inflates it itself, so that
/// nothing depends on another thread's turn.
final class InflationThreads: @unchecked Sendable {
  // What is not constant is changed with the lock held, but for what belongs to a task that somebody has taken.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// There is something to be inflated; a task is done.
  private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Directions with messages that wait, of which nobody has taken any, in the order of the first of these.
  private var ready: [MessageInflation] = []
  /// How many messages wait that nobody has taken.
  private var waitingTasks = 0
  /// Bytes of inflated messages that nobody has fetched.
  private var unfetchedBytes = 0
  /// How many threads have nothing to do.
  private var idle = 0
  private var isAwaited = false
  private var isClosed = false
  private var threads: [Helper] = []

  private final class Helper {
    var thread: WorkerThread?
    init(_ thread: consuming WorkerThread) { self.thread = consume thread }
  }

  /// How many messages of a direction a thread takes at once.
  private static let taken = 8
  /// A thread is woken for so many messages, not for each.
  private static let worthWaking = 8
  /// Beyond so many bytes that are not fetched only what is needed next is inflated.
  private static let unfetchedLimit = 8 << 20

  /// Starts threads, which keep this until ``close()``.
  ///
  /// - Parameter count: How many; fewer where the system has no more, and with none all is inflated by who asks for it.
  init(count: Int) {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(work, nil)
    pthread_cond_init(done, nil)
    for _ in 0..<count {
      guard let thread = WorkerThread({ self.help() }) else { break }
      threads.append(Helper(thread))
    }
  }

  deinit {
    pthread_cond_destroy(done)
    pthread_cond_destroy(work)
    pthread_mutex_destroy(lock)
    done.deallocate()
    work.deallocate()
    lock.deallocate()
  }

  /// Ends the threads. What waits can still be finished.
  func close() {
    pthread_mutex_lock(lock)
    isClosed = true
    pthread_cond_broadcast(work)
    pthread_mutex_unlock(lock)
    for helper in threads { helper.thread.take()?.join() }
    threads = []
  }

  /// Hands over the next message of a direction.
  func submit(_ task: InflationTask) {
    pthread_mutex_lock(lock)
    let inflation = task.inflation
    if inflation.waiting.isEmpty, !inflation.isTaken { ready.append(inflation) }
    inflation.waiting.append(task)
    waitingTasks += 1
    if waitingTasks >= Self.worthWaking { wake() }
    pthread_mutex_unlock(lock)
  }

  /// Waits until a message is inflated, and inflates meanwhile.
  func finish(_ task: InflationTask) {
    pthread_mutex_lock(lock)
    while !task.isDone {
      if !task.inflation.isTaken {
        if let place = ready.firstIndex(where: { $0 === task.inflation }) { ready.remove(at: place) }
        inflate(task.inflation)
      } else if let next = nextReady() {
        inflate(next)
      } else {
        isAwaited = true
        pthread_cond_wait(done, lock)
        isAwaited = false
      }
    }
    let wasFull = isFull
    unfetchedBytes -= task.inflated.count
    if wasFull, !isFull { wake() }
    pthread_mutex_unlock(lock)
  }

  private var isFull: Bool { unfetchedBytes > Self.unfetchedLimit }

  private func wake() { if idle > 0, !ready.isEmpty { pthread_cond_signal(work) } }

  private func nextReady() -> MessageInflation? { isFull || ready.isEmpty ? nil : ready.removeFirst() }

  /// What each thread does.
  private func help() {
    pthread_mutex_lock(lock)
    while !isClosed {
      if let next = nextReady() {
        inflate(next)
      } else {
        idle += 1
        pthread_cond_wait(work, lock)
        idle -= 1
      }
    }
    pthread_mutex_unlock(lock)
  }

  /// Inflates some of the messages of a direction that stands nowhere else. The lock is held, but not while that is done.
  private func inflate(_ inflation: MessageInflation) {
    let count = min(Self.taken, inflation.waiting.count)
    let tasks = Array(inflation.waiting.prefix(count))
    inflation.waiting.removeFirst(count)
    inflation.isTaken = true
    waitingTasks -= count
    pthread_mutex_unlock(lock)
    for task in tasks { task.run() }
    pthread_mutex_lock(lock)
    for task in tasks {
      task.isDone = true
      unfetchedBytes += task.inflated.count
    }
    inflation.isTaken = false
    if !inflation.waiting.isEmpty { ready.append(inflation) }
    if isAwaited { pthread_cond_signal(done) }
  }
}
