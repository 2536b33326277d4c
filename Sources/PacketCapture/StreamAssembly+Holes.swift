/// Bytes that do not come.
extension StreamAssembly {
  /// Gives up waiting where there is reason to.
  mutating func decideHoles(_ connection: TCPConnection, _ stamp: PacketStamp) {
    for direction in 0..<2 where connection.streams[direction].isBlocked {
      switch connection.streams[direction].phase {
      case .unseen: break
      case .gathering:
        let since = connection.streams[direction].gatheringSince
        if connection.streams[direction].held.count >= limits.gatheredSegments
          || connection.packets - since.packets >= limits.gatheredSegments * 3
          || Self.elapsed(since.time, stamp.time) >= limits.gatheringTime
        {
          endGathering(connection, direction)
        }
      case .open: decideHole(connection, direction, stamp)
      }
    }
  }

  mutating func decideHole(_ connection: TCPConnection, _ direction: Direction, _ stamp: PacketStamp) {
    while let first = connection.streams[direction].held.first {
      let acknowledged = connection.streams[1 - direction].acknowledgement
      if connection.streams[direction].heldBytes + connection.deferredBytes > limits.heldBytes
        || connection.streams[direction].held.count > limits.heldSegments || totalHeld > limits.totalHeldBytes
      {
        giveUpHole(connection, direction, stamp)
      } else if let since = connection.streams[direction].holeAcknowledged {
        guard
          connection.packets - since.packets >= limits.patiencePackets
            || Self.elapsed(since.time, stamp.time) >= limits.patienceTime
        else { return }
        giveUpHole(connection, direction, stamp)
      } else if connection.streams[1 - direction].firstAcknowledgement != nil,
        Int32(bitPattern: acknowledged &- first.sequence) >= 0
      {
        connection.streams[direction].holeAcknowledged = (connection.packets, stamp.time)
        let missing = connection.streams[direction].distance(first.sequence)
        report(connection, 1 - direction, stamp, PacketFinding(.ackBeforeData, count: missing))
        return
      } else {
        return
      }
    }
  }

  static func elapsed(_ from: Int64?, _ to: Int64?) -> Int64 {
    guard let from, let to else { return 0 }
    let (difference, overflow) = to.subtractingReportingOverflow(from)
    return overflow ? Int64.max : difference
  }

  /// The bytes begin with the earliest segment that has come.
  mutating func endGathering(_ connection: TCPConnection, _ direction: Direction) {
    guard let first = connection.streams[direction].held.first else { return }
    begin(connection, direction, at: first.sequence)
    drain(connection, direction, filledBy: nil)
  }

  /// Hands on what waited for the place of the first byte, which has become known.
  mutating func resume(_ connection: TCPConnection, _ direction: Direction) {
    drain(connection, direction, filledBy: nil)
  }

  /// Goes past a hole.
  mutating func giveUpHole(_ connection: TCPConnection, _ direction: Direction, _ stamp: PacketStamp) {
    guard let first = connection.streams[direction].held.first else { return }
    let count = connection.streams[direction].distance(first.sequence)
    if count > 0 {
      report(connection, direction, stamp, position(connection, direction, .gap, count: count))
      let latest = connection.streams[direction].latest
      advance(connection, direction, count, latest)
      handOnInOrder(connection, direction, .missing(count), 0, latest)
    }
    drain(connection, direction, filledBy: nil)
  }
}
