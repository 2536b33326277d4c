import CaptureFile
import FrameCodec
import NIOCore
import Negotiation
import ReferencePeer
import Specification
import StrictJSON
import Testing
import WireInspector

@testable import Console

@Suite("What the console keeps and saves")
struct ConsoleCaptureTests {
  /// Takes frames and findings of a capture.
  private final class Records: InspectionSink {
    var frames: [(role: PeerRole, id: Int64, text: String)] = []
    var findings: [String] = []
    var uid: String?

    func connection(_ record: ConnectionRecord, at place: RecordPlace) {
      uid = record.handshake.map { String(decoding: $0.metadata.uid, as: UTF8.self) }
    }

    func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
      let text = payload.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
      frames.append((record.role, record.header.protocolId, text))
    }

    func control(_ record: ControlRecord, at place: RecordPlace) {}
    func call(_ record: CallRecord, at place: RecordPlace) {}
    func finding(_ record: FindingRecord, at place: RecordPlace) { findings.append(record.id) }
    func summary(_ record: SummaryRecord, at place: RecordPlace) {}
  }

  private static func inspected(_ capture: [UInt8]) -> Records {
    let records = Records()
    var reader = CaptureReader()
    var inspection = CaptureInspection(options: .init(), sink: records)
    reader.feed(capture)
    reader.finish()
    while let event = reader.next() {
      guard case .record(let record) = event else { continue }
      reader.withBytes(of: record) {
        inspection.receive(
          $0, linkType: record.linkType, originalLength: record.originalLength, time: record.timestampNanoseconds)
      }
    }
    inspection.finish()
    return records
  }

  private static let conversation = """
    {"connections": [{"host": "h:1", "port": 1, "target": "/join?uid=7", "protocol": null, "opened": 1000000, "messages": [
      {"time": 1000001, "from": "client", "opcode": 2, "bytes": "feef0a00000002000000020000006869"},
      {"time": 1000002, "from": "server", "opcode": 2, "bytes": "feef0a00000003000000020000006869"}]}]}
    """

  @Test("A page's conversation becomes a capture in which the inspector finds it, and no fault")
  func conversation() throws {
    let capture = try ConversationCapture.pcapng(of: JSONParser.parse(Array(Self.conversation.utf8)))
    let records = Self.inspected(capture)
    #expect(records.uid == "7")
    #expect(records.frames.map(\.role) == [.client, .server])
    #expect(records.frames.map(\.id) == [2, 3])
    #expect(records.frames.map(\.text) == ["hi", "hi"])
    #expect(records.findings.isEmpty)
  }

  @Test(
    "A conversation that makes no sense is refused and says why",
    arguments: [
      ("{}", "connections is missing"), ("{\"connections\": []}", "connections is missing"),
      ("{\"connections\": [{\"opened\": -1}]}", "microseconds"),
      ("{\"connections\": [{\"opened\": 9223372036854775807}]}", "microseconds"),
      ("{\"connections\": [{\"opened\": 1}]}", "target"),
      (
        "{\"connections\": [{\"opened\": 1, \"target\": \"/\", \"host\": \"h\", \"messages\": [{\"from\": \"x\"}]}]}",
        "from is"
      ),
      (
        "{\"connections\": [{\"opened\": 1, \"target\": \"/\", \"host\": \"h\", \"messages\": [{\"from\": \"client\", \"opcode\": 9}]}]}",
        "opcode is"
      ),
    ])
  func nonsense(text: String, reason: String) throws {
    let content = try JSONParser.parse(Array(text.utf8))
    let error = #expect(throws: BadRequest.self) { try ConversationCapture.pcapng(of: content) }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  @Test("No text of a page begins another line of the request")
  func injection() throws {
    let text = Self.conversation.replacing("/join?uid=7", with: "/join?uid=7 HTTP/1.1\\r\\nHost: evil\\r\\n\\r\\n")
    let capture = try ConversationCapture.pcapng(of: JSONParser.parse(Array(text.utf8)))
    let bytes = String(decoding: capture, as: UTF8.self)
    #expect(!bytes.contains("\nHost: evil"))
    #expect(bytes.contains("GET /join?uid=7HTTP/1.1Host:evil HTTP/1.1\r\n"))
  }

  @Test("Of traffic beyond the limit the end is kept, and is a capture")
  func keptCapture() throws {
    let events = EventStream()
    let feed = try TrafficFeed(events)
    let local = try SocketAddress(ipAddress: "127.0.0.1", port: 8003)
    let remote = try SocketAddress(ipAddress: "127.0.0.1", port: 50_000)
    feed.opened(connection: 1, role: .server, local: local, remote: remote)
    let piece = ByteBuffer(repeating: 0, count: 60_000)
    for _ in 0..<(KeptCapture.limit / 60_000 + 100) { feed.received(piece, connection: 1) }
    feed.closed(connection: 1)
    let capture = feed.capture
    #expect(capture.count <= KeptCapture.limit + 1000)
    #expect(capture.count > KeptCapture.limit - 200_000)
    var reader = CaptureReader()
    var count = 0
    reader.feed(capture)
    reader.finish()
    while let event = reader.next() {
      if case .record = event { count += 1 } else { Issue.record("\(event)") }
    }
    #expect(count > 500)
  }

  @Test("What crosses the sockets is told decoded, and what is wrong with it")
  func feed() throws {
    let (events, written) = (EventStream(), WrittenText())
    let feed = try TrafficFeed(events)
    let number = events.subscribe([]) { written.add($0) }
    let local = try SocketAddress(ipAddress: "127.0.0.1", port: 8003)
    let remote = try SocketAddress(ipAddress: "127.0.0.1", port: 50_000)
    feed.opened(connection: 1, role: .server, local: local, remote: remote)
    feed.received(
      ByteBuffer(
        string: "GET /join?uid=7 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), connection: 1)
    feed.sent(
      ByteBuffer(
        string: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"), connection: 1)
    feed.received(
      ByteBuffer(bytes: [0x82, 0x8E, 0, 0, 0, 0, 0xFE, 0xEF, 8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]), connection: 1)
    feed.sent(ByteBuffer(bytes: [0x82, 0x0E, 0xFE, 0xEE, 8, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]), connection: 1)
    events.flush(number)
    let text = written.text
    #expect(text.contains(#""type":"connection""#) && text.contains(#""identity":"7-0--""#))
    #expect(text.contains(#""type":"frame""#) && text.contains(#""from":"client","id":2,"sn":0"#))
    #expect(text.contains(#""type":"finding""#) && text.contains(#""id":"app.bad-magic","from":"server""#))
    #expect(feed.known.count == 1)
  }
}
