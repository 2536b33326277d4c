import GoldenVectors
import Specification
import StrictJSON
import Testing

@Suite("The catalogue, loaded strictly")
struct CatalogueTests {
  private static let entry = """
    {"id": "frame.magic", "level": "MUST", "role": "sender", "class": "Core", "clause": "4.2", "text": "t",
     "source": "ours", "capability": "negotiation", "testedBy": ["vector"], "violable": false, "why": "w", "right": "r",
     "wrong": "x"}
    """

  private func load(_ entries: String) throws(DataFaults) -> RequirementCatalogue {
    try RequirementCatalogue.load(Array("{\"requirements\": [\(entries)]}".utf8), file: "requirements.json")
  }

  @Test("An entry becomes a requirement")
  func accepted() throws {
    let requirement = try #require(try load(Self.entry)["frame.magic"])
    #expect(requirement.level == .must)
    #expect(requirement.role == .sender)
    #expect(requirement.conformanceClass == .core)
    #expect(requirement.capability == "negotiation")
    #expect(requirement.isTestedByVectors)
    #expect(!requirement.isViolable)
  }

  @Test(
    "Each departure is told",
    arguments: [
      ("\"MUST\"", "\"must\"", "requirements[0].level"), ("\"sender\"", "\"all\"", "requirements[0].role"),
      ("\"Core\"", "\"Heart\"", "requirements[0].class"), ("\"vector\"", "\"luck\"", "requirements[0].testedBy[0]"),
      ("\"clause\": \"4.2\", ", "", "requirements[0]"), ("\"text\"", "\"x\": 1, \"text\"", "requirements[0].x"),
      ("frame.magic", "magic", "requirements[0].id"), ("false", "0", "requirements[0].violable"),
    ])
  func refused(old: String, new: String, place: String) throws {
    let faults = try #require(throws: DataFaults.self) { try load(Self.entry.replacing(old, with: new)) }.faults
    #expect(faults.map(\.place) == [place])
  }

  @Test("An id that is there twice is told")
  func repeated() throws {
    let faults = try #require(throws: DataFaults.self) { try load(Self.entry + "," + Self.entry) }.faults
    #expect(faults.map(\.place) == ["requirements[1].id"])
  }
}
