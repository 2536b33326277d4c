/// The IP header of a packet: addresses, the transport protocol, and where its data are.
struct InternetPacket {
  var source: InternetAddress
  var destination: InternetAddress
  /// The protocol number of the data.
  var transport: UInt8
  /// The captured part of the data, a range of the packet.
  var data: Range<Int>
  /// How many bytes of data the packet had on the wire; more than `data.count` if it was cut.
  var wireLength: Int
  /// Whether the rest of the data was cut when capturing, rather than being absent for an unknown reason.
  var isCut: Bool
  /// The identification field; 0 for IPv6 without a fragment header.
  var identification: UInt32
  /// Where the data belong in the whole datagram, in bytes.
  var fragmentOffset: Int
  /// Whether more fragments follow.
  var hasMoreFragments: Bool

  /// Whether its data begin with an IPv6 extension header. IPv4 has none, and gives some of the numbers other meanings.
  var hasExtensionHeader: Bool { source.isVersion6 && Self.isExtensionHeader(transport) }

  var isFragment: Bool { fragmentOffset > 0 || hasMoreFragments }

  /// What parsing a header gives.
  enum Outcome {
    case packet(InternetPacket)
    /// Legal or hopeless, but nothing to decode: another protocol, or cut inside the headers.
    case skipped
    /// The header's lengths contradict the packet.
    case badLength
  }

  /// Parses the IPv4 (RFC 791) or IPv6 (RFC 8200) header at an offset.
  ///
  /// - Parameters:
  ///   - bytes: The captured bytes, without a frame check sequence.
  ///   - offset: Where the header begins; at least one byte is there.
  ///   - wireEnd: Where the packet ended on the wire; beyond `bytes` if it was cut.
  static func parse(_ bytes: RawSpan, at offset: Int, wireEnd: Int) -> Outcome {
    bytes.byte(offset) >> 4 == 4
      ? parseVersion4(bytes, at: offset, wireEnd: wireEnd) : parseVersion6(bytes, at: offset, wireEnd: wireEnd)
  }

  private static func parseVersion4(_ bytes: RawSpan, at offset: Int, wireEnd: Int) -> Outcome {
    guard bytes.byteCount >= offset + 20 else { return .skipped }
    let headerLength = Int(bytes.byte(offset) & 0x0F) * 4
    guard headerLength >= 20 else { return .badLength }
    let totalLength = Int(bytes.big16(offset + 2))
    // Zero: the network card cuts the packet up later (segmentation offload), so only the frame says how long it is.
    let end = totalLength == 0 ? wireEnd : offset + totalLength
    guard end >= offset + headerLength else { return .badLength }
    guard bytes.byteCount >= offset + headerLength else { return .skipped }
    let flags = bytes.big16(offset + 6)
    let capturedEnd = min(end, bytes.byteCount)
    let start = offset + headerLength
    return .packet(
      InternetPacket(
        source: InternetAddress(version4: bytes.big32(offset + 12)),
        destination: InternetAddress(version4: bytes.big32(offset + 16)),
        transport: bytes.byte(offset + 9), data: start..<capturedEnd, wireLength: end - start,
        isCut: capturedEnd < end && end <= wireEnd, identification: UInt32(bytes.big16(offset + 4)),
        fragmentOffset: Int(flags & 0x1FFF) * 8, hasMoreFragments: flags & 0x2000 != 0))
  }

  /// Extension headers that a packet has at most; more are not followed.
  private static let maximumExtensionHeaders = 16

  private static func parseVersion6(_ bytes: RawSpan, at offset: Int, wireEnd: Int) -> Outcome {
    guard bytes.byteCount >= offset + 40 else { return .skipped }
    let payloadLength = Int(bytes.big16(offset + 4))
    let end = payloadLength == 0 ? wireEnd : offset + 40 + payloadLength
    let capturedEnd = min(end, bytes.byteCount)
    guard capturedEnd >= offset + 40 else { return .badLength }
    let packet = InternetPacket(
      source: InternetAddress(high: bytes.big64(offset + 8), low: bytes.big64(offset + 16)),
      destination: InternetAddress(high: bytes.big64(offset + 24), low: bytes.big64(offset + 32)),
      transport: bytes.byte(offset + 6), data: offset + 40..<capturedEnd, wireLength: end - offset - 40,
      isCut: capturedEnd < end && end <= wireEnd, identification: 0, fragmentOffset: 0, hasMoreFragments: false)
    return packet.withoutExtensionHeaders(bytes)
  }

  /// The packet with its data behind the IPv6 extension headers (RFC 8200 §4). What follows the header of a fragment is data until
  /// the datagram is whole: only then can the headers in it be followed.
  func withoutExtensionHeaders(_ bytes: RawSpan) -> Outcome {
    var packet = self
    var start = data.lowerBound
    let end = start + wireLength
    var isWhole = true
    for _ in 0..<Self.maximumExtensionHeaders where isWhole && Self.isExtensionHeader(packet.transport) {
      guard bytes.byteCount >= start + 8 else { return .skipped }
      let length: Int
      switch packet.transport {
      case 44:
        let field = bytes.big16(start + 2)
        packet.fragmentOffset = Int(field & 0xFFF8)
        packet.hasMoreFragments = field & 1 != 0
        packet.identification = bytes.big32(start + 4)
        isWhole = !packet.isFragment
        length = 8
      case 51: length = (Int(bytes.byte(start + 1)) + 2) * 4
      default: length = (Int(bytes.byte(start + 1)) + 1) * 8
      }
      packet.transport = bytes.byte(start)
      start += length
    }
    guard end >= start else { return .badLength }
    guard data.upperBound >= start else { return .skipped }
    packet.data = start..<data.upperBound
    packet.wireLength = end - start
    return .packet(packet)
  }

  /// Whether a number names an extension header that can be passed over.
  static func isExtensionHeader(_ transport: UInt8) -> Bool {
    switch transport {
    case 0, 43, 44, 51, 60, 135, 139, 140: true
    default: false
    }
  }
}
