import Specification
import Testing

@testable import Conformance

@Suite("How long the engine waits, and what it takes for what")
struct EnginePatienceTests {
  private static let echo = "{on: {id: 2}, do: [{reply: {id: 3}}]}"

  /// Settings of a program that gets no processor: all of the time is lost.
  private static var starving: EngineSettings {
    var settings = EngineSettings(profile: .reference, run: "test")
    settings.delayed = { ContinuousClock.now - $0 }
    return settings
  }

  @Test("What this program waits for a processor itself is not taken from the peer's time")
  func ownDelay() async throws {
    let script = try ScriptedPeers.script(
      """
      - send: {id: 2, payload: hello}
      - expect: {id: 3, payload: hello}
        within: 1ms
      """)
    let rules = "rules: [{on: {id: 2}, do: [{wait: 200ms}, {reply: {id: 3}}]}]"
    let outcome = try await ScriptedPeers.play(script, against: rules, Self.starving)
    #expect(outcome.verdict == .pass, outcome.explanation)
    let unexcused = try await ScriptedPeers.play(script, against: rules)
    #expect(unexcused.verdict == .fail, unexcused.explanation)
  }

  @Test("A silence is no longer for what this program waits for a processor")
  func ownDelayInSilence() async throws {
    // A server whose patience ends while nobody says anything.
    let script = try ScriptedPeers.script("- send: {id: 2, payload: hello}\n- silence: {for: 200ms, probe: false}")
    let rules = "rules: [{on: {id: 2}, do: [{wait: 5s}, {close: 1001}, end]}]"
    let outcome = try await ScriptedPeers.play(script, against: rules, Self.starving)
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test("A connection is not failed late where this program saw it late")
  func ownLateness() async throws {
    let script = try ScriptedPeers.script("- send: {id: 2, payload: hello, magic: effe}\n- failed: 1002")
    let outcome = try await ScriptedPeers.play(
      script, against: "rules: [{on: violation, do: [{wait: 1300ms}, {close: 1002}, end]}, \(Self.echo)]", Self.starving
    )
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test("A connection that is failed late is not strict, and no failure")
  func lateFailure() async throws {
    let outcome = try await ScriptedPeers.play(
      """
      - send: {id: 2, payload: hello, magic: effe}
      - failed: 1002
      """,
      against: "rules: [{on: violation, do: [{wait: 1300ms}, {close: 1002}, end]}, \(Self.echo)]")
    #expect(outcome.verdict == .nonStrict, outcome.explanation)
    #expect(outcome.reason?.contains("failed only after") == true, outcome.explanation)
  }

  @Test("The right close counts in an alternative whose turn is over, too")
  func lateAlternative() async throws {
    // Nothing else is answered, so that the second alternative waits in vain for its echo.
    let outcome = try await ScriptedPeers.play(
      """
      - send: {id: 2, payload: hello, magic: effe}
      - any:
          - strict: {failed: 1009}
          - lenient: silence
      """,
      against: "rules: [{on: violation, times: 1, do: [{wait: 1500ms}, {close: 1009}, end]}]")
    #expect(outcome.verdict == .nonStrict, outcome.explanation)
    #expect(outcome.reason?.contains("failed only after") == true, outcome.explanation)
  }

  @Test("A call inside of an alternative has the usual patience")
  func callInAlternative() async throws {
    let outcome = try await ScriptedPeers.play(
      "- any: [{strict: {call: {}}}]",
      against: "rules: [{on: {id: 2}, do: [{wait: 1300ms}, {reply: {id: 3}}]}]")
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test("What is forbidden is seen although what is permitted came first")
  func forbidden() async throws {
    let steps = """
      - send: {id: 2, sn: 2, payload: hello}
      - any:
          - forbidden: {expect: {id: 50}}
            why: it was delivered
          - strict: {expect: {id: 3}}
      """
    let bad = try await ScriptedPeers.play(
      steps, against: "rules: [{on: {id: 2}, do: [{reply: {id: 3}}, {send: {id: 50}}]}]")
    #expect(bad.verdict == .fail, bad.explanation)
    #expect(bad.reason == "it was delivered", bad.explanation)
    let good = try await ScriptedPeers.play(steps, against: "rules: [\(Self.echo)]")
    #expect(good.verdict == .pass, good.explanation)
  }

  @Test("An earlier alternative that comes later is preferred")
  func order() async throws {
    let outcome = try await ScriptedPeers.play(
      """
      - send: {id: 2, sn: 2, payload: hello}
      - any:
          - strict: {expect: {id: 51}}
          - lenient: {expect: {id: 50}}
      """,
      against: "rules: [{on: {id: 2}, do: [{send: {id: 50}}, {wait: 200ms}, {send: {id: 51}}]}]")
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test("What an alternative took and did not need is there for the next")
  func putBack() async throws {
    let outcome = try await ScriptedPeers.play(
      """
      - send: {id: 2, sn: 2, payload: hello}
      - any:
          - strict: {expect: [{id: 50}, {id: 51}], within: 200ms}
          - lenient: {expect: {id: 50}}
      - expect: {id: 3}
      """,
      against: "rules: [{on: {id: 2}, do: [{send: {id: 50}}, {reply: {id: 3}}]}]")
    #expect(outcome.verdict == .nonStrict, outcome.explanation)
  }

  @Test("What was expected is said in words")
  func wording() async throws {
    let outcome = try await ScriptedPeers.play(
      """
      - send: {id: 2, payload: hello, magic: effe}
      - any:
          - strict: {failed: [1002, 1007]}
          - lenient: {expect: {id: 9, payload: {prefix: abc}}}
            why: it was read otherwise
          - informational: silence
      """,
      against: "rules: [{on: {message: any}, do: [{send: {id: 3, payload: delivered}}]}, \(Self.echo)]")
    #expect(outcome.verdict == .fail, outcome.explanation)
    #expect(
      outcome.expected
        == "the connection to be failed with close 1002 or 1007; or, permitted but weaker: a frame with id 9, payload something "
        + "that begins with \"abc\" or nothing, on a connection that goes on serving", outcome.explanation)
    #expect(outcome.actual.contains("delivered"), outcome.explanation)
  }

  @Test("A weaker outcome says what would be strict")
  func strictOutcome() async throws {
    let outcome = try await ScriptedPeers.play(
      """
      - send: {id: 2, payload: hello, magic: effe}
      - rejected
      """, against: "rules: [\(Self.echo)]")
    #expect(outcome.verdict == .nonStrict, outcome.explanation)
    #expect(outcome.expected == "strictly, the connection to be failed", outcome.explanation)
    #expect(
      outcome.reason
        == "permitted, but weaker: nothing, on a connection that goes on serving; strict would be the connection to be failed",
      outcome.explanation)
  }

  @Test("A pong that answers a pong is seen, one of the peer's own is let pass")
  func pongs() async throws {
    let steps = "- pong: hello\n- silence"
    let echoed = try await ScriptedPeers.play(
      steps, against: "rules: [{on: {pong: any}, do: [{pong: hello}]}, \(Self.echo)]")
    #expect(echoed.verdict == .fail, echoed.explanation)
    let own = try await ScriptedPeers.play(
      steps,
      against: "rules: [{on: {pong: hello}, do: [{pong: alive}, {send: {message: x, opcode: ping}}]}, \(Self.echo)]")
    #expect(own.verdict == .pass, own.explanation)
  }

  @Test("A server that answers one message after the other is waited for as long as it does")
  func progress() async throws {
    let script = try ScriptedPeers.script(
      """
      - repeat: 15
        as: n
        steps: [{send: {id: 2, sn: $(2 + 2 * n), payload: x}}]
      - expect: {id: 3, sn: 30}
      """)
    var settings = EngineSettings(profile: ScriptedPeers.profile, run: "test")
    settings.patience = "1s"
    let outcome = try await ScriptedPeers.play(
      script, against: "rules: [{on: {id: 2}, serial: true, do: [{wait: 100ms}, {reply: {id: 3}}]}]", settings)
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test("A tally ends when enough connections have met its steps and the others had their time")
  func tally() async throws {
    let outcome = try await ScriptedPeers.play(
      """
      - connect: {as: other}
      - send: {id: 30}
      - tally: {on: [main, other], is: 1, steps: [{expect: {id: 31}, within: 30s}]}
      """, header: "timeout: 10s", against: "rules: [{on: {id: 30}, do: [{send: {id: 31}}]}, \(Self.echo)]")
    #expect(outcome.verdict == .pass, outcome.explanation)
  }
}
