import Conformance
import GoldenVectors
import Specification
import StrictJSON
import Testing

@Suite("Explanations and lists")
struct ExplanationTests {
  private static func explanation() throws -> Explanation { Explanation(try Samples.suite()) }

  @Test(
    "A requirement is explained by its clause, its sentence, why, right and wrong, and the vectors that exercise it")
  func requirement() throws {
    let text = try #require(try Self.explanation().text(of: "frame.magic"))
    #expect(text.hasPrefix("frame.magic\nMUST · clause 4.2 of docs/specification.md · binds the sender · class Core"))
    for part in [
      "A sender MUST begin every frame", "\nWhy\n", "\nRight\n", "\nWrong\n", "accepting", "violating", "frame.",
    ] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test("Every requirement has an explanation, and so has the first vector of each operation")
  func all() throws {
    let suite = try Samples.suite()
    let explanation = Explanation(suite)
    let firsts = Operation.allCases.compactMap { operation in suite.cases.first { $0.operation == operation } }
    #expect(firsts.count == Operation.allCases.count)
    for id in suite.catalogue.requirements.map(\.id.rawValue) + firsts.map(\.test.id) {
      let text = try #require(explanation.text(of: id), "\(id)")
      #expect(text.hasPrefix(id))
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "\(id)")
    }
  }

  @Test("An id that is not known brings up those that resemble it")
  func suggestions() throws {
    let explanation = try Self.explanation()
    #expect(explanation.text(of: "frame.magik") == nil)
    #expect(explanation.suggestions(for: "frame.magik").first == "frame.magic")
    #expect(explanation.suggestions(for: String(repeating: "x", count: 10_000)) == [])
  }

  @Test("Lists have an entry for each, as text and as JSON")
  func lists() throws {
    let suite = try Samples.suite()
    let explanation = Explanation(suite)
    #expect(explanation.requirementsText.split(separator: "\n").count == suite.catalogue.requirements.count)
    #expect(explanation.requirementsJSON.arrayValue?.count == suite.catalogue.requirements.count)
    #expect(explanation.vectorsText.split(separator: "\n").count == suite.testCount)
    #expect(explanation.vectorsJSON.arrayValue?.count == suite.testCount)
  }
}
