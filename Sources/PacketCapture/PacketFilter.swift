import CPcap

/// Why a filter expression cannot be used.
package struct PacketFilterError: Error, Sendable {
  /// What libpcap says.
  package var reason: String
}

/// A filter in libpcap's language (pcap-filter(7)).
package final class PacketFilter {
  private var program = bpf_program()

  /// Compiles an expression for packets of a LINKTYPE.
  package init(_ expression: String, linkType: UInt16) throws(PacketFilterError) {
    // LINKTYPE and DLT numbers are the same but for these.
    let dataLink: Int32 =
      switch linkType {
      case 101: 12
      default: Int32(linkType)
      }
    guard let handle = pcap_open_dead(dataLink, 262_144) else {
      throw PacketFilterError(reason: "libpcap gave no handle")
    }
    defer { pcap_close(handle) }
    guard pcap_compile(handle, &program, expression, 1, 0xFFFF_FFFF) == 0 else {
      throw PacketFilterError(reason: String(cString: pcap_geterr(handle)))
    }
  }

  deinit { pcap_freecode(&program) }

  /// Whether a packet passes.
  package func matches(_ bytes: RawSpan, originalLength: Int) -> Bool {
    var header = pcap_pkthdr()
    header.caplen = UInt32(clamping: bytes.byteCount)
    header.len = UInt32(clamping: originalLength)
    return bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return false }
      return pcap_offline_filter(&program, &header, base.assumingMemoryBound(to: UInt8.self)) != 0
    }
  }
}
