/// A TCP segment: its header (RFC 9293 §3.1), and where its data are.
struct TCPSegment {
  var source: Endpoint
  var destination: Endpoint
  var sequence: UInt32
  var acknowledgement: UInt32
  var flags: UInt8
  var window: UInt16
  /// The shift of later windows, from the options of a SYN.
  var windowShift: UInt8 = 0
  /// The captured part of the data, a range of the bytes that were parsed.
  var data: Range<Int>
  /// The number of bytes of data on the wire; more than `data.count` if the segment was cut.
  var wireLength: Int
  /// Whether the missing data were cut when capturing.
  var isCut: Bool
  /// The identification of the IP packet, 0 if it has none.
  var identification: UInt32
  /// The checksum field: with the same header and data it is the same.
  var checksum: UInt16

  static let fin: UInt8 = 0x01
  static let syn: UInt8 = 0x02
  static let rst: UInt8 = 0x04
  static let ack: UInt8 = 0x10

  @inline(__always)
  func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

  /// The header of the segment in an IP packet's data, or nil if it is cut or its lengths contradict each other.
  static func parse(_ bytes: RawSpan, packet: InternetPacket) -> TCPSegment? {
    let start = packet.data.lowerBound
    guard packet.data.count >= 20 else { return nil }
    let headerLength = Int(bytes.byte(start + 12) >> 4) * 4
    guard headerLength >= 20, headerLength <= packet.data.count else { return nil }
    let flags = bytes.byte(start + 13)
    var segment = TCPSegment(
      source: Endpoint(address: packet.source, port: bytes.big16(start)),
      destination: Endpoint(address: packet.destination, port: bytes.big16(start + 2)),
      sequence: bytes.big32(start + 4), acknowledgement: bytes.big32(start + 8), flags: flags,
      window: bytes.big16(start + 14), data: start + headerLength..<packet.data.upperBound,
      wireLength: packet.wireLength - headerLength, isCut: packet.isCut, identification: packet.identification,
      checksum: bytes.big16(start + 16))
    if flags & syn != 0 { segment.windowShift = windowShift(bytes, start + 20..<start + headerLength) }
    return segment
  }

  /// The window scale option (RFC 7323 §2.2), 0 if there is none.
  private static func windowShift(_ bytes: RawSpan, _ options: Range<Int>) -> UInt8 {
    var offset = options.lowerBound
    while offset < options.upperBound {
      let kind = bytes.byte(offset)
      if kind == 0 { return 0 }
      if kind == 1 {
        offset += 1
        continue
      }
      guard offset + 1 < options.upperBound else { return 0 }
      let length = Int(bytes.byte(offset + 1))
      guard length >= 2, offset + length <= options.upperBound else { return 0 }
      if kind == 3, length == 3 { return min(bytes.byte(offset + 2), 14) }
      offset += length
    }
    return 0
  }

  /// Whether the checksum of a whole segment is right.
  static func hasGoodChecksum(_ bytes: RawSpan, packet: InternetPacket) -> Bool {
    let sum =
      InternetChecksum.pseudoHeader(packet, length: packet.wireLength) &+ InternetChecksum.sum(bytes, packet.data)
    return InternetChecksum.fold(sum) == 0xFFFF
  }
}
