import ArgumentParser
import Conformance
import GoldenVectors
import StrictJSON

/// `wireproof list probes`.
struct ListProbesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probes", abstract: "List the probes of servers, by whose ids --filter selects.")

  @Option(help: "text: a line each; json: one array.")
  var format = ListFormat.text

  @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
  var vectors: String?

  func run() throws {
    try reporting {
      let list = ProbeList(try ProbeSuite.load(DataDirectory.locate(.ofProcess(explicit: vectors))))
      switch format {
      case .text: print(list.text)
      case .json: print(list.json.canonicalText, terminator: "")
      }
    }
  }
}
