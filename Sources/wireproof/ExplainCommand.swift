import ArgumentParser
import Conformance
import GoldenVectors
import Specification
import StrictJSON
import WireInspector

/// `wireproof explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a requirement, vector, probe, mutant or finding, and show what belongs to it.")

  @Argument(help: "The id, for example frame.magic, of any of them; list shows all.")
  var id: String

  @Option(help: "The folder with the vectors and probes; default: the one that wireproof finds.")
  var vectors: String?

  func run() throws {
    try reporting {
      let explanation = try Explanation.load(vectors)
      guard let text = explanation.text(of: id) else {
        let near = explanation.suggestions(for: id)
        let hint =
          near.isEmpty
          ? "see wireproof list requirements, vectors, probes, mutants or findings"
          : "perhaps \(near.joined(separator: ", "))"
        throw DataFaults([
          DataFault(
            file: "explain", place: id, reason: "no requirement, vector, probe, mutant or finding has this id",
            remedy: hint)
        ])
      }
      print(text)
    }
  }
}

extension Explanation {
  /// Everything that there is to explain.
  ///
  /// - Parameter vectors: The vectors folder that the user named, if one.
  static func load(_ vectors: String?) throws -> Explanation {
    let directory = try DataDirectory.locate(.ofProcess(explicit: vectors))
    return Explanation(
      try VectorSuite.load(directory),
      probes: try ProbeSuite.load(directory).cases + ProbeSuite.load(directory, role: .client).cases,
      mutants: Mutant.all,
      findings: FindingKind.all.map { ExplainedFinding(id: $0.id, meaning: $0.meaning, requirements: $0.requirements) },
      hidden: HiddenRule.reasons)
  }
}
