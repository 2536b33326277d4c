package import GoldenVectors
import Specification
import StrictJSON

/// Whether a case binds a peer: it has to offer what the case uses, and to claim what the requirements are about.
package struct ProbeApplicability: Sendable {
  private let catalogue: RequirementCatalogue

  /// What the peer offers.
  var profile: PeerProfile

  /// What binds a peer of that profile.
  package init(catalogue: RequirementCatalogue, profile: PeerProfile) {
    self.catalogue = catalogue
    self.profile = profile
  }

  /// Why a case does not bind the peer, with what to add; nil: it does. A case that exercises at least one requirement that
  /// binds the peer is run.
  package func lack(of script: ScriptCase) -> String? {
    outcome(of: script)?.reason
  }

  /// What a case that does not bind the peer comes to; nil: it binds it.
  func outcome(of script: ScriptCase) -> CaseOutcome? {
    if let lack = script.lack(in: profile) {
      var outcome = CaseOutcome.notRun(.notApplicable, lack.reason)
      outcome.lacks = lack.need
      return outcome
    }
    let missing = missingCapabilities(script.requirements)
    guard missing.count == script.requirements.count, !missing.isEmpty else { return nil }
    return .notRun(.notApplicable, Self.reason(missing))
  }

  /// What a case came to as far as it binds the peer: what does not bind it says nothing, and where it is all that the
  /// verdict falls on, the case does not apply.
  package func bound(_ outcome: CaseOutcome, of script: ScriptCase) -> CaseOutcome {
    var outcome = outcome
    let against = outcome.judged.requirements(outcome.verdict)
    outcome.judged.remove(outcome.judged.exercised.filter { !missingCapabilities([$0]).isEmpty })
    guard outcome.verdict == .fail || outcome.verdict == .nonStrict else { return outcome }
    let missing = missingCapabilities(against.isEmpty ? script.requirements : against)
    guard !missing.isEmpty, missing.count >= against.count else { return outcome }
    outcome.verdict = .notApplicable
    outcome.reason = Self.reason(missing)
    outcome.judged = Judgements()
    return outcome
  }

  /// The capabilities that requirements need and the profile does not claim, one a requirement.
  private func missingCapabilities(_ requirements: [RequirementID]) -> [String] {
    requirements.compactMap { catalogue[$0]?.capability }.filter { !profile.capabilities.contains($0) }
  }

  private static func reason(_ missing: [String]) -> String {
    "the profile does not claim the capability \(Set(missing).sorted().joined(separator: ", "))"
  }
}
