/// What is given away of connections of which nothing has come for a while.
extension PacketTracker {
  /// Nothing came of a connection lately: what late copies are told by is forgotten as soon as the bytes are gone that they would be
  /// compared with (``TrackerLimits/recentBytes``).
  ///
  /// - Parameters:
  ///   - slot: Its slot, which may belong to its successor by now.
  ///   - number: Its number.
  package mutating func rest(_ slot: Int, number: Int) {
    if let connection = connections[slot], connection.number == number {
      for direction in 0..<2 {
        guard let last = connection.streams[direction].newestDelivered else { continue }
        fading.append((slot << 1 | direction, number, last.position))
      }
    }
    while fadingHead < fading.count, assembly.recent.isGone(fading[fadingHead].position) {
      let (place, number, position) = fading[fadingHead]
      fadingHead += 1
      guard let connection = connections[place >> 1], connection.number == number,
        connection.streams[place & 1].newestDelivered?.position == position
      else { continue }
      connection.streams[place & 1].forgetDelivered()
    }
    if fadingHead > 1024, fadingHead > fading.count / 2 {
      fading.removeFirst(fadingHead)
      fadingHead = 0
    }
  }
}

extension TCPStream {
  /// The segment that was delivered last.
  fileprivate var newestDelivered: DeliveredSegment? {
    history.isEmpty ? nil : history[nextHistory == 0 ? history.count - 1 : nextHistory - 1]
  }

  fileprivate mutating func forgetDelivered() {
    history = []
    nextHistory = 0
  }
}
