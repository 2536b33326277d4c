import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON
import Testing

/// `docs/specification.md` against the catalogue: each normative sentence ends with the id of its requirement in brackets.
/// Requirements are list items.
@Suite("The specification and the catalogue")
struct SpecificationTextTests {
  /// A sentence of the specification with an id.
  private struct Sentence {
    let id: String
    let clause: String
    let text: String
  }

  private static func sentences() throws -> [Sentence] {
    let path = CommittedVectorsTests.directory.path + "/docs/specification.md"
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    var clause = ""
    var item: [Substring] = []
    var found: [Sentence] = []
    func finish() {
      let whole = item.joined(separator: " ")
      item = []
      guard let match = whole.wholeMatch(of: /(.*) \[([a-z0-9_]+(?:[.-][a-z0-9_]+)+)\]/) else { return }
      found.append(Sentence(id: String(match.2), clause: clause, text: String(match.1)))
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("  "), !item.isEmpty {
        item.append(line.trimmingPrefix { $0 == " " })
        continue
      }
      finish()
      if line.hasPrefix("- ") { item = [line.dropFirst(2)] }
      if let heading = line.prefixMatch(of: #/#+ ([0-9]+(?:\.[0-9]+)*)\.? /#) { clause = String(heading.1) }
    }
    finish()
    return found
  }

  private static func catalogue() throws -> RequirementCatalogue {
    let bytes = try VectorSuite.read(CommittedVectorsTests.directory, RequirementCatalogue.fileName)
    return try RequirementCatalogue.load(bytes, file: RequirementCatalogue.fileName)
  }

  @Test("Both have the same ids, each once")
  func ids() throws {
    let written = try Self.sentences().map(\.id)
    let listed = try Self.catalogue().requirements.map(\.id.rawValue)
    #expect(Set(written).subtracting(listed).sorted() == [], "in the specification only")
    #expect(Set(listed).subtracting(written).sorted() == [], "in the catalogue only")
    #expect(written.count == Set(written).count)
    #expect(written.count > 100)
  }

  @Test("Clauses and sentences agree, and the key word is that of the level")
  func sentencesAgree() throws {
    let catalogue = try Self.catalogue()
    for sentence in try Self.sentences() {
      let requirement = try #require(catalogue[RequirementID(rawValue: sentence.id)], "\(sentence.id)")
      #expect(requirement.clause == sentence.clause, "\(sentence.id)")
      #expect(requirement.text == sentence.text, "\(sentence.id)")
      #expect(requirement.text.contains(requirement.level.rawValue), "\(sentence.id)")
    }
  }

  @Test("A sentence with a key word stands in the catalogue, wherever it is written")
  func noSentenceWithoutID() throws {
    let path = CommittedVectorsTests.directory.path + "/docs/specification.md"
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    let texts = try Self.catalogue().requirements.map(\.text)
    // Lists that are no requirements, and the clause about the key words, name them without making rules.
    let items = text.split(separator: "\n").filter { $0.hasPrefix("- ") && $0.contains(/\b(MUST|SHOULD|MAY)\b/) }
    for item in items {
      let beginning = item.dropFirst(2).split(separator: " [")[0]
      #expect(texts.contains { $0.hasPrefix(beginning) }, "\(item)")
    }
  }

  @Test("Each entry of the catalogue explains itself")
  func explanations() throws {
    for requirement in try Self.catalogue().requirements {
      #expect(!requirement.why.isEmpty, "\(requirement.id)")
      #expect(!requirement.right.isEmpty, "\(requirement.id)")
      #expect(!requirement.wrong.isEmpty || !requirement.isViolable || requirement.level == .may, "\(requirement.id)")
    }
  }
}
