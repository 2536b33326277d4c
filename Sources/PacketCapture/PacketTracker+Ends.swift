/// How connections end, and how long they are remembered.
extension PacketTracker {
  /// Says that the capture is over.
  package mutating func finish(stamp: PacketStamp) { for slot in endFragments(stamp: stamp) { end(slot) } }

  /// The first part of ``finish(stamp:)``.
  ///
  /// - Returns: The slots of the connections that ``end(_:)`` remains to be called for, in the order of their numbers: who deals with
  ///   the events of each before those of the next need not have all of them at once.
  package mutating func endFragments(stamp: PacketStamp) -> [Int] {
    fragments.expire(before: Int.max)
    dealWithFragments(stamp)
    return connections.all.sorted { $0.number < $1.number }.map(\.slot)
  }

  /// The capture is over: gives what waits in a connection, and forgets it.
  package mutating func end(_ slot: Int) { if let connection = connections[slot] { release(connection) } }

  mutating func concludeIfFinished(_ connection: TCPConnection, _ stamp: PacketStamp) {
    guard connection.state != .closed, connection.streams[0].isFinished, connection.streams[1].isFinished,
      connection.deferred.isEmpty
    else { return }
    let wasReset = connection.state == .reset
    connection.state = .closed
    assembly.events.append(
      TransportEvent(slot: connection.slot, direction: 0, stamp: stamp, kind: .closed(.closed)))
    if !wasReset { linger(connection, stamp) }
  }

  mutating func linger(_ connection: TCPConnection, _ stamp: PacketStamp) {
    let isReset = connection.state == .reset
    let time = isReset ? limits.resetTime : limits.lingerTime
    connection.lingersUntil = TCPConnection.LastPacket(
      number: stamp.number + (isReset ? limits.resetPackets : limits.lingerPackets),
      time: stamp.time.map { Self.sum($0, time) })
    if isReset {
      resets.append((connection.slot, connection.number))
    } else {
      lingering.append((connection.slot, connection.number))
    }
  }

  /// Says that the bytes of reset connections are complete, and forgets connections that ended a while ago.
  mutating func expireLingering(_ stamp: PacketStamp) {
    while let entry = resets.first {
      if let connection = connections[entry.slot], connection.number == entry.number, connection.state == .reset {
        guard Self.isPast(connection, stamp) else { break }
        conclude(connection)
        connection.state = .closed
        linger(connection, stamp)
      }
      resets.removeFirst()
    }
    while lingeringHead < lingering.count {
      let entry = lingering[lingeringHead]
      if let connection = connections[entry.slot], connection.number == entry.number {
        guard Self.isPast(connection, stamp) else { break }
        release(connection)
      }
      lingeringHead += 1
    }
    if lingeringHead > 1024 {
      lingering.removeFirst(lingeringHead)
      lingeringHead = 0
    }
  }

  /// A sum of times; what 64 bits cannot hold is the latest time that they can.
  static func sum(_ time: Int64, _ duration: Int64) -> Int64 {
    let (sum, overflow) = time.addingReportingOverflow(duration)
    return overflow ? .max : sum
  }

  static func isPast(_ connection: TCPConnection, _ stamp: PacketStamp) -> Bool {
    guard let last = connection.lingersUntil else { return false }
    if stamp.number > last.number { return true }
    if let time = stamp.time, let limit = last.time { return time > limit }
    return false
  }

  /// Gives what waits in a connection, and its end, with the connection's own last packet: the one that made it known may be
  /// another connection's.
  mutating func conclude(_ connection: TCPConnection) {
    guard !connection.isIgnored, connection.state != .closed else { return }
    let stamp = connection.latest
    assembly.flush(connection, stamp)
    if !connection.reportedMidstream, !connection.streams[0].hasSyn, !connection.streams[1].hasSyn {
      connection.reportedMidstream = true
      assembly.report(connection, 0, stamp, PacketFinding(.midstream))
    }
    let isOver =
      connection.state == .reset || (connection.streams[0].isFinished && connection.streams[1].isFinished)
    assembly.events.append(
      TransportEvent(slot: connection.slot, direction: 0, stamp: stamp, kind: .closed(isOver ? .closed : .open)))
  }

  /// Gives what waits in a connection, and forgets it.
  mutating func release(_ connection: TCPConnection) {
    conclude(connection)
    assembly.events.append(
      TransportEvent(slot: connection.slot, direction: 0, stamp: connection.latest, kind: .released))
    table.remove(connection.key, ifValue: connection.slot << 1, in: connections)
    table.remove(connection.key.reversed, ifValue: connection.slot << 1 | 1, in: connections)
    connections[connection.slot] = nil
    freeSlots.append(connection.slot)
    openCount -= 1
  }
}
