import ArgumentParser
import Conformance
import GoldenVectors

/// `wireproof coverage`.
struct CoverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage",
    abstract: "Show which requirements result files exercised, and which not.")

  @Argument(help: "Result files that wireproof verify wrote.")
  var results: [String]

  @Option(help: "text or json.")
  var format = ListFormat.text

  @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
  var vectors: String?

  func run() throws {
    try reporting {
      let coverage = ResultCoverage(try results.map { try ResultFile.load($0) }, suite: try loadSuite(vectors))
      switch format {
      case .text: print(coverage.text)
      case .json: print(coverage.json.canonicalText, terminator: "")
      }
    }
  }
}
