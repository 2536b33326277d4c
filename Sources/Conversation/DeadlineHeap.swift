/// The deadlines of the waiting calls, earliest first, and at the same time the earlier call first: a binary heap that knows
/// where each call stands, so that an answered call leaves it in O(log n) instead of lingering until its deadline.
struct DeadlineHeap: Sendable {
  struct Entry: Sendable {
    var deadline: Int64
    var order: UInt64
    var slot: Int

    /// Whether this deadline fires before the other.
    func precedes(_ other: Entry) -> Bool {
      deadline != other.deadline ? deadline < other.deadline : order < other.order
    }
  }

  private var entries: [Entry] = []
  /// For each slot the place of its entry in `entries`, or -1.
  private var positions: [Int] = []

  var count: Int { entries.count }

  /// The entry that fires first.
  var first: Entry? { entries.first }

  /// Adds the deadline of the call in `slot`, which has none yet.
  mutating func insert(_ entry: Entry) {
    while positions.count <= entry.slot { positions.append(-1) }
    entries.append(entry)
    siftUp(from: entries.count - 1)
  }

  /// Takes out the deadline of the call in `slot`, if it has one.
  mutating func remove(slot: Int) {
    guard slot < positions.count, positions[slot] >= 0 else { return }
    let hole = positions[slot]
    positions[slot] = -1
    let last = entries.removeLast()
    guard hole < entries.count else { return }
    entries[hole] = last
    positions[last.slot] = hole
    siftUp(from: hole)
    siftDown(from: positions[last.slot])
  }

  mutating func removeAll() {
    entries.removeAll()
    positions.removeAll()
  }

  private mutating func siftUp(from start: Int) {
    var index = start
    let entry = entries[index]
    while index > 0 {
      let parent = (index - 1) / 2
      guard entry.precedes(entries[parent]) else { break }
      entries[index] = entries[parent]
      positions[entries[index].slot] = index
      index = parent
    }
    entries[index] = entry
    positions[entry.slot] = index
  }

  private mutating func siftDown(from start: Int) {
    var index = start
    let entry = entries[index]
    while true {
      var child = 2 * index + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count && entries[child + 1].precedes(entries[child]) { child += 1 }
      guard entries[child].precedes(entry) else { break }
      entries[index] = entries[child]
      positions[entries[index].slot] = index
      index = child
    }
    entries[index] = entry
    positions[entry.slot] = index
  }
}
