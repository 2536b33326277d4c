import Testing

@testable import PacketCapture

/// Packets within packets: whatever carries them, their bytes come out.
@Suite struct TunnelTests {
  typealias Wrapping = LinkLayerTests.Wrapping

  private static func udp(_ content: [UInt8], port: Int) -> [UInt8] {
    PacketBytes.ethernet(
      PacketBytes.ipv4(
        PacketBytes.two(49_152) + PacketBytes.two(port) + PacketBytes.two(8 + content.count) + [0, 0] + content,
        transport: 17))
  }

  private static func gre(_ content: [UInt8]) -> [UInt8] {
    PacketBytes.ethernet(PacketBytes.ipv4(content, transport: 47))
  }

  private static func inner(_ segment: [UInt8]) -> [UInt8] { PacketBytes.ethernet(PacketBytes.ipv4(segment)) }

  static let wrappings: [Wrapping] = [
    Wrapping("IPv6 in IPv4", 1) { PacketBytes.ethernet(PacketBytes.ipv4(PacketBytes.ipv6($0), transport: 41)) },
    Wrapping("IP in IP, five deep", 1) {
      PacketBytes.ethernet((0..<5).reduce(PacketBytes.ipv4($0)) { packet, _ in PacketBytes.ipv4(packet, transport: 4) })
    },
    Wrapping("AH and IP in IP", 1) {
      PacketBytes.ethernet(
        PacketBytes.ipv4([4, 4] + [UInt8](repeating: 0, count: 22) + PacketBytes.ipv4($0), transport: 51))
    },
    Wrapping("EtherIP", 1) { PacketBytes.ethernet(PacketBytes.ipv4([0x30, 0] + inner($0), transport: 97)) },
    Wrapping("MPLS in IP", 1) {
      PacketBytes.ethernet(PacketBytes.ipv4([0, 1, 0x11, 64] + PacketBytes.ipv4($0), transport: 137))
    },
    Wrapping("Ethernet in MPLS with a control word", 1) {
      PacketBytes.ethernet([0, 1, 0x11, 64, 0, 0, 0, 0] + inner($0), type: 0x8847)
    },
    Wrapping("GRE", 1) { gre([0, 0, 8, 0] + PacketBytes.ipv4($0)) },
    Wrapping("GRE over IPv6", 1) {
      PacketBytes.ethernet(PacketBytes.ipv6([0, 0, 0x86, 0xDD] + PacketBytes.ipv6($0), next: 47), type: 0x86DD)
    },
    Wrapping("GRE with a key", 1) { gre([0x20, 0, 8, 0, 1, 2, 3, 4] + PacketBytes.ipv4($0)) },
    Wrapping("GRE with checksum, key and sequence", 1) {
      gre([0xB0, 0, 8, 0, 9, 9, 0, 0, 1, 2, 3, 4, 0, 0, 0, 5] + PacketBytes.ipv4($0))
    },
    Wrapping("GRE with MPLS", 1) { gre([0, 0, 0x88, 0x47, 0, 1, 0x11, 64] + PacketBytes.ipv4($0)) },
    Wrapping("GRETAP", 1) { gre([0, 0, 0x65, 0x58] + inner($0)) },
    Wrapping("GRETAP with a key and a VLAN", 1) {
      gre([0x20, 0, 0x65, 0x58, 0, 0, 0, 7] + PacketBytes.ethernet([0, 5, 8, 0] + PacketBytes.ipv4($0), type: 0x8100))
    },
    Wrapping("PPTP", 1) {
      gre([0x30, 0x81, 0x88, 0x0B, 0, 30, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 3, 0, 0x21] + PacketBytes.ipv4($0))
    },
    Wrapping("ERSPAN I", 1) { gre([0, 0, 0x88, 0xBE] + inner($0)) },
    Wrapping("ERSPAN II", 1) { gre([0x10, 0, 0x88, 0xBE, 0, 0, 0, 1, 0x10, 5, 0, 1, 0, 0, 0, 0] + inner($0)) },
    Wrapping("ERSPAN III", 1) {
      gre([0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0] + inner($0))
    },
    Wrapping("ERSPAN III with a subheader", 1) {
      gre([0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0] + inner($0))
    },
    Wrapping("VXLAN", 1) { udp([8, 0, 0, 0, 0, 0, 42, 0] + inner($0), port: 4789) },
    Wrapping("VXLAN of Linux", 1) { udp([8, 0, 0, 0, 0, 0, 42, 0] + inner($0), port: 8472) },
    Wrapping("VXLAN on any port", 1) { udp([8, 0, 0, 0, 0, 0, 42, 0] + inner($0), port: 12_345) },
    Wrapping("VXLAN with a group policy", 1) { udp([0x88, 0, 0, 9, 0, 0, 42, 0] + inner($0), port: 4789) },
    Wrapping("VXLAN-GPE with IPv6", 1) { udp([0x0C, 0, 0, 2, 0, 0, 42, 0] + PacketBytes.ipv6($0), port: 4790) },
    Wrapping("VXLAN in VXLAN", 1) {
      udp([8, 0, 0, 0, 0, 0, 1, 0] + udp([8, 0, 0, 0, 0, 0, 2, 0] + inner($0), port: 4789), port: 4789)
    },
    Wrapping("GENEVE", 1) { udp([0, 0, 0x65, 0x58, 0, 0, 42, 0] + inner($0), port: 6081) },
    Wrapping("GENEVE with options and IP", 1) {
      udp([2, 0x40, 8, 0, 0, 0, 42, 0, 1, 2, 3, 1, 9, 9, 9, 9] + PacketBytes.ipv4($0), port: 6081)
    },
    Wrapping("GENEVE on any port", 1) { udp([0, 0, 0x65, 0x58, 0, 0, 42, 0] + inner($0), port: 7777) },
    Wrapping("GTP-U", 1) {
      let packet = PacketBytes.ipv4($0)
      return udp([0x30, 0xFF] + PacketBytes.two(packet.count) + [0, 0, 0, 1] + packet, port: 2152)
    },
    Wrapping("GTP-U with an extension header", 1) {
      let packet = [0, 0, 0, 0x85, 1, 0, 1, 0] + PacketBytes.ipv4($0)
      return udp([0x34, 0xFF] + PacketBytes.two(packet.count) + [0, 0, 0, 1] + packet, port: 2152)
    },
    Wrapping("TZSP", 1) { udp([1, 0, 0, 1, 10, 1, 5, 0, 1] + inner($0), port: 37_008) },
    Wrapping("Teredo", 1) { udp(PacketBytes.ipv6($0), port: 3544) },
    Wrapping("GRE over UDP", 1) { udp([0, 0, 8, 0] + PacketBytes.ipv4($0), port: 4754) },
  ]

  @Test("The data come out of every tunnel", arguments: wrappings)
  func dataComeOut(_ wrapping: Wrapping) {
    var follower = PacketFollower()
    let data = Array("payload".utf8)
    follower.feed(PacketBytes.syn(wrapping.wrap))
    follower.feed(wrapping.wrap(PacketBytes.tcp(data)))
    follower.finish()
    #expect(follower.data == [0: data])
    #expect(follower.openings.count == 1)
    #expect(follower.tracker.passedOver.count == 0)
  }

  @Test("A tunnel cut or changed anywhere does no harm", arguments: wrappings)
  func tunnelCutChanged(_ wrapping: Wrapping) {
    let packet = wrapping.wrap(PacketBytes.tcp(Array("payload".utf8)))
    var follower = PacketFollower()
    for count in 0..<packet.count { follower.feed(Array(packet[..<count]), originalLength: packet.count) }
    for index in packet.indices {
      for value: UInt8 in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
        var changed = packet
        changed[index] = value
        follower.feed(changed)
      }
    }
    follower.finish()
    #expect(follower.number == packet.count * 6)
  }

  @Test("A tunnel's packet in fragments is put together")
  func fragmentedTunnel() {
    var follower = PacketFollower()
    follower.feed(PacketBytes.syn { Self.udp([8, 0, 0, 0, 0, 0, 42, 0] + Self.inner($0), port: 4789) })
    let whole = Self.udp(
      [8, 0, 0, 0, 0, 0, 42, 0] + Self.inner(PacketBytes.tcp(Array("payload".utf8))), port: 4789)[34...]
    let cut = whole.startIndex + 40
    follower.feed(
      PacketBytes.ethernet(PacketBytes.ipv4(Array(whole[..<cut]), fragment: 0x2000, transport: 17)))
    follower.feed(PacketBytes.ethernet(PacketBytes.ipv4(Array(whole[cut...]), fragment: 5, transport: 17)))
    #expect(follower.data == [0: Array("payload".utf8)])
  }

  @Test("A packet within a tunnel is put together from fragments as short as they come", arguments: [false, true])
  func fragmentsWithinTunnel(_ isReversed: Bool) {
    let data = Array("payload".utf8)
    let segment = PacketBytes.tcp(data)
    let carriers: [([UInt8]) -> [UInt8]] = [
      { Self.udp([0x30, 0xFF] + PacketBytes.two($0.count) + [0, 0, 0, 1] + $0, port: 2152) },
      { Self.udp([2, 0x40, 8, 0, 0, 0, 42, 0, 1, 2, 3, 1, 9, 9, 9, 9] + $0, port: 6081) },
      { Self.udp([8, 0, 0, 0, 0, 0, 42, 0] + PacketBytes.ethernet($0), port: 4789) },
      { Self.udp([0, 0, 8, 0] + $0, port: 4754) }, { Self.gre([0, 0, 8, 0] + $0) },
    ]
    for carrier in carriers {
      var follower = PacketFollower()
      follower.feed(PacketBytes.syn { carrier(PacketBytes.ipv4($0)) })
      // The last fragment holds three bytes.
      let fragments = [
        PacketBytes.ipv4(Array(segment[..<24]), fragment: 0x2000), PacketBytes.ipv4(Array(segment[24...]), fragment: 3),
      ]
      for fragment in isReversed ? fragments.reversed() : fragments { follower.feed(carrier(fragment)) }
      #expect(follower.data == [0: data])
    }
  }

  @Test("Datagrams that only look like a tunnel are none, and are counted")
  func datagramsOnlyLook() {
    var follower = PacketFollower()
    follower.feed(Self.udp([8, 0, 0, 0, 0, 0, 42, 0] + [UInt8](repeating: 0x45, count: 60), port: 9999))
    follower.feed(Self.udp([UInt8](repeating: 0, count: 60), port: 443))
    follower.feed(PacketBytes.ethernet([UInt8](repeating: 0, count: 28), type: 0x0806))
    follower.feed(PacketBytes.ethernet(PacketBytes.ipv4([UInt8](repeating: 0, count: 40), transport: 50)))
    #expect(follower.openings.isEmpty)
    #expect(follower.tracker.passedOver.etherTypes == [0x0806: 1])
    #expect(follower.tracker.passedOver.transports == [17: 2, 50: 1])
    #expect(follower.tracker.passedOver.datagramPorts == [9999: 1, 443: 1])
  }
}
