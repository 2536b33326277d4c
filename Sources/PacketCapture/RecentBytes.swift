/// The bytes that were delivered last, of all connections together: what a late copy is compared with.
///
/// One ring of fixed size, so that memory does not depend on the number of connections.
final class RecentBytes {
  @exclusivity(unchecked) private var ring: [UInt8]
  /// The number of bytes ever written, gaps before the ring's end included.
  @exclusivity(unchecked) private var written = 0

  init(capacity: Int) { ring = Array(repeating: 0, count: capacity) }

  /// Stores a range of bytes and gives its position for later.
  func append(_ bytes: RawSpan, _ range: Range<Int>) -> Int {
    let count = range.count
    guard count <= ring.count, count > 0 else { return -1 }
    var offset = written % ring.count
    if offset + count > ring.count {
      written += ring.count - offset
      offset = 0
    }
    let position = written
    bytes.extracting(range).withUnsafeBytes { source in
      ring.withUnsafeMutableBytes { target in
        UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + count]).copyMemory(from: source)
      }
    }
    written += count
    return position
  }

  /// Whether the bytes stored at a position differ from a range of others, or nil if they are gone.
  func differs(at position: Int, _ bytes: RawSpan, _ range: Range<Int>) -> Bool? {
    guard position >= 0, position + ring.count >= written else { return nil }
    let offset = position % ring.count
    guard offset + range.count <= ring.count else { return nil }
    for index in 0..<range.count where ring[offset + index] != bytes.byte(range.lowerBound + index) { return true }
    return false
  }
}
