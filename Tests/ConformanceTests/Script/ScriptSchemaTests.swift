import FoundationEssentials
import StrictJSON
import Testing

@testable import Conformance

@Suite("The published schema of scripts")
struct ScriptSchemaTests {
  @Test("The schema that the loader uses is vectors/probes/script.schema.json")
  func published() throws {
    var folder = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    folder.removeLast(4)
    let path = folder.joined(separator: "/") + "/vectors/probes/script.schema.json"
    let content = try Data(contentsOf: URL(filePath: path))
    #expect(String(decoding: content, as: UTF8.self) == ScriptGrammar.schema.canonicalText)
  }

  @Test("Every shape that a shape names exists, and is named by one")
  func references() throws {
    let text = ScriptGrammar.schema.line
    for name in ScriptGrammar.Name.allCases {
      #expect(text.contains("\"#/$defs/\(name.rawValue)\""), "nothing names \(name.rawValue)")
      #expect(ScriptGrammar.shape(name).schema != .object([:]) && !"\(ScriptGrammar.shape(name).schema)".isEmpty)
    }
  }
}
