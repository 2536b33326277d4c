package import GoldenVectors
import Specification

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
    if let lack = script.inapplicability(to: profile) { return lack }
    let missing = missingCapabilities(script)
    guard missing.count == script.requirements.count, !missing.isEmpty else { return nil }
    return Self.reason(missing)
  }

  /// What a case came to as far as it binds the peer: one that also exercises what does not bind it counts for it, not
  /// against it.
  package func bound(_ outcome: CaseOutcome, of script: ScriptCase) -> CaseOutcome {
    let missing = missingCapabilities(script)
    guard !missing.isEmpty, outcome.verdict == .fail || outcome.verdict == .nonStrict else { return outcome }
    var outcome = outcome
    outcome.verdict = .notApplicable
    outcome.reason = Self.reason(missing)
    return outcome
  }

  /// The capabilities that the requirements of a case need and the profile does not claim, one a requirement.
  private func missingCapabilities(_ script: ScriptCase) -> [String] {
    script.requirements.compactMap { catalogue[$0]?.capability }.filter { !profile.capabilities.contains($0) }
  }

  private static func reason(_ missing: [String]) -> String {
    "the profile does not claim the capability \(Set(missing).sorted().joined(separator: ", "))"
  }
}
