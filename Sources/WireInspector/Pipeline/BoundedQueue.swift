import Glibc

/// Hands values from one thread to another, in order. Who is ahead waits.
///
/// Who has found it full goes on when half of it is taken: two threads that wake each other for each value take longer than one.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  // All that changes is changed with the lock held.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let capacity: Int
  private var elements: [Element] = []
  private var isClosed = false

  /// - Parameter capacity: How many values wait in it at most.
  init(capacity: Int) {
    self.capacity = capacity
    pthread_mutex_init(lock, nil)
    pthread_cond_init(change, nil)
  }

  deinit {
    pthread_cond_destroy(change)
    pthread_mutex_destroy(lock)
    change.deallocate()
    lock.deallocate()
  }

  /// Puts a value behind the others as soon as there is room; one that is put into a closed queue is gone.
  func put(_ element: consuming Element) {
    pthread_mutex_lock(lock)
    if elements.count >= capacity {
      while elements.count > capacity / 2, !isClosed { pthread_cond_wait(change, lock) }
    }
    if !isClosed { elements.append(element) }
    // Only who has found it empty can wait for this.
    if elements.count == 1 { pthread_cond_broadcast(change) }
    pthread_mutex_unlock(lock)
  }

  /// Takes the first value as soon as there is one; nil: the queue is closed, and nothing is left in it.
  func take() -> Element? {
    pthread_mutex_lock(lock)
    while elements.isEmpty, !isClosed { pthread_cond_wait(change, lock) }
    let first = elements.isEmpty ? nil : elements.removeFirst()
    if elements.count == capacity / 2 { pthread_cond_broadcast(change) }
    pthread_mutex_unlock(lock)
    return first
  }

  /// Says that nothing is put in any more, and that nobody waits for room.
  func close() {
    pthread_mutex_lock(lock)
    isClosed = true
    pthread_cond_broadcast(change)
    pthread_mutex_unlock(lock)
  }
}
