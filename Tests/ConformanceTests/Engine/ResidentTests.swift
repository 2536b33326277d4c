import Glibc
import Specification
import Testing

@testable import Conformance

@Suite("The memory of a peer's process")
struct ResidentTests {
  /// Plays steps that need no connection, against a process that may be seen or not.
  private func play(_ steps: String, seen: Bool) async throws -> CaseOutcome {
    var settings = EngineSettings(profile: .reference, run: "test")
    if seen { settings.resources = { ProcessResources(getpid()) } }
    let script = try ScriptedPeers.script(steps, header: "connect: none")
    return try await ScriptedPeers.play(script, against: ScriptedPeers.application, settings)
  }

  @Test("It is a variable from then on")
  func seen() async throws {
    let steps = """
      - resident: before
      - resident: after
      - assert: $(before > 1024 && after - before < 1048576)
      """
    let outcome = try await play(steps, seen: true)
    #expect(outcome.verdict == .pass, outcome.explanation)
    let failed = try await play(steps + "\n- assert: $(after < 0)", seen: true)
    #expect(failed.verdict == .fail, failed.explanation)
  }

  @Test("Where nobody can see it, the case does not apply, and says what to do")
  func unseen() async throws {
    let outcome = try await play("- resident: before\n- assert: $(before < 0)", seen: false)
    #expect(outcome.verdict == .notApplicable, outcome.explanation)
    #expect(outcome.reason?.contains("-- COMMAND") == true, outcome.explanation)
  }
}
