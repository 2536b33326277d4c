import GoldenVectors
import Specification
import StrictJSON
import Testing

@testable import Conformance

/// The level of a requirement stands in the catalogue, and nowhere else: what a vector or a probe lets pass as the weaker
/// outcome has to be about a SHOULD.
@Suite("One rule has one verdict, in vectors and in probes")
struct OneRuleOneVerdictTests {
  private static func levels(
    _ requirements: [RequirementID], _ catalogue: RequirementCatalogue
  ) -> Set<RequirementLevel> {
    Set(requirements.compactMap { catalogue[$0]?.level })
  }

  @Test("A weaker answer that a vector permits is about a SHOULD, a reported one about a MAY")
  func vectors() throws {
    let suite = try Samples.suite()
    for vector in suite.cases {
      let levels = Self.levels(vector.test.requirements, suite.catalogue)
      for alternative in vector.test.alternatives {
        switch alternative.verdict {
        case .nonStrict: #expect(levels.contains(.should), "\(vector.test.id)")
        case .informational: #expect(levels.contains(.may), "\(vector.test.id)")
        default: break
        }
      }
    }
  }

  @Test("A weaker outcome that a probe permits is about a SHOULD")
  func probes() throws {
    let suite = try ProbeSuite.load(Samples.repository)
    for probe in suite.cases {
      let levels = Self.levels(probe.requirements, suite.catalogue)
      if probe.level == .should || probe.steps.contains(where: Self.isWeak) {
        #expect(levels.contains(.should), "\(probe.id): \(probe.requirements)")
      }
    }
  }

  @Test("No answer to a vector of a SHOULD fails, and none to a vector of a MAY is more than reported")
  func shouldsDoNotFail() async throws {
    let suite = try Samples.suite()
    let soft = suite.cases.filter { $0.strictestLevel(in: suite.catalogue) != .must }
    #expect(soft.count > 100)
    for vector in soft {
      let level = vector.strictestLevel(in: suite.catalogue)
      let answers: [Answer] = [.output([:]), .error(code: "no-such-error", offset: nil, index: nil)]
      for answer in answers {
        let verdict = Judge.judge(answer, to: vector.test, of: vector.operation).bounded(by: level).verdict
        #expect(verdict != .fail, "\(vector.test.id)")
        #expect(level != .may || verdict != .nonStrict, "\(vector.test.id)")
      }
    }
  }

  /// Whether a step lets something pass as weaker.
  private static func isWeak(_ step: ScriptStep) -> Bool {
    if step.level == .should { return true }
    return switch step.verb {
    case .any(let alternatives):
      alternatives.contains { $0.grade == .lenient || $0.steps.contains(where: isWeak) }
    case .tally(_, _, let steps): steps.contains(where: isWeak)
    case .repeated(let loop), .parallel(let loop): loop.steps.contains(where: isWeak)
    case .branches(let branches): branches.joined().contains(where: isWeak)
    case .group(let steps): steps.contains(where: isWeak)
    default: false
    }
  }
}
