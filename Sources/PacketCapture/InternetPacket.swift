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
    var next = bytes.byte(offset + 6)
    var start = offset + 40
    var identification: UInt32 = 0
    var fragmentOffset = 0
    var more = false
    for _ in 0..<maximumExtensionHeaders {
      let length: Int
      switch next {
      case 0, 43, 60, 135, 139, 140:
        guard bytes.byteCount >= start + 2 else { return .skipped }
        length = (Int(bytes.byte(start + 1)) + 1) * 8
      case 51:
        guard bytes.byteCount >= start + 2 else { return .skipped }
        length = (Int(bytes.byte(start + 1)) + 2) * 4
      case 44:
        guard bytes.byteCount >= start + 8 else { return .skipped }
        let field = bytes.big16(start + 2)
        fragmentOffset = Int(field & 0xFFF8)
        more = field & 1 != 0
        identification = bytes.big32(start + 4)
        length = 8
      default: length = 0
      }
      if length == 0 { break }
      next = bytes.byte(start)
      start += length
      // What follows the header of a later fragment is data.
      if fragmentOffset > 0 { break }
    }
    guard end >= start else { return .badLength }
    guard bytes.byteCount >= start else { return .skipped }
    let capturedEnd = min(end, bytes.byteCount)
    return .packet(
      InternetPacket(
        source: InternetAddress(high: bytes.big64(offset + 8), low: bytes.big64(offset + 16)),
        destination: InternetAddress(high: bytes.big64(offset + 24), low: bytes.big64(offset + 32)),
        transport: next, data: start..<capturedEnd, wireLength: end - start,
        isCut: capturedEnd < end && end <= wireEnd, identification: identification, fragmentOffset: fragmentOffset,
        hasMoreFragments: more))
  }
}
