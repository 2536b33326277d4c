import CPcap
import Glibc

/// Packets of a network interface as they come, by libpcap.
package final class LiveCapture {
  /// A step of reading.
  package enum Step: Sendable {
    /// A packet was handed on.
    case packet
    /// There are more.
    case ready
    /// None came for a tenth of a second.
    case silence
    /// The interface gives no more: why.
    case failed(String)
  }

  /// What a user does where capturing cannot begin.
  package enum Remedy: Sendable {
    /// To get the right to capture.
    case right
    /// To name another interface.
    case interface
    /// Nothing beyond what the reason says.
    case none
  }

  /// Why capturing cannot begin.
  package struct Fault: Error, Sendable {
    /// What libpcap says, or how to get it.
    package let reason: String
    /// What to do about it.
    package let remedy: Remedy
  }

  /// The LINKTYPE of its packets.
  package let linkType: UInt16
  private let pcap: PcapLibrary
  private let handle: OpaquePointer
  private let nanosecondsPerFraction: Int64
  /// What libpcap had counted when it was asked last.
  private var counted = pcap_stat()

  /// Opens an interface.
  ///
  /// - Parameters:
  ///   - name: As `ip link` shows it; `any` for all.
  ///   - filter: An expression in libpcap's language that packets must pass; nil: all.
  ///   - bufferBytes: Where packets wait in the kernel; what has no room there is lost.
  package init(interface name: String, filter: String?, bufferBytes: Int32 = 16 << 20) throws(Fault) {
    let pcap: PcapLibrary
    do throws(PcapLibrary.Missing) {
      pcap = try PcapLibrary.system.get()
    } catch {
      throw Fault(reason: error.reason, remedy: .none)
    }
    var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = pcap.create(name, &buffer) else {
      throw Fault(reason: PcapLibrary.text(buffer), remedy: .interface)
    }
    _ = pcap.setSnapshotLength(handle, 262_144)
    _ = pcap.setTimeout(handle, 100)
    _ = pcap.setBufferSize(handle, bufferBytes)
    _ = pcap.setTimestampPrecision(handle, PCAP_TSTAMP_PRECISION_NANO)
    let status = pcap.activate(handle)
    guard status >= 0 else {
      defer { pcap.close(handle) }
      let detail = pcap.fault(of: handle)
      throw Fault(
        reason: detail.isEmpty ? pcap.statusText(status).map { String(cString: $0) } ?? "" : detail,
        remedy: status == PCAP_ERROR_PERM_DENIED ? .right : .interface)
    }
    if let filter {
      var program = bpf_program()
      let isSet = pcap.compile(handle, &program, filter, 1, 0xFFFF_FFFF) == 0 && pcap.setFilter(handle, &program) == 0
      pcap.freeProgram(&program)
      guard isSet else {
        defer { pcap.close(handle) }
        throw Fault(reason: "the filter \"\(filter)\" cannot be used: \(pcap.fault(of: handle))", remedy: .none)
      }
    }
    // libpcap's own waiting may last until a packet comes, which leaves no chance to stop.
    _ = pcap.setNonblocking(handle, 1, &buffer)
    self.pcap = pcap
    self.handle = handle
    nanosecondsPerFraction = pcap.timestampPrecision(handle) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1_000
    let dataLink = pcap.dataLink(handle)
    // DLT and LINKTYPE numbers are the same but for these.
    linkType = dataLink == 12 ? 101 : UInt16(truncatingIfNeeded: dataLink)
  }

  deinit { pcap.close(handle) }

  /// Waits for a packet, at most a tenth of a second.
  ///
  /// - Parameter take: Is given the packet's bytes, its length on the wire, and its time in nanoseconds since 1970-01-01T00:00:00Z.
  package func next(_ take: (RawSpan, Int, Int64) -> Void) -> Step {
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var bytes: UnsafePointer<UInt8>?
    switch pcap.next(handle, &header, &bytes) {
    case 1:
      guard let header, let bytes else { return .silence }
      let time =
        Int64(header.pointee.ts.tv_sec) &* 1_000_000_000
        &+ Int64(header.pointee.ts.tv_usec) &* nanosecondsPerFraction
      let captured = UnsafeRawBufferPointer(start: bytes, count: Int(header.pointee.caplen))
      take(captured.bytes, Int(header.pointee.len), time)
      return .packet
    case 0:
      var descriptor = pollfd(fd: pcap.descriptor(handle), events: Int16(POLLIN), revents: 0)
      return poll(&descriptor, 1, 100) > 0 ? .ready : .silence
    default: return .failed(pcap.fault(of: handle))
    }
  }

  /// Packets that are not in the capture although they passed.
  package struct Losses: Sendable {
    /// For which the kernel had no room, because they came faster than they were looked at.
    package var kernel = 0
    /// Which the interface or its driver lost.
    package var interface = 0
  }

  /// What was lost since this was asked last.
  package func newLosses() -> Losses {
    var now = pcap_stat()
    guard pcap.statistics(handle, &now) == 0 else { return Losses() }
    // The counters have 32 bits and begin anew.
    let losses = Losses(kernel: Int(now.ps_drop &- counted.ps_drop), interface: Int(now.ps_ifdrop &- counted.ps_ifdrop))
    counted = now
    return losses
  }
}
