/// The next data of a connection, which are a range of the packet that was processed.
///
/// Small enough to be returned in registers: what goes through memory in pieces and is read as a whole makes the processor wait.
package struct DataInOrder {
  private let slotNumber: UInt32
  private let lowerBound: UInt32
  private let upperBound: UInt32
  private let isSecond: Bool
  /// As ``TransportEvent/isAhead``.
  package let isAhead: Bool

  @inline(__always)
  init(slot: Int, direction: Direction, range: Range<Int>, isAhead: Bool) {
    slotNumber = UInt32(truncatingIfNeeded: slot)
    lowerBound = UInt32(truncatingIfNeeded: range.lowerBound)
    upperBound = UInt32(truncatingIfNeeded: range.upperBound)
    isSecond = direction != 0
    self.isAhead = isAhead
  }

  /// The slot of the connection.
  package var slot: Int { Int(slotNumber) }
  package var direction: Direction { isSecond ? 1 : 0 }
  package var range: Range<Int> { Range(uncheckedBounds: (Int(lowerBound), Int(upperBound))) }
}

/// What became of a packet.
package struct PacketOutcome {
  /// Its data, which are the next of their connection and behind the events that there are; nil: all that the packet gave are events.
  package var data: DataInOrder?
  /// Whether there are events.
  package var hasEvents: Bool
}

/// The short way of packets that come as they should: the next data of a direction, or an acknowledgement, on a connection where
/// nothing is missing, waits or ends. It changes what the long way would change, and tells nothing that would be an event but the
/// data.
extension PacketTracker {
  /// The same as ``process(_:linkType:originalLength:frameCheckSequenceLength:stamp:)``, for who takes the data of most packets without
  /// an event for them.
  ///
  /// - Parameter origin: Where the packet's bytes can be read again (``rereading``); -1: nowhere.
  package mutating func processDirectly(
    _ bytes: RawSpan, linkType: UInt16, originalLength: Int, frameCheckSequenceLength: Int, stamp: PacketStamp,
    origin: Int = -1
  ) -> PacketOutcome {
    watchTime(stamp)
    packetConnection = 0
    packetIsIgnored = false
    if !packetFragments.isEmpty { packetFragments = [] }
    if lingeringHead < lingering.count || !resets.isEmpty { expireLingering(stamp) }
    let wireEnd = max(0, max(originalLength, bytes.byteCount) - frameCheckSequenceLength)
    let packet = wireEnd < bytes.byteCount ? bytes.extracting(0..<wireEnd) : bytes
    guard let offset = PlainSegment.offset(packet, linkType) ?? LinkLayer.networkOffset(packet, linkType: linkType)
    else {
      passedOver.count(packet, linkType: linkType)
      return PacketOutcome(hasEvents: hasEvents)
    }
    if fragments.isIdle, let segment = PlainSegment(packet, at: offset) {
      switch takeInOrder(segment, packet, stamp, origin) {
      case .data(let data): return PacketOutcome(data: data, hasEvents: hasEvents)
      case .nothing: return PacketOutcome(hasEvents: hasEvents)
      case .unusual: break
      }
    }
    processInternet(packet, at: offset, wireEnd: wireEnd, stamp, depth: 0)
    if !fragments.isIdle { dealWithFragments(stamp) }
    return PacketOutcome(hasEvents: hasEvents)
  }

  private enum InOrderOutcome {
    case data(DataInOrder)
    /// An acknowledgement without data.
    case nothing
    /// The packet has to go the long way; nothing was changed.
    case unusual
  }

  @inline(__always)
  private mutating func takeInOrder(
    _ segment: PlainSegment, _ bytes: RawSpan, _ stamp: PacketStamp, _ origin: Int
  ) -> InOrderOutcome {
    let slot = lately.slot(segment.key)
    let recent = assembly.recent
    guard slot >= 0,
      let taken = connections.lend(slot, { $0.takeInOrder(segment, bytes, stamp, origin, recent) }) ?? nil
    else { return .unusual }
    packetConnection = taken.number
    guard !segment.data.isEmpty else { return .nothing }
    return .data(
      DataInOrder(slot: slot, direction: taken.direction, range: segment.data, isAhead: taken.isAhead))
  }
}

extension TCPConnection {
  /// Takes in a segment that is as it should be.
  ///
  /// - Returns: The connection's number, the segment's direction, and for data whether they are ahead of bytes of the other
  ///   direction; nil: the segment, or the state that the connection is in, is something else, and nothing was changed.
  @inline(__always)
  fileprivate func takeInOrder(
    _ segment: PlainSegment, _ bytes: RawSpan, _ stamp: PacketStamp, _ origin: Int, _ recent: RecentBytes
  ) -> (number: Int, direction: Direction, isAhead: Bool)? {
    guard let key = plainKey, state == .open, !isIgnored, reportedMidstream, deferred.isEmpty else { return nil }
    let direction = key == segment.key ? 0 : 1
    guard direction == 0 || key == segment.key.reversed else { return nil }
    // Where both directions are is looked up once.
    return withUnsafeMutablePointer(to: &streams) { both in
      both.withMemoryRebound(to: TCPStream.self, capacity: 2) { streams in
        let own = streams + (direction & 1)
        let other = UnsafePointer(streams + (1 - direction & 1))
        guard let isAhead = own.pointee.takeInOrder(segment, other, bytes, stamp, origin, recent) else { return nil }
        packets &+= 1
        latest = stamp
        return (number, direction, isAhead)
      }
    }
  }
}

extension TCPStream {
  /// Whether the place of its next byte is known, nothing waits, and its end has not been announced.
  @inline(__always)
  fileprivate var isUndisturbed: Bool { phase == .open && held.isEmpty && finSequence == nil }

  /// - Parameter other: The other direction, which as a value would be copied.
  @inline(__always)
  fileprivate mutating func takeInOrder(
    _ segment: PlainSegment, _ other: UnsafePointer<TCPStream>, _ bytes: RawSpan, _ stamp: PacketStamp, _ origin: Int,
    _ recent: RecentBytes
  ) -> Bool? {
    guard segment.window > 0, isUndisturbed, other.pointee.isUndisturbed, !isWindowClosed, firstAcknowledgement != nil,
      badChecksums == 0, Int32(bitPattern: segment.acknowledgement &- other.pointee.highest) <= 0
    else { return nil }
    let count = segment.data.count
    if count == 0 {
      // Not a probe, which is told.
      guard distance(segment.sequence) != -1 else { return nil }
    } else {
      guard count > 1, segment.sequence == next else { return nil }
    }
    // The first few show whether the checksums of this direction can be trusted.
    if count > 0 || goodChecksums < 4 {
      switch segment.checksum(bytes) {
      case .good: goodChecksums &+= 1
      case .leftToCard: break
      case .other: return nil
      }
    }
    window = Int(segment.window) &<< Int(windowShift)
    if Int32(bitPattern: segment.acknowledgement &- acknowledgement) > 0 { acknowledgement = segment.acknowledgement }
    guard count > 0 else { return false }
    let end = segment.sequence &+ UInt32(truncatingIfNeeded: count)
    if Int32(bitPattern: end &- highest) > 0 {
      highest = end
      reportedUnseen = false
    }
    remember(
      DeliveredSegment(
        sequence: segment.sequence, length: count,
        position: origin < 0 ? recent.append(bytes, segment.data) : recent.note(count),
        origin: origin < 0 ? -1 : origin &+ segment.data.lowerBound,
        identification: UInt32(bytes.big16(segment.header &+ 4)), checksum: bytes.big16(segment.header &+ 36)))
    next = end
    offset &+= count
    latest = latest.later(stamp)
    return other.pointee.distance(acknowledgement) > 0
  }
}
