import NIOCore
import Testing
import WireproofPeer
import WireproofTesting

/// The client that the tests are about.
private func client(_ peer: MockPeer) async throws -> Connection {
  var configuration = try ClientConfiguration(peer.url)
  configuration.metadata = ConnectionMetadata(uid: "100")
  configuration.attempts = 1
  return try await Client(configuration).connect()
}

@Suite("A mock peer inside of a test")
struct MockPeerTests {
  static let echo = """
    rules:
      - on: {id: 2, sn: nonzero}
        do: [{reply: {id: 3}}]
    """

  @Test("A call is answered as the script says, and its frame is there for the test")
  func answers() async throws {
    let peer = try await MockPeer(script: Self.echo)
    let connection = try await client(peer)
    let answer = try await connection.call(2, ByteBuffer(string: "hello"))
    #expect(String(buffer: answer.payload) == "hello")

    let call = try await peer.frame(id: 2)
    #expect(call.text == "hello")
    #expect(call.sn == 2)
    #expect(try await peer.opened().contains("uid=100"))
    connection.close(code: 1000)
    #expect(try await peer.closed() == 1000)
    try await peer.finish()
  }

  @Test("A frame that does not come is told with what came instead")
  func missing() async throws {
    let peer = try await MockPeer(script: Self.echo)
    let connection = try await client(peer)
    _ = try await connection.call(2, ByteBuffer(string: "hello"))
    let failure = await #expect(throws: MockPeerFailure.self) {
      _ = try await peer.frame(id: 9, within: .milliseconds(1))
    }
    let text = try #require(failure).description
    #expect(text.contains("expected a frame with id 9"))
    #expect(text.contains("at WireproofTestingTests/MockPeerTests.swift:"))
    #expect(text.contains("#1 sn 2 id 2, 5 bytes \"hello\""))
    await peer.stop()
  }

  @Test("A rule that was not run as often as the script expects fails the end, with its place")
  func expectedCount() async throws {
    let script = """
      rules:
        - on: {id: 2, sn: nonzero}
          expected: 2
          do: [{reply: {id: 3}}]
      """
    let failure = await #expect(throws: MockPeerFailure.self) {
      try await withMockPeer(script: script) { peer in
        _ = try await client(peer).call(2, ByteBuffer(string: "hello"))
      }
    }
    #expect(try #require(failure).findings == ["script:2:5: expected the rule is run 2 times; actual: it was run once"])
  }

  @Test("A step that still waits when the client goes fails the end")
  func unmetStep() async throws {
    let script = """
      rules:
        - on: {id: 2, sn: nonzero}
          do: [{reply: {id: 3}}, {expect: {id: 7}, within: 3600s}]
      """
    let peer = try await MockPeer(script: script)
    let connection = try await client(peer)
    _ = try await connection.call(2, ByteBuffer(string: "hello"))
    connection.close(code: 1000)
    try await peer.closed()
    let failure = await #expect(throws: MockPeerFailure.self) { try await peer.finish() }
    // The step itself, or its rule where the peer is ended before the step has noticed.
    let finding = try #require(failure?.findings.first)
    #expect(finding.hasPrefix("script:3:28: connection 1: expected") || finding.contains("the server was ended before"))
  }

  @Test("What the client breaks of the protocol fails the end, unless the script has a rule about it")
  func violation() async throws {
    for (rules, isGood) in [("", false), ("\n  - on: violation\n    do: [{note: seen}]", true)] {
      let peer = try await MockPeer(script: "rules:\n  - on: {id: 2}\n    do: []" + rules)
      let connection = try await client(peer)
      connection.sendWebSocketMessage(isText: true, ByteBuffer(string: "no frame"))
      connection.close(code: 1000)
      try await peer.closed()
      if isGood {
        try await peer.finish()
      } else {
        let failure = await #expect(throws: MockPeerFailure.self) { try await peer.finish() }
        #expect(try #require(failure).description.contains("VIOLATION: "))
      }
    }
  }

  @Test("A script that is wrong is told with its line and column")
  func wrongScript() async throws {
    let error = await #expect(throws: MockScriptError.self) {
      try await MockPeer(script: "rules:\n  - on: {id: two}\n    do: []")
    }
    #expect(try #require(error).description.hasPrefix("script:2:14: "))
    await #expect(throws: MockScriptError.self) { try await MockPeer(script: "steps: [silence]") }
  }

  @Test("Several peers stand side by side, each on a port of its own")
  func sideBySide() async throws {
    let first = try await MockPeer(script: Self.echo)
    let second = try await MockPeer(script: Self.echo)
    #expect(first.port != second.port)
    _ = try await client(second)
    try await second.opened()
    #expect(first.transcript.isEmpty)
    try await first.finish()
    try await second.finish()
  }
}
