import FrameCodec
import ReferencePeer
import Specification
import Testing

@testable import Conformance

@Suite("The engine against peers that misbehave")
struct EnginePeerTests {
  /// A server, steps, and the verdict that they come to.
  struct Encounter: CustomTestStringConvertible, Sendable {
    let name: String
    let verdict: Verdict
    let header: String
    let steps: String
    let server: String

    init(_ name: String, _ verdict: Verdict, header: String = "", steps: String, server: String) {
      self.name = name
      self.verdict = verdict
      self.header = header
      self.steps = steps
      self.server = server
    }

    var testDescription: String { name }
  }

  static let encounters: [Encounter] = [
    Encounter(
      "malformed input is dropped", .nonStrict,
      steps: """
        - send: {id: 2, payload: hello, magic: effe}
        - rejected
        """,
      server: "rules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]"),
    Encounter(
      "malformed input is delivered", .fail,
      steps: """
        - send: {id: 2, payload: hello, magic: effe}
        - rejected
        """,
      server: """
        rules:
          - {on: {message: any}, do: [{send: {id: 3, payload: hello}}]}
          - {on: {id: 2}, do: [{reply: {id: 3}}]}
        """),
    Encounter(
      "the connection is reset", .pass,
      steps: """
        - send: {id: 2, payload: hello, take: 5}
        - failed
        - alive: new
        """,
      server: """
        rules:
          - {on: violation, do: [reset]}
          - {on: {id: 2}, do: [{reply: {id: 3}}]}
        """),
    Encounter(
      "an answer has a wrong sn", .fail, steps: "- {call: {}, within: 100ms}",
      server:
        "rules: [{on: {id: 2}, times: 1, do: [{reply: {id: 3, sn: $(request.sn + 2)}}]}, {on: {id: 2}, do: [{reply: {id: 3}}]}]"
    ),
    Encounter(
      "an answer comes twice", .fail, header: "requirements: [rpc.answer.once]",
      steps: """
        - call
        - silence
        """,
      server: "rules: [{on: {id: 2}, do: [{reply: {id: 3}}, {reply: {id: 3}}]}]"),
    Encounter(
      "the same, where the case is about something else", .pass, header: "requirements: [rpc.answer.sn]",
      steps: """
        - call
        - ping
        """,
      server: "rules: [{on: {id: 2}, do: [{reply: {id: 3}}, {reply: {id: 3}}]}]"),
    Encounter(
      "frames are masked", .fail, header: "requirements: [ws.mask.server]", steps: "- call",
      server: "rules: [{on: {id: 2}, do: [{reply: {id: 3, mask: true}}]}]"),
    Encounter(
      "lengths are not minimal", .fail, header: "requirements: [ws.length.minimal]", steps: "- call",
      server: "rules: [{on: {id: 2}, do: [{reply: {id: 3, form: 64}}]}]"),
    Encounter(
      "bytes follow the frame", .fail, header: "requirements: [frame.trailing]", steps: "- call",
      server: "rules: [{on: {id: 2}, do: [{reply: {id: 3, append: xx}}]}]"),
    Encounter(
      "messages are compressed that must not be", .fail, header: "requirements: [ws.rsv]",
      steps: "- send: {id: 2, sn: 2, payload: a}\n- expect: {message: any}",
      server: "rules: [{on: {id: 2}, do: [{reply: {id: 3, compress: stored}}]}]"),
    Encounter(
      "context is taken over that must not be", .fail,
      header: "requirements: [deflate.no-takeover]\nconnect: {deflate: server_no_context_takeover}",
      steps: """
        - call: {payload: {size: 400, fill: abcdefghijklmnopqrstuvwxyz0123456789}}
        - call: {payload: {size: 400, fill: abcdefghijklmnopqrstuvwxyz0123456789}}
        """,
      server: """
        accept: {deflate: server_no_context_takeover}
        rules: [{on: {id: 2}, do: [{reply: {id: 3, compress: takeover}}]}]
        """),
    Encounter(
      "a wrong accept", .fail, steps: "- call",
      server: "accept: {headers: {Sec-WebSocket-Accept: wrong}}\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]"),
    Encounter(
      "garbage instead of an answer", .errored, steps: "- call",
      server: "accept: {response: {size: 30000, fill: x}}\nrules: []"),
    Encounter(
      "the first connection is refused", .fail, steps: "- call",
      server: "accept: [{status: 500}, {}]\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]"),
    Encounter(
      "every connection is refused", .errored, steps: "- call", server: "accept: {status: 503}\nrules: []"),
    Encounter(
      "a displacement", .pass,
      steps: """
        - send: {id: 30}
        - expect: [{displacement: {old: $main.local, new: "10.0.0.9:1", ts: recent}}, {close: none}, {end: any}]
          ordered: true
        """,
      server: "rules: [{on: {id: 30}, do: [{displace: {new: \"10.0.0.9:1\"}}]}]"),
    Encounter(
      "a displacement with another address", .fail,
      steps: """
        - send: {id: 30}
        - {expect: {displacement: {new: "10.0.0.8:1"}}, within: 200ms}
        """,
      server: "rules: [{on: {id: 30}, do: [{displace: {new: \"10.0.0.9:1\"}}]}, {on: {id: 2}, do: [{reply: {id: 3}}]}]"),
    Encounter(
      "the oldest revision", .pass, header: "revision: \"1.1\"",
      steps: """
        - send: {id: 2, payload: hello}
        - expect: {id: 3, payload: hello}
        - silence
        - alive
        """,
      server: "accept: {revision: \"1.1\"}\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]"),
    Encounter(
      "a server that sends on its own", .fail, steps: "- silence",
      server: "rules: [{on: open, do: [{send: {id: 40}}]}, {on: {id: 2}, do: [{reply: {id: 3}}]}]"),
    Encounter(
      "a flood", .nonStrict,
      steps: """
        - send: {id: 2, sn: 2}
        - expect: {id: 3, sn: 2}
        - {expect: {id: 99}, within: 50ms, level: SHOULD}
        """,
      server:
        "rules: [{on: open, do: [{repeat: 3000, steps: [{send: {id: 40, payload: {size: 1000}}}]}]}, {on: {id: 2}, do: [{reply: {id: 3}}]}]"
    ),
  ]

  @Test("Encounters", arguments: encounters)
  func encounter(_ encounter: Encounter) async throws {
    var profile = ScriptedPeers.profile
    profile.revisions = [.v1_1, .v1_3_3]
    let outcome = try await ScriptedPeers.play(
      encounter.steps, header: encounter.header, against: encounter.server, profile: profile)
    #expect(outcome.verdict == encounter.verdict, outcome.explanation)
  }

  @Test("The end of TCP in place of an answer is the server's, however soon it is seen")
  func endedInsteadOfAnswering() async throws {
    let steps = """
      - repeat: 300
        as: n
        steps:
          - connect: {as: "c$n", answer: any}
          - on: "c$n"
            steps: [{any: [{forbidden: {response: {status: 101}}, why: granted}, {strict: {expect: closed}}]}]
      """
    let outcome = try await ScriptedPeers.play(
      steps, header: "connect: none\ntimeout: 60s", against: "rules: []\nfaults: [{reset: 1}]")
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test("What the profile says a server sends on its own is let pass")
  func unsolicited() async throws {
    var profile = ScriptedPeers.profile
    profile.unsolicited = [40]
    let outcome = try await ScriptedPeers.play(
      "- silence", against: "rules: [{on: open, do: [{send: {id: 40}}]}, {on: {id: 2}, do: [{reply: {id: 3}}]}]",
      profile: profile)
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  /// A fault of a mock server, and steps that see it.
  static let faults: [(String, String)] = [
    ("drop: {id: 3}, times: 1", "- {expect: {id: 3, sn: 2}, within: 100ms, level: MAY}\n- {expect: {id: 3, sn: 4}}"),
    ("duplicate: {id: 3}, times: 1", "- expect: [{sn: 2}, {sn: 2}, {sn: 4}]"),
    ("delay: {sn: 2}, by: 1s", "- {expect: [{sn: 4}, {sn: 2}], ordered: true}"),
    ("reorder: any, times: 1", "- {expect: [{sn: 4}, {sn: 2}], ordered: true}"),
    ("corrupt: {sn: 2}", "- {expect: {sn: 2, payload: {not: payload}}}"),
    ("truncate: {sn: 2}, by: 3", "- {expect: {message: {size: 20}}, level: MAY, within: 50ms}\n- expect: {sn: 4}"),
    ("wrong-sn: {sn: 2}", "- expect: [{sn: 3}, {sn: 4}]"),
    ("reset: 150", "- {expect: {end: any}}"),
    ("drop: any, every: 2", "- {expect: {sn: 2}}\n- {expect: {sn: 4}, level: MAY, within: 100ms}"),
  ]

  @Test("Faults of mock servers", arguments: faults)
  func fault(_ fault: String, _ steps: String) async throws {
    // Answers in the order of the requests, so that the fault meets the same one in every run.
    let server = "rules: [{on: {id: 2}, serial: true, do: [{reply: {id: 3}}]}]\nfaults: [{\(fault)}]"
    let sends = "- send: {id: 2, sn: 2, payload: payload}\n- send: {id: 2, sn: 4, payload: payload}\n"
    let outcome = try await ScriptedPeers.play(try ScriptedPeers.script(sends + steps), against: server)
    #expect(outcome.divergence.map { "\($0.step)".contains("MAY") } ?? true, outcome.explanation)
    #expect(outcome.verdict != .fail, outcome.explanation)
  }

  @Test("Rules are narrowed by every, times and also")
  func rules() async throws {
    let server = """
      rules:
        - {on: {id: 2}, every: 2, also: true, do: [{send: {id: 50}}]}
        - {on: {id: 2}, times: 1, do: [{reply: {id: 60}}]}
        - {on: {id: 2}, do: [{reply: {id: 3}}]}
      """
    let steps = """
      - repeat: 3
        as: n
        steps: [{send: {id: 2, sn: $(2 + 2 * n)}}, {ping: x}]
      - expect: [{id: 60, sn: 2}, {id: 3, sn: 4}, {id: 50}, {id: 3, sn: 6}]
      - silence
      """
    let outcome = try await ScriptedPeers.play(steps, against: server)
    // The echoes of the silence step are matched by the first rule as well.
    #expect(outcome.verdict == .fail, outcome.explanation)
    #expect(outcome.actual.contains("frame id 50"), outcome.explanation)
  }

  @Test(
    "Why a server does not serve is told with what can be done",
    arguments: [
      ("accept: {status: 200}", "answered with status 200; an HTTP server that knows of no WebSocket"),
      ("accept: {status: 302, headers: {Location: /chat}}", "status 302 to /chat; redirections are not followed"),
      ("accept: {status: 401}", "status 401; give what it asks for with --header"),
    ])
  func lack(_ accept: String, _ reason: String) async throws {
    let mock = try await MockServer.start(try ScriptedPeers.server("role: server\n\(accept)\nrules: []\n"))
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let lack = await engine.lackOfService(of: ScriptTarget(host: "127.0.0.1", port: mock.port))
    #expect(lack?.contains(reason) == true, "\(lack ?? "")")
    await mock.shutdown()
  }

  @Test("The round trip of a server is measured, and its lack told")
  func roundTrip() async throws {
    let mock = try await MockServer.start(try ScriptedPeers.server(ScriptedPeers.application))
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let target = ScriptTarget(host: "127.0.0.1", port: mock.port)
    #expect(try await engine.measureRoundTrip(of: target) > .zero)
    #expect(await engine.lackOfService(of: target) == nil)
    await mock.shutdown()
    #expect(await engine.lackOfService(of: target) != nil)
    await #expect(throws: RoundTripFailure.self) { try await engine.measureRoundTrip(of: target) }
  }

  @Test("A mock server without a socket of its own serves the connections that it is given")
  func mounted() async throws {
    let mock = MockServer.mounted(try ScriptedPeers.server(ScriptedPeers.application))
    let server = try await Server.listen(ServerConfiguration())
    server.handOver { mock.take($0) }
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let lack = await engine.lackOfService(of: ScriptTarget(host: "127.0.0.1", port: server.port))
    #expect(lack == nil)
    await server.shutDown()
    await mock.shutdown()
  }
}
