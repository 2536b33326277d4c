import FoundationEssentials
import GoldenVectors
import Specification
import Testing

@testable import Conformance

@Suite("Runs of probes")
struct ProbeRunnerTests {
  @Test func `a right server passes, and each case has one result, the sanity case last`() async throws {
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

  @Test func `what fails the same way twice is no flaky case`() async throws {
    let log = try await ProbeSamples.run(ProbeSamples.wrong)
    #expect(log.verdict("rpc.word.two") == .fail)
    #expect(log["rpc.word.two"]?.runs == CaseRuns(total: 2, failed: 2))
    #expect(log.verdict("rpc.word.one") == .pass)
    #expect(log["rpc.word.one"]?.runs == nil)
  }

  @Test func `an expected failure that passes is looked at again`() async throws {
    let log = try await ProbeSamples.run(ProbeSamples.right) {
      $0.patterns = ["rpc.echo"]
    } _: {
      $0.expectedFailures = ["rpc.echo"]
    }
    #expect(log["rpc.echo"]?.runs == CaseRuns(total: 2, failed: 0))
  }

  @Test func `a sanity case that was not asked for is told when it does not pass`() async throws {
    let rules =
      "role: server\nrules:\n  - {on: {id: 2, payload: hello}, do: [{reply: {id: 3}}]}\n"
      + "  - {on: {id: 2}, do: [{reply: {id: 3, payload: x}}]}\n"
    let log = try await ProbeSamples.run(rules) { $0.patterns = ["rpc.echo"] }
    #expect(log.results.map(\.script.id) == ["rpc.echo", "sanity.service"])
    #expect(log.verdict("rpc.echo") == .pass)
    #expect(log.verdict("sanity.service") == .fail)
  }

  @Test func `a server that is not there leaves every case not run`() async throws {
    let suite = try ProbeSamples.suite()
    let log = try await ProbeSamples.play(
      ProbeSamples.runner(suite, ProbeSelection(), port: await FreePort.pick()))
    #expect(log.end.loss?.contains("Connection refused") == true)
    #expect(log.results.count == 6)
    #expect(log.results.allSatisfy { [.couldNotRun, .notApplicable].contains($0.outcome.verdict) })
  }
}
