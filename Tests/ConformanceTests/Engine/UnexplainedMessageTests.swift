import Specification
import Testing

@testable import Conformance

@Suite("Messages that nothing asked for")
struct UnexplainedMessageTests {
  private static let echo = "{on: {id: 2}, do: [{reply: {id: 3}}]}"

  @Test("A message that comes unasked is named, with what to do", arguments: [0, 3])
  func unasked(_ sn: Int) async throws {
    let outcome = try await ScriptedPeers.play(
      "- silence", against: "rules: [{on: open, do: [{send: {id: 99, sn: \(sn)}}]}, \(Self.echo)]")
    #expect(outcome.verdict == .fail, outcome.explanation)
    #expect(outcome.unaskedID == 99, outcome.explanation)
    #expect(outcome.reason?.hasPrefix("id 99 comes unasked") == true, outcome.explanation)
    #expect(outcome.reason?.hasSuffix("list it under `unsolicited` in the profile") == true, outcome.explanation)
  }

  @Test("An answer with a wrong id is not taken for one that comes unasked")
  func wrongAnswer() async throws {
    let outcome = try await ScriptedPeers.play(
      "- send: {id: 2, payload: hello}\n- silence",
      against: "rules: [{on: {id: 2, payload: hello}, do: [{reply: {id: 99}}]}, \(Self.echo)]")
    #expect(outcome.verdict == .fail, outcome.explanation)
    #expect(outcome.unaskedID == nil, outcome.explanation)
  }

  @Test("A report that no call of this connection explains belongs to another one")
  func foreign() async throws {
    let outcome = try await ScriptedPeers.play(
      "- silence", against: "rules: [{on: open, do: [{send: {id: 8, payload: late}}]}, \(Self.echo)]")
    #expect(outcome.verdict == .fail, outcome.explanation)
    #expect(outcome.reason?.hasPrefix("rpc.isolation: a frame with id 8 came") == true, outcome.explanation)
  }

  @Test("The payload tells the case that a message belongs to")
  func owner() async throws {
    let server = try await MockServer.start(
      try ScriptedPeers.server(
        "rules: [{on: open, do: [{send: {id: 3, payload: $theirs}}]}, \(Self.echo)]".replacing(
          "$theirs", with: "w0 late")))
    let engine = ScriptEngine(settings: EngineSettings(profile: ScriptedPeers.profile, run: "test"))
    engine.settings.ledger.begin("another.case", uid: "w0")
    let outcome = await engine.run(
      try ScriptedPeers.script("- silence"), against: ScriptTarget(host: "127.0.0.1", port: server.port))
    await server.shutdown()
    #expect(outcome.reason?.contains("one of the case another.case") == true, outcome.explanation)
  }

  @Test("What a server sends unasked is seen on a connection that asks for nothing")
  func listener() async throws {
    let server = try await MockServer.start(
      try ScriptedPeers.server("rules: [{on: open, do: [{send: {id: 99}}, {send: {id: 3}}]}, \(Self.echo)]"))
    let engine = ScriptEngine(settings: EngineSettings(profile: ScriptedPeers.profile, run: "test"))
    let target = ScriptTarget(host: "127.0.0.1", port: server.port)
    let listener = await engine.listen(to: target)
    #expect(await engine.settings.unasked.sees(99, within: .seconds(60)))
    // What the profile names is never taken for it.
    #expect(engine.settings.unasked.list == [99])
    let outcome = await engine.run(
      try ScriptedPeers.script("- expect: {id: 3}\n- silence"), against: target)
    #expect(outcome.verdict == .pass, outcome.explanation)
    listener?.stop()
    await server.shutdown()
  }

  @Test("What a server sends to whoever has called it is seen too, but no answer with a wrong id", arguments: [1, 2])
  func listenerThatCalls(_ sn: Int) async throws {
    let server = try await MockServer.start(
      try ScriptedPeers.server(
        "rules: [{on: {id: 2}, do: [{reply: {id: 3}}, {send: {id: 98, sn: \(sn)}}, {send: {id: 97}}]}]"))
    let engine = ScriptEngine(settings: EngineSettings(profile: ScriptedPeers.profile, run: "test"))
    let listener = await engine.listen(to: ScriptTarget(host: "127.0.0.1", port: server.port))
    #expect(await engine.settings.unasked.sees(97, within: .seconds(60)))
    #expect(engine.settings.unasked.ids == (sn == 1 ? [97, 98] : [97]))
    listener?.stop()
    await server.shutdown()
  }

  /// What a server floods its clients with.
  static let floods = [
    "{repeat: 30000, steps: [{send: {id: 40}}]}",
    "{repeat: 30000, steps: [{send: {message: x, opcode: ping}}]}",
    "{send: {message: x, form: 64, declared: 0x10000000000}}, {repeat: 60, steps: [{send: {raw: {size: 1000000}}}]}",
  ]

  @Test("A server that floods ends the case", arguments: floods)
  func flood(_ flood: String) async throws {
    let outcome = try await ScriptedPeers.play(
      "- expect: {id: 77}\n  within: 120s", against: "rules: [{on: open, do: [\(flood)]}, \(Self.echo)]")
    #expect(outcome.verdict == .couldNotRun, outcome.explanation)
    #expect(outcome.flood != nil, outcome.explanation)
    #expect(outcome.reason?.hasPrefix("the peer floods") == true, outcome.explanation)
  }
}
