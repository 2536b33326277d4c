/// Connections in the order of their last packets: the one that was silent longest is given up first.
extension PacketTracker {
  mutating func touch(_ connection: TCPConnection) {
    guard newest != connection.slot else { return }
    unlink(connection)
    link(connection)
  }

  mutating func link(_ connection: TCPConnection) {
    connection.older = newest
    connection.newer = -1
    if newest >= 0 { connections[newest]?.newer = connection.slot }
    newest = connection.slot
    if oldest < 0 { oldest = connection.slot }
  }

  mutating func unlink(_ connection: TCPConnection) {
    if connection.older >= 0 {
      connections[connection.older]?.newer = connection.newer
    } else {
      oldest = connection.newer
    }
    if connection.newer >= 0 {
      connections[connection.newer]?.older = connection.older
    } else {
      newest = connection.older
    }
    connection.older = -1
    connection.newer = -1
  }
}
