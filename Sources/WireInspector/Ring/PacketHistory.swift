/// The packets of late, in one piece of memory that never grows: each new one takes the place of the oldest. The packets of a
/// connection are chained, so that they can be found from its newest one.
final class PacketHistory {
  /// What stands before a packet's bytes.
  private struct Head {
    /// Where the connection's packet before this one stands; -1: there is none.
    var previous: Int
    var note: PacketNote
    var count: Int
  }

  private let memory: UnsafeMutableRawPointer
  private let capacity: Int
  /// Where the next packet goes, counted over all that were ever kept.
  private var end = 0

  /// Reserves memory. The system gives it when it is first used.
  ///
  /// - Parameter capacity: Bytes.
  init(capacity: Int) {
    self.capacity = capacity / Self.alignment * Self.alignment
    memory = .allocate(byteCount: self.capacity, alignment: Self.alignment)
  }

  deinit { memory.deallocate() }

  private static let alignment = MemoryLayout<Head>.alignment
  private static let headSize = MemoryLayout<Head>.stride

  /// Keeps a packet. One that is larger than a quarter of the memory is passed over.
  ///
  /// - Parameter previous: The place of the connection's packet before this one; -1: there is none.
  /// - Returns: Its place, or `previous` where it is passed over.
  func append(_ bytes: RawSpan, _ note: PacketNote, previous: Int) -> Int {
    let size = (Self.headSize + bytes.byteCount + Self.alignment - 1) / Self.alignment * Self.alignment
    guard size <= capacity / 4 else { return previous }
    // A packet stands in one piece: what is left at the end of the memory is passed over.
    if end % capacity + size > capacity { end += capacity - end % capacity }
    let place = end
    end += size
    let target = memory + place % capacity
    target.storeBytes(of: Head(previous: previous, note: note, count: bytes.byteCount), as: Head.self)
    bytes.withUnsafeBytes {
      (target + Self.headSize).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(target), byteCount: $0.count)
    }
    return place
  }

  /// Whether what was put at a place is still there.
  private func holds(_ place: Int) -> Bool { place >= 0 && place >= end - capacity }

  /// The packets of a connection, from the newest back.
  ///
  /// - Parameters:
  ///   - newest: The place of the newest.
  ///   - isWanted: Is told of each packet and its size in the capture; false ends the search.
  /// - Returns: The packets that were wanted, the oldest first.
  func packets(from newest: Int, while isWanted: (PacketNote, Int) -> Bool) -> [HeldPacket] {
    var packets: [HeldPacket] = []
    var place = newest
    while holds(place) {
      let source = memory + place % capacity
      let head = source.load(as: Head.self)
      guard isWanted(head.note, head.count) else { break }
      let bytes = UnsafeRawBufferPointer(start: source + Self.headSize, count: head.count)
      packets.append(HeldPacket(note: head.note, bytes: Array(bytes)))
      place = head.previous
    }
    return packets.reversed()
  }
}
