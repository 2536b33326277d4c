package import GoldenVectors
package import Specification
import StrictJSON

/// What the judgement of an answer comes to for an implementation: only the rules that bind it count against it, each by its
/// level.
package struct VectorVerdict: Sendable {
  /// The verdict.
  package private(set) var verdict: Verdict

  /// Why it is none better; nil for a pass.
  package private(set) var reason: String?

  /// What it says of each requirement.
  let judged: Judgements

  /// The verdict on an answer.
  ///
  /// - Parameters:
  ///   - judgement: What it came to as if every requirement were a MUST.
  ///   - vector: The case.
  ///   - catalogue: The levels, and what needs a capability.
  ///   - capabilities: What the implementation claims.
  package init(
    _ judgement: Judgement, of vector: VectorSuite.Case, catalogue: RequirementCatalogue, capabilities: Set<String>
  ) {
    var outcome = VectorOutcome(seconds: 0)
    outcome.verdict = judgement.verdict
    outcome.isWeaker = judgement.isWeaker
    outcome.reason = judgement.reason
    self.init(outcome, isAnswered: true, of: vector, catalogue: catalogue, capabilities: capabilities)
  }

  /// The verdict on what was seen of an implementation, with or without an answer.
  init(
    _ outcome: VectorOutcome, of vector: VectorSuite.Case, catalogue: RequirementCatalogue, capabilities: Set<String>
  ) {
    self.init(
      outcome, isAnswered: outcome.answer != .null, of: vector, catalogue: catalogue, capabilities: capabilities)
  }

  private init(
    _ outcome: VectorOutcome, isAnswered: Bool, of vector: VectorSuite.Case, catalogue: RequirementCatalogue,
    capabilities: Set<String>
  ) {
    verdict = outcome.verdict
    reason = outcome.reason
    let isClaimed = { (id: RequirementID) in catalogue[id]?.capability.map(capabilities.contains) ?? true }
    // A case that also exercises what does not bind the implementation counts for it, not against it.
    let missing = vector.test.requirements.filter { !isClaimed($0) }.compactMap { catalogue[$0]?.capability }
    if !missing.isEmpty, verdict == .fail || verdict == .nonStrict {
      verdict = .notApplicable
      reason = VerifyRunner.notApplicable(missing).reason
    }
    // What a vector is about stands first. Where nothing but a SHOULD binds who is asked, no MUST of the other side is broken.
    let level = vector.strictestLevel(in: catalogue)
    let listed = level == .must ? vector.test.requirements : vector.binding(in: catalogue).map(\.id)
    let duty = StepDuty(listed.filter(isClaimed), catalogue)
    judged = Self.judgements(
      verdict, isWeaker: outcome.isWeaker, duty, all: vector.test.requirements.filter(isClaimed))
    if verdict == .fail, judged.failed.isEmpty {
      verdict = judged.requirements(.nonStrict).isEmpty ? .informational : .nonStrict
    }
    // An implementation that gives no answer, or none that can be read, has not met a weaker rule.
    if isAnswered {
      verdict = Judgement(verdict: verdict, reason: reason).bounded(by: level).verdict
    }
  }

  /// What an answer means for the requirements of a test: one answer shows all of them, and a wrong one breaks the first of the
  /// strongest level, which is the one that the test is about. No SHOULD fails.
  private static func judgements(
    _ verdict: Verdict, isWeaker: Bool, _ duty: StepDuty, all: [RequirementID]
  ) -> Judgements {
    var first = duty
    first.must = Array(duty.must.prefix(1))
    first.should = Array((duty.should + duty.codes).prefix(1))
    first.codes = []
    switch verdict {
    case .notApplicable, .couldNotRun: return Judgements()
    case .pass: return Judgements(.pass, all)
    case .errored: return Judgements(.fail, first.must)
    case .fail: return first.judgements(.unmet)
    case .nonStrict, .informational:
      var judged = Judgements(.pass, all)
      if isWeaker { judged.add(first.judgements(verdict == .nonStrict ? .weaker : .informational)) }
      return judged
    }
  }
}
