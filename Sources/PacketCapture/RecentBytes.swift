/// The bytes that were delivered last, of all connections together: what a late copy is compared with.
///
/// It reaches back over a fixed number of bytes, so that memory does not depend on the number of connections. Few of them are ever
/// asked for: where a capture can be read a second time, its bytes are left there, and only what cannot is copied, into a ring.
final class RecentBytes {
  /// How many bytes it reaches back.
  private let capacity: Int
  /// The copies, each where its position says. Not cleared: memory that is never written to is never there.
  private let ring: UnsafeMutableRawBufferPointer
  /// The number of bytes ever taken, gaps before the ring's end included, and where in the ring that is.
  @exclusivity(unchecked) private var taken = 0
  @exclusivity(unchecked) private var end = 0
  /// Reads bytes of the capture again, into all of the memory that it is lent.
  ///
  /// - Returns: Whether they are still there.
  var reread: ((_ origin: Int, _ memory: UnsafeMutableRawBufferPointer) -> Bool)?

  init(capacity: Int) {
    self.capacity = capacity
    ring = .allocate(byteCount: capacity, alignment: 1)
  }

  deinit { ring.deallocate() }

  /// Takes in bytes without copying them.
  ///
  /// - Returns: Their position for later; -1 where there is none.
  @inline(__always)
  func note(_ count: Int) -> Int {
    guard count <= capacity, count > 0 else { return -1 }
    if end &+ count > capacity {
      taken &+= capacity &- end
      end = 0
    }
    let position = taken
    taken &+= count
    end &+= count
    return position
  }

  /// Whether the bytes at a position cannot be compared any more.
  func isGone(_ position: Int) -> Bool { position < 0 || position + capacity < taken }

  /// Takes in a copy of a range of bytes.
  ///
  /// - Returns: Their position for later; -1 where there is none.
  func append(_ bytes: RawSpan, _ range: Range<Int>) -> Int {
    let position = note(range.count)
    guard position >= 0 else { return -1 }
    bytes.extracting(range).withUnsafeBytes { source in
      UnsafeMutableRawBufferPointer(rebasing: ring[end - range.count..<end]).copyMemory(from: source)
    }
    return position
  }

  /// Whether the bytes of a segment from `start` on differ from a range of others, or nil if they are gone.
  func differ(_ segment: DeliveredSegment, from start: Int, _ bytes: RawSpan, _ range: Range<Int>) -> Bool? {
    let position = segment.position + start
    guard segment.position >= 0, position + capacity >= taken else { return nil }
    return bytes.extracting(range).withUnsafeBytes { others in
      if segment.origin >= 0 { return reread(at: segment.origin + start, others) }
      let offset = position % capacity
      guard offset + others.count <= capacity else { return nil }
      return !UnsafeRawBufferPointer(rebasing: ring[offset..<offset + others.count]).elementsEqual(others)
    }
  }

  private func reread(at origin: Int, _ others: UnsafeRawBufferPointer) -> Bool? {
    withUnsafeTemporaryAllocation(byteCount: others.count, alignment: 1) { memory in
      guard reread?(origin, memory) == true else { return nil }
      return !memory.elementsEqual(others)
    }
  }
}
