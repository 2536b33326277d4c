import Specification
import Testing

@testable import WireInspector

/// `captures/reports`: traffic that made other tools fail in public.
@Suite struct ReportedCaptureTests {
  /// The conversation in most of them.
  private static let client = ["2/2 hello", "7/0 #100", "10/3 mine"]
  private static let server = ["3/2 hello", "9/3 your turn", "11/0 #2048"]

  struct Report: Sendable, CustomTestStringConvertible {
    var file: String
    /// The connections that speak the whole conversation.
    var connections: [Int] = [1]
    var findings: Set<String> = []
    var statedClient: String?
    var testDescription: String { file }
  }

  private static let reports = [
    Report(file: "04_absolute.pcap", connections: [1, 2, 3]), Report(file: "05_connect.pcap"),
    Report(file: "06_proxy_v1.pcap", statedClient: "203.0.113.7:51000"), Report(file: "09_gre.pcap"),
    Report(file: "09_gretap.pcap"), Report(file: "09_vxlan.pcap"),
    Report(file: "10_reset_text.pcap", findings: ["tcp.rst"]), Report(file: "19_lz4.pcap.lz4"),
    Report(file: "19_zstd.pcap.zst"), Report(file: "21_answer_length.pcap", connections: [1, 2, 3]),
    Report(file: "21_request_content.pcap"),
  ]

  @Test("The conversation comes out whole", arguments: reports)
  func conversationComesOut(_ report: Report) throws {
    let sink = RecordingSink()
    let outcome = try inspect(captureFile("reports/" + report.file), sink)
    #expect(outcome.status == .good)
    for number in report.connections {
      let connection = sink.described(number)
      #expect(connection.fromClient == Self.client)
      #expect(connection.fromServer == Self.server)
      #expect(connection.identity?.hasPrefix("100-") == true)
      #expect(sink.connections[number]?.handshake?.path == "/join")
      #expect(sink.connections[number]?.statedClient == report.statedClient)
    }
    #expect(Set(sink.findings.map(\.id)) == report.findings)
    #expect(sink.calls.count == 2 * report.connections.count)
    #expect(sink.calls.allSatisfy { $0.record.outcome == .answered })
  }

  @Test(
    "The smallest that shows it comes out right",
    arguments: [
      ("min_connect.pcap", ["9/3 b"], ["10/3 a"]), ("min_content.pcap", [], ["7/0 after"]),
      ("min_proxy.pcap", [], []), ("min_reset_frame.pcap", [], []), ("min_reset_text.pcap", [], []),
    ] as [(String, [String], [String])])
  func smallestShowsComes(_ file: String, _ fromServer: [String], _ fromClient: [String])
    throws
  {
    let sink = RecordingSink()
    #expect(try inspect(captureFile("reports/" + file), sink).status == .good)
    #expect(sink.connections[1]?.status == 101)
    let accusations: Set = ["http.no-response", "ws.protocol-error", "tcp.rst-out-of-window", "rpc.orphan-response"]
    #expect(accusations.isDisjoint(with: sink.findings.map(\.id)))
    #expect(sink.findings.map(\.id).contains("tcp.rst") == file.contains("reset"))
  }

  @Test(
    "What cannot be decoded is named",
    arguments: [("13_http2.pcap", "http.http2", 0), ("14_pktap.pcap", "file.unsupported-linktype", 2)]
      as [(String, String, Int32)])
  func cannotDecodedNamed(_ file: String, _ id: String, _ code: Int32) throws {
    let sink = RecordingSink()
    let outcome = try inspect(captureFile("reports/" + file), sink)
    #expect(outcome.status.rawValue == code)
    #expect(sink.findings.map(\.id).contains(id))
    if code != 0 { #expect(outcome.messages.contains { $0.contains("PKTAP") }) }
  }

  @Test("Messages that inflate to too much end the reading with a finding") func messagesInflateToo() throws {
    let sink = RecordingSink()
    var options = InspectionOptions()
    options.messageAllowance = 1 << 26
    let outcome = try inspect(captureFile("reports/bomb-12-gib.pcap.gz"), sink, options)
    #expect(outcome.status == .incomplete)
    #expect(sink.findings.map(\.id).contains("file.inflation-limit"))
    #expect(outcome.messages.contains { $0.contains("--inflation-limit") })
  }
}
