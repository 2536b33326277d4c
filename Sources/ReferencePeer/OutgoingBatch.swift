import NIOCore

/// Is told whether a frame was handed to the socket.
typealias SendCompletion = @Sendable (Result<Void, any Error>) -> Void

/// The frames that one connection writes in one go.
///
/// Small frames are put one after the other into one buffer; a large payload that need not be changed becomes a part of
/// its own and is not copied.
final class OutgoingBatch {
  /// From this size on, a payload is written where it stands.
  static let copiedPayloadLimit = 16_384

  /// What comes before `tail`.
  private(set) var parts: [ByteBuffer] = []

  /// Where frames are appended.
  var tail: ByteBuffer

  /// How many frames of the protocol it holds; control frames do not count.
  var frameCount = 0

  /// To be called when the batch is written, or is not.
  var completions: [SendCompletion] = []

  init(allocator: ByteBufferAllocator) {
    tail = allocator.buffer(capacity: 4096)
  }

  var isEmpty: Bool { parts.isEmpty && tail.readableBytes == 0 }

  private var partsByteCount = 0

  var byteCount: Int { partsByteCount + tail.readableBytes }

  /// Writes `payload` behind what is there without copying it.
  func append(uncopied payload: ByteBuffer, allocator: ByteBufferAllocator) {
    parts.append(tail)
    parts.append(payload)
    partsByteCount += tail.readableBytes + payload.readableBytes
    tail = allocator.buffer(capacity: 1024)
  }

  /// Makes the batch empty; its buffer is used again if nobody else holds it.
  func reset() {
    parts.removeAll(keepingCapacity: true)
    partsByteCount = 0
    completions.removeAll(keepingCapacity: true)
    tail.clear()
    frameCount = 0
  }
}
