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
      guard count >= 14 else { return nil }
      return etherPayload(bytes, type: bytes.big16(12), at: 14)
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
      guard count >= 4 else { return nil }
      return pppPayload(bytes, at: bytes.big16(0) == 0xFF03 ? 2 : 0)
    default: return nil
    }
  }

  /// Follows tags and shims from an EtherType to the IP header.
  private static func etherPayload(_ bytes: RawSpan, type: UInt16, at start: Int) -> Int? {
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

  /// Skips MPLS labels (RFC 3032) to the IP header.
  private static func labelledPayload(_ bytes: RawSpan, at start: Int) -> Int? {
    var offset = start
    while bytes.byteCount >= offset + 4 {
      let isLast = bytes.byte(offset + 2) & 1 == 1
      offset += 4
      if isLast { return internetOffset(bytes, at: offset) }
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
  private static func internetOffset(_ bytes: RawSpan, at offset: Int) -> Int? {
    guard bytes.byteCount > offset else { return nil }
    let version = bytes.byte(offset) >> 4
    return version == 4 || version == 6 ? offset : nil
  }
}
