import CaptureFile
import Foundation
import Specification
import TLSRecords
import Testing

@testable import WireInspector

private func readFile(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

/// Lends the path of a file with some bytes.
private func withTemporaryFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
  let file = FileManager.default.temporaryDirectory.appending(path: "wireproof-\(UUID())")
  try Data(bytes).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  try body(file.path)
}

/// Recordings of TLS, damaged and without what belongs to them. What is in each by itself is judged by its manifest.
@Suite struct TLSTests {
  /// A recording in memory.
  private struct Packets {
    var packets: [(bytes: [UInt8], time: Int64)] = []

    init(_ name: String) throws {
      let data = try readFile(captureFile("tls/\(name).pcap"))
      var reader = CaptureReader()
      reader.feed(data)
      reader.finish()
      while let event = reader.next() {
        guard case .record(let record) = event else { continue }
        packets.append(
          (reader.withBytes(of: record) { $0.withUnsafeBytes { Array($0) } }, record.timestampNanoseconds ?? 0))
      }
    }

    /// Those with data of TCP.
    var withData: [Int] { packets.indices.filter { packets[$0].bytes.count > 54 } }

    /// - Parameter label: The lines of the key log that are left out.
    func inspected(keys: String, leaving label: String) throws -> RecordingSink {
      let sink = RecordingSink()
      var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
      for line in try readFile(captureFile("tls/\(keys).keys")).split(separator: 0x0A)
      where !String(decoding: line, as: UTF8.self).contains(label) {
        inspection.keyLog.append(line + [0x0A])
      }
      for packet in packets {
        inspection.receive(packet.bytes.span.bytes, linkType: 1, originalLength: packet.bytes.count, time: packet.time)
      }
      inspection.finish()
      return sink
    }

    /// - Parameter sizes: How long the packets were on the wire.
    func inspected(keys: String?, without left: Set<Int> = [], sizes: [Int]? = nil) throws -> RecordingSink {
      let sink = RecordingSink()
      var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
      if let keys { inspection.keyLog.append(try readFile(captureFile("tls/\(keys).keys"))) }
      for (index, packet) in packets.enumerated() where !left.contains(index) {
        inspection.receive(
          packet.bytes.span.bytes, linkType: 1, originalLength: sizes?[index] ?? packet.bytes.count, time: packet.time)
      }
      inspection.finish()
      return sink
    }
  }

  @Test(
    "A packet that is missing costs no more than the messages in it",
    arguments: [
      "tls13_aes128_gcm", "tls13_chacha20", "tls13_small_records", "tls13_key_updates", "tls12_aes128_gcm",
      "tls12_chacha20",
      "tls12_aes128_cbc_sha", "tls12_aes128_cbc_sha256",
    ]) func missingPacket(_ name: String) throws
  {
    let recording = try Packets(name)
    let whole = try recording.inspected(keys: name).described(1)
    #expect(whole.fromClient.count + whole.fromServer.count == 10)
    for index in recording.withData {
      let sink = try recording.inspected(keys: name, without: [index])
      // What TLS 1.2 is under depends on what its server says first.
      if name.hasPrefix("tls12"), sink.connections.isEmpty {
        #expect(sink.findings.map(\.id) == ["tls.no-keys"] && sink.findings[0].message.contains("the server's answer"))
        continue
      }
      let rest = sink.described(1)
      let lost = (whole.fromClient.count + whole.fromServer.count) - (rest.fromClient.count + rest.fromServer.count)
      #expect(lost <= 1, "without packet \(index + 1) of \(name): \(rest)")
      #expect(
        rest.fromClient.allSatisfy(whole.fromClient.contains) && rest.fromServer.allSatisfy(whole.fromServer.contains))
      #expect(!sink.findings.map(\.id).contains("tls.bad-record"))
    }
  }

  @Test("Without keys a connection is named with what its handshake said") func withoutKeys() throws {
    let sink = try Packets("tls13_ecdsa").inspected(keys: nil)
    #expect(sink.findings.map(\.id) == ["tls.no-keys"] && sink.connections.isEmpty)
    let message = sink.findings[0].message
    for part in [
      "no keys are given", "TLS 1.3", "TLS_AES_256_GCM_SHA384", "for chat.example", "offers http/1.1", "from client",
    ] {
      #expect(message.contains(part), "\(message)")
    }
    let strange = try Packets("tls13_ecdsa").inspected(keys: "tls13_chacha20")
    #expect(strange.findings.map(\.id) == ["tls.no-keys"])
    #expect(strange.findings[0].message.contains("the key log has none of its keys"))
  }

  @Test(
    "A secret that the key log lacks is named, and the other direction is shown",
    arguments: [
      ("tls13_aes128_gcm", "CLIENT_TRAFFIC_SECRET_0", 0, 5), ("tls13_aes128_gcm", "SERVER_TRAFFIC_SECRET_0", 5, 0),
      ("tls13_key_updates", "CLIENT_TRAFFIC_SECRET_0", 0, 5), ("tls13_early_data", "SERVER_TRAFFIC_SECRET_0", 5, 0),
      ("tls13_early_data", "CLIENT_EARLY_TRAFFIC_SECRET", 5, 5),
    ])
  func lackedSecret(_ name: String, _ label: String, _ fromClient: Int, _ fromServer: Int) throws {
    let sink = try Packets(name).inspected(keys: name, leaving: label)
    let described = sink.described(1)
    #expect(described.fromClient.count == fromClient && described.fromServer.count == fromServer)
    let said = sink.findings.filter { $0.id.hasPrefix("tls.") && $0.id != "tls.alert" }
    #expect(said.map(\.id) == ["tls.no-keys"] && said.first?.message.contains(label) == true)
    #expect(said.first?.role == (label.hasPrefix("CLIENT") ? .client : .server))
    #expect(sink.findings.allSatisfy { $0.requirement == nil })
  }

  @Test("A secret of the handshake that the key log lacks costs nothing", arguments: ["CLIENT", "SERVER"])
  func lackedHandshakeSecret(_ side: String) throws {
    for name in ["tls13_aes128_gcm", "tls13_early_data"] {
      let sink = try Packets(name).inspected(keys: name, leaving: "\(side)_HANDSHAKE_TRAFFIC_SECRET")
      #expect(sink.frames.count == 10 && sink.findings.allSatisfy { $0.id == "tls.alert" }, "\(sink.findings)")
    }
  }

  @Test("Where the content's secrets are missing altogether, the connection is named") func lackedContent() throws {
    let sink = try Packets("tls13_resumed").inspected(keys: "tls13_resumed", leaving: "TRAFFIC_SECRET_0")
    #expect(sink.connections.isEmpty && sink.findings.map(\.id) == ["tls.no-keys"])
    #expect(sink.findings.first?.message.contains("the key log lacks") == true)
  }

  @Test("A key log that grows line by line is waited for") func growingKeyLog() throws {
    let recording = try Packets("tls13_aes128_gcm")
    let lines = try readFile(captureFile("tls/tls13_aes128_gcm.keys")).split(separator: 0x0A).map { Array($0) + [0x0A] }
    let sink = RecordingSink()
    var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
    inspection.keyLog.mayGrow = true
    // The secrets of the handshake come first, those of the content after it.
    for line in lines where String(decoding: line, as: UTF8.self).contains("HANDSHAKE") {
      inspection.keyLog.append(line)
    }
    for (index, packet) in recording.packets.enumerated() {
      if index == recording.packets.count - 2 { for line in lines { inspection.keyLog.append(line) } }
      inspection.receive(packet.bytes.span.bytes, linkType: 1, originalLength: packet.bytes.count, time: packet.time)
    }
    inspection.finish()
    #expect(sink.frames.count == 10 && !sink.findings.map(\.id).contains("tls.bad-record"))
  }

  @Test(
    "Where a handshake within a connection is not whole, nobody is accused, and what its keys are known of is shown")
  func renegotiationWithLosses() throws {
    let recording = try Packets("tls12_renegotiated")
    let whole = try recording.inspected(keys: "tls12_renegotiated").frames.count
    #expect(whole == 10)
    var unread = 0
    for index in recording.withData.dropFirst(4) {
      let sink = try recording.inspected(keys: "tls12_renegotiated", without: [index])
      #expect(!sink.findings.map(\.id).contains("tls.bad-record"), "without packet \(index + 1)")
      guard sink.frames.count < whole - 1 else { continue }
      // The server's second hello, on which all keys behind it depend.
      unread += 1
      let said = sink.findings.filter { $0.id == "tls.no-keys" }
      #expect(said.map(\.role) == [.client, .server] || said.map(\.role) == [.server, .client])
      #expect(said.allSatisfy { $0.message.contains("the handshake") })
    }
    #expect(unread == 1)
  }

  @Test(
    "Packets that were cut when captured cost their messages, and accuse nobody", arguments: [600, 300, 150],
    ["tls12_aes128_gcm", "tls12_aes128_cbc_sha", "tls13_aes128_gcm", "tls13_small_records"])
  func cutPackets(_ snapLength: Int, _ name: String) throws {
    var recording = try Packets(name)
    let sizes = recording.packets.map(\.bytes.count)
    for index in recording.packets.indices {
      recording.packets[index].bytes = Array(recording.packets[index].bytes.prefix(snapLength))
    }
    let sink = try recording.inspected(keys: name, sizes: sizes)
    #expect(sink.findings.allSatisfy { $0.requirement == nil && $0.id != "tls.bad-record" })
    guard snapLength == 600 else { return }
    // The certificate, and one message of 1500 bytes.
    let described = sink.described(1)
    #expect(described.fromClient.count == 4 && described.fromServer.count == 5)
    #expect(sink.connections[1]?.status == 101 && sink.connections[1]?.handshake?.path == "/ws")
  }

  @Test("A gap that holds several key updates costs what is in it", arguments: [4, 8, 12])
  func lostKeyUpdates(_ width: Int) throws {
    let recording = try Packets("tls13_key_updates")
    let whole = try recording.inspected(keys: "tls13_key_updates")
    func name(_ frame: RecordingSink.Frame) -> String { "\(frame.record.role) \(frame.record.header) \(frame.payload)" }
    for start in stride(from: 3, to: recording.packets.count - width, by: 3) {
      let sink = try recording.inspected(keys: "tls13_key_updates", without: Set(start..<start + width))
      let found = Set(sink.frames.map(name))
      let outside = whole.frames.filter { frame in
        frame.place.packets.map { $0.upperBound <= start || $0.lowerBound > start + width } ?? false
      }
      #expect(outside.map(name).allSatisfy(found.contains), "without packets \(start + 1) to \(start + width)")
      #expect(sink.findings.allSatisfy { $0.requirement == nil && $0.id != "tls.bad-record" })
    }
  }

  @Test("A connection says how it is encrypted") func session() throws {
    let sink = try Packets("tls13_ecdsa").inspected(keys: "tls13_ecdsa")
    let tls = try #require(sink.connections[1]?.tls)
    #expect(tls.version == "1.3" && tls.cipher == "TLS_AES_256_GCM_SHA384" && tls.serverName == "chat.example")
    #expect(tls.applicationProtocol == "http/1.1")
  }

  @Test(
    "A bit that was changed costs its record",
    arguments: ["tls13_chacha20", "tls12_aes256_gcm", "tls12_aes128_cbc_sha"])
  func changedBit(_ name: String) throws {
    var recording = try Packets(name)
    let whole = try recording.inspected(keys: name).described(1)
    // A segment of the middle: its checksum is wrong then, but no other segment tells that checksums can be trusted.
    let index = recording.withData[recording.withData.count / 2]
    recording.packets[index].bytes[recording.packets[index].bytes.count - 3] ^= 1
    for place in recording.packets.indices { recording.packets[place].bytes.replaceSubrange(50..<52, with: [0, 0]) }
    let sink = try recording.inspected(keys: name)
    let rest = sink.described(1)
    #expect(sink.findings.map(\.id).contains("tls.bad-record"))
    #expect(rest.fromClient.count + rest.fromServer.count >= whole.fromClient.count + whole.fromServer.count - 1)
  }

  @Test("Secrets that come behind the packets are not too late") func lateSecrets() throws {
    let recording = try Packets("tls13_aes128_gcm")
    var writer = CaptureWriter(format: .pcapng)
    let interface = try writer.addInterface(CaptureInterface(linkType: 1))
    for packet in recording.packets {
      try writer.write(packet.bytes.span.bytes, timestampNanoseconds: packet.time, interface: interface)
    }
    let keys = try readFile(captureFile("tls/tls13_aes128_gcm.keys"))
    try writer.writeSecrets(CaptureSecrets(type: CaptureSecrets.tlsKeyLog, data: keys))
    let sink = RecordingSink()
    try withTemporaryFile(writer.takeBytes()) { _ = try inspect($0, sink) }
    #expect(sink.frames.count == 10 && sink.connections[1]?.tls?.cipher == "TLS_AES_128_GCM_SHA256")
    #expect(try recording.inspected(keys: "tls13_aes128_gcm").frames.map(\.place.time) == sink.frames.map(\.place.time))
  }

  @Test("A copy holds the secrets of the capture's connections, and no others") func copy() throws {
    let all = try ["tls13_aes128_gcm", "tls12_resumed_ticket", "tls13_chacha20"].flatMap {
      try readFile(captureFile("tls/\($0).keys"))
    }
    try withTemporaryFile(all) { keys in
      try withTemporaryFile([]) { copy in
        var report = InspectionReport(options: InspectionOptions(), format: .ndjson, outputPath: "/dev/null")
        report.options.keyLogPath = keys
        report.copyPath = copy
        #expect(report.run(paths: [captureFile("tls/tls13_aes128_gcm.pcap")]) == .good)
        let sink = RecordingSink()
        _ = try inspect(copy, sink)
        #expect(sink.frames.count == 10)
        let text = String(decoding: try readFile(copy), as: UTF8.self)
        #expect(text.contains("CLIENT_TRAFFIC_SECRET_0") && !text.contains("CLIENT_RANDOM"))
        #expect(text.split(separator: "CLIENT_TRAFFIC_SECRET_0").count == 2)
      }
    }
  }

  @Test("A key log that cannot be read is said by its name") func noKeyLog() throws {
    var options = InspectionOptions()
    options.keyLogPath = "/nowhere/to/be.keys"
    #expect(throws: InspectionError.self) { _ = try inspect(captureFile("wss.pcap"), RecordingSink(), options) }
    options.isKeyLogOptional = true
    let sink = RecordingSink()
    _ = try inspect(captureFile("wss.pcap"), sink, options)
    #expect(sink.findings.map(\.id) == ["tls.no-keys"])
  }

  @Test("TLS in a tunnel of a proxy is decrypted") func tunnelled() throws {
    let recording = try Packets("tls13_aes128_gcm")
    var script = ConversationScript()
    script.open()
    script.send(true, Array("CONNECT chat.example:443 HTTP/1.1\r\nHost: chat.example\r\n\r\n".utf8))
    script.send(false, Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
    for packet in recording.packets where packet.bytes.count > 54 {
      // The client of the recording has the lower port.
      script.send(packet.bytes[34] == 0x9C, Array(packet.bytes[54...]))
    }
    script.close()
    let keys = try readFile(captureFile("tls/tls13_aes128_gcm.keys"))
    let sink = script.inspected(keys: keys)
    #expect(sink.frames.count == 10)
  }
}
