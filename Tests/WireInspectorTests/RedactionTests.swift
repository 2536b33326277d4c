import CaptureFile
import FrameCodec
import Negotiation
import PacketCapture
import Specification
import Testing
import WebSocketCodec

@testable import WireInspector

/// `--redact`: nothing secret is left in any output, and the conversation is the same.
@Suite struct RedactionTests {
  private static let key = Array("the same in every run of a test".utf8)

  /// What a redacted output has to have in common with the plain one, connection by connection in their order.
  private func structure(_ sink: RecordingSink) -> [[String]] {
    sink.connections.keys.sorted().map { number in
      var lines: [String] = []
      if let record = sink.connections[number] {
        lines.append(
          "\(String(describing: record.revision)) \(String(describing: record.compression)) \(record.status ?? 0)")
      }
      for frame in sink.frames where frame.connection == number {
        let record = frame.record
        let payload = frame.payload.span.bytes
        let isText =
          !record.isTruncated
          && (record.charset == .gbk ? PayloadText.plainGBK(payload) != nil : PayloadText.isPlainUTF8(payload))
        lines.append(
          "\(record.role) \(record.header.protocolId) \(String(describing: record.header.sn)) \(String(describing: record.header.length))"
            + " \(record.payloadLength) \(record.isCompressed) \(record.fragments) \(record.kind) \(record.isTruncated) \(isText)"
        )
      }
      // One between the fragments of a message comes with the message's end, so it may change places with one of the other side.
      lines += sink.controls.filter { $0.connection == number }.map(\.record).map { record in
        "\(record.role) \(record.opcode) \(String(describing: record.code)) \(record.payload.count)"
      }.sorted()
      for call in sink.calls where call.place.connection == number {
        lines.append(
          "\(call.record.role) \(call.record.sn) \(call.record.outcome) \(String(describing: call.record.responseId))")
      }
      return lines
    }
  }

  /// The capture that a redacting run writes.
  private func redactedCapture(of path: String) throws -> TemporaryFile {
    let redaction = Redaction(pseudonyms: Pseudonyms(key: Self.key))
    let report = TemporaryFile()
    let capture = TemporaryFile()
    var run = InspectionReport(options: InspectionOptions(), format: .ndjson, outputPath: report.path)
    run.redaction = redaction
    run.capturePath = capture.path
    #expect(run.run(paths: [path]) != .usage)
    return capture
  }

  @Test(
    "A redacted output, and the redacted capture, tell the same conversation",
    arguments: [
      "displacement.pcap", "displacement-deflate.pcap", "gbk.pcap", "rev-1.1.pcap", "rev-1.2.pcap", "rev-1.3.0.pcap",
      "go-deflate-level2-2k.pcap", "deflate-raw-client.pcap", "close-in-flight.pcap", "bad-magic.pcap",
      "cpp-client.pcap",
      "fragmented.pcap", "midstream.pcap", "nasty/deflate_takeover.pcap", "nasty/deflate_midstream_no_takeover.pcap",
      "nasty/snaplen_400.pcap", "nasty/midstream_midframe.pcap", "nasty/upgrade_query_odd.pcap", "nasty/raw_ipv6.pcap",
      "nasty/http_mixed_port.pcap", "nasty/gap_in_payload.pcap", "nasty/gap_101_lost.pcap",
      "nasty/ws_fragments_deflate.pcap",
      "nasty/ws_reserved.pcap", "nasty/ws_bad_control.pcap", "nasty/rpc_troubles.pcap", "nasty/reorder_heavy.pcap",
    ]) func sameConversation(_ name: String) throws
  {
    let plain = RecordingSink()
    _ = try inspect(captureFile(name), plain)
    #expect(!plain.connections.isEmpty)

    let redacted = RecordingSink()
    var inspection = CaptureInspection(
      options: InspectionOptions(), sink: redacted, redaction: Redaction(pseudonyms: Pseudonyms(key: Self.key)))
    _ = try inspection.run(paths: [captureFile(name)])
    #expect(structure(redacted) == structure(plain))
    #expect(redacted.findings.map(\.id).sorted() == plain.findings.map(\.id).sorted())

    let again = RecordingSink()
    let capture = try redactedCapture(of: captureFile(name))
    _ = try inspect(capture.path, again)
    #expect(structure(again) == structure(plain))

    let bytes = capture.bytes
    for frame in plain.frames where frame.payload.count >= 8 && frame.record.kind != .displacement {
      #expect(!bytes.contains(frame.payload), "a payload of \(frame.payload.count) bytes is in the capture")
    }
  }

  /// A capture that says secrets wherever one can be said.
  private func secretive() throws -> (capture: [UInt8], secrets: [String]) {
    let secrets = [
      "alice.liddell", "device-77f3a1", "tok3nINquery", "bearer5ecret", "session9cookie", "pathT0ken", "203.0.113.77",
      "2001:db8:77::1234", "payload with alice.liddell", "subpr0tocol.secret", "access-token-of-letters",
      "secret-host.example", "pinged5ecret",
      "198.51.100.201", "forwarded5ecret", "upgr4de-token", "c0nnection-token", "negotiated5ecret",
    ]
    var writer = CaptureWriter(format: .pcapng)
    let interface = try writer.addInterface(CaptureInterface(linkType: SynthesisedFlow.linkType))
    let client = try #require(SynthesisedFlow.Endpoint(address: [203, 0, 113, 77], port: 40_000))
    let server = try #require(SynthesisedFlow.Endpoint(address: [198, 51, 100, 201], port: 8003))
    var flow = SynthesisedFlow(client: client, server: server, interface: interface)
    func frame(_ id: Int64, _ payload: [UInt8], masked: Bool) throws -> [UInt8] {
      var message: [UInt8] = []
      try FrameCodec.encode(protocolId: id, payload: payload.span.bytes, into: &message)
      return wire(message, opcode: 2, masked: masked)
    }
    func wire(_ payload: [UInt8], opcode: UInt8, masked: Bool) -> [UInt8] {
      let header = WebSocketFrameHeader(
        fin: true, opcode: opcode, maskingKey: masked ? 0 : nil, payloadLength: UInt64(payload.count),
        lengthForm: .minimal(for: UInt64(payload.count)))
      var bytes: [UInt8] = []
      header.append(to: &bytes)
      return bytes + payload
    }
    let request =
      "GET /join/pathT0ken?uid=alice.liddell&deviceId=device-77f3a1&token=tok3nINquery&typed=2&source=web HTTP/1.1\r\n"
      + "Host: secret-host.example:8003\r\nUpgrade: websocket, upgr4de-token\r\nConnection: Upgrade, c0nnection-token\r\nAuthorization: Bearer bearer5ecret\r\n"
      + "Cookie: sid=session9cookie\r\nX-Forwarded-For: 2001:db8:77::1234, forwarded5ecret\r\nSec-WebSocket-Version: 13\r\n"
      + "Sec-WebSocket-Protocol: subpr0tocol.secret, access-token-of-letters\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    let answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Ws-Version: negotiated5ecret\r\nSet-Cookie: sid=session9cookie\r\n"
      + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    let displacement = Displacement(
      oldAddress: Array("203.0.113.77:40000".utf8), newAddress: Array("[2001:db8:77::1234]:5".utf8),
      timestampNanoseconds: 1_700_000_000_000_000_000)
    let reason = Array("kicked alice.liddell at 203.0.113.77".utf8)
    let parts: [(PeerRole, [UInt8])] = [
      (.client, Array(request.utf8)), (.server, Array(answer.utf8)),
      (.client, try frame(2, Array("payload with alice.liddell".utf8), masked: true)),
      (.server, wire(Array("pinged5ecret".utf8), opcode: 9, masked: false)),
      (.client, wire(Array("no frame but alice.liddell".utf8), opcode: 2, masked: true)),
      (.client, wire(Array("a text of alice.liddell".utf8), opcode: 1, masked: true)),
      (.server, try frame(0x7FFF_FFFF, displacement.encoded(), masked: false)),
      (.server, wire([0x03, 0xE8] + reason, opcode: 8, masked: false)),
    ]
    var time: Int64 = 1_700_000_000_000_000_000
    for (role, bytes) in parts {
      time += 1_000_000
      try flow.data(from: role, bytes, at: time, into: &writer)
    }
    try flow.finish(from: .server, at: time, into: &writer)
    try flow.finish(from: .client, at: time, into: &writer)
    try writer.finish()
    return (writer.takeBytes(), secrets)
  }

  @Test("No byte of any output holds a secret") func noSecret() throws {
    let (capture, secrets) = try secretive()
    let file = TemporaryFile(capture)
    for secret in secrets where !secret.contains(":") && !secret.allSatisfy({ $0.isNumber || $0 == "." }) {
      #expect(capture.contains(Array(secret.utf8)), "\(secret) is not in the capture that should have it")
    }
    let addresses: [[UInt8]] = [[203, 0, 113, 77], [198, 51, 100, 201]]
    let forms = InspectionReport.Format.allCases.map { ($0, false) } + [(.text, true)]
    for (format, isDialogue) in forms {
      let output = TemporaryFile()
      let written = TemporaryFile()
      var options = InspectionOptions()
      options.followedConnection = isDialogue ? 1 : nil
      var run = InspectionReport(options: options, format: format, outputPath: output.path)
      run.isFull = format == .text
      run.isDialogue = isDialogue
      run.redaction = Redaction()
      run.capturePath = written.path
      #expect(run.run(paths: [file.path]) == .good)
      for (name, bytes) in [("\(format)", output.bytes), ("pcapng", written.bytes)] {
        #expect(bytes.count > 200)
        for secret in secrets {
          #expect(!bytes.contains(Array(secret.utf8)), "\(name) holds \(secret)")
        }
        if name == "pcapng" {
          for address in addresses { #expect(!bytes.contains(address), "the capture has packets of \(address)") }
        }
      }
    }
  }

  @Test(
    "A filter chooses by what stands behind the pseudonyms",
    arguments: [
      ("uid == \"alice.liddell\"", true), ("deviceId == device-77f3a1 and typed == 2", true),
      ("client ~ \"203.0.113.77\"", true), ("client == \"203.0.113.77:40000\"", true),
      ("server == \"198.51.100.201:8003\"", true), ("path == \"/join/pathT0ken\"", true), ("source == web", true),
      ("not uid != \"alice.liddell\"", true), ("uid == bob", false), ("client ~ \"203.0.113.78\"", false),
    ]) func filtered(_ expression: String, _ passes: Bool) throws
  {
    let file = TemporaryFile(try secretive().capture)
    let output = TemporaryFile()
    var run = InspectionReport(options: InspectionOptions(), format: .ndjson, outputPath: output.path)
    run.records = try RecordFilter(expression)
    run.redaction = Redaction()
    #expect(run.records?.faultUnderRedaction == nil)
    #expect(run.run(paths: [file.path]) == .good)
    #expect(String(decoding: output.bytes, as: UTF8.self).contains("\"connections\":\(passes ? 1 : 0),"))
  }

  @Test(
    "A filter that pseudonyms cannot answer is refused",
    arguments: [
      "text ~ paid", "text == paid", "identity == \"100-0--\"", "uid ~ ali", "not (sn and client ~ \":8003\")",
      "deviceId ~ x or sn", "serverName ~ example",
    ]) func unanswerable(_ expression: String) throws
  {
    #expect(try RecordFilter(expression).faultUnderRedaction != nil)
  }

  @Test("What belongs together has the same pseudonym") func consistent() throws {
    let (capture, _) = try secretive()
    let file = TemporaryFile(capture)
    let sink = RecordingSink()
    var inspection = CaptureInspection(
      options: InspectionOptions(), sink: sink, redaction: Redaction(pseudonyms: Pseudonyms(key: Self.key)))
    _ = try inspection.run(paths: [file.path])
    let record = try #require(sink.connections[1])
    let client = record.client
    let metadata = try #require(record.handshake?.metadata)
    #expect(metadata.typed == 2)
    #expect(metadata.sourceText == "web")
    let displaced = try #require(sink.findings.first { $0.id == "app.displaced" })
    #expect(displaced.message.contains("at \(client) is displaced by ["))
    #expect(displaced.message.contains(metadata.uidText))
    let close = try #require(sink.controls.last?.record)
    let reason = String(decoding: close.reason, as: UTF8.self)
    #expect(reason == "kicked \(metadata.uidText) at \(client.split(separator: ":")[0])")
    #expect(close.code == 1000)
    let frame = try #require(sink.frames.first)
    #expect(frame.payload.count == "payload with alice.liddell".utf8.count)
  }

  @Test("Connections that are shown are written packet by packet, and no others") func writesChosen() throws {
    let report = TemporaryFile()
    let capture = TemporaryFile()
    var options = InspectionOptions()
    options.followedConnection = 2
    var run = InspectionReport(options: options, format: .ndjson, outputPath: report.path)
    run.capturePath = capture.path
    #expect(run.run(paths: [captureFile("displacement.pcap")]) == .good)
    let whole = RecordingSink()
    _ = try inspect(captureFile("displacement.pcap"), whole)
    let part = RecordingSink()
    _ = try inspect(capture.path, part)
    #expect(part.connections.count == 1)
    #expect(part.connections[1]?.client == whole.connections[2]?.client)
    #expect(
      part.frames.map(\.payload) == whole.frames.filter { $0.connection == 2 }.map(\.payload))
  }

  @Test("Connections are chosen by what is inside of their TLS, where the secrets are there", arguments: [true, false])
  func writesChosenTLS(isKept: Bool) throws {
    let paths = [captureFile("wss.pcap"), captureFile("nasty/tls13_keylog.pcap")]
    let keys = TemporaryFile(
      TemporaryFile.content(of: captureFile("wss.keylog"))
        + TemporaryFile.content(of: captureFile("nasty/tls13_keylog.keys")))
    var options = InspectionOptions()
    options.keyLogPath = keys.path
    let report = TemporaryFile()
    let capture = TemporaryFile()
    var run = InspectionReport(options: options, format: .ndjson, outputPath: report.path)
    run.capturePath = capture.path
    run.records = try RecordFilter(isKept ? "text ~ \"go rpc 1\"" : "text ~ \"nobody says this\"")
    #expect(run.run(paths: paths) == .good)
    let part = RecordingSink()
    _ = try inspect(capture.path, part, options)
    let whole = RecordingSink()
    _ = try inspect(paths[0], whole, options)
    #expect(part.connections.count == (isKept ? 1 : 0))
    #expect(part.frames.map(\.payload) == (isKept ? whole.frames.map(\.payload) : []))
    #expect(part.connections.values.allSatisfy { $0.client == whole.connections[1]?.client })
  }

  @Test("Fragments of datagrams are written with the packet that they belong to") func writesFragments() throws {
    let report = TemporaryFile()
    let capture = TemporaryFile()
    var run = InspectionReport(options: InspectionOptions(), format: .ndjson, outputPath: report.path)
    run.capturePath = capture.path
    #expect(run.run(paths: [captureFile("nasty/ipv6_frag.pcap")]) == .good)
    let whole = RecordingSink()
    _ = try inspect(captureFile("nasty/ipv6_frag.pcap"), whole)
    let part = RecordingSink()
    _ = try inspect(capture.path, part)
    #expect(!whole.frames.isEmpty)
    #expect(part.frames.map(\.payload) == whole.frames.map(\.payload))
  }

  /// A packet of IP in fragments.
  private static func fragments(_ payload: [UInt8], _ transport: UInt8, _ identification: Int, step: Int) -> [[UInt8]] {
    func two(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
    return stride(from: 0, to: payload.count, by: step).map { offset in
      let part = payload[offset..<min(payload.count, offset + step)]
      let place = offset / 8 | (offset + step < payload.count ? 0x2000 : 0)
      return [0x45, 0] + two(20 + part.count) + two(identification) + two(place) + [64, transport, 0, 0]
        + [192, 168, 0, 1, 192, 168, 0, 2] + part
    }
  }

  @Test(
    "Fragments of a tunnel's packets, which are fragments themselves, are written with them", arguments: [false, true])
  func writesFragmentsInTunnels(_ isReversed: Bool) throws {
    let script = ConversationScript.whole()
    var writer = CaptureWriter(format: .pcapng)
    let interface = try writer.addInterface(CaptureInterface(linkType: 1))
    for segment in script.segments {
      let packet = script.packet(segment)
      let number = 2 * Int(segment.identification)
      var inner = Self.fragments(Array(packet[34...]), 6, number, step: 600)
      // Their addresses are those of the connection.
      for index in inner.indices { inner[index].replaceSubrange(12..<20, with: packet[26..<34]) }
      if isReversed { inner.reverse() }
      for (place, fragment) in inner.enumerated() {
        var outer = Self.fragments([0, 0, 8, 0] + fragment, 47, 100 * number + place, step: 304)
        if isReversed { outer.reverse() }
        for each in outer {
          let bytes = packet[..<14] + each
          try writer.write(
            Array(bytes).span.bytes, timestampNanoseconds: segment.time ?? 0, interface: interface)
        }
      }
    }
    let whole = TemporaryFile(writer.takeBytes())
    let report = TemporaryFile()
    let capture = TemporaryFile()
    var run = InspectionReport(options: InspectionOptions(), format: .ndjson, outputPath: report.path)
    run.capturePath = capture.path
    #expect(run.run(paths: [whole.path]) == .good)
    let part = RecordingSink()
    _ = try inspect(capture.path, part)
    #expect(part.described(1).fromClient == ConversationScript.spoken.client)
    #expect(part.described(1).fromServer == ConversationScript.spoken.server)
    #expect(!part.findings.map(\.id).contains("tcp.gap"))
  }
}

extension [UInt8] {
  /// Whether other bytes stand somewhere in these.
  fileprivate func contains(_ other: [UInt8]) -> Bool {
    guard let first = other.first, count >= other.count else { return false }
    var start = 0
    while let place = self[start...(count - other.count)].firstIndex(of: first) {
      if self[place..<place + other.count].elementsEqual(other) { return true }
      start = place + 1
      if start > count - other.count { return false }
    }
    return false
  }
}
