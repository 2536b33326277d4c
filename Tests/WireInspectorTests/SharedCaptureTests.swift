import Testing

@testable import WireInspector

/// What is expected of a capture. A frame is `protocolId/sn text`; `-` where there is no sn, `#n` for n bytes that are long or no
/// text, `*` before the kind of a displacement or an acknowledgement.
struct SharedCapture: Sendable, CustomTestStringConvertible {
  var file: String
  var connections: [SharedConnection]
  /// How many calls of each side ended how.
  var calls: [String: Int]
  var findings: [String: Int]

  var testDescription: String { file }
}

struct SharedConnection: Sendable, Equatable {
  var client: String
  var identity: String?
  var revision: String?
  var fromClient: [String]
  var fromServer: [String]
  var controls: [String: Int]
}

let sharedCaptures = sharedCaptures1 + sharedCaptures2 + sharedCaptures3

@Suite struct SharedCaptureTests {
  @Test(arguments: sharedCaptures)
  func `a recording of the original programs comes out as they logged it`(_ capture: SharedCapture) throws {
    let sink = RecordingSink()
    let outcome = try inspect(captureFile(capture.file), sink)
    #expect(outcome.exitCode == 0)
    let connections = sink.connections.keys.sorted().map { sink.described($0) }
    #expect(connections == capture.connections)
    var calls: [String: Int] = [:]
    for call in sink.calls { calls["\(call.record.role) \(call.record.outcome.rawValue)", default: 0] += 1 }
    #expect(calls == capture.calls)
    var findings: [String: Int] = [:]
    for finding in sink.findings { findings[finding.id, default: 0] += 1 }
    #expect(findings == capture.findings)
    #expect(sink.summary?.frames == capture.connections.reduce(0) { $0 + $1.fromClient.count + $1.fromServer.count })
  }

  @Test func `an encrypted recording without keys is passed over`() throws {
    let sink = RecordingSink()
    let outcome = try inspect(captureFile("wss.pcap"), sink)
    #expect(outcome.exitCode == 0)
    #expect(sink.connections.isEmpty && sink.frames.isEmpty)
    #expect(sink.findings.map(\.id) == ["tls.no-keys"])
    #expect(sink.summary?.packets == 30)
  }

  @Test func `an encrypted connection is named when its port was asked for`() throws {
    let sink = RecordingSink()
    var options = InspectionOptions()
    options.ports = [8443]
    _ = try inspect(captureFile("wss.pcap"), sink, options)
    #expect(sink.findings.map(\.id).contains("tls.no-keys"))
  }

  @Test func `every recording is in the table`() throws {
    #expect(Set(sharedCaptures.map(\.file)).count == sharedCaptures.count)
    #expect(sharedCaptures.count == 31)
  }

  @Test func `the latencies of calls are exact`() throws {
    let sink = RecordingSink()
    _ = try inspect(captureFile("go-client-rpc.pcap"), sink)
    #expect(sink.calls.map(\.record.latency) == [117_000, 52_000, 125_000, 101_000, 87_000])
  }

  @Test func `who displaced whom is told`() throws {
    let sink = RecordingSink()
    _ = try inspect(captureFile("displacement.pcap"), sink)
    #expect(
      sink.findings.map(\.message) == [
        "100-2-a100-web at 127.0.0.1:50166 is displaced by 127.0.0.1:50174 (connection 2)"
      ])
  }
}
