/// The next data of a connection, which are a range of the packet that was processed.
package struct DataInOrder {
  /// The slot of the connection.
  package var slot: Int
  package var direction: Direction
  package var range: Range<Int>
  /// As ``TransportEvent/isAhead``.
  package var isAhead: Bool
}

/// The short way of packets that come as they should: the next data of a direction, or an acknowledgement, on a connection where
/// nothing is missing, waits or ends. It changes what the long way would change, and tells nothing that would be an event but the
/// data.
extension PacketTracker {
  /// The same as ``process(_:linkType:originalLength:frameCheckSequenceLength:stamp:)``, for who takes the data of most packets without
  /// an event for them.
  ///
  /// - Returns: The packet's data, which are the next of their connection and behind the events that there are; nil: all that
  ///   the packet gave are events.
  package mutating func processDirectly(
    _ bytes: RawSpan, linkType: UInt16, originalLength: Int, frameCheckSequenceLength: Int, stamp: PacketStamp
  ) -> DataInOrder? {
    watchTime(stamp)
    packetConnection = 0
    packetIsIgnored = false
    packetFragment = nil
    if lingeringHead < lingering.count || !resets.isEmpty { expireLingering(stamp) }
    let wireEnd = max(0, max(originalLength, bytes.byteCount) - frameCheckSequenceLength)
    let packet = bytes.extracting(0..<min(bytes.byteCount, wireEnd))
    guard let offset = LinkLayer.networkOffset(packet, linkType: linkType) else {
      passedOver.count(packet, linkType: linkType)
      return nil
    }
    if fragments.isIdle, let segment = PlainSegment(packet, at: offset) {
      switch takeInOrder(segment, packet, stamp) {
      case .data(let data): return data
      case .nothing: return nil
      case .unusual: break
      }
    }
    processInternet(packet, at: offset, wireEnd: wireEnd, stamp, depth: 0)
    if !fragments.isIdle { dealWithFragments(stamp) }
    return nil
  }

  private enum InOrderOutcome {
    case data(DataInOrder)
    /// An acknowledgement without data.
    case nothing
    /// The packet has to go the long way; nothing was changed.
    case unusual
  }

  @inline(__always)
  private mutating func takeInOrder(_ segment: PlainSegment, _ bytes: RawSpan, _ stamp: PacketStamp) -> InOrderOutcome {
    let slot = lately.slot(segment.key)
    guard slot >= 0, let connection = connections[slot], let key = connection.plainKey else { return .unusual }
    let direction = key == segment.key ? 0 : 1
    guard direction == 0 || key == segment.key.reversed,
      let isAhead = connection.takeInOrder(segment, direction, bytes, stamp, assembly.recent)
    else { return .unusual }
    packetConnection = connection.number
    touch(connection)
    guard !segment.data.isEmpty else { return .nothing }
    return .data(DataInOrder(slot: slot, direction: direction, range: segment.data, isAhead: isAhead))
  }
}

extension TCPConnection {
  /// Takes in a segment that is as it should be.
  ///
  /// - Returns: For data whether they are ahead of bytes of the other direction; nil: the segment, or the state that the connection
  ///   is in, is something else, and nothing was changed.
  @inline(__always)
  fileprivate func takeInOrder(
    _ segment: PlainSegment, _ direction: Direction, _ bytes: RawSpan, _ stamp: PacketStamp, _ recent: RecentBytes
  ) -> Bool? {
    let other = 1 &- direction
    let acknowledgement = segment.acknowledgement
    guard state == .open, !isIgnored, reportedMidstream, deferred.isEmpty, segment.window > 0,
      streams[direction].isUndisturbed, streams[other].isUndisturbed, !streams[direction].isWindowClosed,
      streams[direction].firstAcknowledgement != nil, streams[direction].badChecksums == 0,
      Int32(bitPattern: acknowledgement &- streams[other].highest) <= 0
    else { return nil }
    let count = segment.data.count
    if count == 0 {
      // Not a probe, which is told.
      guard streams[direction].distance(segment.sequence) != -1 else { return nil }
    } else {
      guard count > 1, segment.sequence == streams[direction].next else { return nil }
    }
    // The first few show whether the checksums of this direction can be trusted.
    if count > 0 || streams[direction].goodChecksums < 4 {
      switch segment.checksum(bytes) {
      case .good: streams[direction].goodChecksums &+= 1
      case .leftToCard: break
      case .other: return nil
      }
    }
    packets &+= 1
    latest = stamp
    streams[direction].window = Int(segment.window) << Int(streams[direction].windowShift)
    if Int32(bitPattern: acknowledgement &- streams[direction].acknowledgement) > 0 {
      streams[direction].acknowledgement = acknowledgement
    }
    guard count > 0 else { return false }
    let end = segment.sequence &+ UInt32(truncatingIfNeeded: count)
    if Int32(bitPattern: end &- streams[direction].highest) > 0 {
      streams[direction].highest = end
      streams[direction].reportedUnseen = false
    }
    streams[direction].remember(
      DeliveredSegment(
        sequence: segment.sequence, length: count, position: recent.append(bytes, segment.data),
        identification: UInt32(bytes.big16(segment.header &+ 4)), checksum: bytes.big16(segment.header &+ 36)))
    streams[direction].next = end
    streams[direction].offset &+= count
    streams[direction].latest = streams[direction].latest.later(stamp)
    return streams[other].distance(streams[direction].acknowledgement) > 0
  }
}

extension TCPStream {
  /// Whether the place of its next byte is known, nothing waits, and its end has not been announced.
  @inline(__always)
  fileprivate var isUndisturbed: Bool { phase == .open && held.isEmpty && finSequence == nil }
}
