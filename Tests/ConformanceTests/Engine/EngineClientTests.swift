import Specification
import Testing

@testable import Conformance

@Suite("The engine as a client")
struct EngineClientTests {
  /// Steps and the verdict that they come to.
  struct Story: CustomTestStringConvertible, Sendable {
    let name: String
    let verdict: Verdict
    let steps: String
    let header: String

    init(_ name: String, header: String = "", _ steps: String) {
      self.init(name, .pass, header: header, steps)
    }

    init(_ name: String, _ verdict: Verdict, header: String = "", _ steps: String) {
      self.name = name
      self.verdict = verdict
      self.steps = steps
      self.header = header
    }

    var testDescription: String { name }
  }

  static let passing: [Story] = [
    Story(
      "a call in two steps",
      "- send: {id: $echo.request, sn: $sn, payload: hello}\n- expect: {id: $echo.response, sn: $sn, payload: hello}"),
    Story("a call in one step", "- call: {payload: hello}\n- call\n- call: {sn: 0xFFFFFFFF}"),
    Story(
      "answers in any order",
      "- send: [{id: 4, sn: 2, payload: a}, {id: 2, sn: 4, payload: b}]\n- expect: [{sn: 2, id: 5}, {sn: 4, id: 3}]"),
    Story(
      "answers in this order",
      "- send: [{id: 4, sn: 2, payload: a}, {id: 2, sn: 4, payload: b}]\n- expect: [{sn: 4}, {sn: 2}]\n  ordered: true"),
    Story("silence after an unknown id", "- send: {id: $unknown, sn: 8, payload: x}\n- silence\n- alive"),
    Story("malformed input", "- send: {id: 2, payload: hello, magic: effe}\n- rejected: {code: 1002}\n- alive: new"),
    Story("an unmasked frame", "- send: {id: 2, payload: x, mask: false}\n- failed: 1002"),
    Story("byte by byte", "- send: {id: 2, sn: 2, payload: hello, segments: each}\n- expect: {id: 3, payload: hello}"),
    Story(
      "one byte a fragment, pings between",
      "- send: {id: 2, sn: 2, payload: hi, fragments: each, between: {message: p, opcode: ping}}\n- expect: {id: 3, payload: hi}\n- expect: {pong: p}"
    ),
    Story(
      "empty fragments",
      "- send: {id: 2, sn: 2, payload: hi, fragments: [0, 3, 3, end]}\n- expect: {id: 3, payload: hi, ws: {fragments: 1}}"
    ),
    Story(
      "sixty-four calls at once",
      "- parallel: 64\n  as: i\n  steps:\n    - call: {sn: $(100 + 2 * i), payload: number $i}"),
    Story("a burst", "- send: {id: $burst.trigger}\n- expect: {id: $burst.id}\n  count: $burst.count"),
    Story(
      "a call of the server",
      "- send: {id: $serverCall.trigger, payload: back}\n- expect: {id: 7, sn: odd, payload: back}\n  save: {theirs: sn}\n- send: {id: 17, sn: $theirs, payload: back}\n- expect: {id: 8, sn: 0, payload: back}"
    ),
    Story(
      "a slow call does not come early",
      "- send: {id: 4, sn: 2, payload: x}\n- expect: {id: 5}\n  after: 100ms\n  within: 5s"),
    Story("a ping and its pong", "- ping: hello\n- ping"),
    Story("a closing handshake", "- close: {code: 1000, reason: bye}\n- expect: clean"),
    Story(
      "compression", header: "connect: {deflate: true}",
      "- send: {id: 2, sn: 2, payload: {size: 2000, fill: abc}, compress: true}\n- expect: {id: 3, payload: {size: 2000, fill: abc}}\n- call: {payload: {size: 100}, compress: stored}\n- call: {payload: x, compress: final}"
    ),
    Story(
      "variables",
      "- set: {a: 5, b: {hex: 00ff}}\n- send: {id: 2, sn: 2, payload: [$b, $a]}\n- expect: {id: 3, payload: {hex: 00ff35}}\n- assert: a + len(b) == 7"
    ),
    Story(
      "loops",
      "- repeat: 3..5\n  as: n\n  steps: [{call: {payload: $n}}]\n- repeat: [x, y]\n  as: n\n  steps: [{call: {payload: $n}}]"
    ),
    Story(
      "several connections",
      "- connect: {as: other, query: {typed: 2}}\n- call: {payload: a}\n  on: other\n- call: {payload: b}\n- note: $other.local $other.uid\n- tally: {on: [main, other], is: 2, steps: [{call: {payload: c}}]}"
    ),
    Story("a half-close", "- half-close\n- expect: {end: fin}"),
    Story(
      "a frame in the same segment as the request, which the peer takes for the violation that it is",
      header: "connect: {with: {id: 2, sn: 2, payload: early}}", "- failed: 1002"),
    Story("a handshake byte by byte", header: "connect: {segments: {size: 7}}", "- call"),
    Story(
      "a refusal", header: "connect: none",
      "- connect: {headers: {Sec-WebSocket-Version: \"8\"}, answer: refused}\n- response: {status: 426, headers: {Sec-WebSocket-Version: \"13\", Date: none}}\n- response: {json: {status: 426}}"
    ),
    Story(
      "raw bytes",
      "- send: {raw: [{ws: {id: 2, sn: 2, payload: a}}, {ws: {id: 2, sn: 4, payload: b}}]}\n- expect: [{payload: b}, {payload: a}]"
    ),
    Story(
      "saved payloads and sizes",
      "- send: {id: 2, sn: 2, payload: {size: 300}}\n- expect: {id: 3, size: 300, length: 308}\n  save: {data: payload}\n- call: {payload: $data, answer: {size: {min: 300, max: 300}}}"
    ),
    Story("steps on another connection", "- connect: {as: b}\n- {on: b, steps: [call, {ping: x}]}\n- end: b\n- call"),
    Story("a reset", "- reset\n- wait: 10ms\n- alive: new"),
    Story(
      "TCP alone", header: "connect: none",
      "- connect: {as: main, tcp: true}\n- send: {raw: \"GET / HTTP/1.0\\r\\n\\r\\n\"}\n- expect: {end: any}"),
  ]

  @Test("What is right passes", arguments: passing)
  func passes(_ story: Story) async throws {
    let outcome = try await ScriptedPeers.play(story.steps, header: story.header)
    #expect(outcome.verdict == .pass, outcome.explanation)
    #expect(outcome.divergence == nil)
  }

  static let others: [Story] = [
    Story(
      "an answer that does not come", .fail,
      "- send: {id: 2, sn: 2, payload: a}\n- expect: {id: 3, payload: b}\n  within: 100ms"),
    Story(
      "the same where it should", .nonStrict,
      "- send: {id: 2, sn: 2, payload: a}\n- expect: {id: 3, payload: b}\n  within: 100ms\n  level: SHOULD\n- expect: {id: 3}"
    ),
    Story(
      "the same where it may", .informational, header: "level: MAY",
      "- send: {id: 2, sn: 2}\n- expect: {id: 9}\n  within: 100ms\n- expect: {id: 3}"),
    Story("an answer where silence should be", .fail, "- send: {id: 2, sn: 2}\n- silence"),
    Story(
      "a lenient outcome", .nonStrict,
      "- send: {id: 2, sn: 2, payload: a}\n- any:\n    - strict: failed\n    - lenient: {expect: {id: 3}}"),
    Story(
      "a forbidden outcome", .fail,
      "- send: {id: 2, sn: 2, payload: a}\n- any:\n    - forbidden: {expect: {id: 3}}\n      why: nothing may be answered\n    - lenient: silence"
    ),
    Story(
      "an informational outcome", .informational,
      "- any:\n    - strict: {expect: {id: 3}, within: 50ms}\n    - informational: silence"),
    Story("failing with another code", .nonStrict, "- send: {id: 2, mask: false}\n- failed: 1009"),
    Story(
      "a tally that is not met", .fail,
      "- connect: {as: other}\n- tally: {on: [main, other], is: 1, steps: [{call: {payload: c}}]}"),
    Story("an assertion that does not hold", .fail, "- assert: limit < 8"),
    Story("too early", .fail, "- send: {id: 2, sn: 2}\n- expect: {id: 3}\n  after: 1s"),
    Story("what the profile lacks", .notApplicable, header: "needs: [integer-clamp]", "- alive"),
    Story(
      "a granted upgrade where a refusal has to come", .fail, header: "connect: none", "- connect: {answer: refused}"),
    Story("an unwritable size", .couldNotRun, "- send: {id: 2, payload: {size: $(0 - 1)}}"),
    Story("the time of the case", .couldNotRun, header: "timeout: 100ms", "- wait: 20s"),
    Story("a step that stops", .informational, "- stop: informational\n- assert: \"0\""),
    Story(
      "a failure in one of several branches", .fail,
      "- parallel:\n    - {call: {payload: a}}\n    - {expect: {id: 99}, within: 50ms}"),
  ]

  @Test("What is not right comes to its verdict", arguments: others)
  func verdicts(_ story: Story) async throws {
    let outcome = try await ScriptedPeers.play(story.steps, header: story.header)
    #expect(outcome.verdict == story.verdict, outcome.explanation)
    #expect(outcome.reason != nil || story.verdict == .informational)
  }

  @Test("A failure names step, expectation and what was there")
  func evidence() async throws {
    let outcome = try await ScriptedPeers.play(
      "- send: {id: 2, sn: 2, payload: a}\n- expect: {id: $echo.response, sn: 2, payload: b}\n  within: 1s")
    #expect(outcome.divergence?.place == SourcePlace(line: 4, column: 5))
    #expect(outcome.expected.contains("a frame with id 3, sn 2, payload \"b\""))
    #expect(outcome.actual.contains("frame id 3, sn 2, 1 bytes \"a\""))
    let sent = outcome.transcript.entries.filter { if case .sent = $0.event { true } else { false } }
    #expect(sent.count >= 2)
    #expect(outcome.transcript.entries.map(\.nanoseconds) == outcome.transcript.entries.map(\.nanoseconds).sorted())
  }

  @Test("A profile without calls makes a call not applicable, and says what to add")
  func profile() async throws {
    var minimal = PeerProfile()
    minimal.oneWay = PeerProfile.Exchange(request: 2, response: 3, mode: .constant)
    let call = try await ScriptedPeers.play("- call", profile: minimal)
    #expect(call.verdict == .notApplicable)
    #expect(call.reason?.contains("add a handler") == true)
    let silence = try await ScriptedPeers.play("- send: {id: $unknown}\n- silence\n- alive", profile: minimal)
    #expect(silence.verdict == .pass, silence.explanation)
  }

  @Test("A peer without compression makes a deflate connection not applicable")
  func withoutCompression() async throws {
    let outcome = try await ScriptedPeers.play(
      "- call", header: "connect: {deflate: true}", against: "rules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]")
    #expect(outcome.verdict == .notApplicable)
  }

  @Test("A server that is gone makes the case errored")
  func gone() async throws {
    let listener = try await ScriptListener.listen()
    let port = listener.port
    listener.close()
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let outcome = await engine.run(
      try ScriptedPeers.script("- call"), against: ScriptTarget(host: "127.0.0.1", port: port))
    #expect(outcome.verdict == .errored)
    #expect(outcome.isPeerGone)
  }

  @Test("A server that says nothing cannot hold a case for ever")
  func silent() async throws {
    let listener = try await ScriptListener.listen()
    defer { listener.close() }
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let script = try ScriptedPeers.script("- {connect: {}, within: 100ms}", header: "connect: none")
    let outcome = await engine.run(script, against: ScriptTarget(host: "127.0.0.1", port: listener.port))
    #expect([.errored, .fail].contains(outcome.verdict))
  }

  @Test("The same seed gives the same bytes")
  func deterministic() async throws {
    let steps =
      "- parallel: 3\n  as: n\n  steps: [{send: {id: 2, sn: $(2 + 2 * n), payload: {size: 40}}}]\n- expect: {id: 3}\n  count: 3"
    func sent(_ outcome: CaseOutcome) -> Set<[UInt8]> {
      Set(
        outcome.transcript.entries.compactMap {
          if case .sent(let bytes) = $0.event, bytes.count == 60 { bytes } else { nil }
        })
    }
    let first = try await ScriptedPeers.play(steps)
    let second = try await ScriptedPeers.play(steps)
    #expect(sent(first).count == 3)
    #expect(sent(first) == sent(second))
  }
}
