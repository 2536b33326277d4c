import NIOCore

/// The tasks of a connection's handlers that run now; they are cancelled when it ends.
final class HandlerTasks {
  private struct Running {
    let task: Task<Void, Never>
    let bytes: Int
  }

  private var byNumber: [UInt64: Running] = [:]
  private var last: UInt64 = 0

  /// What they hold of the budget.
  private(set) var bytes = 0

  var count: Int { byNumber.count }

  func nextNumber() -> UInt64 {
    last += 1
    return last
  }

  func add(_ task: Task<Void, Never>, number: UInt64, bytes: Int) {
    byNumber[number] = Running(task: task, bytes: bytes)
    self.bytes += bytes
  }

  /// Forgets a task that has ended.
  ///
  /// - Returns: What it held.
  func remove(_ number: UInt64) -> Int {
    let bytes = byNumber.removeValue(forKey: number)?.bytes ?? 0
    self.bytes -= bytes
    return bytes
  }

  func cancelAll() {
    for running in byNumber.values { running.task.cancel() }
  }
}

/// Runs tasks on an event loop.
final class EventLoopTaskExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

extension ByteBuffer {
  /// The readable bytes, in memory of their own where they are a small part of the memory that they keep: a handler that waits
  /// would keep a whole read buffer for a few bytes.
  var compacted: ByteBuffer {
    readableBytes < storageCapacity / 2 ? ByteBuffer(bytes: readableBytesView) : self
  }
}
