/// The protocolIds that have a handler: a sorted array, searched by halving, so that the question asked for every frame
/// neither hashes nor allocates.
public struct HandlerTable: Hashable, Sendable {
  private var protocolIds: [Int64]

  /// Takes the protocolIds in any order; repeated ones count once. 0 and the displacement id may be among them, but no
  /// frame with either is ever delivered.
  public init(_ protocolIds: [Int64] = []) {
    self.protocolIds = []
    self.protocolIds.reserveCapacity(protocolIds.count)
    for id in protocolIds.sorted() where id != self.protocolIds.last {
      self.protocolIds.append(id)
    }
  }

  /// Whether a handler is registered for `protocolId`.
  public func contains(_ protocolId: Int64) -> Bool {
    let index = insertionIndex(of: protocolId)
    return index < protocolIds.count && protocolIds[index] == protocolId
  }

  /// Registers a handler; nothing changes if there is one.
  public mutating func insert(_ protocolId: Int64) {
    let index = insertionIndex(of: protocolId)
    if index < protocolIds.count && protocolIds[index] == protocolId { return }
    protocolIds.insert(protocolId, at: index)
  }

  /// Removes a handler; nothing changes if there is none.
  public mutating func remove(_ protocolId: Int64) {
    let index = insertionIndex(of: protocolId)
    if index < protocolIds.count && protocolIds[index] == protocolId { protocolIds.remove(at: index) }
  }

  private func insertionIndex(of protocolId: Int64) -> Int {
    var low = 0
    var high = protocolIds.count
    while low < high {
      let middle = low + (high - low) / 2
      if protocolIds[middle] < protocolId { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
