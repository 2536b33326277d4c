import NIOCore

/// Gives every read of an event loop the same large buffer, which the connection hands back when it has used it up.
///
/// NIO's own allocators leave each connection a buffer of its own for ever, 2 KiB and more of an idle connection's memory, and
/// share it with the reader, so that unmasking in place would copy it. NIO keeps the first buffer that it gets whatever happens,
/// so that one is as small as can be.
struct ReceiveBufferAllocator: RecvByteBufferAllocator, @unchecked Sendable {
  // Unchecked for the resources of the loop, which alone asks for buffers.
  private unowned let loop: LoopResources
  private let firstCapacity: Int
  private var isFirst = true

  /// For the channels of one event loop, which is the only one to call it.
  ///
  /// - Parameter firstCapacity: The size of the first buffer, in bytes, which the connection keeps.
  init(loop: LoopResources, firstCapacity: Int = 64) {
    self.loop = loop
    self.firstCapacity = firstCapacity
  }

  func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
    isFirst ? allocator.buffer(capacity: firstCapacity) : loop.takeReceiveBuffer()
  }

  /// No hint, and room to grow: NIO then asks for a buffer at each read.
  func nextBufferSize() -> Int? { nil }

  mutating func record(actualReadBytes: Int) -> Bool {
    isFirst = false
    return true
  }
}
