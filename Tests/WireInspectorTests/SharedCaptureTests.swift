import Testing

@testable import WireInspector

/// What the manifest of the recordings of the original programs does not state.
@Suite struct SharedCaptureTests {
  @Test("An encrypted connection is named when its port was asked for") func encryptedConnectionNamed() throws {
    let sink = RecordingSink()
    var options = InspectionOptions()
    options.ports = [8443]
    _ = try inspect(captureFile("wss.pcap"), sink, options)
    #expect(sink.findings.map(\.id).contains("tls.no-keys"))
  }

  @Test("The latencies of calls are exact") func latenciesCallsExact() throws {
    let sink = RecordingSink()
    _ = try inspect(captureFile("go-client-rpc.pcap"), sink)
    #expect(sink.calls.map(\.record.latency) == [117_000, 52_000, 125_000, 101_000, 87_000])
  }

  @Test("Who displaced whom is told") func displacedWhomTold() throws {
    let sink = RecordingSink()
    _ = try inspect(captureFile("displacement.pcap"), sink)
    #expect(
      sink.findings.map(\.message) == [
        "100-2-a100-web at 127.0.0.1:50166 is displaced by 127.0.0.1:50174 (connection 2)"
      ])
  }
}
