import ArgumentParser
import Conformance
import GoldenVectors
import Specification
import StrictJSON

/// `wireproof coverage`.
struct CoverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage",
    abstract: "Show which requirements result files exercised, and which not.")

  @Argument(help: "Result files of wireproof verify and probe.")
  var results: [String]

  @Option(help: "text or json.")
  var format = ListFormat.text

  @Flag(help: "Exit 1 where a MUST that the runs can test lacks an accepting or a violating case.")
  var strict = false

  @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
  var vectors: String?

  func run() throws {
    try reporting {
      let directory = try DataDirectory.locate(.ofProcess(explicit: vectors))
      let coverage = ResultCoverage(
        try results.map { try ResultFile.load($0) }, suite: try VectorSuite.load(directory),
        probes: [try ProbeSuite.load(directory), try ProbeSuite.load(directory, role: .client)])
      switch format {
      case .text: print(coverage.text)
      case .json: print(coverage.json.canonicalText, terminator: "")
      }
      try CommandStatus([.failures: strict && !(coverage.lacking.isEmpty && coverage.clientLacking.isEmpty)])
        .endUnlessGood()
    }
  }
}
