package import Specification

/// A kind of finding that the inspector reports, as far as it is explained.
package struct ExplainedFinding: Hashable, Sendable {
  /// The id, a promise to users.
  package let id: String

  /// What was seen, in one sentence.
  package let meaning: String

  /// The rules that it can be a violation of; none: it says something about the capture, or breaks no rule.
  package let requirements: [RequirementID]

  /// A finding from its parts.
  package init(id: String, meaning: String, requirements: [RequirementID]) {
    self.id = id
    self.meaning = meaning
    self.requirements = requirements
  }
}
