import FrameCodec
import Negotiation
import Specification
import Testing

@testable import Conformance

@Suite("Servers that do not admit everybody")
struct AdmissionTests {
  private static func refusing(_ times: Int, _ status: Int) -> String {
    let refusal = "  - {status: \(status), headers: {Retry-After: \"0\"}}\n"
    return "role: server\naccept:\n" + String(repeating: refusal, count: times)
      + "  - {}\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]\n"
  }

  @Test("An upgrade that is refused for now is asked for again", arguments: [429, 503])
  func again(_ status: Int) async throws {
    let outcome = try await ScriptedPeers.play("- call", against: Self.refusing(2, status))
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test("Each asking has a key of its own", arguments: [429, 503])
  func freshKeys(_ status: Int) async throws {
    let server = try await MockServer.start(try ScriptedPeers.server(Self.refusing(2, status)))
    let outcome = await ScriptEngine(settings: EngineSettings(profile: ScriptedPeers.profile, run: "test")).run(
      try ScriptedPeers.script("- call"), against: ScriptTarget(host: "127.0.0.1", port: server.port))
    #expect(outcome.verdict == .pass, outcome.explanation)
    await server.shutdown()
    #expect(server.account.faults.isEmpty)
  }

  @Test("A refusal that the script waits for is its answer", arguments: [429, 503])
  func awaited(_ status: Int) async throws {
    let outcome = try await ScriptedPeers.play(
      "- note: refused", header: "connect: {answer: {status: \(status)}}", against: Self.refusing(1, status))
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test("One that is refused each time, nobody else being connected, is refused")
  func refused() async throws {
    let rules = "role: server\naccept: [{status: 429, headers: {Retry-After: \"0\"}}]\nrules: []\n"
    let outcome = try await ScriptedPeers.play("- call", against: rules)
    #expect(outcome.verdict == .errored, outcome.explanation)
    #expect(outcome.reason?.contains("429") == true, outcome.explanation)
  }

  /// What it asks for is more than a day: the limit of time fails.
  @Test("What a server asks to be waited for is not waited for at any price", .timeLimit(.minutes(10)))
  func patience() async throws {
    let rules = "role: server\naccept: {status: 503, headers: {Retry-After: \"99999\"}}\nrules: []\n"
    let outcome = try await ScriptedPeers.play("- call", against: rules)
    #expect(outcome.reason?.contains("503") == true, outcome.explanation)
  }

  @Test("A case that needs more connections than there are does not apply")
  func tooMany() async throws {
    var profile = ScriptedPeers.profile
    profile.maxConnections = 2
    let steps = "- connect: {as: second}\n- connect: {as: third}\n- call"
    let outcome = try await ScriptedPeers.play(steps, profile: profile)
    #expect(outcome.verdict == .notApplicable, outcome.explanation)
    #expect(outcome.reason?.contains("maxConnections") == true)
    profile.maxConnections = 3
    let enough = try await ScriptedPeers.play(steps, profile: profile)
    #expect(enough.verdict == .pass, enough.explanation)
  }

  @Test("A refusal for too many teaches a limit, one for too often a rate, and each is told once")
  func learning() async throws {
    let control = AdmissionControl(PeerProfile())
    for _ in 0..<5 { control.opened() }
    let admission = try #require(await control.permitUpgrade(holding: 0, patience: .zero))
    let many = try #require(AdmissionControl.Refusal(Self.response("503 Service Unavailable", retryAfter: "soon")))
    #expect(many.retryAfter == nil)
    control.refused(many, to: admission)
    control.refused(many, to: admission)
    #expect(control.learnedConnections == 4)
    #expect(control.takeNotices().count == 1)
    let often = try #require(AdmissionControl.Refusal(Self.response("429 Too Many Requests", retryAfter: "0")))
    for _ in 0..<20 { control.granted() }
    control.refused(often, to: admission)
    // The second refusal of the same moment says nothing new.
    control.refused(often, to: admission)
    #expect(control.learnedRate.map { (10...20).contains($0) } == true)
    #expect(control.takeNotices().count == 1)
    #expect(AdmissionControl.Refusal(Self.response("400 Bad Request", retryAfter: "1")) == nil)
  }

  private static func response(_ status: String, retryAfter: String) -> ReceivedResponse {
    var reader = PeerReader(role: .client, revision: .current, expecting: .init(key: ""))
    let text = "HTTP/1.1 \(status)\r\nRetry-After: \(retryAfter)\r\nContent-Length: 0\r\n\r\n"
    for case .response(let response) in reader.read(Array(text.utf8)) { return response }
    return ReceivedResponse()
  }

  @Test("A request without a user id that is refused for it shows nothing; one with it does")
  func policy() async throws {
    let rules = "role: server\naccept: [{status: 401}]\nrules: []\n"
    let without = try await ScriptedPeers.play(
      "- connect: {as: main, query: \"UID=x&typed=2\"}", header: "connect: none", against: rules)
    #expect(without.verdict == .notApplicable, without.explanation)
    let with = try await ScriptedPeers.play("- call", against: rules)
    #expect(with.verdict == .errored, with.explanation)
    #expect(with.actual.contains("--header") && with.actual.contains("--query"), with.explanation)
  }

  @Test("Connections of one identity side by side are no hub, a newcomer that displaces is one")
  func hub() async throws {
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let mock = try await MockServer.start(try ScriptedPeers.server(ScriptedPeers.application))
    let isShared = await engine.servesSideBySide(ScriptTarget(host: "127.0.0.1", port: mock.port), patience: "100ms")
    #expect(isShared)
    await mock.shutdown()
    let rules = "role: server\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}, displace]}]\n"
    let hub = try await MockServer.start(try ScriptedPeers.server(rules))
    let isKept = await engine.servesSideBySide(ScriptTarget(host: "127.0.0.1", port: hub.port), patience: "20s")
    #expect(!isKept)
    await hub.shutdown()
  }
}
