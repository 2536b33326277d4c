import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("Mutants")
struct MutantTests {
  @Test("Each has a name of its own, and a check that exists and exercises what it breaks")
  func table() throws {
    let suite = try ProbeSuite.load(Samples.repository)
    let cases = Dictionary(suite.cases.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    #expect(Set(Mutant.all.map(\.name)).count == Mutant.all.count)
    #expect(Mutant.all.count >= 60)
    for mutant in Mutant.all {
      let check = try #require(cases[mutant.check], "\(mutant.name): there is no probe \(mutant.check)")
      for requirement in mutant.requirements {
        #expect(
          check.requirements.contains(requirement), "\(mutant.name): \(mutant.check) does not exercise \(requirement)")
      }
    }
  }

  @Test("Each MUST that probes exercise has a mutant, or a reason for having none; at most a tenth has a reason")
  func coverage() throws {
    let coverage = MutantCoverage(suite: try ProbeSuite.load(Samples.repository))
    #expect(coverage.uncovered.isEmpty)
    #expect(coverage.excludedShare <= 0.1)
  }

  @Test("A reference without a fault survives: the checks see faults, and nothing else")
  func reference() async throws {
    let suite = try ProbeSuite.load(Samples.repository)
    let unharmed = ["rpc.answer.once", "displacement.order", "control.ping.26"].map { check in
      Mutant("none-\(check)", "there is no fault", breaks: "rpc.answer.once", check: check) { _ in }
    }
    let profile = try ShippedProfile.load("full", in: Samples.repository)
    let results = await MutationRun(mutants: unharmed, suite: suite, profile: profile).run { _ in }
    #expect(results.map(\.fate) == [.survived, .survived, .survived])
    let text = MutationReport(results: results, suite: suite, seconds: 1, isPartial: true)
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
    let results = await MutationRun(mutants: [mutant], suite: suite, profile: profile).run { _ in }
    #expect(results.map(\.fate) == [.unproven])
    #expect(MutationReport(results: results, suite: suite, seconds: 1, isPartial: true).status == .failures)
  }

  @Test("All are killed by their checks")
  func killed() async throws {
    let suite = try ProbeSuite.load(Samples.repository)
    let profile = try ShippedProfile.load("full", in: Samples.repository)
    let results = await MutationRun(mutants: Mutant.all, suite: suite, profile: profile).run { _ in }
    for result in results where result.fate != .killed && result.fate != .killedStrictly {
      Issue.record("\(result.mutant.name) \(result.fate.rawValue): \(result.reason)")
    }
    #expect(results.count == Mutant.all.count)
  }

  @Test("A name that no mutant has is told")
  func selection() throws {
    #expect(try MutantSelection.select(["sn-*"]).map(\.name).contains("sn-plus-one"))
    let error = #expect(throws: DataFaults.self) { try MutantSelection.select(["nonesuch"]) }
    #expect(error?.description.contains("no mutant has a name like this") == true)
  }
}
