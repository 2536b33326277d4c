import Foundation
import Specification
import Testing

@testable import WireInspector

/// What a capture shows of the rules that are about a whole connection.
@Suite("Captures as conformance tests")
struct CaptureConformanceTests {
  /// A conversation, and the rules that it breaks: `role rule`.
  struct Fault: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let broken: Set<String>
    let script: @Sendable () -> ConversationScript

    init(_ description: String, _ broken: Set<String>, _ build: @escaping @Sendable (inout ConversationScript) -> Void)
    {
      testDescription = description
      self.broken = broken
      script = {
        var script = ConversationScript()
        build(&script)
        return script
      }
    }
  }

  static let displacement = ConversationScript.message(0x7FFF_FFFF, 0, [0x0A, 1, 0x61, 0x12, 1, 0x62, 0x18, 1])
  static let long: Int64 = 6_000_000_000

  /// An upgrade whose heads are written otherwise.
  static func upgrade(
    _ script: inout ConversationScript, request: (String, String) = ("", ""), answer: (String, String) = ("", "")
  ) {
    func changed(_ head: [UInt8], _ change: (String, String)) -> [UInt8] {
      change.0.isEmpty
        ? head : Array(String(decoding: head, as: UTF8.self).replacingOccurrences(of: change.0, with: change.1).utf8)
    }
    script.open()
    script.send(true, changed(ConversationScript.request("permessage-deflate; client_max_window_bits=10"), request))
    script.send(false, changed(ConversationScript.response(), answer))
  }

  static func goOn(_ script: inout ConversationScript) { script.say(true, 1, 2, [1]) }

  static let faults: [Fault] = [
    Fault("a request without Host is granted", ["client handshake.request.host", "server handshake.refuse.host"]) {
      upgrade(&$0, request: ("Host: h\r\n", ""))
    },
    Fault("another version is granted", ["client handshake.request.version", "server handshake.refuse.version"]) {
      upgrade(&$0, request: ("Version: 13", "Version: 8"))
    },
    Fault(
      "another version is refused without naming one",
      [
        "client handshake.request.version", "server handshake.refuse.version.field",
        "server handshake.refuse.version.status",
      ]
    ) {
      upgrade(&$0, request: ("Version: 13", "Version: 8"), answer: ("101 Switching Protocols", "400 Bad Request"))
    },
    Fault(
      "a short key is granted",
      [
        "client handshake.request.key", "server handshake.refuse.key", "server handshake.accept",
        "client handshake.client.accept",
      ]
    ) {
      upgrade(&$0, request: ("dGhlIHNhbXBsZSBub25jZQ==", "dGhl"))
      goOn(&$0)
    },
    Fault(
      "a subprotocol that nobody offered", ["server handshake.answer.protocol", "client handshake.client.protocol"]
    ) {
      upgrade(&$0, answer: ("\r\n\r\n", "\r\nSec-WebSocket-Protocol: x\r\n\r\n"))
      goOn(&$0)
    },
    Fault("an answer without Connection", ["server handshake.answer.connection", "client handshake.client.connection"])
    {
      upgrade(&$0, answer: ("Connection: Upgrade\r\n", ""))
      goOn(&$0)
    },
    Fault("a wrong Accept, and the client leaves", ["server handshake.accept"]) {
      upgrade(&$0, answer: ("s3pP", "s3pp"))
      $0.close()
    },
    Fault("a window above the offer", ["server deflate.offer.client-window", "client deflate.answer.window"]) {
      upgrade(
        &$0, answer: ("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=11\r\n\r\n")
      )
      goOn(&$0)
    },
    Fault("frames before the answer", ["client handshake.early.client"]) {
      $0.open()
      $0.send(true, ConversationScript.request())
      $0.say(true, 1, 0, [1])
      $0.send(false, ConversationScript.response())
    },
    Fault("a reserved id", ["client frame.protocol-id.reserved"]) {
      $0.upgrade()
      $0.say(true, 0, 0, [1])
    },
    Fault("one masking key for all", ["client ws.mask.key"]) {
      $0.upgrade()
      for _ in 0..<3 { $0.send(true, [0x82, 0x8E, 0, 0, 0, 0] + ConversationScript.message(1, 0, [])) }
    },
    Fault("a ping that is never answered", ["client ws.ping.answer"]) {
      $0.upgrade()
      $0.send(false, $0.frame(false, first: 0x89, [1, 2]))
      $0.time += long
      goOn(&$0)
    },
    Fault("a pong with another payload", ["client ws.pong.payload"]) {
      $0.upgrade()
      $0.send(false, $0.frame(false, first: 0x89, [1, 2]))
      $0.send(true, $0.frame(true, first: 0x8A, []))
      $0.time += long
      goOn(&$0)
    },
    Fault("a close frame that is not answered", ["server close.echo"]) {
      $0.upgrade()
      $0.send(true, $0.frame(true, first: 0x88, [0x03, 0xE8]))
      $0.segment(false, flags: ConversationScript.fin | ConversationScript.ack)
      $0.segment(true, flags: ConversationScript.fin | ConversationScript.ack)
    },
    Fault("a bad close code that is repeated", ["client close.code", "server close.code", "server close.code.fail"]) {
      $0.upgrade()
      $0.send(true, $0.frame(true, first: 0x88, [0x03, 0xED]))
      $0.send(false, $0.frame(false, first: 0x88, [0x03, 0xED]))
    },
    Fault("a client that does not wait for the end", ["client close.transport.client"]) {
      $0.upgrade()
      $0.send(true, $0.frame(true, first: 0x88, [0x03, 0xE8]))
      $0.send(false, $0.frame(false, first: 0x88, [0x03, 0xE8]))
      $0.close()
    },
    Fault("a frame behind the displacement", ["server hub.displacement.last"]) {
      $0.upgrade()
      $0.send(false, $0.frame(false, first: 0x82, displacement))
      $0.say(false, 1, 0, [1])
      $0.send(false, $0.frame(false, first: 0x88, [0x03, 0xE8]))
    },
    Fault("a displacement without a close frame", ["server hub.displacement.close"]) {
      $0.upgrade()
      $0.send(false, $0.frame(false, first: 0x82, displacement))
      $0.segment(false, flags: ConversationScript.fin | ConversationScript.ack)
    },
    Fault("a server that goes on after another magic", ["client frame.magic", "server frame.magic.fail"]) {
      $0.upgrade()
      $0.send(true, $0.frame(true, first: 0x82, [0xFE, 0xED] + ConversationScript.message(1, 0, []).dropFirst(2)))
      $0.time += long
      $0.say(false, 1, 0, [1])
    },
    Fault("the wrong code for a reserved bit", ["client ws.rsv", "server ws.violation.code"]) {
      $0.upgrade()
      $0.send(true, $0.frame(true, first: 0xA2, ConversationScript.message(1, 0, [])))
      $0.send(false, $0.frame(false, first: 0x88, [0x03, 0xF3]))
    },
  ]

  /// Conversations in which less is wrong than it seems.
  static let doubts: [Fault] = [
    Fault("a client that just ends its stream, and the server's close frame behind it", []) {
      $0.upgrade()
      $0.segment(true, flags: ConversationScript.fin | ConversationScript.ack)
      $0.send(false, $0.frame(false, first: 0x88, []))
      $0.segment(false, flags: ConversationScript.fin | ConversationScript.ack)
    },
    Fault("a FIN that crosses the close frame on its way", []) {
      $0.upgrade()
      let received = $0.serverSequence
      $0.send(false, $0.frame(false, first: 0x88, [0x03, 0xE8]))
      $0.segments.removeLast()
      $0.segment(true, flags: ConversationScript.fin | ConversationScript.ack)
      $0.segments[$0.segments.count - 1].acknowledgement = received
      $0.segment(false, flags: ConversationScript.fin | ConversationScript.ack)
    },
    Fault("a ping that is answered behind the own close frame, as the other's has not come", []) {
      $0.upgrade()
      $0.send(true, $0.frame(true, first: 0x88, [0x03, 0xE8]))
      $0.send(false, $0.frame(false, first: 0x89, [1]))
      $0.send(true, $0.frame(true, first: 0x8A, [1]))
      $0.send(false, $0.frame(false, first: 0x88, [0x03, 0xE8]))
    },
    Fault("a message behind a pong behind the close frame", ["client close.after"]) {
      $0.upgrade()
      $0.send(true, $0.frame(true, first: 0x88, [0x03, 0xE8]))
      $0.send(true, $0.frame(true, first: 0x8A, [1]))
      $0.say(true, 1, 0, [1])
      $0.send(false, $0.frame(false, first: 0x88, [0x03, 0xE8]))
    },
    Fault("an answer for each of two calls with one number", ["client rpc.sn.unique"]) {
      $0.upgrade()
      for isFromClient in [true, true, false, false] { $0.say(isFromClient, 1, 2, [1]) }
    },
    Fault(
      "an answer more than there were calls with one number", ["client rpc.sn.unique", "server rpc.answer.once"]
    ) {
      $0.upgrade()
      for isFromClient in [true, true, false, false, false] { $0.say(isFromClient, 1, 2, [1]) }
    },
    Fault("a number that is used again when its call may have been given up", []) {
      $0.upgrade()
      $0.say(true, 1, 2, [1])
      $0.time += 1_000_000_000
      $0.say(true, 1, 2, [1])
      $0.say(false, 1, 2, [1])
    },
    Fault("an answer to a call with another magic", ["client frame.magic"]) {
      $0.upgrade()
      $0.say(true, 1, 2, [1])
      $0.say(false, 1, 2, [1])
      $0.send(true, $0.frame(true, first: 0x82, [0xFE, 0xED] + ConversationScript.message(1, 4, []).dropFirst(2)))
      $0.say(false, 1, 4, [1])
    },
    Fault("an answer to a call in a text message", ["client frame.message.binary", "client ws.text.utf8"]) {
      $0.upgrade()
      $0.send(true, $0.frame(true, first: 0x81, ConversationScript.message(1, 4, [])))
      $0.say(false, 1, 4, [1])
    },
    Fault("an answer to a call with a reserved bit", ["client ws.rsv"]) {
      $0.upgrade()
      $0.send(true, $0.frame(true, first: 0xA2, ConversationScript.message(1, 4, [])))
      $0.say(false, 1, 4, [1])
    },
  ]

  /// What was broken: `role rule`.
  private static func broken(_ scripts: ConversationScript...) -> Set<String> {
    let conformance = CaptureConformance()
    var inspection = CaptureInspection(options: InspectionOptions(), sink: conformance)
    for script in scripts {
      for segment in script.segments {
        let bytes = script.packet(segment)
        inspection.receive(bytes.span.bytes, linkType: 1, originalLength: bytes.count, time: segment.time)
      }
    }
    inspection.finish()
    return Set(conformance.results.filter { $0.isProven }.map { "\($0.role.rawValue) \($0.requirement)" })
  }

  @Test("Each fault falls on the rules that it breaks, and on no other", arguments: faults + doubts)
  func fault(_ fault: Fault) {
    #expect(Self.broken(fault.script()) == fault.broken)
  }

  @Test("A right conversation breaks nothing, and shows as many rules as it has occasions for")
  func right() {
    let conformance = CaptureConformance()
    ConversationScript.whole().inspect(into: conformance)
    #expect(conformance.results.filter { $0.violations > 0 }.map(\.requirement) == ["close.transport.client"])
    #expect(conformance.results.filter { $0.occasions > 0 }.count >= 50)
  }

  @Test("A key that the same two hosts have seen before is not fresh; a proxy's is")
  func keys() {
    var script = ConversationScript()
    script.upgrade()
    var other = ConversationScript()
    other.clientPort = 40_002
    other.upgrade()
    #expect(Self.broken(script, other) == ["client handshake.request.key.fresh"])
    other = ConversationScript()
    other.serverPort = 9090
    other.upgrade()
    #expect(Self.broken(script, other) == [])
  }

  @Test("What has no certain order of events accuses nobody")
  func doubt() {
    var crossed = ConversationScript()
    crossed.upgrade()
    // Sent before the ping can have arrived, and nothing after it.
    crossed.send(false, crossed.frame(false, first: 0x89, [1]))
    crossed.say(true, 1, 2, [1])
    crossed.send(true, crossed.frame(true, first: 0x88, [0x03, 0xE8]))
    crossed.segment(true, flags: ConversationScript.rst)
    #expect(Self.broken(crossed) == [])
  }

  @Test("What the capture has of one direction only accuses nobody", arguments: [true, false], [true, false])
  func oneDirection(_ isClient: Bool, fromTheStart: Bool) {
    var script = ConversationScript()
    script.upgrade()
    let begin = fromTheStart ? 0 : script.segments.count
    // More than are kept until it is known that what they answer is missing.
    for number in 1...400 as ClosedRange<UInt32> {
      script.say(true, 1, 2 * number, [1])
      script.say(false, 1, 2 * number, [1])
    }
    script.close()
    script.segments = script.segments[..<begin] + script.segments[begin...].filter { $0.isFromClient == isClient }
    #expect(Self.broken(script) == [])
  }

  @Test("Each rule of the catalogue is judged, or it is said why not")
  func catalogue() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "vectors/requirements.json")
    let document = try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
    let entries = try #require(document?["requirements"] as? [[String: Any]])
    let ids = entries.compactMap { $0["id"] as? String }
    let judged = CaptureRule.all.map(\.requirement.rawValue)
    #expect(Set(judged).count == judged.count)
    #expect(judged.count == 104)
    #expect(Set(judged).isSubset(of: ids))
    #expect(Set(ids).subtracting(judged) == Set(HiddenRule.reasons.keys.map(\.rawValue)))
  }
}
