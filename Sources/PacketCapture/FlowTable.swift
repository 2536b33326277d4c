/// One direction between two endpoints, as packets name it.
struct FlowKey: Equatable {
  var source: Endpoint
  var destination: Endpoint

  var reversed: FlowKey { FlowKey(source: destination, destination: source) }

  var hash: Int {
    var value = source.address.low &* 0x9E37_79B9_7F4A_7C15
    value = (value ^ (value >> 29)) &+ destination.address.low
    value = value &* 0xBF58_476D_1CE4_E5B9
    value ^= source.address.high &* 31 ^ destination.address.high &* 17
    value = (value ^ (value >> 32)) &+ (UInt64(source.port) << 16 | UInt64(destination.port))
    value = value &* 0x94D0_49BB_1331_11EB
    return Int(truncatingIfNeeded: (value ^ (value >> 31)) & 0x7FFF_FFFF_FFFF_FFFF)
  }
}

/// From a direction to the slot of its connection. Both directions of a connection are entries of their own, so that two
/// ends with the same address, and even with the same port numbers the other way round, are told apart.
struct FlowTable {
  private struct Entry {
    var key: FlowKey
    /// The connection's slot times two, plus the direction.
    var value: Int32
  }

  private var entries: [Entry?]
  private(set) var count = 0

  init() { entries = Array(repeating: nil, count: 64) }

  private var mask: Int { entries.count - 1 }

  /// The slot times two plus the direction, or nil for an unknown flow.
  func find(_ key: FlowKey) -> Int? {
    var index = key.hash & mask
    while let entry = entries[index] {
      if entry.key == key { return Int(entry.value) }
      index = (index + 1) & mask
    }
    return nil
  }

  /// Adds an entry, or replaces the one with the same key.
  mutating func set(_ key: FlowKey, _ value: Int) {
    if (count + 1) * 2 > entries.count { grow() }
    var index = key.hash & mask
    while let entry = entries[index] {
      if entry.key == key { break }
      index = (index + 1) & mask
    }
    if entries[index] == nil { count += 1 }
    entries[index] = Entry(key: key, value: Int32(value))
  }

  /// Removes an entry if it still has this value.
  mutating func remove(_ key: FlowKey, ifValue value: Int) {
    var index = key.hash & mask
    while let entry = entries[index], entry.key != key { index = (index + 1) & mask }
    guard let entry = entries[index], Int(entry.value) == value else { return }
    count -= 1
    // Entries behind the hole that were pushed there by collisions move up.
    var hole = index
    entries[hole] = nil
    var next = (hole + 1) & mask
    while let entry = entries[next] {
      let home = entry.key.hash & mask
      if (next - home) & mask >= (next - hole) & mask {
        entries[hole] = entry
        entries[next] = nil
        hole = next
      }
      next = (next + 1) & mask
    }
  }

  private mutating func grow() {
    let old = entries
    entries = Array(repeating: nil, count: old.count * 2)
    for case .some(let entry) in old {
      var index = entry.key.hash & mask
      while entries[index] != nil { index = (index + 1) & mask }
      entries[index] = entry
    }
  }
}
