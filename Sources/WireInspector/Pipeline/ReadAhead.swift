import Glibc

/// Reads a file on a thread of its own, a few chunks ahead of who takes them.
final class ReadAhead {
  /// What was read at once.
  struct Chunk: Sendable {
    /// The bytes stand behind ``ReadAhead/headroom``.
    var memory: [UInt8]
    /// Their number; 0 at the end of the file, or where the reading stopped.
    var count: Int
    /// The error number, where the system refused to go on.
    var error: Int32
  }

  /// Room before the bytes of a chunk, for what is left of the chunk before.
  static let headroom = 1 << 16
  /// Chunks that wait at most.
  private static let waiting = 8

  private let chunks = BoundedQueue<Chunk>(capacity: ReadAhead.waiting)
  private let unused = BoundedQueue<[UInt8]>(capacity: ReadAhead.waiting + 2)
  private var thread: WorkerThread?

  /// Begins to read; nil: there is no thread to be had.
  init?(_ descriptor: Int32, chunkSize: Int) {
    let (chunks, unused) = (chunks, unused)
    let size = Self.headroom + chunkSize
    for _ in 0..<Self.waiting + 2 { unused.put([UInt8](repeating: 0, count: size)) }
    thread = WorkerThread {
      while var memory = unused.take() {
        // It was shortened to what was read last.
        if memory.count < size { memory.append(contentsOf: repeatElement(0, count: size - memory.count)) }
        let count = memory.withUnsafeMutableBytes {
          CaptureSource.read(descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[Self.headroom..<size]))
        }
        let error = count < 0 ? errno : 0
        chunks.put(Chunk(memory: memory, count: max(0, count), error: error))
        guard count > 0 else { return }
      }
    }
    if thread == nil { return nil }
  }

  /// The next chunk; without bytes at the end, after which there is no other.
  func next() -> Chunk { chunks.take() ?? Chunk(memory: [], count: 0, error: 0) }

  /// Gives memory back that is not needed any more.
  func giveBack(_ memory: consuming [UInt8]) { if memory.count > Self.headroom { unused.put(memory) } }

  /// Ends the reading, before the file is closed.
  func stop() {
    chunks.close()
    unused.close()
    thread.take()?.join()
  }
}
