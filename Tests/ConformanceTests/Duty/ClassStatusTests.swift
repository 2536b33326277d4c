import FrameCodec
import GoldenVectors
import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("When a class is met")
struct ClassStatusTests {
  /// A profile that offers and claims everything.
  private static func everything(_ catalogue: RequirementCatalogue) -> PeerProfile {
    var profile = PeerProfile.reference
    profile.revisions = Revision.allCases
    profile.charsets = [0, 1]
    profile.versions = 1...3
    profile.readWait = 4000
    profile.capabilities = Set(catalogue.requirements.compactMap(\.capability))
    return profile
  }

  /// The same without some of what an application can offer.
  private static func less(_ profile: PeerProfile, _ generator: inout SeededGenerator) -> PeerProfile {
    var less = profile
    if generator.next() % 3 == 0 { less.echo = nil }
    if generator.next() % 3 == 0 { less.oneWay = nil }
    if generator.next() % 3 == 0 { less.slow = nil }
    if generator.next() % 3 == 0 { less.serverCall = nil }
    if generator.next() % 3 == 0 { less.burst = nil }
    if generator.next() % 3 == 0 { less.puller = nil }
    if generator.next() % 3 == 0 { less.compression = false }
    if generator.next() % 3 == 0 { less.echo?.mode = .constant }
    if generator.next() % 3 == 0 { less.oneWay?.mode = .any }
    if generator.next() % 3 == 0 { less.revisions = [.current] }
    return less
  }

  /// What probes of a peer come to that breaks a rule in each of some cases.
  private static func records(
    _ suite: ProbeSuite, _ profile: PeerProfile, faults: [String: RequirementID]
  ) -> [CaseRecord] {
    let applicability = ProbeApplicability(catalogue: suite.catalogue, profile: profile)
    return suite.cases.map { script in
      var outcome = CaseOutcome(verdict: .pass, expected: "", actual: "", transcript: CaseTranscript(isKept: false))
      outcome.judged = Judgements(.pass, script.requirements)
      if let fault = faults[script.id] {
        outcome.judged.add(.fail, [fault])
        outcome.verdict = .fail
      }
      return (applicability.outcome(of: script) ?? outcome).record(of: script)
    }
  }

  private static func met(_ records: [CaseRecord], _ catalogue: RequirementCatalogue) -> Set<ConformanceClass> {
    let all = ClassStatus.all(records, catalogue: catalogue, role: .server, isPartial: false)
    return Set(all.filter { $0.state == .met }.map(\.conformanceClass))
  }

  @Test("No profile raises a class by offering less: 500 of them, each with a peer of its own faults")
  func profiles() throws {
    let suite = try ProbeSuite.load(Samples.repository)
    let catalogue = suite.catalogue
    let full = Self.everything(catalogue)
    // What is not claimed does not bind, so that a fault in what was claimed may well go with the claim.
    let faulty = suite.cases.filter { script in
      script.needs.allSatisfy(ProfileNeed.isOffer) && script.requirements.contains { catalogue[$0]?.level == .must }
    }
    #expect(Self.met(Self.records(suite, full, faults: [:]), catalogue) == Set(ConformanceClass.allCases))
    var lowered = 0
    for seed in 0..<500 {
      var generator = SeededGenerator(seed: UInt64(seed), "profiles")
      var faults: [String: RequirementID] = [:]
      for _ in 0..<generator.next() % 4 {
        let script = faulty[Int(generator.next() % UInt64(faulty.count))]
        let musts = script.requirements.filter { catalogue[$0]?.level == .must }
        faults[script.id] = musts[Int(generator.next() % UInt64(musts.count))]
      }
      let all = Self.met(Self.records(suite, full, faults: faults), catalogue)
      let some = Self.met(Self.records(suite, Self.less(full, &generator), faults: faults), catalogue)
      #expect(some.isSubset(of: all), "seed \(seed): \(some.subtracting(all)) by offering less")
      if some != all { lowered += 1 }
    }
    #expect(lowered > 100)
  }

  @Test("A peer that offers little is not called failed for it; what it would have to offer is said")
  func small() throws {
    let suite = try ProbeSuite.load(Samples.repository)
    var profile = PeerProfile()
    profile.oneWay = PeerProfile.Exchange(request: 2, response: 3, mode: .constant)
    profile.compression = false
    let records = Self.records(suite, profile, faults: [:])
    let statuses = ClassStatus.all(records, catalogue: suite.catalogue, role: .server, isPartial: false)
    #expect(statuses.allSatisfy { $0.state == .notShown })
    let core = try #require(statuses.first)
    #expect(core.lacks.contains("echo"))
    #expect(core.remark.contains("it offers no burst, echo"))
  }

  @Test("Below its declared minimum a class is not shown, and what is missing is said")
  func minimum() throws {
    let suite = try ProbeSuite.load(Samples.repository)
    let all = Self.records(suite, Self.everything(suite.catalogue), faults: [:])
    for conformanceClass in ConformanceClass.allCases {
      let first = try #require(suite.catalogue.minimums[conformanceClass, .server].first)
      let without = all.map { record in
        var judged = record.judgements
        judged.remove([first])
        return CaseRecord(
          id: record.id, requirements: record.requirements, level: record.level,
          conformanceClass: record.conformanceClass, verdict: record.verdict, seconds: 0, expected: .null,
          actual: .null, reason: nil, transcript: [], judged: judged)
      }
      let status = ClassStatus(
        conformanceClass, records: without, catalogue: suite.catalogue, role: .server, isPartial: false)
      #expect(status.state == .notShown)
      #expect(status.missing == [first])
      #expect(status.figures.hasSuffix("not offered"))
    }
  }

  @Test("A minimum names MUSTs of its class that bind the side, rules about right input and about wrong")
  func declared() throws {
    let suite = try VectorSuite.load(Samples.repository)
    for conformanceClass in ConformanceClass.allCases {
      for role in PeerRole.allCases {
        #expect(!suite.catalogue.minimums[conformanceClass, role].isEmpty, "\(conformanceClass) \(role)")
      }
    }
    let error = #expect(throws: DataFaults.self) {
      let text = Self.text(#""Core": {"server": ["frame.magic.fail", "rpc.order"], "client": []}"#)
      _ = try ClassMinimums.load(Array(text.utf8), file: "classes.json", catalogue: suite.catalogue)
    }
    #expect(error?.faults.count == 2)
  }

  private static func text(_ core: String) -> String {
    let rest = ConformanceClass.allCases.dropFirst().map { "\"\($0.rawValue)\": {\"server\": [], \"client\": []}" }
    return "{" + ([core] + rest).joined(separator: ", ") + "}"
  }
}
