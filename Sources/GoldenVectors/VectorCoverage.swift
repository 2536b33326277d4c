package import Specification
import StrictJSON

/// Which requirements are exercised, and how: by a case that has to be accepted, by one that violates it, or both.
package struct VectorCoverage: Sendable {
  /// What exercises one requirement.
  package struct Exercise: Hashable, Sendable {
    /// Cases whose input is good.
    package var accepting = 0

    /// Cases whose input violates something.
    package var violating = 0

    /// Nothing exercises it.
    package init() {}
  }

  /// The catalogue.
  package let catalogue: RequirementCatalogue

  /// For each requirement that is exercised at all: how.
  package private(set) var exercises: [RequirementID: Exercise] = [:]

  /// Nothing exercised so far.
  package init(catalogue: RequirementCatalogue) {
    self.catalogue = catalogue
  }

  /// The coverage that running every test of a suite would have.
  package init(_ suite: VectorSuite) {
    self.init(catalogue: suite.catalogue)
    for vector in suite.cases { count(vector.test) }
  }

  /// Counts a test that was run.
  package mutating func count(_ test: VectorTest) {
    for requirement in test.requirements {
      if test.violates {
        exercises[requirement, default: Exercise()].violating += 1
      } else {
        exercises[requirement, default: Exercise()].accepting += 1
      }
    }
  }

  /// Counts another case that was run, such as a probe.
  ///
  /// - Parameters:
  ///   - requirements: What the case exercises.
  ///   - accepts: Whether it has input that has to be accepted.
  ///   - violates: Whether it has input that violates something.
  package mutating func count(_ requirements: [RequirementID], accepts: Bool, violates: Bool) {
    for requirement in requirements {
      if accepts { exercises[requirement, default: Exercise()].accepting += 1 }
      if violates { exercises[requirement, default: Exercise()].violating += 1 }
    }
  }

  /// The MUSTs that vectors have to exercise.
  package var testable: [Requirement] {
    catalogue.requirements.filter { $0.level == .must && $0.isTestedByVectors }
  }

  /// The MUSTs that have what they need: an accepting case and, where an input can violate them, a violating one.
  package var covered: [Requirement] { testable.filter { lacking($0) == nil } }

  /// The MUSTs that no vector can exercise.
  package var untestable: [Requirement] {
    catalogue.requirements.filter { $0.level == .must && !$0.isTestedByVectors }
  }

  /// What a requirement lacks: "an accepting case", "a violating case", both, or nil for nothing.
  package func lacking(_ requirement: Requirement) -> String? {
    let exercise = exercises[requirement.id] ?? Exercise()
    switch (exercise.accepting > 0, exercise.violating > 0 || !requirement.isViolable) {
    case (true, true): return nil
    case (false, true): return "an accepting case"
    case (true, false): return "a violating case"
    case (false, false): return "an accepting and a violating case"
    }
  }
}

extension VectorTest {
  /// Whether the specification names the status of a refusal, so that another one does not keep the rule. Elsewhere a
  /// server may choose its status.
  package var hasFixedStatus: Bool { flags.contains("fixed-status") }

  /// Whether the input violates something: the test is invalid, or acceptable and its strict answer is an error, a
  /// violation or an HTTP status that refuses.
  package var violates: Bool {
    switch (result, expectation) {
    case (.valid, _): false
    case (.invalid, _), (.acceptable, .error): true
    case (.acceptable, .output(let output)):
      (output["violation"] ?? .null) != .null || (output["status"]?.intValue ?? 0) >= 400
    }
  }
}
