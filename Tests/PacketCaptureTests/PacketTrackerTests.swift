import Testing

@testable import PacketCapture

/// Connections, their limits and their filters.
@Suite struct PacketTrackerTests {
  private func wrapped(_ segment: [UInt8]) -> [UInt8] { PacketBytes.ethernet(PacketBytes.ipv4(segment)) }

  @Test("Only connections with the named ports are followed")
  func namedPorts() {
    for (ports, count) in [([], 1), ([8080], 1), ([40_001], 1), ([80], 0)] as [([UInt16], Int)] {
      var follower = PacketFollower(ports: ports)
      follower.feed(wrapped(PacketBytes.tcp([], sequence: 0, flags: 0x02)))
      #expect(follower.openings.count == count)
    }
  }

  @Test("More connections than the limit give up the oldest, with a finding")
  func connectionLimit() {
    var limits = TrackerLimits()
    limits.connections = 4
    var follower = PacketFollower(limits: limits)
    for port in 0..<10 {
      var segment = PacketBytes.tcp([], sequence: 0, flags: 0x02)
      segment.replaceSubrange(0..<2, with: PacketBytes.two(50_000 + port))
      follower.feed(wrapped(segment))
    }
    #expect(follower.openings.map(\.number) == Array(1...10))
    #expect(follower.findings.filter { $0 == .flowLimit }.count == 6)
  }

  @Test("The connection that was silent longest is given up, and no other")
  func silentLongest() {
    var limits = TrackerLimits()
    limits.connections = 4
    var follower = PacketFollower(limits: limits)
    func send(_ port: Int) {
      var segment = PacketBytes.tcp([], sequence: 0, flags: 0x02)
      segment.replaceSubrange(0..<2, with: PacketBytes.two(50_000 + port))
      follower.feed(wrapped(segment))
    }
    // The first column opens or goes on, the second is how many connections there have been then: a number that does not grow shows
    // that the connection was still there.
    let steps = [
      (1, 1), (2, 2), (3, 3), (4, 4), (1, 4), (5, 5), (3, 5), (6, 6), (1, 6), (7, 7), (5, 8), (1, 8), (4, 9), (6, 10),
    ]
    for (port, opened) in steps {
      send(port)
      #expect(follower.openings.count == opened, "\(port)")
    }
  }

  @Test("Late copies are compared with bytes that are read again, and with none that are gone")
  func bytesReadAgain() {
    let first = [UInt8](1...100)
    for (isThere, copy, expected) in [
      (true, first, PacketFindingCode.duplicatePacket), (true, first.reversed(), .overlapConflict),
      (false, first.reversed(), .duplicatePacket),
    ] as [(Bool, [UInt8], PacketFindingCode)] {
      var follower = PacketFollower()
      // Its acknowledgement makes the connection one whose packets are as they should be.
      let syn = wrapped(PacketBytes.tcp([], sequence: 0, flags: 0x02))
      var answer = PacketBytes.ipv4(
        PacketBytes.two(8080) + PacketBytes.two(40_001) + PacketBytes.four(0) + PacketBytes.four(1)
          + [0x50, 0x12] + PacketBytes.two(1000) + [0, 0, 0, 0])
      answer.replaceSubrange(12..<20, with: PacketBytes.server4 + PacketBytes.client4)
      let packets = [
        syn, PacketBytes.ethernet(answer), wrapped(PacketBytes.tcp([], sequence: 1, flags: 0x10)),
        wrapped(PacketBytes.tcp(first)), wrapped(PacketBytes.tcp(copy)),
      ]
      let capture = packets.flatMap(\.self)
      follower.tracker.rereading = { origin, memory in
        memory.copyBytes(from: capture[origin..<origin + memory.count])
        return isThere
      }
      var origin = 0
      for packet in packets {
        follower.feed(packet, origin: origin)
        origin += packet.count
      }
      #expect(follower.findings == [expected])
    }
  }

  @Test("Late copies on a connection at rest are told as long as the bytes are there that they are compared with")
  func copiesAtRest() {
    let first = [UInt8](1...100)
    for (recentBytes, copy, expected) in [
      (1000, first, PacketFindingCode.duplicatePacket), (1000, first.reversed(), .overlapConflict),
      (120, first, .retransmission),
    ] as [(Int, [UInt8], PacketFindingCode)] {
      var limits = TrackerLimits()
      limits.recentBytes = recentBytes
      var follower = PacketFollower(limits: limits)
      for port in [40_001, 50_001] {
        for segment in [PacketBytes.tcp([], sequence: 0, flags: 0x02), PacketBytes.tcp(first)] {
          follower.feed(wrapped(PacketBytes.two(port) + segment.dropFirst(2)))
        }
        follower.tracker.rest(follower.openings.count - 1, number: follower.openings.count)
      }
      #expect(follower.findings == [])
      follower.feed(wrapped(PacketBytes.tcp(copy)))
      #expect(follower.findings == [expected])
    }
  }

  @Test("Bytes that wait beyond the limit are a gap")
  func waitingLimit() {
    var limits = TrackerLimits()
    limits.heldBytes = 1000
    var follower = PacketFollower(limits: limits)
    follower.feed(wrapped(PacketBytes.tcp([], sequence: 0, flags: 0x02)))
    for number in 1..<20 {
      follower.feed(
        wrapped(PacketBytes.tcp([UInt8](repeating: UInt8(number), count: 100), sequence: UInt32(1 + number * 100))))
    }
    #expect(follower.findings.contains(.gap))
    #expect((follower.data[0]?.count ?? 0) > 1000)
  }

  @Test("An acknowledged hole is given up after some packets")
  func acknowledgedHole() {
    var limits = TrackerLimits()
    limits.patiencePackets = 5
    var follower = PacketFollower(limits: limits)
    follower.feed(wrapped(PacketBytes.tcp([], sequence: 0, flags: 0x02)))
    follower.feed(wrapped(PacketBytes.tcp([1, 2, 3], sequence: 11)))
    #expect(follower.data == [:])
    var reply = PacketBytes.ipv4(
      PacketBytes.two(8080) + PacketBytes.two(40_001) + PacketBytes.four(1) + PacketBytes.four(14)
        + [0x50, 0x10] + PacketBytes.two(1000) + [0, 0, 0, 0])
    reply.replaceSubrange(12..<20, with: PacketBytes.server4 + PacketBytes.client4)
    for _ in 0..<8 { follower.feed(PacketBytes.ethernet(reply)) }
    #expect(follower.data[0] == [1, 2, 3])
    #expect(follower.findings.contains(.gap) && follower.findings.contains(.ackBeforeData))
  }

  @Test("A time that goes back is reported once")
  func time() {
    var follower = PacketFollower()
    for time: Int64 in [10, 5, 20, 3] {
      follower.tracker.process(
        wrapped(PacketBytes.tcp([])).span.bytes, linkType: 1, originalLength: 54, frameCheckSequenceLength: 0,
        stamp: PacketStamp(number: Int(time), time: time))
    }
    let codes = follower.tracker.events.compactMap { event in
      if case .finding(let finding) = event.kind { finding.code } else { nil }
    }
    #expect(codes.filter { $0 == .timeBackwards }.count == 1)
  }

  @Test("The flow table keeps what is in it when others leave")
  func flowTable() {
    var table = FlowTable()
    func key(_ number: Int) -> FlowKey {
      FlowKey(
        source: Endpoint(address: InternetAddress(version4: UInt32(number)), port: UInt16(number % 7)),
        destination: Endpoint(address: InternetAddress(version4: 9), port: 80))
    }
    let connections = SlotTable<TCPConnection>()
    for slot in 0..<2000 { connections[slot] = TCPConnection(slot: slot, number: slot + 1, key: key(slot)) }
    for number in 0..<2000 {
      table.set(key(number), number << 1, in: connections)
      table.set(key(number).reversed, number << 1 | 1, in: connections)
    }
    for number in stride(from: 0, to: 2000, by: 3) { table.remove(key(number), ifValue: number << 1, in: connections) }
    table.remove(key(1), ifValue: 99, in: connections)
    for number in 0..<2000 {
      #expect(table.find(key(number), in: connections) == (number % 3 == 0 ? nil : number << 1))
      #expect(table.find(key(number).reversed, in: connections) == number << 1 | 1)
    }
    #expect(table.count == 3333)
  }

  @Test("A filter lets through what libpcap lets through")
  func filter() throws {
    let filter = try PacketFilter("tcp port 8080", linkType: 1)
    let packet = wrapped(PacketBytes.tcp([1]))
    let passes = filter.matches(packet.span.bytes, originalLength: packet.count)
    #expect(passes)
    let other = try PacketFilter("udp or port 81", linkType: 1)
    let passesOther = other.matches(packet.span.bytes, originalLength: packet.count)
    #expect(!passesOther)
    #expect(throws: PacketFilterError.self) { try PacketFilter("tcp prot 8080", linkType: 1) }
  }

  @Test("Checksums are those of RFC 1071")
  func checksums() {
    let bytes: [UInt8] = [0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]
    // The example of RFC 1071 §3: the sum is DDF2 in network order.
    let example = InternetChecksum.sum(bytes.span.bytes, 0..<8)
    #expect(UInt16(bigEndian: InternetChecksum.fold(example)) == 0xDDF2)
    for count in 0..<70 {
      let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      var sum: UInt32 = 0
      for (index, byte) in data.enumerated() { sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte) }
      while sum >> 16 != 0 { sum = (sum & 0xFFFF) + sum >> 16 }
      let found = InternetChecksum.sum(data.span.bytes, 0..<count)
      #expect(UInt16(bigEndian: InternetChecksum.fold(found)) == UInt16(sum))
    }
  }
}
