package import Specification
package import StrictJSON

/// Checks of the data that loading does not need but the project promises.
package struct VectorLint: Sendable {
  /// The fewest vectors, and the fewest distinct combinations of requirement, flag and result.
  private static let fewestVectors = 1_000
  private static let fewestCombinations = 300

  /// One combination of what a vector exercises and how.
  package struct Combination: Hashable, Sendable {
    /// The requirement.
    package let requirement: RequirementID

    /// The flag, nil for a test without flags.
    package let flag: String?

    /// The result.
    package let result: VectorResult
  }

  /// How many vectors there are.
  package let vectors: Int

  /// How many distinct combinations of requirement, flag and result they have.
  package let combinations: Int

  /// How the requirements are exercised.
  package let coverage: VectorCoverage

  /// What is wrong.
  package let faults: [DataFault]

  /// Looks through a suite that was loaded.
  package init(_ suite: VectorSuite) {
    let cases = suite.cases
    vectors = cases.count
    combinations = Set(cases.flatMap { Self.combinations(of: $0.test) }).count
    coverage = VectorCoverage(suite)
    faults =
      Self.layoutFaults(suite) + Self.idFaults(suite)
      + Self.countFaults(vectors: vectors, combinations: combinations) + Self.coverageFaults(coverage)
  }

  private static func combinations(of test: VectorTest) -> [Combination] {
    let flags: [String?] = test.flags.isEmpty ? [nil] : test.flags
    return test.requirements.flatMap { requirement in
      flags.map { Combination(requirement: requirement, flag: $0, result: test.result) }
    }
  }

  private static func layoutFaults(_ suite: VectorSuite) -> [DataFault] {
    zip(suite.files, suite.contents).compactMap { file, content in
      guard Array(file.canonicalText.utf8) != content.bytes else { return nil }
      return DataFault(
        file: "vectors/" + content.name, place: "", reason: "the layout is not the canonical one",
        remedy: "run make vectors; vectors are changed in the generator, not in the file")
    }
  }

  private static func idFaults(_ suite: VectorSuite) -> [DataFault] {
    suite.cases.compactMap { vector in
      let tail = vector.operation.rawValue.split(separator: ".").last ?? ""
      guard !vector.test.id.hasPrefix("\(vector.area).\(tail).") else { return nil }
      return DataFault(
        file: "vectors/\(vector.area).json", place: vector.test.id, reason: "the id does not say what it asks for",
        remedy: "begin it with \"\(vector.area).\(tail).\"")
    }
  }

  private static func countFaults(vectors: Int, combinations: Int) -> [DataFault] {
    var faults: [DataFault] = []
    if vectors < fewestVectors {
      faults.append(
        DataFault(
          file: "vectors", place: "", reason: "there are \(vectors) vectors",
          remedy: "at least \(fewestVectors) are promised"))
    }
    if combinations < fewestCombinations {
      faults.append(
        DataFault(
          file: "vectors", place: "", reason: "there are \(combinations) combinations of requirement, flag and result",
          remedy: "at least \(fewestCombinations) are promised"))
    }
    return faults
  }

  private static func coverageFaults(_ coverage: VectorCoverage) -> [DataFault] {
    coverage.testable.compactMap { requirement in
      guard let lacking = coverage.lacking(requirement) else { return nil }
      return DataFault(
        file: "vectors", place: requirement.id.rawValue, reason: "this MUST lacks \(lacking)",
        remedy: "add the vector, or say in requirements.json how else it is tested")
    }
  }
}
