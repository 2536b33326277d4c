import Foundation
import GoldenVectors
import Specification
import Testing

@testable import Conformance

/// The figures that the documents state are those of the code and the data.
@Suite("Figures in the documents")
struct DocumentedFiguresTests {
  /// The numbers that a pattern finds in a document, in their order; commas in them do not count.
  private static func figures(_ pattern: String, in document: String) throws -> [Int] {
    let text = try String(contentsOfFile: Samples.repository.vectors + "/../" + document, encoding: .utf8)
    let match = try #require(
      try NSRegularExpression(pattern: pattern).firstMatch(in: text, range: NSRange(text.startIndex..., in: text)),
      "\(document) does not say \(pattern)")
    return try (1..<match.numberOfRanges).map { group in
      let range = try #require(Range(match.range(at: group), in: text))
      return try #require(Int(text[range].replacing(",", with: "")))
    }
  }

  @Test("Mutants: how many, how many MUSTs they cover, how many are excluded")
  func mutants() throws {
    let coverage = MutantCoverage(suite: try ProbeSuite.load(Samples.repository))
    let number = #"([0-9,]+)"#
    let killed = try Self.figures("\(number) of \(number) mutants killed", in: "docs/mutants.md")
    #expect(killed == [Mutant.all.count, Mutant.all.count], "docs/mutants.md: how many mutants are killed")
    let musts = coverage.covered.count + coverage.excluded.count + coverage.uncovered.count
    let stated = try Self.figures(
      "servers exercise: \(number); \(number) have a mutant, \(number) are excluded", in: "docs/mutants.md")
    #expect(
      stated == [musts, coverage.covered.count, coverage.excluded.count],
      "docs/mutants.md: how many MUSTs probes exercise, how many have a mutant, how many are excluded")
  }

  @Test("The table of mutants is the list of mutants")
  func table() throws {
    let text = try String(contentsOfFile: Samples.repository.vectors + "/../docs/mutants.md", encoding: .utf8)
    let rows = text.split(separator: "\n").drop { !$0.hasPrefix("| name |") }.dropFirst(2).map(String.init)
    let expected = Mutant.all.map { mutant in
      "| `\(mutant.name)` | \(mutant.fault) | \(mutant.requirements.map(\.rawValue).joined(separator: ", "))"
        + " | `\(mutant.check)` |"
    }
    let (missing, outdated) = (expected.filter { !rows.contains($0) }, rows.filter { !expected.contains($0) })
    #expect(missing == [], "rows that docs/mutants.md lacks")
    #expect(outdated == [], "rows of docs/mutants.md that no mutant has")
    #expect(
      missing.count + outdated.count > 0 || rows == expected,
      "the rows of docs/mutants.md stand in the order of the mutants")
  }

  @Test("Probes and vectors: more than so many, and not many more")
  func cases() throws {
    let probes = try ProbeSuite.load(Samples.repository).cases.count
    let stated = try #require(try Self.figures("more than ([0-9,]+) cases", in: "docs/probing-a-server.md").first)
    #expect(stated < probes && probes < stated + stated / 5)
    let vectors = try Samples.suite().testCount
    let readme = try #require(try Self.figures("more than ([0-9,]+) golden\\s+vectors", in: "README.md").first)
    #expect(readme < vectors && vectors < readme + readme / 5)
  }
}
