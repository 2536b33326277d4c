import FoundationEssentials
import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("Runs of probes")
struct ProbeRunnerTests {
  @Test("A right server passes, and each case has one result, the sanity case last")
  func rightServer()
    async throws
  {
    let log = try await ProbeSamples.run(ProbeSamples.right)
    #expect(
      log.results.map(\.script.id) == [
        "rpc.echo", "rpc.word.one", "rpc.word.two", "frame.extra", "rpc.alone", "sanity.service",
      ])
    #expect(log.results.filter { $0.outcome.verdict != .pass }.map(\.script.id) == ["frame.extra"])
    #expect(log.verdict("frame.extra") == .notApplicable)
    #expect(log.completed == 5)
    #expect(log.end.loss == nil)
    #expect(log.end.roundTrip != nil)
  }

  @Test("What fails the same way twice is no flaky case")
  func steadyFailure() async throws {
    let log = try await ProbeSamples.run(ProbeSamples.wrong)
    #expect(log.verdict("rpc.word.two") == .fail)
    #expect(log["rpc.word.two"]?.runs == CaseRuns(total: 2, failed: 2))
    #expect(log.verdict("rpc.word.one") == .pass)
    #expect(log["rpc.word.one"]?.runs == nil)
  }

  @Test(
    "What failed because the peer gave up while this program waited for a processor is no failure; what the peer did wrong is one",
    arguments: [1, 4])
  func ownDelay(jobs: Int) async throws {
    let rules = """
      role: server
      rules:
        - {on: {id: 2, payload: one}, do: [end]}
        - {on: {id: 2, payload: two}, do: [{reply: {id: 3, payload: deux}}]}
        - {on: {id: 2, payload: hello}, do: [{close: 1009}, end]}
        - {on: {id: 2}, do: [{reply: {id: 3}}]}
      """
    let log = try await ProbeSamples.run(rules) { _ in
    } _: {
      $0.jobs = jobs
      $0.settings.delayed = { _ in .seconds(4) }
    }
    #expect(log.verdict("rpc.word.one") == .couldNotRun)
    #expect(log["rpc.word.one"]?.outcome.reason?.hasPrefix("wireproof itself waited ") == true)
    #expect(log.verdict("rpc.word.two") == .fail)
    #expect(log.verdict("rpc.echo") == .fail)
    #expect(log.verdict("sanity.service") == .pass)
    let quick = try await ProbeSamples.run(rules) { _ in
    } _: {
      $0.settings.delayed = { _ in .milliseconds(1) }
    }
    #expect(quick.verdict("rpc.word.one") == .fail)
  }

  @Test("An expected failure that passes is looked at again")
  func unexpectedPass() async throws {
    let log = try await ProbeSamples.run(ProbeSamples.right) {
      $0.patterns = ["rpc.echo"]
    } _: {
      $0.expectedFailures = ["rpc.echo"]
    }
    #expect(log["rpc.echo"]?.runs == CaseRuns(total: 2, failed: 0))
  }

  @Test("A sanity case that was not asked for is told when it does not pass")
  func sanity() async throws {
    let rules =
      "role: server\nrules:\n  - {on: {id: 2, payload: hello}, do: [{reply: {id: 3}}]}\n"
      + "  - {on: {id: 2}, do: [{reply: {id: 3, payload: x}}]}\n"
    let log = try await ProbeSamples.run(rules) { $0.patterns = ["rpc.echo"] }
    #expect(log.results.map(\.script.id) == ["rpc.echo", "sanity.service"])
    #expect(log.verdict("rpc.echo") == .pass)
    #expect(log.verdict("sanity.service") == .fail)
  }

  @Test("A server that is not there leaves every case not run")
  func leavingServer() async throws {
    let suite = try ProbeSamples.suite()
    let log = try await ProbeSamples.play(
      ProbeSamples.runner(suite, ProbeSelection(), port: await FreePort.pick()))
    #expect(log.end.loss?.contains("Connection refused") == true)
    #expect(log.results.count == 6)
    #expect(log.results.allSatisfy { [.couldNotRun, .notApplicable].contains($0.outcome.verdict) })
  }

  @Test("What a server sends on its own is said once, and held against no case")
  func unaskedMessages() async throws {
    let rules = ProbeSamples.right + "  - {on: open, do: [{wait: 10ms}, {send: {id: 99}}]}\n"
    let log = try await ProbeSamples.run(rules)
    #expect(log.results.filter { $0.outcome.verdict.isFailure }.isEmpty)
    #expect(log.results.allSatisfy { $0.runs == nil })
    #expect(
      log.notices == ["id 99 comes unasked, and is let pass from now on: list it under `unsolicited` in the profile"])
  }

  @Test("A server that floods ends the run")
  func flood() async throws {
    let rules = "role: server\nrules:\n  - {on: open, do: [{repeat: 30000, steps: [{send: {id: 99}}]}]}\n"
    let log = try await ProbeSamples.run(rules)
    #expect(log.end.loss?.hasPrefix("the server floods, and the run was ended: more than 10000 frames") == true)
    #expect(log.results.allSatisfy { [.couldNotRun, .notApplicable].contains($0.outcome.verdict) })
  }

  @Test("What leaves calls behind runs last")
  func callsLeftBehind() async throws {
    let suite = try ProbeSamples.suite(
      ProbeSamples.probes.replacing(
        "title: an answer, requirements: [rpc.answer],",
        with: "title: an answer, requirements: [rpc.answer], tags: [leaves],"))
    let server = try await MockServer.start(try ScriptedPeers.server(ProbeSamples.right))
    let log = try await ProbeSamples.play(
      try ProbeSamples.runner(suite, ProbeSelection(), port: server.port))
    await server.shutdown()
    let others = ["rpc.word.one", "rpc.word.two", "rpc.alone"].compactMap { log[$0]?.outcome.transcript.start }
    let last = try #require(log["rpc.echo"]?.outcome.transcript.start)
    #expect(others.count == 3)
    #expect(others.allSatisfy { $0 < last })
  }
}
