/// Follows the TCP connections in a capture: packets in, ordered bytes and findings out.
///
/// Memory depends on the connections that are open and on what waits in them, within ``TrackerLimits``.
package struct PacketTracker {
  let limits: TrackerLimits
  /// Only connections with one of these ports are followed; empty for all.
  let ports: [UInt16]
  var table = FlowTable()
  var lately = LatelyUsedFlows()
  let connections = SlotTable<TCPConnection>()
  var freeSlots: [Int] = []
  var openCount = 0
  /// The number of the newest connection: how many there were so far.
  package internal(set) var lastNumber = 0
  /// The number of the connection that the last packet was of; 0: of none that is followed.
  package internal(set) var packetConnection = 0
  /// Whether nobody wants the bytes of that connection.
  package internal(set) var packetIsIgnored = false
  /// The datagrams that the last packet was a fragment of, from the outermost of its tunnels on; empty: it was whole.
  package internal(set) var packetFragments: [DatagramParts] = []
  private var silent = SilentConnections()
  var lingering: [(slot: Int, number: Int)] = []
  var lingeringHead = 0
  /// Connections that were reset, of which more may come.
  var resets: [(slot: Int, number: Int)] = []
  /// Directions at rest, with the numbers of their connections, and where the bytes are that they delivered last.
  var fading: [(place: Int, number: Int, position: Int)] = []
  var fadingHead = 0
  var fragments = FragmentReassembly()
  var assembly: StreamAssembly
  var lastTime: Int64?
  var reportedTimeBackwards = false
  /// What was not followed.
  package internal(set) var passedOver = PassedOverPackets()

  /// Makes a tracker without connections.
  package init(limits: TrackerLimits = TrackerLimits(), ports: [UInt16] = []) {
    self.limits = limits
    self.ports = ports
    assembly = StreamAssembly(limits: limits)
  }

  /// What the packets so far gave, in order. The caller empties it with ``removeEvents()`` when it has dealt with them.
  package var events: [TransportEvent] { assembly.events }

  /// Reads bytes of the capture again, into all of the memory that it is lent, and says whether they are still there; nil: nothing
  /// can. For packets that are processed with their place in it.
  package var rereading: ((_ origin: Int, _ memory: UnsafeMutableRawBufferPointer) -> Bool)? {
    get { assembly.recent.reread }
    nonmutating set { assembly.recent.reread = newValue }
  }

  /// Whether there are events.
  package var hasEvents: Bool { !assembly.events.isEmpty }

  /// The number of events.
  package var eventCount: Int { assembly.events.count }

  /// An event by its place.
  package func event(_ index: Int) -> TransportEvent { assembly.events[index] }

  /// Forgets the events.
  package mutating func removeEvents() { assembly.events.removeAll(keepingCapacity: true) }

  /// Says that nobody wants the bytes of a connection any more.
  ///
  /// - Parameters:
  ///   - slot: Its slot, which may belong to its successor by now.
  ///   - number: Its number.
  package mutating func ignore(_ slot: Int, number: Int) {
    guard let connection = connections[slot], connection.number == number else { return }
    connection.isIgnored = true
    for direction in 0..<2 {
      assembly.totalHeld -= connection.streams[direction].heldBytes
      connection.streams[direction].held = []
      connection.streams[direction].heldBytes = 0
      connection.streams[direction].history = []
    }
    assembly.totalHeld -= connection.deferredBytes
    connection.deferred = []
    connection.deferredBytes = 0
  }

  /// Takes in a packet. Ranges in the events that it gives are ranges of `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: What was captured of the packet.
  ///   - linkType: Its LINKTYPE.
  ///   - originalLength: Its length on the wire.
  ///   - frameCheckSequenceLength: How many bytes at its end are a frame check sequence.
  ///   - stamp: Its number and time; numbers grow from packet to packet.
  ///   - origin: Where the packet's bytes can be read again (``rereading``); -1: nowhere.
  package mutating func process(
    _ bytes: RawSpan, linkType: UInt16, originalLength: Int, frameCheckSequenceLength: Int, stamp: PacketStamp,
    origin: Int = -1
  ) {
    let outcome = processDirectly(
      bytes, linkType: linkType, originalLength: originalLength, frameCheckSequenceLength: frameCheckSequenceLength,
      stamp: stamp, origin: origin)
    guard let data = outcome.data else { return }
    assembly.events.append(
      TransportEvent(
        slot: data.slot, direction: data.direction, stamp: stamp, kind: .data(.packet(data.range)),
        isAhead: data.isAhead))
  }

  // MARK: TCP

  mutating func processSegment(_ packet: InternetPacket, _ bytes: RawSpan, _ stamp: PacketStamp) {
    guard let segment = TCPSegment.parse(bytes, packet: packet) else {
      if packet.data.count == packet.wireLength {
        reportUnattached(PacketFinding(.badLength, count: packet.data.count), stamp)
      } else {
        passedOver.cutHeaders += 1
      }
      return
    }
    if !ports.isEmpty, !ports.contains(segment.source.port), !ports.contains(segment.destination.port) {
      passedOver.otherPorts += 1
      return
    }
    let key = FlowKey(source: segment.source, destination: segment.destination)
    let known = table.find(key, in: connections)
    let direction = known.map { $0 & 1 } ?? 0
    var connection = known.flatMap { connections[$0 >> 1] }
    var isReuse = false
    if let current = connection, startsAnew(current, direction, segment) {
      release(current)
      connection = nil
      isReuse = true
    }
    if let connection {
      packetConnection = connection.number
      packetIsIgnored = connection.isIgnored
      lately.note(key, connection.slot)
      follow(connection, direction, segment, packet, bytes, stamp)
    } else {
      // A reset for a connection that nobody has seen says nothing.
      if segment.has(TCPSegment.rst) { return }
      let opened = open(key, segment, stamp)
      packetConnection = opened.number
      if isReuse { assembly.report(opened, 0, stamp, PacketFinding(.portReuse)) }
      follow(opened, 0, segment, packet, bytes, stamp)
    }
  }

  /// Whether a segment belongs to a new connection between the same ends.
  func startsAnew(_ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment) -> Bool {
    guard segment.has(TCPSegment.syn) || connection.state == .closed, !segment.has(TCPSegment.rst) else { return false }
    let stream = connection.streams[direction]
    if segment.has(TCPSegment.syn) {
      if stream.hasSyn { return stream.initialSequence != segment.sequence }
      // A SYN that was captured after the first data of its connection names a place shortly before them.
      let start = segment.sequence &+ 1
      switch stream.phase {
      case .unseen: return connection.state != .open
      case .gathering: return abs(stream.distance(start)) > 1 << 20
      case .open:
        let first = stream.next &- UInt32(truncatingIfNeeded: stream.offset)
        return abs(Int(Int32(bitPattern: start &- first))) > 1 << 20
      }
    }
    // Data far from where a closed connection ended: its successor, whose handshake is missing.
    return segment.wireLength > 0 && abs(stream.distance(segment.sequence)) > 1 << 20
  }

  mutating func open(_ key: FlowKey, _ segment: TCPSegment, _ stamp: PacketStamp) -> TCPConnection {
    if openCount >= limits.connections, let victim = silent.longest(of: connections) {
      assembly.report(victim, 0, victim.latest, PacketFinding(.flowLimit, count: limits.connections))
      release(victim)
    }
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
    } else {
      slot = connections.count
    }
    lastNumber += 1
    let connection = TCPConnection(slot: slot, number: lastNumber, key: key)
    connections[slot] = connection
    openCount += 1
    table.set(key.reversed, slot << 1 | 1, in: connections)
    table.set(key, slot << 1, in: connections)
    if segment.has(TCPSegment.syn) { connection.initiator = segment.has(TCPSegment.ack) ? 1 : 0 }
    assembly.events.append(
      TransportEvent(
        slot: slot, direction: 0, stamp: stamp,
        kind: .opened(
          TransportOpening(
            number: lastNumber, first: key.source, second: key.destination, initiator: connection.initiator))))
    return connection
  }

  mutating func follow(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ packet: InternetPacket,
    _ bytes: RawSpan, _ stamp: PacketStamp
  ) {
    connection.packets += 1
    connection.latest = stamp
    if connection.isIgnored { return followIgnored(connection, direction, segment, stamp) }
    if !checksumIsAcceptable(connection, direction, segment, packet, bytes) {
      return assembly.report(
        connection, direction, stamp,
        PacketFinding(.badChecksum, at: connection.streams[direction].offset, count: segment.wireLength))
    }
    if segment.has(TCPSegment.syn), !segment.has(TCPSegment.rst) {
      takeSyn(connection, direction, segment, stamp)
    } else if !connection.reportedMidstream {
      reportMidstream(connection, direction, segment, stamp)
    }
    takeWindow(connection, direction, segment, stamp)
    if segment.has(TCPSegment.ack) { takeAcknowledgement(connection, direction, segment, stamp) }
    if segment.has(TCPSegment.rst) {
      // What a reset carries explains it to people, and is no data of the stream (RFC 9293 §3.5.3).
      assembly.decideHoles(connection, stamp)
      takeReset(connection, direction, segment, stamp)
    } else if segment.wireLength > 0 || segment.has(TCPSegment.fin) {
      assembly.receive(connection, direction, segment, bytes, stamp)
    } else {
      takeEmpty(connection, direction, segment, stamp)
    }
    concludeIfFinished(connection, stamp)
  }

  mutating func followIgnored(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ stamp: PacketStamp
  ) {
    if segment.has(TCPSegment.syn), !segment.has(TCPSegment.rst), !connection.streams[direction].hasSyn {
      connection.streams[direction].hasSyn = true
      connection.streams[direction].initialSequence = segment.sequence
    }
    guard connection.state == .open else { return }
    if segment.has(TCPSegment.fin) { connection.streams[direction].isFinished = true }
    if segment.has(TCPSegment.rst) || (connection.streams[0].isFinished && connection.streams[1].isFinished) {
      connection.state = .closed
      linger(connection, stamp)
    }
  }

  /// Verifies the checksum of data, and of the first packets, which show whether the sums of this direction can be trusted.
  func checksumIsAcceptable(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ packet: InternetPacket,
    _ bytes: RawSpan
  ) -> Bool {
    let known = connection.streams[direction].goodChecksums + connection.streams[direction].badChecksums
    guard segment.wireLength > 0 || known < 4, packet.data.count == packet.wireLength else { return true }
    // Where sums are left to the network card, there is no need to go on computing them.
    if connection.streams[direction].badChecksums >= 16, !connection.streams[direction].trustsChecksums { return true }
    if TCPSegment.hasGoodChecksum(bytes, packet: packet) {
      connection.streams[direction].goodChecksums += 1
      return true
    }
    // The sum of the pseudo-header alone: the card was to add the rest, or merged several segments.
    let partial = InternetChecksum.fold(InternetChecksum.pseudoHeader(packet, length: packet.wireLength))
    if UInt16(bigEndian: segment.checksum) == partial || segment.checksum == 0 || segment.wireLength > 9000 {
      return true
    }
    let isTrusted = connection.streams[direction].trustsChecksums
    if !isTrusted || connection.streams[direction].badChecksums < connection.streams[direction].goodChecksums / 2 {
      connection.streams[direction].badChecksums += 1
    }
    return !isTrusted
  }

  mutating func takeSyn(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ stamp: PacketStamp
  ) {
    if connection.streams[direction].hasSyn {
      return assembly.report(connection, direction, stamp, PacketFinding(.duplicateSyn))
    }
    connection.streams[direction].hasSyn = true
    connection.streams[direction].initialSequence = segment.sequence
    connection.streams[direction].windowShift = segment.windowShift
    let initiator = segment.has(TCPSegment.ack) ? 1 - direction : direction
    if connection.initiator != initiator {
      connection.initiator = initiator
      assembly.events.append(
        TransportEvent(slot: connection.slot, direction: direction, stamp: stamp, kind: .initiator(initiator)))
    }
    let start = segment.sequence &+ 1
    switch connection.streams[direction].phase {
    case .unseen: assembly.begin(connection, direction, at: start)
    case .gathering:
      assembly.begin(connection, direction, at: start)
      assembly.resume(connection, direction)
    case .open: break
    }
  }

  /// The connection began before the capture, unless a SYN is only late.
  mutating func reportMidstream(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ stamp: PacketStamp
  ) {
    if connection.streams[0].hasSyn || connection.streams[1].hasSyn {
      connection.reportedMidstream = true
    } else if connection.packets > 4 {
      connection.reportedMidstream = true
      assembly.report(connection, direction, stamp, PacketFinding(.midstream))
    }
  }

  mutating func takeWindow(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ stamp: PacketStamp
  ) {
    guard !segment.has(TCPSegment.rst) else { return }
    let shift = segment.has(TCPSegment.syn) ? 0 : connection.streams[direction].windowShift
    connection.streams[direction].window = Int(segment.window) << Int(shift)
    let isClosed = segment.window == 0 && !segment.has(TCPSegment.syn)
    if isClosed, !connection.streams[direction].isWindowClosed {
      assembly.report(connection, direction, stamp, PacketFinding(.zeroWindow))
    }
    connection.streams[direction].isWindowClosed = isClosed
  }

  /// A packet without data: a keep-alive probe, or a hint where the next data begin.
  mutating func takeEmpty(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ stamp: PacketStamp
  ) {
    guard !segment.has(TCPSegment.syn) else {
      assembly.decideHoles(connection, stamp)
      return
    }
    if connection.streams[direction].phase == .unseen {
      connection.streams[direction].announced = segment.sequence
    } else if !connection.streams[direction].isFinished,
      assembly.isKeepAlive(connection, direction, segment.sequence)
    {
      assembly.report(
        connection, direction, stamp, assembly.keepAlive(connection, direction, segment.sequence, count: 0))
    }
  }

  mutating func takeAcknowledgement(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ stamp: PacketStamp
  ) {
    let value = segment.acknowledgement
    if connection.streams[direction].firstAcknowledgement == nil {
      connection.streams[direction].firstAcknowledgement = value
      connection.streams[direction].acknowledgement = value
    } else if Int32(bitPattern: value &- connection.streams[direction].acknowledgement) > 0 {
      connection.streams[direction].acknowledgement = value
    }
    let other = 1 - direction
    if connection.streams[other].phase == .open, !connection.streams[other].reportedUnseen {
      let unseen = Int(Int32(bitPattern: value &- connection.streams[other].highest))
      let allowed = connection.streams[other].finSequence == nil ? 0 : 1
      if unseen > allowed, unseen <= limits.maximumJump {
        connection.streams[other].reportedUnseen = true
        assembly.report(connection, direction, stamp, PacketFinding(.ackBeforeData, count: unseen))
      }
    }
    if connection.streams[0].isBlocked || connection.streams[1].isBlocked { assembly.decideHoles(connection, stamp) }
  }

  /// Whether a receiver would take a reset for genuine (RFC 9293 §3.10.7.4), as far as the place of the stream is known.
  func isInWindow(_ connection: TCPConnection, _ direction: Direction, reset sequence: UInt32) -> Bool {
    let stream = connection.streams[direction]
    let other = connection.streams[1 - direction]
    let window = max(other.window, 65_535)
    switch stream.phase {
    case .open: return (0...window).contains(stream.distance(sequence))
    case .gathering:
      return stream.distance(sequence) >= -window
        && Int(Int32(bitPattern: sequence &- stream.highest)) <= window
    case .unseen:
      guard let place = stream.announced ?? (other.firstAcknowledgement == nil ? nil : other.acknowledgement) else {
        return true
      }
      return abs(Int(Int32(bitPattern: sequence &- place))) <= window
    }
  }

  mutating func takeReset(
    _ connection: TCPConnection, _ direction: Direction, _ segment: TCPSegment, _ stamp: PacketStamp
  ) {
    if connection.state != .closed, !isInWindow(connection, direction, reset: segment.sequence) {
      return assembly.report(connection, direction, stamp, PacketFinding(.resetOutOfWindow))
    }
    if !connection.reportedReset {
      connection.reportedReset = true
      assembly.report(connection, direction, stamp, PacketFinding(.reset, count: segment.wireLength))
    }
    guard connection.state == .open else { return }
    connection.state = .reset
    assembly.events.append(
      TransportEvent(slot: connection.slot, direction: direction, stamp: stamp, kind: .reset))
    linger(connection, stamp)
  }
}
