import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("What a case can show")
struct ExercisedRulesTests {
  @Test(
    "Every requirement that a shipped probe lists has a step, an alternative or an observation that can fail for it",
    arguments: [PeerRole.server, .client])
  func shipped(role: PeerRole) throws {
    let suite = try ProbeSuite.load(Samples.repository, role: role)
    for script in suite.cases {
      #expect(script.unshown.isEmpty, "\(script.id) lists \(script.unshown), and nothing in it can fail for them")
    }
  }

  @Test("Rules about memory are shown by steps that look at it alone, and only where a server was started")
  func resources() throws {
    let suite = try ProbeSuite.load(Samples.repository)
    let rules: Set<RequirementID> = ["rpc.close.release", "send.queue.bound", "deflate.limit.output"]
    let cases = suite.cases.filter { !rules.isDisjoint(with: $0.requirements) }
    #expect(Set(cases.flatMap(\.requirements)).isSuperset(of: rules))
    for script in cases {
      let steps = script.steps.flattened
      let judging = steps.filter { !rules.isDisjoint(with: $0.duty.all) }
      #expect(rules.intersection(script.requirements).isSubset(of: judging.flatMap(\.duty.all)), "\(script.id)")
      let measured = Self.measured(by: steps)
      for step in judging { #expect(Self.looksAtMemory(step, measured), "\(script.id) at \(step.place)") }
      #expect(script.tags.contains("exclusive"), "\(script.id)")
      if steps.hasResources { #expect(script.tags.contains("resource"), "\(script.id)") }
    }
  }

  /// The variables that steps set to the memory of the server. A case whose server was not started ends there.
  private static func measured(by steps: [ScriptStep]) -> Set<String> {
    Set(steps.compactMap { if case .resident(let name) = $0.verb { name } else { nil } })
  }

  /// Whether a step judges nothing but what the server holds: by a bound, or by what was measured.
  private static func looksAtMemory(_ step: ScriptStep, _ measured: Set<String>) -> Bool {
    if case .assert(let condition) = step.verb {
      return !condition.variables.isEmpty && measured.isSuperset(of: condition.variables)
    }
    return step.isAboutResources
  }

  @Test("A requirement that no step can fail for is noticed")
  func unshown() throws {
    let suite = try Self.suite(
      """
      - id: frame.two
        title: two
        requirements: [rpc.answer.sn, rpc.dispatch.complete, malformed.others, ws.mask.server, rpc.blocking]
        steps: [{call: {}}]
      """)
    #expect(suite.cases[1].unshown == ["rpc.dispatch.complete", "malformed.others", "rpc.blocking"])
  }

  @Test(
    "A step names what it is about, and what stands inside of it inherits that",
    arguments: [
      ("{call: {}, for: rpc.dispatch.complete}", ["rpc.dispatch.complete"]),
      ("{repeat: 2, steps: [{call: {}}], for: rpc.dispatch.complete}", ["rpc.dispatch.complete"]),
      ("{any: [{strict: {call: {}}}, {lenient: silence, for: rpc.blocking}]}", ["rpc.answer.sn", "rpc.blocking"]),
      (
        "{any: [{strict: {call: {}}}, {forbidden: silence, for: rpc.dispatch.complete}]}",
        ["rpc.answer.sn", "rpc.dispatch.complete"]
      ),
      ("alive", ["rpc.answer.sn", "malformed.others"]),
      ("{alive: new}", ["malformed.others"]),
      ("{ping: x}", ["rpc.answer.sn"]),
    ])
  func named(step: String, expected: [RequirementID]) throws {
    let suite = try Self.suite(
      """
      - id: frame.two
        title: two
        requirements: [rpc.answer.sn, rpc.dispatch.complete, malformed.others, rpc.blocking]
        steps: [\(step)]
      """)
    let script = suite.cases[1]
    var shown = Set(script.steps.flattened.flatMap(\.duty.all))
    if script.exercisable.contains("malformed.others") { shown.insert("malformed.others") }
    #expect(shown == Set(expected))
  }

  @Test("A step that is about what the case does not list is refused with its place")
  func unlisted() {
    let error = #expect(throws: DataFaults.self) {
      try Self.suite(
        "- {id: frame.two, title: two, requirements: [rpc.answer.sn], steps: [{call: {}, for: rpc.order}]}")
    }
    #expect(error?.description.contains("a step is about rpc.order, which the case does not list") == true)
  }

  static func suite(_ cases: String) throws -> ProbeSuite {
    let text =
      "suite: s\ntitle: t\ncases:\n  - {id: sanity.service, title: t, requirements: [ws.ping.answer], steps: [alive]}\n"
      + cases.split(separator: "\n").map { "  \($0)\n" }.joined()
    let catalogue = try ProbeSuite.load(Samples.repository).catalogue
    return try ProbeSuite(version: "1", catalogue: catalogue, texts: [("s.yaml", text)], hash: "")
  }
}
