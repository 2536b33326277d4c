import CPcap
import Glibc

/// The functions of libpcap, loaded when a capture of an interface or a filter first asks for them: who reads files without
/// a filter needs no libpcap, and an executable that is carried elsewhere runs without it.
struct PcapLibrary: Sendable {
  /// Why there is none.
  struct Missing: Error {
    /// What is missing and how to get it.
    let reason: String
  }

  let create: @convention(c) (UnsafePointer<CChar>?, UnsafeMutablePointer<CChar>?) -> OpaquePointer?
  let openDead: @convention(c) (Int32, Int32) -> OpaquePointer?
  let close: @convention(c) (OpaquePointer?) -> Void
  let setSnapshotLength: @convention(c) (OpaquePointer?, Int32) -> Int32
  let setTimeout: @convention(c) (OpaquePointer?, Int32) -> Int32
  let setBufferSize: @convention(c) (OpaquePointer?, Int32) -> Int32
  let setTimestampPrecision: @convention(c) (OpaquePointer?, Int32) -> Int32
  let timestampPrecision: @convention(c) (OpaquePointer?) -> Int32
  let activate: @convention(c) (OpaquePointer?) -> Int32
  let setNonblocking: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<CChar>?) -> Int32
  let dataLink: @convention(c) (OpaquePointer?) -> Int32
  let descriptor: @convention(c) (OpaquePointer?) -> Int32
  let next:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<pcap_pkthdr>?>?,
      UnsafeMutablePointer<UnsafePointer<UInt8>?>?
    ) -> Int32
  let statistics: @convention(c) (OpaquePointer?, UnsafeMutablePointer<pcap_stat>?) -> Int32
  let compile:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<bpf_program>?, UnsafePointer<CChar>?, Int32, UInt32) -> Int32
  let setFilter: @convention(c) (OpaquePointer?, UnsafeMutablePointer<bpf_program>?) -> Int32
  let freeProgram: @convention(c) (UnsafeMutablePointer<bpf_program>?) -> Void
  let passes: @convention(c) (UnsafePointer<bpf_program>?, UnsafePointer<pcap_pkthdr>?, UnsafePointer<UInt8>?) -> Int32
  let errorText: @convention(c) (OpaquePointer?) -> UnsafeMutablePointer<CChar>?
  let statusText: @convention(c) (Int32) -> UnsafePointer<CChar>?
  let findDevices:
    @convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<pcap_if_t>?>?, UnsafeMutablePointer<CChar>?) -> Int32
  let freeDevices: @convention(c) (UnsafeMutablePointer<pcap_if_t>?) -> Void

  /// The names under which Debian, and everybody else, installs it.
  static let names = ["libpcap.so.0.8", "libpcap.so.1", "libpcap.so"]

  /// The system's library. It stays loaded: its functions are handed on.
  static let system = Result { () throws(Missing) in try PcapLibrary(names) }

  /// Loads the first library that there is of some names.
  init(_ names: [String]) throws(Missing) {
    guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw Missing(
        reason: """
          libpcap is not installed, and live capture and --bpf need it; \
          apt-get install libpcap0.8 (Debian, Ubuntu) or dnf install libpcap (Fedora) brings it
          """)
    }
    func function<Function>(_ name: String, as: Function.Type = Function.self) throws(Missing) -> Function {
      guard let symbol = dlsym(library, name) else {
        throw Missing(reason: "the libpcap that is installed has no \(name); libpcap 1.5 or later is needed")
      }
      return unsafeBitCast(symbol, to: Function.self)
    }
    create = try function("pcap_create")
    openDead = try function("pcap_open_dead")
    close = try function("pcap_close")
    setSnapshotLength = try function("pcap_set_snaplen")
    setTimeout = try function("pcap_set_timeout")
    setBufferSize = try function("pcap_set_buffer_size")
    setTimestampPrecision = try function("pcap_set_tstamp_precision")
    timestampPrecision = try function("pcap_get_tstamp_precision")
    activate = try function("pcap_activate")
    setNonblocking = try function("pcap_setnonblock")
    dataLink = try function("pcap_datalink")
    descriptor = try function("pcap_get_selectable_fd")
    next = try function("pcap_next_ex")
    statistics = try function("pcap_stats")
    compile = try function("pcap_compile")
    setFilter = try function("pcap_setfilter")
    freeProgram = try function("pcap_freecode")
    passes = try function("pcap_offline_filter")
    errorText = try function("pcap_geterr")
    statusText = try function("pcap_statustostr")
    findDevices = try function("pcap_findalldevs")
    freeDevices = try function("pcap_freealldevs")
  }

  /// The text in a buffer of C.
  static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// What went wrong last with a handle.
  func fault(of handle: OpaquePointer?) -> String { errorText(handle).map { String(cString: $0) } ?? "" }
}
