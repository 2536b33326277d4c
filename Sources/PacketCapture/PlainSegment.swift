/// What names a direction of a TCP connection over IPv4, in few bits.
struct PlainFlowKey: Equatable {
  /// The source, then the destination; the most significant byte is the first.
  var addresses: UInt64
  var ports: UInt32

  @inline(__always)
  init(addresses: UInt64, ports: UInt32) {
    self.addresses = addresses
    self.ports = ports
  }

  /// The same as another key; nil for IPv6.
  init?(_ key: FlowKey) {
    guard !key.source.address.isVersion6, !key.destination.address.isVersion6 else { return nil }
    addresses = key.source.address.low << 32 | key.destination.address.low
    ports = UInt32(key.source.port) << 16 | UInt32(key.destination.port)
  }

  /// The other direction.
  @inline(__always)
  var reversed: PlainFlowKey {
    PlainFlowKey(addresses: addresses << 32 | addresses >> 32, ports: ports << 16 | ports >> 16)
  }

  @inline(__always)
  var hash: Int {
    let mixed = (addresses ^ UInt64(ports) &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    return Int(truncatingIfNeeded: mixed >> 32)
  }
}

/// The TCP segment of a packet as most are: IPv4 without options, all of it captured, and none of SYN, FIN and RST. Whatever else
/// there is goes through ``InternetPacket`` and ``TCPSegment``, which say the same of such a packet.
struct PlainSegment {
  var key: PlainFlowKey
  var sequence: UInt32
  var acknowledgement: UInt32
  var window: UInt16
  /// The data, a range of the packet.
  var data: Range<Int>
  /// Where its IP header begins.
  var header: Int

  /// Where the IP header begins in an Ethernet frame without tags; nil: it is something else, or too short to be of this kind.
  @inline(__always)
  static func offset(_ bytes: RawSpan, _ linkType: UInt16) -> Int? {
    linkType == 1 && bytes.byteCount >= 54 && bytes.big16(12) == 0x0800 && bytes.byte(14) == 0x45 ? 14 : nil
  }

  /// The header at an offset, where at least one byte is; nil where it is none of this kind.
  @inline(__always)
  init?(_ bytes: RawSpan, at offset: Int) {
    guard bytes.byteCount >= offset &+ 40 else { return nil }
    // All that is read from here on lies in those 40 bytes.
    // Version 4 and 20 bytes of header; no fragment; TCP.
    guard bytes.knownByte(offset) == 0x45, bytes.knownBig16(offset &+ 6) & 0x3FFF == 0,
      bytes.knownByte(offset &+ 9) == 6
    else {
      return nil
    }
    let end = offset &+ Int(bytes.knownBig16(offset &+ 2))
    let start = offset &+ 20 &+ Int(bytes.knownByte(offset &+ 32) >> 4) &* 4
    let flags = bytes.knownByte(offset &+ 33)
    guard start >= offset &+ 40, start <= end, end <= bytes.byteCount,
      flags & (TCPSegment.syn | TCPSegment.fin | TCPSegment.rst | TCPSegment.ack) == TCPSegment.ack
    else { return nil }
    key = PlainFlowKey(addresses: bytes.knownBig64(offset &+ 12), ports: bytes.knownBig32(offset &+ 20))
    sequence = bytes.knownBig32(offset &+ 24)
    acknowledgement = bytes.knownBig32(offset &+ 28)
    window = bytes.knownBig16(offset &+ 34)
    data = Range(uncheckedBounds: (start, end))
    header = offset
  }

  /// What its checksum shows.
  enum Checksum {
    case good
    /// It was left to the network card, which adds it to what leaves the machine, or which merged several segments.
    case leftToCard
    case other
  }

  @inline(__always)
  func checksum(_ bytes: RawSpan) -> Checksum {
    // The addresses of the pseudo-header stand before the segment; what else it has are its length and the number of TCP.
    let rest = UInt64(UInt16(truncatingIfNeeded: data.upperBound &- header &- 20 &+ 6).bigEndian)
    let addresses = Range(uncheckedBounds: (header &+ 12, header &+ 20))
    let sum = InternetChecksum.sum(bytes, Range(uncheckedBounds: (header &+ 12, data.upperBound))) &+ rest
    if InternetChecksum.fold(sum) == 0xFFFF { return .good }
    let field = bytes.big16(header &+ 36)
    let partial = InternetChecksum.fold(InternetChecksum.sum(bytes, addresses) &+ rest)
    return field.bigEndian == partial || field == 0 || data.count > 9000 ? .leftToCard : .other
  }
}

/// The slots of connections that packets came from lately, so that most need not be looked up in ``FlowTable``. A slot that is found
/// here may belong to another connection: the connection says which it is.
struct LatelyUsedFlows {
  private static let count = 1024
  private var slots = [Int32](repeating: -1, count: Self.count)

  /// The slot of the connection that had the key last, or of another; -1 for none.
  @inline(__always)
  func slot(_ key: PlainFlowKey) -> Int { Int(slots[key.hash & (Self.count - 1)]) }

  mutating func note(_ key: FlowKey, _ slot: Int) {
    guard let key = PlainFlowKey(key) else { return }
    slots[key.hash & (Self.count - 1)] = Int32(truncatingIfNeeded: slot)
  }
}
