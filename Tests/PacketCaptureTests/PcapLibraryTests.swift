import Testing

@testable import PacketCapture

@Suite("libpcap is loaded when it is asked for")
struct PcapLibraryTests {
  @Test("Where there is none, it says who needs it and how to get it")
  func missing() {
    let fault = #expect(throws: PcapLibrary.Missing.self) { try PcapLibrary(["libpcap-of-nobody.so.0"]) }
    #expect(fault?.reason.contains("live capture and --bpf need it") == true)
    #expect(fault?.reason.contains("apt-get install libpcap0.8") == true)
  }

  @Test("A library that is another one is refused by the name of the function")
  func other() {
    let fault = #expect(throws: PcapLibrary.Missing.self) { try PcapLibrary(["libc.so.6"]) }
    #expect(fault?.reason.contains("has no pcap_create") == true)
  }

  @Test("Of several names the first that there is, is taken")
  func names() throws {
    _ = try PcapLibrary(["libpcap-of-nobody.so.0"] + PcapLibrary.names)
  }
}
