import GoldenVectors
import Specification
import StrictJSON

/// Makes a verdict of what the steps of a case came to, and of what was observed beside them.
enum CaseJudge {
  /// Fills in an outcome whose observations, and what was shown, are known.
  static func judge(
    _ outcome: inout CaseOutcome, script: ScriptCase, interruption: StepInterruption?, soft: [SoftResult]
  ) {
    if let first = soft.first(where: { $0.verdict == .nonStrict }) ?? soft.first {
      outcome.verdict = first.verdict
      outcome.take(first.unmet)
      outcome.reason = first.reason
    }
    for result in soft { outcome.judged.add(result.judged) }
    let breaches = breaches(outcome.observations, script)
    switch interruption {
    case nil: break
    case .unmet(let unmet):
      outcome.verdict = .fail
      outcome.take(unmet)
      outcome.isForLack = unmet.isForLack && !breaches.contains { $0.verdict == .fail }
      // A message that breaks a rule is what such a step misses, or is disturbed by.
      if !unmet.isNamed(by: breaches) { outcome.judged.add(unmet.judged) }
    case .peerGone(let unmet):
      outcome.verdict = .errored
      outcome.isPeerGone = true
      outcome.take(unmet)
      outcome.judged.add(.fail, [DutyResolver.others])
    case .notAdmitted(let reason):
      (outcome.verdict, outcome.reason) = (.couldNotRun, reason)
      outcome.isNotAdmitted = true
    case .notApplicable(let reason):
      if soft.isEmpty { (outcome.verdict, outcome.reason) = (.notApplicable, reason) }
    case .lacking(let reason, let need):
      if soft.isEmpty {
        (outcome.verdict, outcome.reason) = (.notApplicable, reason)
        outcome.lacks = ProfileNeed.isOffer(need) ? need : nil
      }
    case .couldNotRun(let reason): (outcome.verdict, outcome.reason) = (.couldNotRun, reason)
    case .cancelled: (outcome.verdict, outcome.reason) = (.couldNotRun, "the time of the case was up")
    case .stopped(let verdict, let reason):
      // What is no worse than a pass needs no reason.
      if soft.isEmpty { (outcome.verdict, outcome.reason) = (verdict, verdict == .pass ? nil : reason) }
    }
    if [.notApplicable, .couldNotRun].contains(outcome.verdict) { outcome.judged = Judgements() }
    for breach in breaches { outcome.judged.add(breach.verdict, [breach.requirement]) }
    guard let worst = breaches.first(where: { $0.verdict == .fail }) ?? breaches.first,
      ![.fail, .errored].contains(outcome.verdict),
      worst.verdict.isWorse(than: outcome.verdict) || worst.verdict == .fail
    else { return }
    outcome.verdict = worst.verdict
    outcome.expected = "traffic that keeps \(worst.requirement)"
    outcome.actual = worst.observation.reason
    outcome.reason = "the peer broke \(worst.requirement): \(worst.observation.reason)"
    outcome.divergence = nil
  }

  /// A rule that was seen to be broken.
  struct Breach {
    let requirement: RequirementID
    let verdict: Verdict
    let observation: PeerObservation
  }

  /// The observations that count against the peer: whatever the case is about, a MUST that is seen broken fails it. A case
  /// that no catalogue is known for counts only those that it lists.
  private static func breaches(_ observations: [PeerObservation], _ script: ScriptCase) -> [Breach] {
    observations.compactMap { observation in
      guard let id = observation.requirement else { return nil }
      let verdict: Verdict
      if let requirement = script.catalogue?[id] {
        guard requirement.role.binds(script.role.peer),
          !ObservedTraffic.lasting.contains(id) || script.requirements.contains(id)
        else { return nil }
        verdict = requirement.level == .must ? .fail : requirement.level == .should ? .nonStrict : .informational
      } else {
        guard script.requirements.contains(id) else { return nil }
        verdict = .fail
      }
      return Breach(requirement: id, verdict: verdict, observation: observation)
    }
  }
}

extension Unmet {
  /// Whether a MUST about messages and answers that was seen broken says better what is wrong than the step, which has no rule of
  /// its own.
  fileprivate func isNamed(by breaches: [CaseJudge.Breach]) -> Bool {
    !isExplicit
      && breaches.contains { breach in
        breach.verdict == .fail && breach.observation.nanoseconds <= nanoseconds
          && ObservedTraffic.disturbing.contains(breach.requirement)
      }
  }
}

extension CaseOutcome {
  /// Whether it has to be found out if the peer still serves.
  var needsServiceCheck: Bool {
    switch verdict {
    case .fail, .nonStrict, .informational: !isPeerGone
    default: false
    }
  }

  /// Takes over what a step that was not met says.
  mutating func take(_ unmet: Unmet) {
    expected = unmet.expected
    actual = unmet.actual
    reason = unmet.why ?? "\(unmet.expected) was expected; \(unmet.actual)"
    unaskedID = unmet.unaskedID
    divergence = Divergence(
      place: unmet.place, step: unmet.step, entry: unmet.entry, nanoseconds: unmet.nanoseconds)
  }
}
