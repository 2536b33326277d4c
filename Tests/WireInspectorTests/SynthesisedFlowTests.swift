import CaptureFile
import Specification
import Testing

@testable import WireInspector

/// What was recorded from a socket is read back by the inspector as it was said.
@Suite struct SynthesisedFlowTests {
  private static let client4 = SynthesisedFlow.Endpoint(address: [10, 0, 0, 1], port: 40_001)
  private static let server4 = SynthesisedFlow.Endpoint(address: [10, 0, 0, 200], port: 8080)
  private static let client6 = SynthesisedFlow.Endpoint(address: [UInt8](repeating: 0, count: 15) + [1], port: 40_001)
  private static let server6 = SynthesisedFlow.Endpoint(address: [UInt8](repeating: 0, count: 15) + [1], port: 8080)

  /// Reads a capture and inspects its packets.
  private func inspected(_ file: [UInt8]) -> RecordingSink {
    let sink = RecordingSink()
    var inspection = CaptureInspection(options: InspectionOptions(), sink: sink)
    var reader = CaptureReader()
    reader.feed(file)
    reader.finish()
    while let event = reader.next() {
      guard case .record(let record) = event else {
        Issue.record("the file has findings")
        continue
      }
      reader.withBytes(of: record) { bytes in
        inspection.receive(
          bytes, linkType: record.linkType, originalLength: record.originalLength, time: record.timestampNanoseconds)
      }
    }
    inspection.finish()
    return sink
  }

  @Test(
    "A whole conversation is read back",
    arguments: [(Self.client4, Self.server4), (Self.client6, Self.server6), (Self.client6, Self.server4)])
  func aWholeConversationIsReadBack(
    client: SynthesisedFlow.Endpoint?, server: SynthesisedFlow.Endpoint?
  ) throws {
    var script = ConversationScript.whole()
    script.maximumSegment = 100_000
    var writer = CaptureWriter(format: .pcapng)
    let interface = try writer.addInterface(CaptureInterface(linkType: SynthesisedFlow.linkType))
    var flow = SynthesisedFlow(client: try #require(client), server: try #require(server), interface: interface)
    for segment in script.segments {
      let sender: PeerRole = segment.isFromClient ? .client : .server
      let time = try #require(segment.time)
      if !segment.data.isEmpty { try flow.data(from: sender, segment.data, at: time, into: &writer) }
      if segment.flags & ConversationScript.fin != 0 { try flow.finish(from: sender, at: time, into: &writer) }
    }
    try writer.finish()

    let sink = inspected(writer.takeBytes())
    // The script leaves one call without an answer; nothing else is found.
    #expect(sink.findings.map(\.id) == ["rpc.unanswered"])
    #expect(sink.summary?.connections == 1)
    let connection = sink.described(1)
    #expect(connection.fromClient == ConversationScript.spoken.client)
    #expect(connection.fromServer == ConversationScript.spoken.server)
    #expect(sink.connections[1]?.isMidstream == false)
  }

  /// Two long messages in one write, twice between the same ends, and a reset.
  @Test("Long messages and a second connection") func longMessagesAndASecondConnection() throws {
    var writer = CaptureWriter(format: .pcapng)
    let interface = try writer.addInterface(CaptureInterface(linkType: SynthesisedFlow.linkType))
    var script = ConversationScript()
    let payload = ConversationScript.noise(150_000, seed: 4)
    for round: Int64 in 0..<2 {
      let time = 1_700_000_000_000_000_000 + round * 60_000_000_000
      var flow = SynthesisedFlow(
        client: try #require(Self.client4), server: try #require(Self.server4), interface: interface)
      try flow.open(at: time, into: &writer)
      try flow.data(from: .client, ConversationScript.request(), at: time, into: &writer)
      try flow.data(from: .server, ConversationScript.response(), at: time, into: &writer)
      var bytes: [UInt8] = []
      for _ in 0..<2 { bytes += script.frame(true, first: 0x82, ConversationScript.message(7, 0, payload)) }
      try flow.data(from: .client, bytes, at: time + 1, into: &writer)
      try flow.reset(from: .client, at: time + 2, into: &writer)
    }
    try writer.finish()
    let sink = inspected(writer.takeBytes())
    #expect(sink.summary?.connections == 2)
    #expect(sink.frames.count == 4 && sink.frames.allSatisfy { $0.payload == payload })
    #expect(Set(sink.findings.map(\.id)).isSubset(of: ["tcp.rst", "tcp.port-reuse"]))
  }
}
