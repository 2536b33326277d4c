import Negotiation
import ReferencePeer
import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("Mutants")
struct MutantTests {
  @Test("Each has a name of its own, and a check that exists and exercises what it breaks")
  func table() throws {
    let suites = try MutationGround.all(in: Samples.repository).map(\.suite)
    let cases = Dictionary(
      suites.flatMap { suite in suite.cases.map { ("\(suite.role) \($0.id)", $0) } },
      uniquingKeysWith: { first, _ in first })
    #expect(Set(Mutant.all.map(\.name)).count == Mutant.all.count)
    #expect(Mutant.servers.count >= 60)
    #expect(Mutant.clients.count >= 60)
    for mutant in Mutant.all {
      let check = try #require(
        cases["\(mutant.side) \(mutant.check)"], "\(mutant.name): there is no probe \(mutant.check)")
      for requirement in mutant.requirements {
        #expect(
          check.requirements.contains(requirement), "\(mutant.name): \(mutant.check) does not exercise \(requirement)")
      }
    }
  }

  @Test("Each MUST that probes exercise has a mutant, or a reason for having none; at most a tenth has a reason")
  func coverage() throws {
    for ground in try MutationGround.all(in: Samples.repository) {
      let coverage = MutantCoverage(suite: ground.suite)
      #expect(coverage.uncovered == [])
      #expect(coverage.excludedShare <= 0.1)
    }
  }

  @Test("A reference without a fault survives: the checks see faults, and nothing else")
  func reference() async throws {
    let suite = try ProbeSuite.load(Samples.repository)
    let unharmed = ["rpc.answer.once", "displacement.order", "control.ping.26"].map { check in
      Mutant("none-\(check)", "there is no fault", breaks: "rpc.answer.once", check: check) { _ in }
    }
    let profile = try ShippedProfile.load("full", in: Samples.repository)
    let grounds = [MutationGround(suite: suite, profile: profile)]
    var run = MutationRun(mutants: unharmed, grounds: grounds)
    run.attempts = 1
    let results = await run.run { _ in }
    #expect(results.map(\.fate) == [.survived, .survived, .survived])
    let text = MutationReport(results: results, grounds: grounds, seconds: 1, isPartial: true)
    #expect(text.status == .failures)
    #expect(text.text.contains("SURVIVED  none-rpc.answer.once: there is no fault"))
    #expect(text.text.hasSuffix("0 of 3 mutants killed (0 of them only with --strict) in 1 s"))
  }

  @Test("A check that fails without the fault too proves nothing, and the run says so")
  func control() async throws {
    let suite = try ProbeSuite.load(Samples.repository)
    // A profile that claims another limit than the server has: the check goes red whatever the mutant does.
    var profile = try ShippedProfile.load("full", in: Samples.repository)
    profile.maxFrameLength *= 2
    let mutant = Mutant("none", "there is no fault", breaks: "frame.length.limit", check: "frame.length.limit.exact") {
      _ in
    }
    let grounds = [MutationGround(suite: suite, profile: profile)]
    var run = MutationRun(mutants: [mutant], grounds: grounds)
    run.attempts = 1
    let results = await run.run { _ in }
    #expect(results.map(\.fate) == [.unproven])
    #expect(MutationReport(results: results, grounds: grounds, seconds: 1, isPartial: true).status == .failures)
  }

  @Test("An answer that a mutant leaves as it is shows no fault")
  func unchanged() throws {
    let mutant = try #require(Mutant.all.first { $0.name == "offers-remembered" })
    let change = try #require(mutant.mutation.response)
    let others = [HTTPField("Upgrade", "websocket"), HTTPField("Connection", "Upgrade")]
    let extensions = HTTPField("Sec-WebSocket-Extensions", "permessage-deflate")
    let granted = UpgradeResponse(status: 101, fields: [others[0], extensions, others[1]], body: [])
    var response = granted
    change(&response, true)
    #expect(response == granted)
    response = UpgradeResponse(status: 101, fields: others, body: [])
    change(&response, true)
    #expect(response.fields == others + [extensions])
  }

  @Test("All are killed by their checks")
  func killed() async throws {
    let grounds = try MutationGround.all(in: Samples.repository)
    let results = await MutationRun(mutants: Mutant.all, grounds: grounds).run { _ in }
    for result in results where result.fate != .killed && result.fate != .killedStrictly {
      Issue.record("\(result.mutant.name) \(result.fate.rawValue): \(result.reason)")
    }
    #expect(results.count == Mutant.all.count)
  }

  @Test("A name that no mutant has is told")
  func selection() throws {
    #expect(try Mutant.selected(by: ["sn-*"]).map(\.name).contains("sn-plus-one"))
    let error = #expect(throws: DataFaults.self) { try Mutant.selected(by: ["nonesuch"]) }
    #expect(error?.description.contains("no mutant has a name like this") == true)
  }
}
