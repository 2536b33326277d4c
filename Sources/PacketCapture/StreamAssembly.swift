/// Puts the bytes of connections in order, and decides what is missing.
///
/// A segment that comes in order is handed on as it lies in the packet. Others wait. Bytes of one direction also wait while earlier
/// bytes of the other do, so that data events of a connection are in the order of the capture.
struct StreamAssembly {
  let limits: TrackerLimits
  let recent: RecentBytes
  /// Bytes that wait, of all connections.
  var totalHeld = 0
  var events: [TransportEvent] = []

  init(limits: TrackerLimits) {
    self.limits = limits
    recent = RecentBytes(capacity: limits.recentBytes)
  }

  mutating func report(
    _ connection: TCPConnection, _ direction: Direction, _ stamp: PacketStamp, _ finding: PacketFinding
  ) {
    events.append(
      TransportEvent(slot: connection.slot, direction: direction, stamp: stamp, kind: .finding(finding)))
  }

  /// Gives an event of a connection.
  ///
  /// - Parameter hasWaited: Whether it waited for bytes of the other direction.
  mutating func give(
    _ connection: TCPConnection, _ direction: Direction, _ stamp: PacketStamp, _ kind: TransportEvent.Kind,
    hasWaited: Bool = false
  ) {
    var event = TransportEvent(slot: connection.slot, direction: direction, stamp: stamp, kind: kind)
    if case .data = kind {
      if hasWaited || connection.deferred.contains(where: { $0.direction != direction }) {
        event.isAhead = true
      } else {
        switch connection.streams[1 - direction].phase {
        case .unseen, .gathering: event.isAhead = true
        case .open:
          let acknowledged = connection.streams[direction].acknowledgement
          let allowed = connection.streams[1 - direction].isFinished ? 1 : 0
          event.isAhead =
            connection.streams[direction].firstAcknowledgement != nil
            && connection.streams[1 - direction].distance(acknowledged) > allowed
        }
      }
    }
    events.append(event)
  }

  // MARK: Data

  /// Takes in a segment's data.
  mutating func receive(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ bytes: RawSpan, _ stamp: PacketStamp
  ) {
    var sequence = segment.has(TCPSegment.syn) ? segment.sequence &+ 1 : segment.sequence
    var data = segment.data
    var length = segment.wireLength
    if let fin = connection.streams[direction].finSequence {
      let excess = Int(Int32(bitPattern: sequence &+ UInt32(truncatingIfNeeded: length) &- fin))
      if excess > 0, length > 0 {
        report(connection, direction, stamp, PacketFinding(.dataAfterFin, count: min(excess, length)))
        length -= min(excess, length)
        data = data.lowerBound..<min(data.upperBound, data.lowerBound + length)
      }
    }
    let isFin = segment.has(TCPSegment.fin)
    guard length > 0 || isFin else { return }
    if length == 1, !isFin, isKeepAlive(connection, direction, sequence) {
      return report(connection, direction, stamp, keepAlive(connection, direction, sequence, count: 1))
    }
    prepare(connection, direction, sequence, hasData: length > 0, stamp)
    let distance = connection.streams[direction].distance(sequence)
    if connection.streams[direction].phase == .open {
      if abs(distance) > limits.maximumJump {
        return report(connection, direction, stamp, PacketFinding(.outOfWindow, count: length))
      }
    }
    let end = sequence &+ UInt32(truncatingIfNeeded: length)
    if Int32(bitPattern: end &- connection.streams[direction].highest) > 0
      || connection.streams[direction].phase != .open
    {
      connection.streams[direction].highest = end
      connection.streams[direction].reportedUnseen = false
    }
    if length > 0 {
      if connection.streams[direction].phase == .open {
        if distance < 0 {
          let repeated = min(-distance, length)
          repeatOfDelivered(connection, direction, segment, bytes, data, sequence, repeated, length, stamp)
          sequence = sequence &+ UInt32(repeated)
          length -= repeated
          data = min(data.upperBound, data.lowerBound + repeated)..<data.upperBound
        }
        if length > 0, distance >= 0, !isFin, connection.streams[direction].finSequence != nil {
          // The FIN came first.
          report(connection, direction, stamp, position(connection, direction, .outOfOrder, count: length))
        }
        if length > 0, distance <= 0, !connection.streams[direction].isBlocked {
          deliver(connection, direction, segment, bytes, data, missing: segment.isCut ? length - data.count : 0, stamp)
          length = 0
        }
      }
      if length > 0 {
        hold(connection, direction, sequence, bytes, data, missing: segment.isCut ? length - data.count : 0, stamp)
      }
    }
    if isFin { receiveFin(connection, direction, end, stamp) }
    decideHoles(connection, stamp)
  }

  /// Whether a segment of no byte or one, which may be garbage (RFC 9293 §3.8.4), only asks whether the other end is still there: it
  /// names the place before the last byte sent.
  func isKeepAlive(_ connection: TCPConnection, _ direction: Direction, _ sequence: UInt32) -> Bool {
    let stream = connection.streams[direction]
    switch stream.phase {
    case .open: return stream.distance(sequence) == -1 || (stream.isBlocked && sequence &+ 1 == stream.highest)
    case .gathering: return sequence &+ 1 == stream.highest
    case .unseen:
      let other = connection.streams[1 - direction]
      return other.firstAcknowledgement != nil && other.acknowledgement == sequence &+ 1
    }
  }

  func keepAlive(
    _ connection: TCPConnection, _ direction: Direction, _ sequence: UInt32, count: Int
  ) -> PacketFinding {
    guard connection.streams[direction].phase == .open else { return PacketFinding(.keepAlive, count: count) }
    let distance = connection.streams[direction].distance(sequence)
    return position(connection, direction, .keepAlive, count: count, distance: distance)
  }

  /// Decides where the direction's bytes begin, if that is not known and can be.
  mutating func prepare(
    _ connection: TCPConnection, _ direction: Direction, _ sequence: UInt32, hasData: Bool, _ stamp: PacketStamp
  ) {
    guard connection.streams[direction].phase == .unseen else { return }
    let other = connection.streams[1 - direction]
    if !hasData || connection.streams[direction].announced == sequence
      || (other.firstAcknowledgement != nil && other.acknowledgement == sequence)
    {
      begin(connection, direction, at: sequence)
    } else if other.hasSyn, let first = other.firstAcknowledgement,
      (1...(1 << 20)).contains(Int(Int32(bitPattern: sequence &- first)))
    {
      // The SYN of this direction is missing, but the other end's first acknowledgement names its first byte.
      begin(connection, direction, at: first)
    } else {
      connection.streams[direction].phase = .gathering
      connection.streams[direction].next = sequence
      connection.streams[direction].gatheringSince = (connection.packets, stamp.time)
    }
  }

  /// The place of the first byte is known.
  mutating func begin(_ connection: TCPConnection, _ direction: Direction, at sequence: UInt32) {
    connection.streams[direction].phase = .open
    connection.streams[direction].next = sequence
    if connection.streams[direction].held.isEmpty { connection.streams[direction].highest = sequence }
  }

  func position(
    _ connection: TCPConnection, _ direction: Direction, _ code: PacketFindingCode, count: Int, distance: Int = 0
  ) -> PacketFinding {
    PacketFinding(code, at: max(0, connection.streams[direction].offset + distance), count: count)
  }

  /// Hands on bytes that come in order.
  mutating func deliver(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ bytes: RawSpan, _ data: Range<Int>,
    missing: Int, _ stamp: PacketStamp
  ) {
    let place = recent.append(bytes, data)
    connection.streams[direction].remember(
      DeliveredSegment(
        sequence: connection.streams[direction].next, length: data.count, position: place,
        identification: segment.identification, checksum: segment.checksum))
    advance(connection, direction, data.count, stamp)
    let other = 1 - direction
    if connection.deferred.isEmpty, !connection.streams[other].isBlocked {
      if !data.isEmpty {
        give(connection, direction, stamp, .data(.packet(data)))
      }
    } else if !data.isEmpty {
      handOn(connection, direction, .data(.held(bytes.copied(data))), data.count, stamp)
    }
    if missing > 0 { skip(connection, direction, missing, isCut: true, stamp) }
    finishIfComplete(connection, direction)
  }

  func advance(_ connection: TCPConnection, _ direction: Direction, _ count: Int, _ stamp: PacketStamp) {
    connection.streams[direction].next &+= UInt32(truncatingIfNeeded: count)
    connection.streams[direction].offset += count
    connection.streams[direction].latest = connection.streams[direction].latest.later(stamp)
  }

  /// Goes past bytes that are not in the capture.
  mutating func skip(
    _ connection: TCPConnection, _ direction: Direction, _ count: Int, isCut: Bool = false, _ stamp: PacketStamp
  ) {
    advance(connection, direction, count, stamp)
    handOn(
      connection, direction, isCut ? .cut(count) : .missing(count), 0, connection.streams[direction].latest)
  }

  /// Gives an event now, or when earlier ones of the other direction have been given.
  mutating func handOn(
    _ connection: TCPConnection, _ direction: Direction, _ content: TransportEvent.Kind, _ byteCount: Int,
    _ stamp: PacketStamp
  ) {
    if connection.deferred.isEmpty, !mustWait(connection, direction, stamp) {
      give(connection, direction, stamp, content)
      return
    }
    connection.deferred.append(
      TCPConnection.Deferred(direction: direction, stamp: stamp, content: content, byteCount: byteCount))
    connection.deferredBytes += byteCount
    totalHeld += byteCount
    releaseDeferred(connection)
  }

  func mustWait(_ connection: TCPConnection, _ direction: Direction, _ stamp: PacketStamp) -> Bool {
    connection.streams[1 - direction].isBlocked && connection.streams[1 - direction].blockedSince < stamp.number
  }

  /// Gives the deferred events whose turn has come.
  mutating func releaseDeferred(_ connection: TCPConnection, before number: Int = Int.max, force: Bool = false) {
    var released = 0
    for entry in connection.deferred {
      if entry.stamp.number >= number { break }
      if !force, mustWait(connection, entry.direction, entry.stamp) { break }
      give(connection, entry.direction, entry.stamp, entry.content, hasWaited: true)
      connection.deferredBytes -= entry.byteCount
      totalHeld -= entry.byteCount
      released += 1
    }
    if released > 0 { connection.deferred.removeFirst(released) }
  }

  // MARK: Ends

  mutating func receiveFin(
    _ connection: TCPConnection, _ direction: Direction, _ end: UInt32, _ stamp: PacketStamp
  ) {
    if connection.streams[direction].finSequence == nil {
      connection.streams[direction].finSequence = end
      connection.streams[direction].finStamp = stamp
      connection.streams[direction].finAcknowledgement = connection.streams[direction].acknowledgement
    }
    finishIfComplete(connection, direction)
  }

  mutating func finishIfComplete(_ connection: TCPConnection, _ direction: Direction) {
    guard let fin = connection.streams[direction].finSequence, !connection.streams[direction].isFinished,
      connection.streams[direction].phase == .open, connection.streams[direction].distance(fin) <= 0
    else { return }
    connection.streams[direction].isFinished = true
    let stream = connection.streams[direction]
    let hasAll = connection.streams[1 - direction].distance(stream.finAcknowledgement) >= 0
    handOn(connection, direction, .finished(stream.finStamp, hasAll: hasAll), 0, stream.latest)
  }

  /// Gives everything that waits, with the holes there are.
  mutating func flush(_ connection: TCPConnection, _ stamp: PacketStamp) {
    while connection.streams[0].isBlocked || connection.streams[1].isBlocked {
      let direction: Direction
      if connection.streams[0].isBlocked, connection.streams[1].isBlocked {
        direction = connection.streams[0].blockedSince <= connection.streams[1].blockedSince ? 0 : 1
      } else {
        direction = connection.streams[0].isBlocked ? 0 : 1
      }
      if connection.streams[direction].phase == .open {
        giveUpHole(connection, direction, stamp)
      } else {
        endGathering(connection, direction)
      }
    }
    releaseDeferred(connection, force: true)
    for direction in 0..<2 where connection.streams[direction].phase == .open {
      loseTail(connection, direction, stamp)
      finishIfComplete(connection, direction)
    }
  }

  /// Bytes at the end that a FIN or an acknowledgement proves, and that have not been captured.
  mutating func loseTail(_ connection: TCPConnection, _ direction: Direction, _ stamp: PacketStamp) {
    guard !connection.streams[direction].isFinished else { return }
    let other = connection.streams[1 - direction]
    var missing = 0
    if let fin = connection.streams[direction].finSequence {
      missing = connection.streams[direction].distance(fin)
    } else if other.firstAcknowledgement != nil {
      missing = connection.streams[direction].distance(other.acknowledgement)
    }
    guard missing > 0, missing <= limits.maximumJump else { return }
    report(connection, direction, stamp, position(connection, direction, .gap, count: missing))
    skip(connection, direction, missing, stamp)
  }
}
