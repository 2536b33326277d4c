import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("Which requirement a verdict falls on")
struct BlameTests {
  /// A case against a server, and what comes of it.
  struct Encounter: CustomTestStringConvertible, Sendable {
    let name: String
    let requirements: String
    let steps: String
    let rules: String
    let verdict: Verdict
    let judged: [RequirementID: Verdict]

    var testDescription: String { name }
  }

  private static let echo = "- {on: {id: 2}, do: [{reply: {id: 3}}]}"
  private static let magic = "- {send: {id: 2, payload: hello, magic: effe}}"

  static let encounters: [Encounter] = [
    Encounter(
      name: "malformed input is dropped: only the SHOULD comes out weaker",
      requirements: "frame.magic.reject, frame.magic.fail, malformed.delivery, malformed.fail",
      steps: magic + "\n- rejected", rules: echo, verdict: .nonStrict,
      judged: [
        "frame.magic.reject": .pass, "malformed.delivery": .pass, "frame.magic.fail": .nonStrict,
        "malformed.fail": .nonStrict,
      ]),
    Encounter(
      name: "malformed input is delivered: the MUSTs fail",
      requirements: "frame.magic.reject, frame.magic.fail, malformed.delivery",
      steps: magic + "\n- rejected",
      rules: "- {on: {message: any}, do: [{send: {id: 3, payload: hello}}]}\n" + echo, verdict: .fail,
      judged: ["frame.magic.reject": .fail, "malformed.delivery": .fail]),
    Encounter(
      name: "another close code: only the rule about codes",
      requirements: "ws.opcode.fail, ws.violation.code, malformed.delivery",
      steps: "- {send: {message: x, opcode: 5}}\n- failed: 1002",
      rules: "- {on: violation, do: [{close: 1008}, end]}\n" + echo, verdict: .nonStrict,
      judged: ["ws.opcode.fail": .pass, "ws.violation.code": .nonStrict, "malformed.delivery": .pass]),
    Encounter(
      name: "what a step names fails, and nothing else",
      requirements: "rpc.answer.pairing, rpc.dispatch.direction, frame.payload.opaque",
      steps: "- call: {}\n- call: {id: 99, answer: {id: 98}}\n  within: 100ms\n  for: rpc.dispatch.direction",
      rules: echo, verdict: .fail,
      judged: ["rpc.answer.pairing": .pass, "frame.payload.opaque": .pass, "rpc.dispatch.direction": .fail]),
    Encounter(
      name: "another payload is the rule about payloads",
      requirements: "rpc.answer.pairing, frame.payload.opaque", steps: "- {call: {payload: hello}, within: 100ms}",
      rules: "- {on: {id: 2}, do: [{reply: {id: 3, payload: other}}]}", verdict: .fail,
      judged: ["frame.payload.opaque": .fail]),
    Encounter(
      name: "a connection that is not granted is not what the steps on it are about",
      requirements: "rpc.answer.pairing, frame.payload.opaque",
      steps:
        "- {repeat: 1, for: frame.payload.opaque, steps: [{connect: {as: b, path: /away, headers: {Upgrade: null}}}, {call: {}, on: b}]}",
      rules: echo, verdict: .fail, judged: ["handshake.answer.status": .fail]),
    Encounter(
      name: "a second answer is named by the observation, not by the first rule of the case",
      requirements: "rpc.answer.pairing, rpc.answer.once",
      steps: "- call: {}\n- silence: {for: 100ms}",
      rules: "- {on: {id: 2}, do: [{reply: {id: 3}}, {reply: {id: 3}}]}", verdict: .fail,
      judged: ["rpc.answer.pairing": .pass, "rpc.answer.once": .fail]),
    Encounter(
      name: "a message that breaks a rule is named, and not a step that has no rule of its own",
      requirements: "rpc.answer.pairing", steps: "- {send: {id: 2, sn: 2}}\n- {expect: {id: 3, sn: 2}, within: 100ms}",
      rules: "- {on: {id: 2}, do: [{send: {message: {frame: {id: 3, sn: 2}}, opcode: text}}]}", verdict: .fail,
      judged: ["frame.message.binary": .fail, "ws.text.utf8": .fail]),
    Encounter(
      name: "what is missing is what the strict alternatives are about",
      requirements: "close.echo, close.after.receive",
      steps: """
        - close: 1000
        - any:
            - forbidden: {expect: {id: 3}}
              for: close.after.receive
            - strict: {expect: {close: any}, within: 100ms}
              for: close.echo
        """,
      rules: "accept: {close: false}\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]", verdict: .fail,
      judged: ["close.echo": .fail]),
    Encounter(
      name: "a ping that is not answered is the rule about pings",
      requirements: "rpc.answer.pairing, malformed.others", steps: "- call: {}\n- ping: x\n  within: 100ms",
      rules: "accept: {pong: false}\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]", verdict: .fail,
      judged: ["rpc.answer.pairing": .pass, "ws.ping.answer": .fail]),
    Encounter(
      name: "an over-long close frame fails a case about something else",
      requirements: "ws.opcode.fail", steps: "- {send: {message: x, opcode: 5}}\n- failed",
      rules: "- {on: violation, do: [{send: {message: [{be16: 1000}, {size: 417, fill: r}], opcode: close}}, end]}",
      verdict: .fail,
      judged: ["ws.opcode.fail": .pass, "ws.control.length": .fail]),
    Encounter(
      name: "an illegal close code fails a case about something else",
      requirements: "ws.opcode.fail", steps: "- {send: {message: x, opcode: 5}}\n- failed",
      rules: "- {on: violation, do: [{close: 1006}, end]}", verdict: .fail,
      judged: ["ws.opcode.fail": .pass, "close.code": .fail]),
    Encounter(
      name: "data behind the close frame of a violation",
      requirements: "ws.opcode.fail", steps: "- {send: {message: x, opcode: 5}}\n- failed",
      rules: "- {on: violation, do: [{send: [{message: {be16: 1002}, opcode: close}, {id: 3}]}, end]}", verdict: .fail,
      judged: ["ws.opcode.fail": .pass, "close.after": .fail]),
    Encounter(
      name: "a masked frame of the server", requirements: "rpc.answer.pairing", steps: "- call: {}",
      rules: "- {on: {id: 2}, do: [{send: {id: 3, sn: $request.sn, payload: $request.payload, mask: a1b2c3d4}}]}",
      verdict: .fail, judged: ["rpc.answer.pairing": .pass, "ws.mask.server": .fail]),
    Encounter(
      name: "a length that is not minimal", requirements: "rpc.answer.pairing", steps: "- call: {}",
      rules: "- {on: {id: 2}, do: [{send: {id: 3, sn: $request.sn, payload: $request.payload, form: 64}}]}",
      verdict: .fail, judged: ["rpc.answer.pairing": .pass, "ws.length.minimal": .fail]),
    Encounter(
      name: "a fragmented ping of the server", requirements: "rpc.answer.pairing", steps: "- call: {}",
      rules: "- {on: {id: 2}, do: [{send: {message: x, opcode: ping, fin: false}}, {reply: {id: 3}}]}",
      verdict: .fail, judged: ["rpc.answer.pairing": .pass, "ws.control.fragmented": .fail]),
    Encounter(
      name: "two requests in flight with one sn are no observation", requirements: "rpc.sn.duplicate",
      steps: """
        - send: [{id: 2, sn: 8, payload: a}, {id: 2, sn: 8, payload: b}]
        - expect: [{sn: 8, payload: a}, {sn: 8, payload: b}]
        - silence: {probe: false}
        """, rules: echo, verdict: .pass, judged: ["rpc.sn.duplicate": .pass]),
    Encounter(
      name: "what was not reached is not exercised", requirements: "rpc.answer.pairing, rpc.order",
      steps: "- {call: {id: 99, answer: {id: 98}}, within: 50ms}\n- call: {}\n  for: rpc.order", rules: echo,
      verdict: .fail, judged: ["rpc.answer.pairing": .fail]),
  ]

  @Test("What is wrong on the wire falls on the rule that it breaks", arguments: encounters)
  func blame(_ encounter: Encounter) async throws {
    let suite = try ExercisedRulesTests.suite(
      "- id: frame.two\n  title: two\n  requirements: [\(encounter.requirements)]\n  steps:\n"
        + encounter.steps.split(separator: "\n").map { "    \($0)\n" }.joined())
    let rules = encounter.rules.split(separator: "\n").map { "  \($0)\n" }.joined()
    let text = encounter.rules.contains("rules:") ? encounter.rules : "rules:\n" + rules
    let outcome = try await ScriptedPeers.play(suite.cases[1], against: "role: server\n" + text)
    #expect(outcome.verdict == encounter.verdict, outcome.explanation)
    #expect(outcome.judged.verdicts == encounter.judged, outcome.explanation)
    let record = outcome.record(of: suite.cases[1])
    #expect(outcome.verdict == .pass || !record.transcript.isEmpty)
  }

  @Test("A SHOULD never fails, and a MAY is never less than informational")
  func levels() throws {
    let catalogue = try ProbeSuite.load(Samples.repository).catalogue
    let should = StepDuty(["frame.magic.fail"], catalogue)
    let may = StepDuty(["close.echo.code"], catalogue)
    #expect(should.judgements(.unmet).verdicts == ["frame.magic.fail": .nonStrict])
    #expect(should.judgements(.delivered).verdicts == ["frame.magic.fail": .nonStrict])
    #expect(may.judgements(.unmet).verdicts == ["close.echo.code": .informational])
    #expect(may.judgements(.weaker).verdicts == ["close.echo.code": .informational])
    let both = StepDuty(["frame.magic.reject", "frame.magic.fail"], catalogue)
    #expect(both.judgements(.unmet).verdicts == ["frame.magic.reject": .fail])
    #expect(both.judgements(.weaker).verdicts == ["frame.magic.fail": .nonStrict])
  }

  @Test("The member judged is read as it was written; what makes no sense is refused")
  func json() {
    var judged = Judgements(.pass, ["a.b", "a.c"])
    judged.add(.fail, ["a.c"])
    judged.add(.nonStrict, ["a.c"])
    #expect(judged.failed == ["a.c"])
    #expect(Judgements(judged.json) == judged)
    #expect(Judgements(["a.b": "errored"]) == nil)
    #expect(Judgements(["a.b": 1]) == nil)
    #expect(Judgements("pass") == nil)
  }
}
