import FrameCodec
import Specification
import Testing

@testable import Conformance

@Suite("Profiles that are found out")
struct ProfileDetectionTests {
  /// Finds out about a server in little time; where that comes out wrong, as it may on a busy machine, in more.
  private static func expect(of rules: String, _ isRight: (PeerProfile) -> Bool) async throws {
    var profile = try await detect(rules, call: "500ms", message: "300ms", other: 2)
    if !isRight(profile) { profile = try await detect(rules, call: "15s", message: "8s", other: 15) }
    #expect(isRight(profile), "\(ProfileWriter.text(of: profile, comment: ""))")
  }

  /// What these servers do not do in this time they never do.
  private static func detect(
    _ rules: String, call: String, message: String, other seconds: Double
  ) async throws -> PeerProfile {
    let server = try await MockServer.start(try ScriptedPeers.server(rules))
    var detection = ProfileDetection(
      suite: try ProbeSamples.suite(), target: ScriptTarget(host: "127.0.0.1", port: server.port), run: "test")
    detection.patience = (call, message)
    detection.engine.settings.wait(seconds: seconds)
    let result: Result<PeerProfile, any Error>
    do { result = .success(try await detection.detect { _ in }) } catch { result = .failure(error) }
    await server.shutdown()
    return try result.get()
  }

  @Test("One that answers a message with the same one each time: no call, a constant, no compression")
  func minimal() async throws {
    try await Self.expect(
      of: "role: server\nrules: [{on: {id: 2, sn: zero}, do: [{reply: {id: 3, payload: always}}]}]"
    ) { profile in
      profile.echo == nil && profile.oneWay == PeerProfile.Exchange(request: 2, response: 3, mode: .constant)
        && profile.slow == nil && profile.serverCall == nil && profile.burst == nil && profile.puller == nil
        && !profile.compression
    }
  }

  @Test("One with ids of its own: calls, a server's call, a burst, a puller, and it compresses")
  func other() async throws {
    try await Self.expect(
      of: """
        role: server
        accept: {deflate: true}
        rules:
          - on: {id: 20}
            do: [{reply: {id: 21}}]
          - on: {id: 22, sn: zero}
            do: [{send: {id: 23, sn: 3, payload: called}}]
          - on: {sn: 3}
            do: [{send: {id: 24, payload: reported}}]
          - on: {id: 25, sn: zero}
            do: [{repeat: 40, steps: [{send: {id: 26, payload: x}}]}]
          - on: {id: 27, sn: zero}
            do: [{send: {id: 28, payload: pulled}}]
        """
    ) { profile in
      profile.echo == PeerProfile.Exchange(request: 20, response: 21) && profile.oneWay == profile.echo
        && profile.serverCall == PeerProfile.ServerCall(trigger: 22, request: 23, report: 24)
        && profile.burst == PeerProfile.Burst(trigger: 25, id: 26, count: 40)
        && profile.puller == PeerProfile.Burst(trigger: 27, id: 28, count: 1) && profile.compression
    }
  }

  @Test("What comes unasked is no answer: a greeting, and one behind the first message")
  func unasked() async throws {
    try await Self.expect(
      of: """
        role: server
        accept: {with: [{id: 99, payload: welcome}]}
        rules:
          - on: {id: any}
            times: 1
            also: true
            do: [{send: {id: 98, sn: 5, payload: again}}]
          - on: {id: 2, sn: zero}
            do: [{reply: {id: 3}}]
        """
    ) { profile in
      profile.unsolicited == [98, 99] && profile.oneWay == PeerProfile.Exchange(request: 2, response: 3)
        && profile.burst == nil && profile.puller == nil && profile.serverCall == nil && profile.hub == .absent
    }
  }

  @Test("What is written is read back as it was")
  func text() throws {
    var profile = PeerProfile.reference
    profile.slow?.milliseconds = 1500
    profile.revisions = Array(Revision.allCases)
    profile.versions = 2...7
    profile.charsets = [0, 1]
    profile.readWait = 4000
    profile.capabilities = ["negotiation", "integer-clamp"]
    profile.hub = .absent
    profile.maxConnections = 20
    profile.upgradesPerSecond = 30
    profile.unsolicited = [98, 99]
    let text = ProfileWriter.text(of: profile, comment: "a comment\nwith a break")
    #expect(try PeerProfile.parse(text, file: "p.yaml") == profile)
  }

  @Test("Where nobody serves, it says so")
  func nobody() async throws {
    let detection = ProfileDetection(
      suite: try ProbeSamples.suite(), target: ScriptTarget(host: "127.0.0.1", port: 1), run: "test")
    await #expect(throws: DetectionFailure.self) { _ = try await detection.detect { _ in } }
  }
}
