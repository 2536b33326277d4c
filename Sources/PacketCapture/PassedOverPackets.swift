/// Packets that carry nothing that can be followed, counted by what they are, so that it can be said.
package struct PassedOverPackets: Sendable {
  /// Packets that are not IP, by EtherType (0 where there is none).
  package private(set) var etherTypes: [UInt16: Int] = [:]
  /// IP packets of other protocols than TCP, by protocol number.
  package private(set) var transports: [UInt8: Int] = [:]
  /// Datagrams of UDP by their lower port number.
  package private(set) var datagramPorts: [UInt16: Int] = [:]
  /// Packets that were cut inside of their headers when captured.
  package internal(set) var cutHeaders = 0
  /// Segments of other ports than those that were asked for.
  package internal(set) var otherPorts = 0

  /// Kinds that are told apart at most.
  private static let kindLimit = 64

  /// All packets counted here, but those of other ports.
  package var count: Int {
    etherTypes.values.reduce(cutHeaders, +) + transports.values.reduce(0, +)
  }

  mutating func count(_ bytes: RawSpan, linkType: UInt16) {
    guard let type = LinkLayer.etherType(bytes, linkType: linkType) else {
      cutHeaders += 1
      return
    }
    etherTypes[etherTypes.count < Self.kindLimit || etherTypes[type] != nil ? type : 0, default: 0] += 1
  }

  mutating func count(transport packet: InternetPacket, _ bytes: RawSpan) {
    transports[packet.transport, default: 0] += 1
    guard packet.transport == Tunnel.userDatagram, packet.fragmentOffset == 0, packet.data.count >= 4 else { return }
    let start = packet.data.lowerBound
    let port = min(bytes.big16(start), bytes.big16(start + 2))
    if datagramPorts.count < Self.kindLimit || datagramPorts[port] != nil { datagramPorts[port, default: 0] += 1 }
  }
}
