import Specification
import Testing

@testable import CaptureFile

/// The packets made of what crossed a socket, taken apart byte by byte.
@Suite struct SynthesisedFlowTests {
  /// A packet as the test reads it, by the tables of RFC 791, 8200 and 9293.
  private struct Segment: Equatable {
    var isFromClient: Bool
    var flags: String
    var sequence: UInt32
    var acknowledgement: UInt32
    var data: [UInt8] = []
  }

  private static let client4 = SynthesisedFlow.Endpoint(address: [127, 0, 0, 1], port: 50_001)
  private static let server4 = SynthesisedFlow.Endpoint(address: [192, 168, 7, 255], port: 8003)
  private static let client6 = SynthesisedFlow.Endpoint(address: [0x20, 1] + [UInt8](repeating: 9, count: 14), port: 1)
  private static let server6 = SynthesisedFlow.Endpoint(address: [UInt8](repeating: 0xFE, count: 16), port: 65_535)

  /// Writes a flow and reads the file back.
  private func packets(
    _ client: SynthesisedFlow.Endpoint?, _ server: SynthesisedFlow.Endpoint?,
    initial: (client: UInt32, server: UInt32)? = (1000, 5000), format: CaptureWriter.Format = .pcapng,
    _ body: (inout SynthesisedFlow, inout CaptureWriter) throws -> Void
  ) throws -> [ReadPacket] {
    var writer = CaptureWriter(format: format)
    let interface = try writer.addInterface(CaptureInterface(linkType: SynthesisedFlow.linkType))
    var flow = SynthesisedFlow(
      client: try #require(client), server: try #require(server), interface: interface, initialSequences: initial)
    try body(&flow, &writer)
    try writer.finish()
    let transcript = read(writer.takeBytes())
    #expect(transcript.findings.isEmpty)
    #expect(transcript.packets.allSatisfy { $0.linkType == 101 && $0.originalLength == $0.bytes.count })
    return transcript.packets
  }

  /// Words added one by one in the order of the network.
  private static func sum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() { sum += UInt32(byte) << (index & 1 == 0 ? 8 : 0) }
    while sum >> 16 != 0 { sum = (sum & 0xFFFF) + sum >> 16 }
    return sum
  }

  private func segment(_ packet: ReadPacket, clientPort: UInt16) throws -> Segment {
    let bytes = packet.bytes
    func two(_ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }
    func four(_ at: Int) -> UInt32 { UInt32(two(at)) << 16 | UInt32(two(at + 2)) }
    let tcp: Int
    let addresses: [UInt8]
    if bytes[0] == 0x45 {
      tcp = 20
      #expect(two(2) == bytes.count && bytes[9] == 6 && bytes[8] == 64)
      #expect(Self.sum(Array(bytes[0..<20])) == 0xFFFF)
      addresses = Array(bytes[12..<20])
    } else {
      tcp = 40
      #expect(bytes[0] == 0x60 && two(4) == bytes.count - 40 && bytes[6] == 6 && bytes[7] == 64)
      addresses = Array(bytes[8..<40])
    }
    let length = bytes.count - tcp
    let pseudoHeader = addresses + [0, 6, UInt8(length >> 8), UInt8(length & 0xFF)]
    #expect(Self.sum(pseudoHeader + bytes[tcp...]) == 0xFFFF)
    let flags = zip("FSRPA", [1, 2, 4, 8, 16]).filter { Int(bytes[tcp + 13]) & $0.1 != 0 }.map { $0.0 }
    let header = Int(bytes[tcp + 12] >> 4) * 4
    try #require(header >= 20 && header <= length)
    #expect(two(tcp + 14) == 65_535)
    return Segment(
      isFromClient: two(tcp) == Int(clientPort), flags: String(flags), sequence: four(tcp + 4),
      acknowledgement: four(tcp + 8), data: Array(bytes[(tcp + header)...]))
  }

  @Test("A conversation has its packets") func aConversationHasItsPackets() throws {
    let read = try packets(Self.client4, Self.server4) { flow, writer in
      try flow.open(at: 1_000_000_001, into: &writer)
      try flow.open(at: 1_000_000_002, into: &writer)
      try flow.data(from: .client, [1, 2, 3], at: 1_000_000_003, into: &writer)
      try flow.data(from: .server, [4], at: 1_000_000_004, into: &writer)
      try flow.data(from: .server, [], at: 1_000_000_004, into: &writer)
      try flow.finish(from: .server, at: 1_000_000_005, into: &writer)
      try flow.data(from: .server, [5], at: 1_000_000_006, into: &writer)
      try flow.data(from: .client, [6], at: 1_000_000_007, into: &writer)
      try flow.finish(from: .client, at: 1_000_000_008, into: &writer)
      try flow.finish(from: .client, at: 1_000_000_009, into: &writer)
      try flow.reset(from: .server, at: 1_000_000_010, into: &writer)
    }
    let segments = try read.map { try segment($0, clientPort: 50_001) }
    #expect(
      segments == [
        Segment(isFromClient: true, flags: "S", sequence: 1000, acknowledgement: 0),
        Segment(isFromClient: false, flags: "SA", sequence: 5000, acknowledgement: 1001),
        Segment(isFromClient: true, flags: "A", sequence: 1001, acknowledgement: 5001),
        Segment(isFromClient: true, flags: "PA", sequence: 1001, acknowledgement: 5001, data: [1, 2, 3]),
        Segment(isFromClient: false, flags: "A", sequence: 5001, acknowledgement: 1004),
        Segment(isFromClient: false, flags: "PA", sequence: 5001, acknowledgement: 1004, data: [4]),
        Segment(isFromClient: true, flags: "A", sequence: 1004, acknowledgement: 5002),
        Segment(isFromClient: false, flags: "FA", sequence: 5002, acknowledgement: 1004),
        Segment(isFromClient: true, flags: "A", sequence: 1004, acknowledgement: 5003),
        Segment(isFromClient: true, flags: "PA", sequence: 1004, acknowledgement: 5003, data: [6]),
        Segment(isFromClient: false, flags: "A", sequence: 5003, acknowledgement: 1005),
        Segment(isFromClient: true, flags: "FA", sequence: 1005, acknowledgement: 5003),
        Segment(isFromClient: false, flags: "A", sequence: 5003, acknowledgement: 1006),
      ])
    #expect(read.map { ($0.time ?? 0) - 1_000_000_000 } == [1, 1, 1, 3, 3, 4, 4, 5, 5, 7, 7, 8, 8])
    // The maximum segment size is the one option of a SYN.
    #expect(
      Array(read[0].bytes.suffix(4)) == [2, 4, 0xFD, 0xE8]
        && Array(read[0].bytes[12..<20]) == [
          127, 0, 0, 1, 192, 168, 7, 255,
        ])
  }

  @Test(
    "Long data is cut and sequence numbers wrap",
    arguments: [
      (Self.client4, Self.server4), (Self.client6, Self.server6), (Self.client4, Self.server6),
      (Self.client6, Self.server4),
    ])
  func longDataIsCutAndSequenceNumbersWrap(
    client: SynthesisedFlow.Endpoint?, server: SynthesisedFlow.Endpoint?
  ) throws {
    let bytes = (0..<150_001).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let read = try packets(client, server, initial: (UInt32.max - 70_000, .max)) { flow, writer in
      try flow.data(from: .client, bytes, at: 5, into: &writer)
      try flow.data(from: .server, [1, 2], at: 6, into: &writer)
    }
    let segments = try read.map { try segment($0, clientPort: client?.port ?? 0) }
    #expect(segments.map(\.flags) == ["S", "SA", "A", "PA", "A", "PA", "A", "PA", "A", "PA", "A"])
    #expect(segments.filter(\.isFromClient).flatMap(\.data) == bytes)
    #expect(segments.map(\.data.count) == [0, 0, 0, 65_000, 0, 65_000, 0, 20_001, 0, 2, 0])
    let first = UInt32.max - 70_000 + 1
    #expect(
      segments.filter { !$0.data.isEmpty && $0.isFromClient }.map(\.sequence) == [
        first, first &+ 65_000, first &+ 130_000,
      ])
    #expect(
      segments.filter { !$0.isFromClient }.map(\.acknowledgement) == [
        first, first &+ 65_000, first &+ 130_000, first &+ 150_001, first &+ 150_001,
      ])
    #expect(segments.last == Segment(isFromClient: true, flags: "A", sequence: first &+ 150_001, acknowledgement: 2))
    let isVersion4 = client?.address.count == 4 && server?.address.count == 4
    #expect(read.allSatisfy { $0.bytes[0] >> 4 == (isVersion4 ? 4 : 6) })
    if client?.address.count == 4, !isVersion4 {
      #expect(Array(read[0].bytes[8..<24]) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1])
    }
  }

  @Test("Nothing comes after a reset") func nothingComesAfterAReset() throws {
    let read = try packets(Self.client4, Self.server4) { flow, writer in
      try flow.reset(from: .server, at: 1, into: &writer)
      try flow.reset(from: .client, at: 2, into: &writer)
      try flow.data(from: .client, [1], at: 3, into: &writer)
      try flow.finish(from: .client, at: 4, into: &writer)
    }
    let segments = try read.map { try segment($0, clientPort: 50_001) }
    #expect(segments.map(\.flags) == ["S", "SA", "A", "RA"])
    #expect(segments.last == Segment(isFromClient: false, flags: "RA", sequence: 5001, acknowledgement: 1001))
  }

  @Test("Time does not go back") func timeDoesNotGoBack() throws {
    let read = try packets(Self.client4, Self.server4, format: .pcapNanoseconds) { flow, writer in
      try flow.data(from: .client, [1], at: -5, into: &writer)
      try flow.data(from: .client, [1], at: 90, into: &writer)
      try flow.data(from: .client, [1], at: 80, into: &writer)
    }
    #expect(read.map(\.time) == [0, 0, 0, 0, 0, 90, 90, 90, 90])
  }

  @Test("Connections of the same ends can be told apart") func connectionsOfTheSameEndsCanBeToldApart() throws {
    var initial: Set<UInt32> = []
    for time: Int64 in [0, 4000, 1_700_000_000_000_000_000] {
      let read = try packets(Self.client4, Self.server4, initial: nil) { flow, writer in
        try flow.open(at: time, into: &writer)
      }
      for packet in read.prefix(2) { initial.insert(try segment(packet, clientPort: 50_001).sequence) }
    }
    #expect(initial.count == 6)
  }

  @Test("Addresses have four or sixteen bytes") func addressesHaveFourOrSixteenBytes() {
    for count in 0...20 {
      let endpoint = SynthesisedFlow.Endpoint(address: [UInt8](repeating: 1, count: count), port: 1)
      #expect((endpoint != nil) == (count == 4 || count == 16))
    }
  }

  @Test("The writer's refusal comes through") func theWritersRefusalComesThrough() throws {
    var writer = CaptureWriter(format: .pcapng)
    var flow = SynthesisedFlow(client: try #require(Self.client4), server: try #require(Self.server4), interface: 3)
    #expect(throws: CaptureWriteError.unknownInterface(3)) { try flow.open(at: 0, into: &writer) }
  }
}
