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

  @Test("Packets of a link type that is not decoded are counted") func linkTypes() {
    let sink = RecordingSink()
    var inspection = CaptureInspection(options: .init(), sink: sink)
    let script = ConversationScript.whole()
    for packet in script.segments.map(script.packet) {
      inspection.receive(packet.span.bytes, linkType: 1, originalLength: packet.count, time: nil)
    }
    for _ in 0..<3 { inspection.receive([0].span.bytes, linkType: 147, originalLength: 1, time: nil) }
    inspection.finish()
    #expect(
      sink.findings.last?.message.hasPrefix(
        "passed over, because their link type is not decoded: 3 packets of LINKTYPE 147") == true)
    #expect(sink.findings.count { $0.id == "file.unsupported-linktype" } == 1)
  }

  @Test("Segments of other ports are counted") func segmentsOtherPorts() {
    var options = InspectionOptions()
    options.ports = [9]
    let findings = ConversationScript.whole().inspected(options).findings
    #expect(findings.map(\.id) == ["capture.passed-over"])
    #expect(findings.first?.message.contains("not of port 9") == true)
  }

  @Test("Where connections are shown, what was passed over is said all the same") func beside() {
    let sink = RecordingSink()
    var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
    var silent = ConversationScript()
    silent.clientPort = 40_002
    silent.open()
    let whole = ConversationScript.whole()
    for packet in whole.segments.map(whole.packet) + silent.segments.map(silent.packet)
      + [Self.ip(17), Self.ip(17), Self.ip(1), Self.ip(50)]
    {
      inspection.receive(packet.span.bytes, linkType: 1, originalLength: packet.count, time: nil)
    }
    inspection.finish()
    #expect(sink.connections.count == 1)
    #expect(
      sink.findings.filter { $0.id == "capture.passed-over" }.map(\.message) == [
        "passed over, because nothing in them can be followed: 4 packets: 2 UDP (port 443, perhaps QUIC), "
          + "1 ESP (encrypted IPsec), 1 ICMP",
        "passed over, because they hold no frames: 1 TCP connection: 1 without data (connection 2 on port 8080)",
      ])
  }

  @Test("Of many ports those of tunnels are named first") func tunnelsFirst() {
    func datagram(_ port: UInt8) -> [UInt8] {
      var packet = Self.ip(17)
      packet[36] = 0
      packet[37] = port
      return packet
    }
    // L2TP has the port 1701, the others are busier.
    var tunnel = Self.ip(17)
    tunnel.replaceSubrange(36..<38, with: [0x06, 0xA5])
    let findings = Self.findings([tunnel] + (10..<14).flatMap { [datagram($0), datagram($0)] })
    #expect(
      findings.first?.message.hasSuffix("9 packets: 9 UDP (port 1701, L2TP; port 10; port 11; and others)") == true,
      "\(findings)")
  }

  @Test("One connection that was asked for and holds no frames says what it is, and nothing is said of others")
  func followed() {
    var web = ConversationScript()
    web.clientPort = 40_002
    web.open()
    web.send(true, Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
    web.close()
    let whole = ConversationScript.whole()
    for (number, reasons) in [
      (1, []),
      (
        2,
        [
          "passed over, because it holds no frames: connection 2 on port 8080 is HTTP without an upgrade to WebSocket"
        ]
      ),
    ] {
      var options = InspectionOptions()
      options.followedConnection = number
      let sink = RecordingSink()
      var inspection = CaptureInspection(options: options, sink: sink)
      for packet in whole.segments.map(whole.packet) + web.segments.map(web.packet) + [Self.ip(17)] {
        inspection.receive(packet.span.bytes, linkType: 1, originalLength: packet.count, time: nil)
      }
      inspection.finish()
      #expect(sink.findings.filter { $0.id == "capture.passed-over" }.map(\.message) == reasons)
    }
  }
}
