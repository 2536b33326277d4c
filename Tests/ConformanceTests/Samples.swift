import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON

/// Cases and records that tests are made of.
enum Samples {
  static let repository = DataDirectory(path: String(#filePath.split(separator: "/Tests/")[0]))

  /// The vectors of this repository, loaded once.
  static func suite() throws -> VectorSuite { try loaded.get() }

  private static let loaded = Result { try VectorSuite.load(repository) }

  static let catalogueText = """
    {"requirements": [
      {"id": "frame.magic", "level": "MUST", "role": "both", "class": "Core", "clause": "4.2", "text": "The magic is right.",
       "source": "original", "testedBy": ["vector"], "why": "w", "right": "r", "wrong": "x"},
      {"id": "frame.extra", "level": "SHOULD", "role": "both", "class": "RPC", "clause": "9.1", "text": "There is more.",
       "source": "ours", "capability": "more", "testedBy": ["vector"], "why": "w", "right": "r", "wrong": "x"}]}
    """

  static func catalogue() throws -> RequirementCatalogue {
    try RequirementCatalogue.load(Array(catalogueText.utf8), file: "requirements.json")
  }

  /// A case whose good answer is the payload back.
  static func decode(_ id: String, requirements: [RequirementID] = ["frame.magic"], payload: String = "")
    -> VectorSuite.Case
  {
    VectorSuite.Case(
      area: "frame", operation: .frameDecode,
      test: .valid(
        id: id, comment: "A sample.", requirements: requirements,
        input: ["revision": "1.3.3", "message": .string(payload)],
        output: ["protocolId": 0, "sn": 0, "length": 8, "payload": .string(payload)]))
  }
}
