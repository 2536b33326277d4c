import Testing

@testable import PacketCapture

/// Whatever a packet is wrapped in, its bytes come out.
@Suite struct LinkLayerTests {
  struct Wrapping: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var linkType: UInt16
    var fcs = 0
    var wrap: @Sendable ([UInt8]) -> [UInt8]

    init(_ name: String, _ linkType: UInt16, fcs: Int = 0, _ wrap: @escaping @Sendable ([UInt8]) -> [UInt8]) {
      testDescription = name
      self.linkType = linkType
      self.fcs = fcs
      self.wrap = wrap
    }
  }

  static let wrappings: [Wrapping] = [
    Wrapping("Ethernet", 1) { PacketBytes.ethernet(PacketBytes.ipv4($0)) },
    Wrapping("Ethernet, IPv6", 1) { PacketBytes.ethernet(PacketBytes.ipv6($0), type: 0x86DD) },
    Wrapping("802.1Q", 1) { PacketBytes.ethernet([0, 5, 8, 0] + PacketBytes.ipv4($0), type: 0x8100) },
    Wrapping("QinQ", 1) {
      PacketBytes.ethernet([0, 5, 0x81, 0, 0, 6, 0x86, 0xDD] + PacketBytes.ipv6($0), type: 0x88A8)
    },
    Wrapping("MPLS", 1) {
      PacketBytes.ethernet([0, 1, 0x10, 64, 0, 2, 0x11, 64] + PacketBytes.ipv4($0), type: 0x8847)
    },
    Wrapping("PPPoE", 1) {
      PacketBytes.ethernet([0x11, 0, 0, 1, 0, 99, 0, 0x21] + PacketBytes.ipv4($0), type: 0x8864)
    },
    Wrapping("PPPoE, IPv6", 1) {
      PacketBytes.ethernet([0x11, 0, 0, 1, 0, 99, 0, 0x57] + PacketBytes.ipv6($0), type: 0x8864)
    },
    Wrapping("LLC and SNAP", 1) {
      PacketBytes.ethernet([0xAA, 0xAA, 3, 0, 0, 0, 8, 0] + PacketBytes.ipv4($0), type: 100)
    },
    Wrapping("padding", 1) {
      PacketBytes.ethernet(PacketBytes.ipv4($0) + [0xFE, 0xEF, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    },
    Wrapping("frame check sequence", 1, fcs: 4) { PacketBytes.ethernet(PacketBytes.ipv4($0)) + [1, 2, 3, 4] },
    Wrapping("frame check sequence and no IP length", 1, fcs: 4) {
      PacketBytes.ethernet(PacketBytes.ipv4($0, totalLength: 0)) + [1, 2, 3, 4]
    },
    Wrapping("no IP length", 1) { PacketBytes.ethernet(PacketBytes.ipv4($0, totalLength: 0)) },
    Wrapping("no IPv6 length", 1) { PacketBytes.ethernet(PacketBytes.ipv6($0, payloadLength: 0), type: 0x86DD) },
    Wrapping("null, little-endian", 0) { [2, 0, 0, 0] + PacketBytes.ipv4($0) },
    Wrapping("null, big-endian", 0) { [0, 0, 0, 2] + PacketBytes.ipv4($0) },
    Wrapping("null, IPv6 of macOS", 0) { [30, 0, 0, 0] + PacketBytes.ipv6($0) },
    Wrapping("loop", 108) { [0, 0, 0, 2] + PacketBytes.ipv4($0) },
    Wrapping("raw", 101) { PacketBytes.ipv4($0) },
    Wrapping("raw, IPv6", 101) { PacketBytes.ipv6($0) },
    Wrapping("raw IPv4", 228) { PacketBytes.ipv4($0) },
    Wrapping("raw IPv6", 229) { PacketBytes.ipv6($0) },
    Wrapping("Linux cooked", 113) { [UInt8](repeating: 0, count: 14) + [8, 0] + PacketBytes.ipv4($0) },
    Wrapping("Linux cooked, 802.1Q", 113) {
      [UInt8](repeating: 0, count: 14) + [0x81, 0, 0, 5, 8, 0] + PacketBytes.ipv4($0)
    },
    Wrapping("Linux cooked 2", 276) { [0x86, 0xDD] + [UInt8](repeating: 0, count: 18) + PacketBytes.ipv6($0) },
    Wrapping("PPP", 9) { [0xFF, 3, 0, 0x21] + PacketBytes.ipv4($0) },
    Wrapping("PPP, short", 9) { [0x21] + PacketBytes.ipv4($0) },
    Wrapping("IPv4 options", 1) {
      PacketBytes.ethernet(PacketBytes.ipv4($0, options: [1, 1, 1, 1, 0, 0, 0, 0]))
    },
    Wrapping("IPv6 extension headers", 1) {
      PacketBytes.ethernet(
        PacketBytes.ipv6(
          [60, 0, 0, 0, 0, 0, 0, 0] + [43, 1] + [UInt8](repeating: 0, count: 14) + [51, 0, 0, 0, 0, 0, 0, 0]
            + [6, 4] + [UInt8](repeating: 0, count: 22) + $0, next: 0), type: 0x86DD)
    },
    Wrapping("IPv4 in IPv6", 1) { PacketBytes.ethernet(PacketBytes.ipv6(PacketBytes.ipv4($0), next: 4), type: 0x86DD) },
  ]

  @Test("The data come out of every wrapping", arguments: wrappings)
  func dataComeOut(_ wrapping: Wrapping) {
    var follower = PacketFollower()
    let data = Array("payload".utf8)
    follower.feed(
      PacketBytes.syn(wrapping.wrap), linkType: wrapping.linkType, frameCheckSequenceLength: wrapping.fcs)
    follower.feed(
      wrapping.wrap(PacketBytes.tcp(data)), linkType: wrapping.linkType, frameCheckSequenceLength: wrapping.fcs)
    #expect(follower.data == [0: data])
    #expect(follower.openings.count == 1)
    #expect(follower.openings.first?.initiator == 0)
  }

  @Test("A packet cut anywhere does no harm", arguments: wrappings)
  func packetCutAnywhere(_ wrapping: Wrapping) {
    let packet = wrapping.wrap(PacketBytes.tcp(Array("payload".utf8)))
    for count in 0..<packet.count {
      var follower = PacketFollower()
      follower.feed(
        PacketBytes.syn(wrapping.wrap), linkType: wrapping.linkType, frameCheckSequenceLength: wrapping.fcs)
      follower.feed(
        Array(packet[..<count]), linkType: wrapping.linkType, originalLength: packet.count,
        frameCheckSequenceLength: wrapping.fcs)
      follower.finish()
      #expect(Array("payload".utf8).starts(with: follower.data[0] ?? []))
    }
  }

  @Test("A packet with any byte changed does no harm", arguments: wrappings)
  func packetAnyByte(_ wrapping: Wrapping) {
    let packet = wrapping.wrap(PacketBytes.tcp(Array("payload".utf8), options: [3, 3, 7, 0]))
    var follower = PacketFollower()
    for index in packet.indices {
      for value: UInt8 in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
        var changed = packet
        changed[index] = value
        follower.feed(changed, linkType: wrapping.linkType, frameCheckSequenceLength: wrapping.fcs)
      }
    }
    follower.finish()
    #expect(follower.number == packet.count * 5)
  }

  @Test("Link types that are not known are said to be")
  func unknownLinkTypes() {
    #expect(!LinkLayer.supports(147))
    #expect(wrappingsAreSupported)
  }

  private var wrappingsAreSupported: Bool { Self.wrappings.allSatisfy { LinkLayer.supports($0.linkType) } }

  @Test(
    "IPv6 addresses are written as RFC 5952 says",
    arguments: [
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] as [UInt8], "::1"),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "::"),
      ([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xA, 0, 0, 1], "2001:db8::a00:1"),
      ([0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2], "2001:0:0:1::2"),
      ([0xFE, 0x80, 0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6], "fe80:1:0:2:3:4:5:6"),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4], "::ffff:1.2.3.4"),
    ])
  func ipv6Addresses(_ bytes: [UInt8], _ text: String) {
    let high = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let low = bytes[8...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    #expect(InternetAddress(high: high, low: low).description == text)
    #expect(Endpoint(address: InternetAddress(high: high, low: low), port: 80).description == "[\(text)]:80")
  }
}
