/// Finds the connection that was silent longest, which is given up first when there are too many.
///
/// Packets come far more often than connections are given up, so that nothing is kept in order while they come: the connections are
/// sorted when one has to go, and those that no packet has come from since are the next. Each packet or connection costs one of the
/// sorted ones at most, and they are sorted again when none is left.
struct SilentConnections {
  /// The connections of a while ago, the longest silent one last, with the numbers of their last packets then.
  private var sorted: [(slot: Int, latest: Int)] = []

  /// The one that was silent longest; nil: there is none.
  mutating func longest(of connections: SlotTable<TCPConnection>) -> TCPConnection? {
    // Whoever is not among them, or has sent since, sent later than all that have not.
    while let last = sorted.popLast() {
      if let connection = connections[last.slot], connection.latest.number == last.latest { return connection }
    }
    for connection in connections.all { sorted.append((connection.slot, connection.latest.number)) }
    sorted.sort { $0.latest > $1.latest }
    return sorted.popLast().flatMap { connections[$0.slot] }
  }
}
