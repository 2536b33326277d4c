import GoldenVectors
import Specification
import StrictJSON
import Testing

@testable import Conformance

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

  /// Everything, with a finding as the inspector has them.
  private static func whole() throws -> Explanation {
    Explanation(
      try Samples.suite(), probes: try ProbeSuite.load(Samples.repository).cases, mutants: Mutant.all,
      findings: [ExplainedFinding(id: "app.bad-magic", meaning: "No frame.", requirements: ["frame.magic"])])
  }

  @Test("From a requirement to its probe, its mutant and its finding, and back")
  func followed() throws {
    let explanation = try Self.whole()
    let mutant = try #require(Mutant.all.first { $0.name == "magic-swapped" })
    let texts = try ["frame.magic", mutant.check, mutant.name, "mutant:magic-swapped", "app.bad-magic"].map {
      try #require(explanation.text(of: $0))
    }
    #expect(texts[0].contains("app.bad-magic: No frame."))
    #expect(texts[0].contains("  3 mutants\n"))
    #expect(texts[0].contains("  1 probe\n"))
    #expect(texts[1].contains("  magic-swapped: \(mutant.fault)"))
    #expect(texts[2].contains("  \(mutant.check): "))
    #expect(texts[2].contains("frame.magic (MUST"))
    #expect(texts[3] == texts[2])
    #expect(texts[4].contains("frame.magic (MUST"))
    #expect(texts[4].contains(" vectors, for example"))
    #expect(explanation.suggestions(for: "magic-swaped").first == "magic-swapped")
  }

  @Test("Each probe and mutant has an explanation that names its requirements")
  func probesAndMutants() throws {
    let explanation = try Self.whole()
    for probe in explanation.probes {
      let text = try #require(explanation.text(of: probe.id))
      for id in probe.requirements { #expect(text.contains("\(id) ("), "\(probe.id)") }
    }
    for mutant in explanation.mutants {
      let text = try #require(explanation.text(of: mutant.name))
      for id in mutant.requirements { #expect(text.contains("\(id) ("), "\(mutant.name)") }
    }
    #expect(explanation.mutantsText.split(separator: "\n").count == Mutant.all.count)
    #expect(explanation.mutantsJSON.arrayValue?.count == Mutant.all.count)
    #expect(explanation.findingsText.hasPrefix("app.bad-magic No frame."))
    #expect(explanation.findingsJSON.arrayValue?.count == 1)
  }
}
