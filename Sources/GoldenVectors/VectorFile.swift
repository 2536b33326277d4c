package import Specification
package import StrictJSON

/// The vectors of one area: the content of `vectors/<area>.json`.
package struct VectorFile: Hashable, Sendable {
  /// The area, and the name of the file without `.json`.
  package let area: String

  /// For each flag that a test of the file has: why the flag exists.
  package let notes: [String: String]

  /// The groups, in the order of the file.
  package let groups: [VectorGroup]

  /// A file from its parts.
  package init(area: String, notes: [String: String], groups: [VectorGroup]) {
    self.area = area
    self.notes = notes
    self.groups = groups
  }

  /// The file with the integers as strings that can need all of 64 bits.
  package var written: VectorFile {
    VectorFile(
      area: area, notes: notes,
      groups: groups.map { group in
        VectorGroup(
          group.operation, comment: group.comment, tests: group.tests.map { $0.written(for: group.operation) })
      })
  }

  /// How many tests the file has.
  package var testCount: Int { groups.reduce(0) { $0 + $1.tests.count } }
}

/// Tests of one operation that belong together.
package struct VectorGroup: Hashable, Sendable {
  /// The operation that every test of the group asks for.
  package let operation: Operation

  /// What the tests have in common, for people.
  package let comment: String

  /// The tests.
  package let tests: [VectorTest]

  /// A group from its parts.
  package init(_ operation: Operation, comment: String, tests: [VectorTest]) {
    self.operation = operation
    self.comment = comment
    self.tests = tests
  }
}

/// Whether an implementation has to take the input of a test.
package enum VectorResult: String, CaseIterable, Hashable, Sendable {
  /// The input is good and must be taken.
  case valid

  /// The input, or what is asked for, violates the specification, and that must be noticed: by an error, or by a
  /// `violation` in the output.
  case invalid

  /// More than one answer is permitted: the strict one, and the alternatives.
  case acceptable
}

/// An answer that a test expects.
package enum Expectation: Hashable, Sendable {
  /// `{"output": …}`.
  case output(JSONValue)

  /// `{"error": code}`, with the offset of the byte at fault and the index of the message at fault where the operation
  /// defines them.
  case error(code: String, offset: Int64?, index: Int64?)
}

/// An answer that a test permits besides the strict one, with the verdict that it earns.
package struct VectorAlternative: Hashable, Sendable {
  /// What the answer earns: ``Verdict/pass``, ``Verdict/nonStrict`` or ``Verdict/informational``.
  package let verdict: Verdict

  /// The answer.
  package let expectation: Expectation

  /// An alternative from its parts.
  package init(verdict: Verdict, expectation: Expectation) {
    self.verdict = verdict
    self.expectation = expectation
  }
}

/// One golden vector: an input and what has to come of it.
package struct VectorTest: Hashable, Sendable {
  /// The id: `<area>.<operation tail>.<what>`, unique over all files.
  package let id: String

  /// What the test is about, one sentence for people.
  package let comment: String

  /// The requirements that the test exercises, at least one.
  package let requirements: [RequirementID]

  /// The flags: what is special about the input, each explained in the file's notes.
  package let flags: [String]

  /// Whether the input has to be taken.
  package let result: VectorResult

  /// The name of the capture whose bytes the input quotes.
  package let capture: String?

  /// The input of the operation, an object.
  package let input: JSONValue

  /// The strict expectation.
  package let expectation: Expectation

  /// What else is permitted; only where ``result`` is ``VectorResult/acceptable``.
  package let alternatives: [VectorAlternative]

  /// A test from its parts; generators use the constructors of `VectorBuilder.swift`.
  package init(
    id: String, comment: String, requirements: [RequirementID], flags: [String], result: VectorResult, capture: String?,
    input: JSONValue, expectation: Expectation, alternatives: [VectorAlternative]
  ) {
    self.id = id
    self.comment = comment
    self.requirements = requirements
    self.flags = flags
    self.result = result
    self.capture = capture
    self.input = input
    self.expectation = expectation
    self.alternatives = alternatives
  }
}

extension VectorTest {
  fileprivate func written(for operation: Operation) -> VectorTest {
    VectorTest(
      id: id, comment: comment, requirements: requirements, flags: flags, result: result, capture: capture,
      input: operation.writtenInput(input), expectation: expectation.written(for: operation),
      alternatives: alternatives.map {
        VectorAlternative(verdict: $0.verdict, expectation: $0.expectation.written(for: operation))
      })
  }
}

extension Expectation {
  fileprivate func written(for operation: Operation) -> Expectation {
    guard case .output(let output) = self else { return self }
    return .output(operation.writtenOutput(output))
  }
}
