import CPcap
import Glibc

/// A network interface whose packets libpcap could capture, with the right to.
package struct CaptureDevice: Sendable {
  /// What captures it: `eth0`, `lo`, `any`.
  package let name: String
  /// What the system says that it is; nil where it says nothing.
  package let description: String?
  /// Its IP addresses.
  package let addresses: [String]
  package let isUp: Bool
  /// Whether it is connected, as far as it can be.
  package let isRunning: Bool
  package let isLoopback: Bool

  /// How the names begin of what libpcap offers besides, whose packets cannot be decoded.
  private static let foreign = ["bluetooth", "dbus-", "nflog", "nfqueue", "usbmon"]

  /// All interfaces, in libpcap's order: those that one would want first.
  ///
  /// - Throws: Why they cannot be listed.
  package static func all() throws(LiveCapture.Fault) -> [CaptureDevice] {
    let pcap: PcapLibrary
    do throws(PcapLibrary.Missing) { pcap = try PcapLibrary.system.get() } catch {
      throw LiveCapture.Fault(reason: error.reason, remedy: .none)
    }
    var first: UnsafeMutablePointer<pcap_if_t>?
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard pcap.findDevices(&first, &message) == 0 else {
      throw LiveCapture.Fault(reason: PcapLibrary.text(message), remedy: .none)
    }
    defer { pcap.freeDevices(first) }
    var devices: [CaptureDevice] = []
    var next = first
    while let device = next?.pointee {
      if !foreign.contains(where: String(cString: device.name).hasPrefix) { devices.append(CaptureDevice(device)) }
      next = device.next
    }
    return devices
  }

}

extension CaptureDevice {
  private init(_ device: pcap_if_t) {
    name = String(cString: device.name)
    description = device.description.map { String(cString: $0) }
    addresses = Self.addresses(device.addresses)
    isLoopback = device.flags & UInt32(PCAP_IF_LOOPBACK) != 0
    isUp = device.flags & UInt32(PCAP_IF_UP) != 0
    isRunning = device.flags & UInt32(PCAP_IF_RUNNING) != 0
  }

  private static func addresses(_ first: UnsafeMutablePointer<pcap_addr_t>?) -> [String] {
    var texts: [String] = []
    var next = first
    while let entry = next?.pointee {
      if let address = entry.addr, let text = text(address) { texts.append(text) }
      next = entry.next
    }
    return texts
  }

  /// An IP address in numbers; nil for one of another family.
  private static func text(_ address: UnsafePointer<sockaddr>) -> String? {
    let size: Int
    switch Int32(address.pointee.sa_family) {
    case AF_INET: size = MemoryLayout<sockaddr_in>.size
    case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
    default: return nil
    }
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let result = getnameinfo(
      address, socklen_t(size), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
    return result == 0 ? PcapLibrary.text(host) : nil
  }
}
