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
///
/// The keys stand in the connections, which have to be there as long as their entries are.
struct FlowTable {
  /// The slots of connections times two, plus the direction; -1: nothing.
  private var entries: [Int32]
  private(set) var count = 0

  init() { entries = Array(repeating: -1, count: 64) }

  private var mask: Int { entries.count - 1 }

  private static func key(_ entry: Int32, _ connections: SlotTable<TCPConnection>) -> FlowKey? {
    guard let key = connections[Int(entry >> 1)]?.key else { return nil }
    return entry & 1 == 0 ? key : key.reversed
  }

  /// Where the entry of a key is, or where it would be.
  private func place(of key: FlowKey, _ connections: SlotTable<TCPConnection>) -> Int {
    var index = key.hash & mask
    while entries[index] >= 0, Self.key(entries[index], connections) != key { index = (index + 1) & mask }
    return index
  }

  /// The slot times two plus the direction, or nil for an unknown flow.
  func find(_ key: FlowKey, in connections: SlotTable<TCPConnection>) -> Int? {
    let entry = entries[place(of: key, connections)]
    return entry < 0 ? nil : Int(entry)
  }

  /// Adds an entry, or replaces the one with the same key.
  mutating func set(_ key: FlowKey, _ value: Int, in connections: SlotTable<TCPConnection>) {
    if (count + 1) * 2 > entries.count { grow(connections) }
    let place = place(of: key, connections)
    if entries[place] < 0 { count += 1 }
    entries[place] = Int32(value)
  }

  /// Removes an entry if it still has this value.
  mutating func remove(_ key: FlowKey, ifValue value: Int, in connections: SlotTable<TCPConnection>) {
    var hole = place(of: key, connections)
    guard entries[hole] >= 0, Int(entries[hole]) == value else { return }
    count -= 1
    // Entries behind the hole that were pushed there by collisions move up.
    entries[hole] = -1
    var next = (hole + 1) & mask
    while entries[next] >= 0 {
      let home = (Self.key(entries[next], connections)?.hash ?? 0) & mask
      if (next - home) & mask >= (next - hole) & mask {
        entries[hole] = entries[next]
        entries[next] = -1
        hole = next
      }
      next = (next + 1) & mask
    }
  }

  private mutating func grow(_ connections: SlotTable<TCPConnection>) {
    let old = entries
    entries = Array(repeating: -1, count: old.count * 2)
    for entry in old where entry >= 0 {
      var index = (Self.key(entry, connections)?.hash ?? 0) & mask
      while entries[index] >= 0 { index = (index + 1) & mask }
      entries[index] = entry
    }
  }
}
