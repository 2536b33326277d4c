/// Packets that carry other packets: IP in IP, GRE and what is built on it, and tunnels over UDP.
enum Tunnel {
  /// Packets within packets are followed so deep.
  static let maximumDepth = 8

  /// The protocol number of UDP.
  static let userDatagram: UInt8 = 17

  /// Whether packets of an IP protocol number can carry others.
  static func canBe(_ transport: UInt8) -> Bool {
    switch transport {
    case 4, 17, 41, 47, 51, 97, 137: true
    default: false
    }
  }

  /// Where the IP header of the packet within a packet begins; nil if it carries none that is known.
  ///
  /// - Parameter bytes: What was captured, up to the end of the outer packet's data.
  static func networkOffset(_ packet: InternetPacket, _ bytes: RawSpan) -> Int? {
    let start = packet.data.lowerBound
    switch packet.transport {
    // RFC 2003, RFC 4213.
    case 4, 41: return LinkLayer.internetOffset(bytes, at: start)
    case 17: return userDatagramPayload(packet, bytes)
    case 47: return genericRouting(bytes, at: start)
    // The authentication header (RFC 4302) in transport mode hides a segment, which is none of these.
    case 51: return authenticated(bytes, at: start)
    // EtherIP (RFC 3378): version 3 and twelve zero bits.
    case 97: return LinkLayer.ethernetPayload(bytes, at: start + 2)
    // MPLS in IP (RFC 4023).
    case 137: return LinkLayer.labelledPayload(bytes, at: start)
    default: return nil
    }
  }

  private static func authenticated(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 12 else { return nil }
    let next = bytes.byte(start)
    guard next == 4 || next == 41 else { return nil }
    return LinkLayer.internetOffset(bytes, at: start + (Int(bytes.byte(start + 1)) + 2) * 4)
  }

  // MARK: GRE

  /// Generic routing encapsulation (RFC 2784, RFC 2890; version 1 is PPTP's, RFC 2637).
  private static func genericRouting(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 4 else { return nil }
    let flags = bytes.big16(start)
    let type = bytes.big16(start + 2)
    let hasSequence = flags & 0x1000 != 0
    var offset = start + 4
    // A checksum and a routing field share four bytes.
    if flags & 0xC000 != 0 { offset += 4 }
    if flags & 0x2000 != 0 { offset += 4 }
    if hasSequence { offset += 4 }
    switch flags & 7 {
    case 0:
      guard flags & 0x4000 == 0 else { return nil }
      return genericPayload(bytes, type: type, at: offset, hasSequence: hasSequence)
    case 1:
      if flags & 0x0080 != 0 { offset += 4 }
      return type == 0x880B ? LinkLayer.framedPPPPayload(bytes, at: offset) : nil
    default: return nil
    }
  }

  private static func genericPayload(_ bytes: RawSpan, type: UInt16, at offset: Int, hasSequence: Bool) -> Int? {
    switch type {
    case 0x6558: return LinkLayer.ethernetPayload(bytes, at: offset)
    // ERSPAN: type I has no header of its own, and no sequence number; type II has eight bytes.
    case 0x88BE: return LinkLayer.ethernetPayload(bytes, at: hasSequence ? offset + 8 : offset)
    case 0x22EB: return mirroredFrame(bytes, at: offset)
    case 0x880B: return LinkLayer.framedPPPPayload(bytes, at: offset)
    default: return LinkLayer.etherPayload(bytes, type: type, at: offset)
    }
  }

  /// ERSPAN type III: twelve bytes, eight more where the last bit says so; frames of Ethernet (0) or IP (2).
  private static func mirroredFrame(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 12 else { return nil }
    let frame = start + 12 + (bytes.byte(start + 11) & 1 == 1 ? 8 : 0)
    return switch bytes.byte(start + 10) >> 2 & 0x1F {
    case 0: LinkLayer.ethernetPayload(bytes, at: frame)
    case 2: LinkLayer.internetOffset(bytes, at: frame)
    default: nil
    }
  }

  // MARK: UDP

  /// What a datagram carries: by its port, or on any port where everything of it fits.
  private static func userDatagramPayload(_ packet: InternetPacket, _ bytes: RawSpan) -> Int? {
    let start = packet.data.lowerBound
    // The shortest that could hold a packet: the last fragment of one may carry a byte.
    guard packet.wireLength >= 8 + 21, bytes.byteCount >= start + 16 else { return nil }
    let content = start + 8
    for port in [bytes.big16(start + 2), bytes.big16(start)] {
      switch port {
      case 4789, 8472: if let found = extensibleLAN(bytes, at: content) { return found }
      case 4790: if let found = genericExtensibleLAN(bytes, at: content) { return found }
      case 6081: if let found = genericVirtual(bytes, at: content) { return found }
      case 2152: if let found = userPlane(bytes, at: content) { return found }
      case 6635: if let found = LinkLayer.labelledPayload(bytes, at: content) { return found }
      case 4754: if let found = genericRouting(bytes, at: content) { return found }
      case 37008: if let found = mirroredByRouter(bytes, at: content) { return found }
      case 3544: if let found = LinkLayer.internetOffset(bytes, at: content) { return found }
      default: break
      }
    }
    let end = start + packet.wireLength
    for found in [extensibleLAN(bytes, at: content), genericVirtual(bytes, at: content), userPlane(bytes, at: content)]
    {
      if let found, fits(bytes, at: found, end: end) { return found }
    }
    return nil
  }

  /// VXLAN (RFC 7348): the flag I alone, and a network identifier between reserved bytes.
  private static func extensibleLAN(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 8, bytes.big32(start) == 0x0800_0000, bytes.byte(start + 7) == 0 else {
      // Group policies use more of the first four bytes (flag G).
      guard bytes.byteCount >= start + 8, bytes.byte(start) & 0x8C == 0x88 else { return nil }
      return LinkLayer.ethernetPayload(bytes, at: start + 8)
    }
    return LinkLayer.ethernetPayload(bytes, at: start + 8)
  }

  /// VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe): the fourth byte says what comes, if the flag P is set.
  private static func genericExtensibleLAN(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 8, bytes.byte(start) & 0x08 != 0 else { return nil }
    guard bytes.byte(start) & 0x04 != 0 else { return LinkLayer.ethernetPayload(bytes, at: start + 8) }
    return switch bytes.byte(start + 3) {
    case 1, 2: LinkLayer.internetOffset(bytes, at: start + 8)
    case 3: LinkLayer.ethernetPayload(bytes, at: start + 8)
    case 5: LinkLayer.labelledPayload(bytes, at: start + 8)
    default: nil
    }
  }

  /// GENEVE (RFC 8926): version 0, options of so many words, the type of what comes.
  private static func genericVirtual(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 8, bytes.byte(start) >> 6 == 0, bytes.byte(start + 1) & 0x3F == 0,
      bytes.byte(start + 7) == 0
    else { return nil }
    let payload = start + 8 + Int(bytes.byte(start) & 0x3F) * 4
    let type = bytes.big16(start + 2)
    switch type {
    case 0x6558: return LinkLayer.ethernetPayload(bytes, at: payload)
    case 0x0800, 0x86DD, 0x8847: return LinkLayer.etherPayload(bytes, type: type, at: payload)
    default: return nil
    }
  }

  /// GTP-U (3GPP TS 29.281): version 1, a packet of a user behind optional fields and extension headers.
  private static func userPlane(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 8, bytes.byte(start) & 0xF0 == 0x30, bytes.byte(start + 1) == 0xFF else {
      return nil
    }
    var offset = start + 8
    guard bytes.byte(start) & 7 != 0 else { return LinkLayer.internetOffset(bytes, at: offset) }
    guard bytes.byteCount >= offset + 4 else { return nil }
    var next = bytes.byte(start) & 4 != 0 ? bytes.byte(offset + 3) : 0
    offset += 4
    while next != 0 {
      guard bytes.byteCount > offset else { return nil }
      let length = Int(bytes.byte(offset)) * 4
      guard length > 0, bytes.byteCount >= offset + length else { return nil }
      next = bytes.byte(offset + length - 1)
      offset += length
    }
    return LinkLayer.internetOffset(bytes, at: offset)
  }

  /// TZSP, by which routers mirror traffic: version 1, Ethernet (1), then tagged fields up to the tag 1.
  private static func mirroredByRouter(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 5, bytes.byte(start) == 1, bytes.big16(start + 2) == 1 else { return nil }
    var offset = start + 4
    while bytes.byteCount > offset {
      let tag = bytes.byte(offset)
      if tag == 1 { return LinkLayer.ethernetPayload(bytes, at: offset + 1) }
      if tag == 0 {
        offset += 1
      } else {
        guard bytes.byteCount > offset + 1 else { return nil }
        offset += 2 + Int(bytes.byte(offset + 1))
      }
    }
    return nil
  }

  /// Whether an IP packet fills what there is of it to its end, but for the padding of a short Ethernet frame.
  private static func fits(_ bytes: RawSpan, at offset: Int, end: Int) -> Bool {
    guard bytes.byteCount >= offset + 20 else { return false }
    let isVersion4 = bytes.byte(offset) >> 4 == 4
    if isVersion4, bytes.byte(offset) & 0x0F < 5 { return false }
    let length = isVersion4 ? Int(bytes.big16(offset + 2)) : 40 + Int(bytes.big16(offset + 4))
    return offset + length == end || (offset + length < end && length < 46)
  }
}
