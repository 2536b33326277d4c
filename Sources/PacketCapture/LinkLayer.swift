/// The link layers that captures come with, and where in their packets the network layer begins.
package enum LinkLayer {
  private static let ethernet: UInt16 = 1
  private static let null: UInt16 = 0
  private static let ppp: UInt16 = 9
  private static let loop: UInt16 = 108
  private static let linuxCooked: UInt16 = 113
  private static let linuxCooked2: UInt16 = 276

  /// Whether packets of a LINKTYPE can be decoded.
  package static func supports(_ linkType: UInt16) -> Bool {
    switch linkType {
    case ethernet, null, loop, ppp, linuxCooked, linuxCooked2, 12, 14, 101, 228, 229: true
    default: false
    }
  }

  /// Where the IP header of a packet begins, or nil if it carries something else or is cut before it.
  static func networkOffset(_ bytes: RawSpan, linkType: UInt16) -> Int? {
    let count = bytes.byteCount
    switch linkType {
    case ethernet:
      return ethernetPayload(bytes, at: 0)
    case 12, 14, 101, 228, 229: return internetOffset(bytes, at: 0)
    case null, loop:
      // Four bytes of address family, in the byte order of the machine that captured (or of the network). Which family is
      // which number differs between systems; the version in the IP header says it as well.
      return internetOffset(bytes, at: 4)
    case linuxCooked:
      guard count >= 16 else { return nil }
      return etherPayload(bytes, type: bytes.big16(14), at: 16)
    case linuxCooked2:
      guard count >= 20 else { return nil }
      return etherPayload(bytes, type: bytes.big16(0), at: 20)
    case ppp:
      // The address and control bytes FF 03 may be left out (RFC 1661, RFC 1662).
      return framedPPPPayload(bytes, at: 0)
    default: return nil
    }
  }

  /// From an Ethernet header to the IP header.
  static func ethernetPayload(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 14 else { return nil }
    return etherPayload(bytes, type: bytes.big16(start + 12), at: start + 14)
  }

  /// From PPP's address and control bytes FF 03, if they are there (RFC 1661, RFC 1662), to the IP header.
  static func framedPPPPayload(_ bytes: RawSpan, at start: Int) -> Int? {
    guard bytes.byteCount >= start + 4 else { return nil }
    return pppPayload(bytes, at: bytes.big16(start) == 0xFF03 ? start + 2 : start)
  }

  /// Follows tags and shims from an EtherType to the IP header.
  static func etherPayload(_ bytes: RawSpan, type: UInt16, at start: Int) -> Int? {
    var type = type
    var offset = start
    while true {
      switch type {
      case 0x0800, 0x86DD: return internetOffset(bytes, at: offset)
      case 0x8100, 0x88A8, 0x9100, 0x9200:
        // IEEE 802.1Q and its stacked forms: two bytes of tag, then the next type.
        guard bytes.byteCount >= offset + 4 else { return nil }
        type = bytes.big16(offset + 2)
        offset += 4
      case 0x8847, 0x8848: return labelledPayload(bytes, at: offset)
      case 0x8864:
        // PPPoE session (RFC 2516): six bytes, then a PPP protocol number.
        guard bytes.byteCount >= offset + 8 else { return nil }
        return pppPayload(bytes, at: offset + 6)
      case 0...1500:
        // IEEE 802.3 with LLC and SNAP: AA AA 03, three bytes of organisation, then the type.
        guard bytes.byteCount >= offset + 8, bytes.big16(offset) == 0xAAAA, bytes.byte(offset + 2) == 3 else {
          return nil
        }
        type = bytes.big16(offset + 6)
        offset += 8
        guard type > 1500 else { return nil }
      default: return nil
      }
    }
  }

  /// Skips MPLS labels (RFC 3032) to the IP header, also to one in an Ethernet frame behind a control word (RFC 4448).
  static func labelledPayload(_ bytes: RawSpan, at start: Int) -> Int? {
    var offset = start
    while bytes.byteCount >= offset + 4 {
      let isLast = bytes.byte(offset + 2) & 1 == 1
      offset += 4
      guard isLast else { continue }
      if let found = internetOffset(bytes, at: offset) { return found }
      guard bytes.byteCount > offset, bytes.byte(offset) >> 4 == 0 else { return nil }
      return ethernetPayload(bytes, at: offset + 4)
    }
    return nil
  }

  private static func pppPayload(_ bytes: RawSpan, at offset: Int) -> Int? {
    guard bytes.byteCount >= offset + 2 else { return nil }
    // A protocol number below 256 may be sent as one byte, recognised by being odd (RFC 1661 §6.5).
    let isShort = bytes.byte(offset) & 1 == 1
    let type = isShort ? UInt16(bytes.byte(offset)) : bytes.big16(offset)
    let payload = offset + (isShort ? 1 : 2)
    switch type {
    case 0x0021, 0x0057: return internetOffset(bytes, at: payload)
    case 0x0281, 0x0283: return labelledPayload(bytes, at: payload)
    default: return nil
    }
  }

  /// The offset itself if an IP header of version 4 or 6 can begin there.
  static func internetOffset(_ bytes: RawSpan, at offset: Int) -> Int? {
    guard bytes.byteCount > offset else { return nil }
    let version = bytes.byte(offset) >> 4
    return version == 4 || version == 6 ? offset : nil
  }
}

extension LinkLayer {
  /// The EtherType behind all tags, 0 where the link layer has none; nil if the packet is cut before it.
  static func etherType(_ bytes: RawSpan, linkType: UInt16) -> UInt16? {
    var place: Int
    switch linkType {
    case ethernet: place = 12
    case linuxCooked: place = 14
    case linuxCooked2: place = 0
    default: return bytes.isEmpty ? nil : 0
    }
    guard bytes.byteCount >= (linkType == ethernet ? 14 : linkType == linuxCooked ? 16 : 20) else { return nil }
    var type = bytes.big16(place)
    if linkType == linuxCooked2 { place = 18 }
    while [0x8100, 0x88A8, 0x9100, 0x9200].contains(type) {
      place += 4
      guard bytes.byteCount >= place + 2 else { return nil }
      type = bytes.big16(place)
    }
    return type
  }
}
