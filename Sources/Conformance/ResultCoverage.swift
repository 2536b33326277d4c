package import GoldenVectors
import Specification

/// What runs exercised: computed from the ids in result files, never from a table kept by hand.
package struct ResultCoverage: Sendable {
  /// How the requirements were exercised.
  package let coverage: VectorCoverage

  /// Ids of the result files that are no vectors of this suite, in order.
  package let unknown: [String]

  /// The coverage of some result files together. Cases that were not judged exercise nothing; of an id that was run more
  /// than once one counts.
  package init(_ results: [ResultFile], suite: VectorSuite) {
    var coverage = VectorCoverage(catalogue: suite.catalogue)
    let tests = Dictionary(suite.cases.map { ($0.test.id, $0.test) }, uniquingKeysWith: { first, _ in first })
    let judged = results.flatMap(\.cases).filter { $0.verdict != .notApplicable && $0.verdict != .couldNotRun }
    var seen: Set<String> = []
    var unknown: [String] = []
    for record in judged where seen.insert(record.id).inserted {
      if let test = tests[record.id] {
        coverage.count(test)
      } else {
        unknown.append(record.id)
      }
    }
    self.coverage = coverage
    self.unknown = unknown
  }

  /// The text that `coverage` prints.
  package var text: String {
    let testable = coverage.testable
    let lacking = testable.compactMap { requirement in
      coverage.lacking(requirement).map { (requirement, $0) }
    }
    let exercised = coverage.catalogue.requirements.filter { coverage.exercises[$0.id] != nil }
    var lines = [
      "\(coverage.covered.count) of \(testable.count) MUSTs that vectors can test were exercised by an accepting and, "
        + "where there is one, a violating case.",
      "\(exercised.count) of \(coverage.catalogue.requirements.count) requirements were exercised at all.",
    ]
    if !lacking.isEmpty {
      lines += ["", "Lacking:"]
      lines += lacking.map { "  \($0.0.id) (clause \($0.0.clause)) lacks \($0.1)" }
    }
    let untestable = coverage.untestable
    if !untestable.isEmpty {
      lines += ["", "\(untestable.count) MUSTs that no vector can test:"]
      lines += untestable.map { requirement in
        let means = requirement.excluded ?? "only a probe of a running peer can test it"
        return "  \(requirement.id) (clause \(requirement.clause)): \(means)"
      }
    }
    if !unknown.isEmpty {
      lines += ["", "\(unknown.count) cases are no vectors of this suite, the first: \(unknown[0])"]
    }
    return lines.joined(separator: "\n")
  }

  /// The same as JSON.
  package var json: JSONValue {
    [
      "covered": .number(coverage.covered.count), "testable": .number(coverage.testable.count),
      "requirements": .array(
        coverage.catalogue.requirements.map { requirement in
          let exercise = coverage.exercises[requirement.id] ?? VectorCoverage.Exercise()
          return [
            "id": .string(requirement.id.rawValue), "level": .string(requirement.level.rawValue),
            "testedByVectors": .bool(requirement.isTestedByVectors), "accepting": .number(exercise.accepting),
            "violating": .number(exercise.violating),
            "lacking": .text(requirement.isTestedByVectors ? coverage.lacking(requirement) : nil),
          ]
        }),
    ]
  }
}
