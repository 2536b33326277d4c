import CPcap

/// Why a filter expression cannot be used.
package struct PacketFilterError: Error, Sendable {
  /// What libpcap says, or how to get it.
  package var reason: String
}

/// A filter in libpcap's language (pcap-filter(7)).
package final class PacketFilter {
  private let pcap: PcapLibrary
  private var program = bpf_program()

  /// Compiles an expression for packets of a LINKTYPE.
  package convenience init(_ expression: String, linkType: UInt16) throws(PacketFilterError) {
    do throws(PcapLibrary.Missing) {
      try self.init(expression, linkType: linkType, by: PcapLibrary.system.get())
    } catch {
      throw PacketFilterError(reason: error.reason)
    }
  }

  private init(_ expression: String, linkType: UInt16, by pcap: PcapLibrary) throws(PcapLibrary.Missing) {
    // LINKTYPE and DLT numbers are the same but for these.
    let dataLink: Int32 =
      switch linkType {
      case 101: 12
      default: Int32(linkType)
      }
    self.pcap = pcap
    guard let handle = pcap.openDead(dataLink, 262_144) else {
      throw PcapLibrary.Missing(reason: "libpcap gave no handle")
    }
    defer { pcap.close(handle) }
    guard pcap.compile(handle, &program, expression, 1, 0xFFFF_FFFF) == 0 else {
      throw PcapLibrary.Missing(reason: pcap.fault(of: handle))
    }
  }

  deinit { pcap.freeProgram(&program) }

  /// Whether a packet passes.
  package func matches(_ bytes: RawSpan, originalLength: Int) -> Bool {
    var header = pcap_pkthdr()
    header.caplen = UInt32(clamping: bytes.byteCount)
    header.len = UInt32(clamping: originalLength)
    return bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return false }
      return pcap.passes(&program, &header, base.assumingMemoryBound(to: UInt8.self)) != 0
    }
  }
}
