/// From the network header to the transport.
extension PacketTracker {
  mutating func processInternet(
    _ bytes: RawSpan, at offset: Int, wireEnd: Int, _ stamp: PacketStamp, depth: Int
  ) {
    switch InternetPacket.parse(bytes, at: offset, wireEnd: wireEnd) {
    case .skipped: passedOver.cutHeaders += 1
    case .badLength: reportUnattached(PacketFinding(.badLength, count: bytes.byteCount), stamp)
    case .packet(let packet):
      if packet.isFragment {
        guard packet.transport == 6 || Tunnel.canBe(packet.transport) || packet.hasExtensionHeader else {
          return passedOver.count(transport: packet, bytes)
        }
        packetFragments.append(DatagramParts(packet))
        guard let (datagram, data) = fragments.add(packet, bytes, number: stamp.number) else { return }
        var whole = datagram
        if whole.hasExtensionHeader {
          guard case .packet(let inner) = whole.withoutExtensionHeaders(data.span.bytes), !inner.isFragment else {
            return
          }
          whole = inner
        }
        // The events' ranges must not refer to these bytes, which nobody else has.
        let first = assembly.events.count
        processTransport(whole, data.span.bytes, stamp, depth: depth)
        copyRanges(of: data, from: first)
      } else {
        if packet.data.count < packet.wireLength, !packet.isCut, packet.transport == 6 {
          reportUnattached(PacketFinding(.badLength, count: packet.wireLength), stamp)
        }
        processTransport(packet, bytes, stamp, depth: depth)
      }
    }
  }

  mutating func processTransport(
    _ packet: InternetPacket, _ bytes: RawSpan, _ stamp: PacketStamp, depth: Int
  ) {
    switch packet.transport {
    case 6: processSegment(packet, bytes, stamp)
    default:
      let inner = bytes.extracting(0..<packet.data.upperBound)
      guard depth < Tunnel.maximumDepth, let offset = Tunnel.networkOffset(packet, inner) else {
        return passedOver.count(transport: packet, bytes)
      }
      processInternet(
        inner, at: offset, wireEnd: packet.data.lowerBound + packet.wireLength, stamp, depth: depth + 1)
    }
  }

  mutating func copyRanges(of data: [UInt8], from first: Int) {
    for index in first..<assembly.events.count {
      if case .data(.packet(let range)) = assembly.events[index].kind {
        assembly.events[index].kind = .data(.held(Array(data[range])))
      }
    }
  }

  mutating func dealWithFragments(_ stamp: PacketStamp) {
    fragments.expire(before: stamp.number)
    for finding in fragments.takeFindings() { reportUnattached(finding, stamp) }
  }

  mutating func reportUnattached(_ finding: PacketFinding, _ stamp: PacketStamp) {
    assembly.events.append(TransportEvent(slot: -1, direction: 0, stamp: stamp, kind: .finding(finding)))
  }

  @inline(__always)
  mutating func watchTime(_ stamp: PacketStamp) {
    guard let time = stamp.time else { return }
    if let lastTime, time < lastTime, !reportedTimeBackwards { reportTimeBackwards(from: lastTime, to: time, stamp) }
    lastTime = time
  }

  private mutating func reportTimeBackwards(from lastTime: Int64, to time: Int64, _ stamp: PacketStamp) {
    reportedTimeBackwards = true
    let (difference, overflow) = lastTime.subtractingReportingOverflow(time)
    reportUnattached(PacketFinding(.timeBackwards, count: overflow ? Int.max : Int(difference)), stamp)
  }
}
