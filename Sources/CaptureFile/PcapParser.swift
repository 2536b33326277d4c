/// The pcap format: a 24-byte file header, then records. Source: draft-ietf-opsawg-pcap and libpcap's savefile format.
struct PcapParser {
  /// The length of the file header.
  static let headerLength = 24

  private let order: ByteOrder
  /// Nanoseconds in a unit of the timestamps' second half.
  private let fractionNanoseconds: Int64
  private let recordHeaderLength: Int
  private let lengthOrder: LengthOrder
  /// The one interface of the file.
  let interface: CaptureInterface

  /// The order of a record's two lengths: files before version 2.3 have them swapped, 2.3 has both kinds.
  private enum LengthOrder {
    case capturedFirst, originalFirst, smallerIsCaptured
  }

  /// Whether four bytes, read as big-endian, are a magic number of this format.
  static func recognizes(_ magic: UInt32) -> Bool { description(of: magic) != nil }

  private static func description(of magic: UInt32) -> (order: ByteOrder, fraction: Int64, recordHeader: Int)? {
    switch magic {
    case 0xA1B2_C3D4: (.big, 1_000, 16)
    case 0xD4C3_B2A1: (.little, 1_000, 16)
    case 0xA1B2_3C4D: (.big, 1, 16)
    case 0x4D3C_B2A1: (.little, 1, 16)
    // Kuznetzov's modified libpcap: eight more bytes a record (interface index, protocol, packet type, padding).
    case 0xA1B2_CD34: (.big, 1_000, 24)
    case 0x34CD_B2A1: (.little, 1_000, 24)
    default: nil
    }
  }

  /// Reads the file header from the first 24 bytes, which must be there.
  static func make(header bytes: RawSpan) -> Result<PcapParser, PcapHeaderFault> {
    let magic = ByteOrder.big.uint32(bytes, at: 0)
    guard let (order, fraction, recordHeader) = description(of: magic) else {
      return .failure(PcapHeaderFault(fault: .unknownMagic(magic), offset: 0))
    }
    let major = order.uint16(bytes, at: 4)
    let minor = order.uint16(bytes, at: 6)
    guard major == 2 else {
      return .failure(PcapHeaderFault(fault: .unsupportedVersion(major: major, minor: minor), offset: 4))
    }
    let lengthOrder: LengthOrder = minor < 3 ? .originalFirst : minor == 3 ? .smallerIsCaptured : .capturedFirst
    // The upper bits say how long the frame check sequence is, in units of 16 bits, if bit 26 is set.
    let linkField = order.uint32(bytes, at: 20)
    let checkSequence = linkField & 0x0400_0000 != 0 ? Int(linkField >> 28) * 2 : 0
    let interface = CaptureInterface(
      linkType: UInt16(truncatingIfNeeded: linkField), snapLength: order.uint32(bytes, at: 16),
      timestampResolution: fraction == 1 ? .nanoseconds : .microseconds, frameCheckSequenceLength: checkSequence)
    return .success(
      PcapParser(
        order: order, fractionNanoseconds: fraction, recordHeaderLength: recordHeader, lengthOrder: lengthOrder,
        interface: interface))
  }

  /// Reads the record at the start of the span. A record longer than `limit` is refused: the file is corrupt there.
  @inline(__always)
  func step(_ bytes: RawSpan, limit: UInt32) -> ParseStep {
    guard bytes.byteCount >= recordHeaderLength else { return .needs(recordHeaderLength) }
    let seconds = Int64(order.uint32(bytes, at: 0))
    let fraction = Int64(order.uint32(bytes, at: 4))
    var captured = order.uint32(bytes, at: 8)
    var original = order.uint32(bytes, at: 12)
    if lengthOrder == .originalFirst || (lengthOrder == .smallerIsCaptured && captured > original) {
      swap(&captured, &original)
    }
    guard captured <= limit else { return .broken(.recordTooLong(captured: captured, limit: limit), at: 8) }
    let end = recordHeaderLength + Int(captured)
    guard bytes.byteCount >= end else { return .needs(end) }
    // Both halves are below 2^32, so the sum is below 2^63.
    let time = seconds &* 1_000_000_000 &+ fraction &* fractionNanoseconds
    return .packet(
      ParsedPacket(
        interface: 0, linkType: interface.linkType, timestamp: .nanoseconds(time), originalLength: original,
        frameCheckSequenceLength: interface.frameCheckSequenceLength, data: recordHeaderLength..<end),
      consumed: end)
  }
}

/// What is wrong with a pcap file header.
struct PcapHeaderFault: Error {
  let fault: CaptureFault
  let offset: Int
}
