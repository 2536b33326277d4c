/// The name that all fragments of an IP datagram have.
package struct DatagramParts: Hashable, Sendable {
  private let source: InternetAddress
  private let destination: InternetAddress
  private let identification: UInt32

  init(_ packet: InternetPacket) {
    source = packet.source
    destination = packet.destination
    identification = packet.identification
  }
}
