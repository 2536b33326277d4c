import PacketCapture

/// What people call the packets that carry nothing that can be followed.
enum PassedOverText {
  /// Ports of UDP that are named; tunnels first, then the busiest.
  private static let namedPorts = 3

  /// What was passed over, with counts; nil for nothing.
  static func of(_ packets: PassedOverPackets) -> String? {
    var parts: [(count: Int, text: String)] = []
    for (type, count) in packets.etherTypes { parts.append((count, name(etherType: type))) }
    for (transport, count) in packets.transports {
      parts.append((count, name(transport: transport) + (transport == 17 ? ports(packets.datagramPorts) : "")))
    }
    if packets.cutHeaders > 0 { parts.append((packets.cutHeaders, "cut inside of their headers")) }
    guard !parts.isEmpty else { return nil }
    let list = parts.sorted { ($1.count, $0.text) < ($0.count, $1.text) }.map { "\($0.count) \($0.text)" }
    return CountText.of(parts.reduce(0) { $0 + $1.count }, "packet") + ": " + list.joined(separator: ", ")
  }

  private static func ports(_ counts: [UInt16: Int]) -> String {
    let sorted = counts.sorted { first, second in
      let (isTunnel, other) = (tunnelPorts[first.key] != nil, tunnelPorts[second.key] != nil)
      return isTunnel == other ? (second.value, first.key) < (first.value, second.key) : isTunnel
    }
    guard !sorted.isEmpty else { return "" }
    var names = sorted.prefix(namedPorts).map { "port \($0.key)" + (tunnelPorts[$0.key].map { ", \($0)" } ?? "") }
    if sorted.count > namedPorts { names.append("and others") }
    return " (\(names.joined(separator: "; ")))"
  }

  /// Ports of tunnels that are not decoded, or not as what they carried.
  private static let tunnelPorts: [UInt16: String] = [
    443: "perhaps QUIC", 1701: "L2TP", 2152: "GTP-U", 3544: "Teredo", 4500: "IPsec", 4754: "GRE", 4789: "VXLAN",
    4790: "VXLAN-GPE", 6081: "GENEVE", 6635: "MPLS", 8472: "VXLAN", 37008: "TZSP", 51820: "WireGuard",
  ]

  private static func name(etherType type: UInt16) -> String {
    let name: String? =
      switch type {
      case 0: "not IP"
      case 1..<0x0600: "LLC"
      case 0x0800, 0x86DD: "IP with a header that is none"
      case 0x0806: "ARP"
      case 0x8035: "RARP"
      case 0x8809: "LACP"
      case 0x8847, 0x8848: "MPLS without IP"
      case 0x8863: "PPPoE discovery"
      case 0x8864: "PPPoE without IP"
      case 0x888E: "EAPOL"
      case 0x88CC: "LLDP"
      case 0x88E5: "MACsec"
      case 0x88E7: "provider backbone bridging"
      case 0x88F7: "PTP"
      case 0x893F: "E-tagged frames"
      case 0x894F: "NSH"
      case 0x8926: "VN-tagged frames"
      default: nil
      }
    if let name { return name }
    let digits = String(type, radix: 16, uppercase: true)
    return "EtherType 0x" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  private static func name(transport: UInt8) -> String {
    switch transport {
    case 1, 58: "ICMP"
    case 2: "IGMP"
    case 4, 41: "IP in IP without what it should carry"
    case 6: "fragments of TCP"
    case 17: "UDP"
    case 47: "GRE without IP or Ethernet"
    case 50: "ESP (encrypted IPsec)"
    case 51: "AH (IPsec)"
    case 89: "OSPF"
    case 97: "EtherIP"
    case 103: "PIM"
    case 112: "VRRP"
    case 115: "L2TP"
    case 132: "SCTP"
    case 137: "MPLS in IP"
    default: "IP protocol \(transport)"
    }
  }
}
