import ArgumentParser
import Conformance
import StrictJSON

/// How a list is printed.
enum ListFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
}

/// `wireproof list`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the requirements, the vectors or the probes.",
    subcommands: [Requirements.self, Vectors.self, ListProbesCommand.self])

  /// `wireproof list requirements`.
  struct Requirements: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the requirements of the catalogue.")

    @OptionGroup var options: ListOptions

    func run() throws {
      try options.show(text: \.requirementsText, json: \.requirementsJSON)
    }
  }

  /// `wireproof list vectors`.
  struct Vectors: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the golden vectors.")

    @OptionGroup var options: ListOptions

    func run() throws {
      try options.show(text: \.vectorsText, json: \.vectorsJSON)
    }
  }
}

/// What every list can be told.
struct ListOptions: ParsableArguments {
  @Option(help: "text: a line each; json: one array.")
  var format = ListFormat.text

  @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
  var vectors: String?

  func show(text: KeyPath<Explanation, String>, json: KeyPath<Explanation, JSONValue>) throws {
    try reporting {
      let explanation = Explanation(try loadSuite(vectors))
      switch format {
      case .text: print(explanation[keyPath: text])
      case .json: print(explanation[keyPath: json].canonicalText, terminator: "")
      }
    }
  }
}
