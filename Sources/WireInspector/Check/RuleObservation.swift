import Specification

/// What a connection shows of one rule.
struct RuleObservation {
  /// Who had to keep it.
  let role: PeerRole
  /// The rule.
  let rule: RequirementID
  /// How it was broken, in one sentence; nil: it was kept.
  let fault: String?

  static func kept(_ rule: RequirementID, by role: PeerRole) -> RuleObservation {
    RuleObservation(role: role, rule: rule, fault: nil)
  }

  static func broken(_ rule: RequirementID, by role: PeerRole, _ fault: String) -> RuleObservation {
    RuleObservation(role: role, rule: rule, fault: fault)
  }
}
