import Testing

@testable import WireInspector

/// "0 connections, 0 findings" always has a reason.
@Suite struct PassedOverTests {
  private static func findings(_ packets: [[UInt8]], _ options: InspectionOptions = InspectionOptions())
    -> [FindingRecord]
  {
    let sink = RecordingSink()
    var inspection = CaptureInspection(options: options, sink: sink)
    for packet in packets { inspection.receive(packet.span.bytes, linkType: 1, originalLength: packet.count, time: 1) }
    inspection.finish()
    return sink.findings
  }

  private static func ethernet(_ type: [UInt8], _ content: [UInt8]) -> [UInt8] {
    [UInt8](repeating: 2, count: 12) + type + content
  }

  private static func ip(_ transport: UInt8) -> [UInt8] {
    ethernet(
      [8, 0],
      [0x45, 0, 0, 60, 0, 1, 0, 0, 64, transport, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x30, 0x39, 0x01, 0xBB]
        + [UInt8](repeating: 0, count: 36))
  }

  @Test(
    "Packets are counted by what they are",
    arguments: [
      ([ethernet([8, 6], [UInt8](repeating: 0, count: 46))], "1 packet: 1 ARP"),
      ([ip(17), ip(17), ip(1)], "3 packets: 2 UDP (port 443, perhaps QUIC), 1 ICMP"),
      ([ip(50)], "1 ESP (encrypted IPsec)"),
      ([ethernet([0x88, 0xE5], [UInt8](repeating: 0, count: 46))], "1 MACsec"), ([], "there are no packets"),
    ] as [([[UInt8]], String)])
  func packetsCountedThey(_ packets: [[UInt8]], _ text: String) {
    let findings = Self.findings(packets)
    #expect(findings.map(\.id) == ["capture.passed-over"])
    #expect(findings.first?.message.contains(text) == true, "\(findings)")
  }

  @Test(
    "Connections are counted by what they are",
    arguments: [
      ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "1 HTTP without an upgrade to WebSocket"), ("", "1 without data"),
      ("SSH-2.0-x\r\n", "1 of another protocol"), ("\u{0}\u{1}", "1 of another protocol"),
    ])
  func connectionsCountedThey(_ bytes: String, _ text: String) {
    var script = ConversationScript()
    script.open()
    if !bytes.isEmpty { script.send(true, Array(bytes.utf8)) }
    script.close()
    let findings = script.inspected().findings.filter { $0.id == "capture.passed-over" }
    #expect(findings.count == 1)
    #expect(findings.first?.message.contains("1 TCP connection: " + text) == true, "\(findings)")
  }

  @Test(
    "Tunnels by SOCKS are named",
    arguments: [
      ([5, 1, 0], [5, 0], "1 tunnelled by SOCKS5"), ([5, 1, 0], [], "1 of another protocol"),
      ([4, 1, 0x1F, 0x43, 10, 0, 0, 2, 0], [0, 0x5A, 0, 0, 0, 0, 0, 0], "1 tunnelled by SOCKS4"),
      ([4, 1], [5, 0], "1 of another protocol"),
    ] as [([UInt8], [UInt8], String)])
  func socks(_ asked: [UInt8], _ answered: [UInt8], _ text: String) {
    var script = ConversationScript()
    script.open()
    script.send(true, asked)
    if !answered.isEmpty { script.send(false, answered) }
    script.send(true, [5, 1, 0, 1, 10, 0, 0, 2, 0x1F, 0x43])
    script.close()
    let findings = script.inspected().findings.filter { $0.id == "capture.passed-over" }
    #expect(findings.first?.message.contains("1 TCP connection: " + text) == true, "\(findings)")
  }

  @Test("Segments of other ports are counted") func segmentsOtherPorts() {
    var options = InspectionOptions()
    options.ports = [9]
    let findings = ConversationScript.whole().inspected(options).findings
    #expect(findings.map(\.id) == ["capture.passed-over"])
    #expect(findings.first?.message.contains("not of port 9") == true)
  }

  @Test("Where connections are shown only what could hide others is said") func connectionsShownOnly() {
    let sink = RecordingSink()
    var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
    let script = ConversationScript.whole()
    for packet in script.segments.map(script.packet) + [Self.ip(17), Self.ip(1), Self.ip(50)] {
      inspection.receive(packet.span.bytes, linkType: 1, originalLength: packet.count, time: nil)
    }
    inspection.finish()
    let findings = sink.findings.filter { $0.id == "capture.passed-over" }
    #expect(findings.count == 1)
    #expect(findings.first?.message.contains("1 packet: 1 ESP") == true)
  }
}
