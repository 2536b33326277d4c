/// Bytes that come more than once, or too early.
extension StreamAssembly {
  /// Looks at bytes that were delivered before: a copy of the packet, a retransmission, or other content?
  mutating func repeatOfDelivered(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ bytes: RawSpan, _ data: Range<Int>,
    _ sequence: UInt32, _ repeated: Int, _ length: Int, _ stamp: PacketStamp
  ) {
    let distance = connection.streams[direction].distance(sequence)
    let captured = min(repeated, data.count)
    var conflicts = false
    var isSamePacket = false
    for known in connection.streams[direction].history {
      let start = Int(Int32(bitPattern: known.sequence &- sequence))
      let low = max(0, start)
      let high = min(captured, start + known.length)
      guard low < high else { continue }
      if start == 0, known.length == length, known.checksum == segment.checksum,
        known.identification == segment.identification, segment.identification != 0
      {
        isSamePacket = true
      }
      let others = data.lowerBound + low..<data.lowerBound + high
      if recent.differ(known, from: low - start, bytes, others) == true { conflicts = true }
    }
    // A keep-alive probe repeats one byte, and what it holds there does not matter (RFC 9293 §3.8.4).
    if conflicts, length == 1, !segment.has(TCPSegment.fin) {
      return report(
        connection, direction, stamp, position(connection, direction, .keepAlive, count: 1, distance: distance))
    }
    let code: PacketFindingCode =
      conflicts ? .overlapConflict : repeated < length ? .overlap : isSamePacket ? .duplicatePacket : .retransmission
    report(connection, direction, stamp, position(connection, direction, code, count: repeated, distance: distance))
  }

  /// Keeps bytes that cannot be delivered yet. What arrived first stays.
  mutating func hold(
    _ connection: TCPConnection, _ direction: Direction, _ sequence: UInt32, _ bytes: RawSpan, _ data: Range<Int>,
    missing: Int, _ stamp: PacketStamp
  ) {
    let distance = connection.streams[direction].distance(sequence)
    var cursor = distance
    let end = distance + data.count
    var repeated = 0
    var conflicts = false
    var isProbe = false
    var pieces: [HeldSegment] = []
    func piece(_ from: Int, _ to: Int) -> HeldSegment {
      let low = data.lowerBound + from - distance
      return HeldSegment(
        sequence: sequence &+ UInt32(truncatingIfNeeded: from - distance), bytes: bytes.copied(low..<low + to - from),
        missing: to == end ? missing : 0, stamp: stamp)
    }
    let first = firstHeld(connection.streams[direction], endingAfter: distance)
    var index = first
    // Not to be kept as another value: each segment would copy all of them.
    var held: [HeldSegment] { connection.streams[direction].held }
    while index < held.count {
      let start = connection.streams[direction].distance(held[index].sequence)
      guard start < end else { break }
      if start > cursor { pieces.append(piece(cursor, start)) }
      let low = max(cursor, start)
      let high = min(end, start + held[index].bytes.count)
      if low < high {
        repeated += high - low
        for offset in low..<high
        where held[index].bytes[offset - start] != bytes.byte(data.lowerBound + offset - distance) {
          if held[index].bytes.count == 1, data.count > 1 {
            // A keep-alive probe that overtook the data: what it holds is not theirs.
            connection.streams[direction].held[index].bytes[0] = bytes.byte(data.lowerBound + offset - distance)
            isProbe = true
          } else {
            conflicts = true
          }
          break
        }
      }
      cursor = max(cursor, start + held[index].bytes.count)
      index += 1
    }
    if cursor < end || (data.isEmpty && missing > 0) { pieces.append(piece(cursor, max(cursor, end))) }
    if isProbe || (conflicts && data.count == 1) {
      report(
        connection, direction, stamp, position(connection, direction, .keepAlive, count: 1, distance: distance))
    }
    if conflicts, data.count > 1 {
      report(
        connection, direction, stamp,
        position(connection, direction, .overlapConflict, count: repeated, distance: distance))
    } else if repeated > 0, !conflicts, !isProbe {
      let code: PacketFindingCode = pieces.isEmpty ? .retransmission : .overlap
      report(connection, direction, stamp, position(connection, direction, code, count: repeated, distance: distance))
    }
    let isLate =
      connection.streams[direction].phase == .open
      && (held.last.map { connection.streams[direction].distance($0.sequence) > distance } ?? false)
    if isLate, !pieces.isEmpty {
      report(
        connection, direction, stamp,
        position(connection, direction, .outOfOrder, count: data.count, distance: distance))
    }
    insert(pieces, into: connection, direction, at: first, stamp)
    if connection.streams[direction].phase == .open { drain(connection, direction, filledBy: stamp) }
  }

  mutating func insert(
    _ pieces: [HeldSegment], into connection: TCPConnection, _ direction: Direction, at index: Int, _ stamp: PacketStamp
  ) {
    guard !pieces.isEmpty else { return }
    if connection.streams[direction].held.isEmpty { connection.streams[direction].blockedSince = stamp.number }
    let count = pieces.reduce(0) { $0 + $1.bytes.count }
    connection.streams[direction].heldBytes += count
    totalHeld += count
    var place = index
    for piece in pieces {
      // Distances can be negative while the start is not known.
      let distance = connection.streams[direction].distance(piece.sequence)
      while place < connection.streams[direction].held.count,
        connection.streams[direction].distance(connection.streams[direction].held[place].sequence) <= distance
      {
        place += 1
      }
      connection.streams[direction].held.insert(piece, at: place)
    }
  }

  /// The first held segment that reaches beyond a distance.
  func firstHeld(_ stream: TCPStream, endingAfter distance: Int) -> Int {
    var low = 0
    var high = stream.held.count
    while low < high {
      let middle = (low + high) / 2
      let segment = stream.held[middle]
      if stream.distance(segment.sequence) + segment.bytes.count > distance { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Hands on what has become contiguous.
  mutating func drain(_ connection: TCPConnection, _ direction: Direction, filledBy stamp: PacketStamp?) {
    var taken = 0
    var hasTakenFirst = false
    // Not to be kept as another value: each segment that is taken would copy all of them.
    var held: [HeldSegment] { connection.streams[direction].held }
    while taken < held.count, connection.streams[direction].distance(held[taken].sequence) <= 0 {
      let segment = held[taken]
      taken += 1
      if segment.stamp.number == connection.streams[direction].firstWaiting { hasTakenFirst = true }
      var bytes = segment.bytes
      let old = -connection.streams[direction].distance(segment.sequence)
      if old > 0 { bytes.removeFirst(min(old, bytes.count)) }
      connection.streams[direction].heldBytes -= segment.bytes.count
      totalHeld -= segment.bytes.count
      let place = recent.append(bytes.span.bytes, 0..<bytes.count)
      connection.streams[direction].remember(
        DeliveredSegment(
          sequence: connection.streams[direction].next, length: bytes.count, position: place, identification: 0,
          checksum: 0))
      let effective = connection.streams[direction].latest.later(stamp ?? segment.stamp).later(segment.stamp)
      advance(connection, direction, bytes.count, effective)
      if !bytes.isEmpty { handOnInOrder(connection, direction, .data(.held(bytes)), bytes.count, effective) }
      if segment.missing > 0 {
        let limit = taken < held.count ? connection.streams[direction].distance(held[taken].sequence) : segment.missing
        if limit > 0 {
          advance(connection, direction, min(limit, segment.missing), effective)
          handOnInOrder(connection, direction, .cut(min(limit, segment.missing)), 0, effective)
        }
      }
    }
    if taken > 0 {
      connection.streams[direction].held.removeFirst(taken)
      connection.streams[direction].holeAcknowledged = nil
      if hasTakenFirst { connection.streams[direction].firstWaiting = nil }
    }
    if !connection.streams[direction].isBlocked { releaseDeferred(connection) }
    finishIfComplete(connection, direction)
  }

  /// As ``handOn``, for what had to wait: events of the other direction that came before go first.
  mutating func handOnInOrder(
    _ connection: TCPConnection, _ direction: Direction, _ content: TransportEvent.Kind, _ byteCount: Int,
    _ stamp: PacketStamp
  ) {
    // Whatever of this direction still waits will be later than this, so the other direction's need not wait for it.
    // What waits of this direction's own packet comes before it in the stream.
    func isBefore(_ entry: TCPConnection.Deferred) -> Bool {
      entry.stamp.number < stamp.number || (entry.stamp.number == stamp.number && entry.direction == direction)
    }
    while let entry = connection.deferred.first, isBefore(entry),
      entry.direction != direction || !mustWait(connection, direction, entry.stamp)
    {
      releaseFirst(connection)
    }
    let isNext = connection.deferred.first.map { !isBefore($0) } ?? true
    if isNext, !mustWait(connection, direction, stamp) {
      give(connection, direction, stamp, content)
    } else {
      let index = connection.deferred.firstIndex { $0.stamp.number > stamp.number } ?? connection.deferred.count
      connection.deferred.insert(
        TCPConnection.Deferred(direction: direction, stamp: stamp, content: content, byteCount: byteCount), at: index)
      connection.deferredBytes += byteCount
      totalHeld += byteCount
    }
  }

  mutating func releaseFirst(_ connection: TCPConnection) {
    let entry = connection.deferred.removeFirst()
    connection.deferredBytes -= entry.byteCount
    totalHeld -= entry.byteCount
    give(connection, entry.direction, entry.stamp, entry.content, hasWaited: true)
  }
}
