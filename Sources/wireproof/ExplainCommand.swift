import ArgumentParser
import Conformance
import StrictJSON

/// `wireproof explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a requirement or a vector: its clause, why it matters, what right and wrong look like.")

  @Argument(help: "The id of a requirement, for example frame.magic, or of a vector.")
  var id: String

  @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
  var vectors: String?

  func run() throws {
    try reporting {
      let explanation = Explanation(try loadSuite(vectors))
      guard let text = explanation.text(of: id) else {
        let near = explanation.suggestions(for: id)
        let hint = near.isEmpty ? "see wireproof list requirements" : "perhaps \(near.joined(separator: ", "))"
        throw DataFaults([
          DataFault(file: "explain", place: id, reason: "no requirement or vector has this id", remedy: hint)
        ])
      }
      print(text)
    }
  }
}
