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
    #expect(
      try Self.figures("\(number) of \(number) mutants killed", in: "docs/mutants.md") == [
        Mutant.all.count, Mutant.all.count,
      ])
    let musts = coverage.covered.count + coverage.excluded.count + coverage.uncovered.count
    #expect(
      try Self.figures(
        "servers exercise: \(number); \(number) have a mutant, \(number) are excluded", in: "docs/mutants.md")
        == [musts, coverage.covered.count, coverage.excluded.count])
  }

  @Test("The table of mutants is the list of mutants")
  func table() throws {
    let text = try String(contentsOfFile: Samples.repository.vectors + "/../docs/mutants.md", encoding: .utf8)
    let rows = text.split(separator: "\n").drop { !$0.hasPrefix("| name |") }.dropFirst(2).map(String.init)
    let expected = Mutant.all.map { mutant in
      "| `\(mutant.name)` | \(mutant.fault) | \(mutant.requirements.map(\.rawValue).joined(separator: ", "))"
        + " | `\(mutant.check)` |"
    }
    #expect(rows == expected)
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
