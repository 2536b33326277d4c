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
    commandName: "list", abstract: "List the requirements, vectors, probes, mutants or findings.",
    subcommands: [Requirements.self, Vectors.self, Probes.self, Mutants.self, Findings.self])

  /// `wireproof list requirements`.
  struct Requirements: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the requirements of the catalogue.")

    @OptionGroup var options: ListOptions

    func run() throws { try options.show(text: \.requirementsText, json: \.requirementsJSON) }
  }

  /// `wireproof list vectors`.
  struct Vectors: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the golden vectors.")

    @OptionGroup var options: ListOptions

    func run() throws { try options.show(text: \.vectorsText, json: \.vectorsJSON) }
  }

  /// `wireproof list probes`.
  struct Probes: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the probes of servers and of clients, by whose ids --filter selects.")

    @OptionGroup var options: ListOptions

    func run() throws { try options.show(text: \.probesText, json: \.probesJSON) }
  }

  /// `wireproof list mutants`.
  struct Mutants: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the servers with a fault that mutate holds the probes against.")

    @OptionGroup var options: ListOptions

    func run() throws { try options.show(text: \.mutantsText, json: \.mutantsJSON) }
  }

  /// `wireproof list findings`.
  struct Findings: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List what inspect can find in a capture.")

    @OptionGroup var options: ListOptions

    func run() throws { try options.show(text: \.findingsText, json: \.findingsJSON) }
  }
}

/// What every list can be told.
struct ListOptions: ParsableArguments {
  @Option(help: "text: a line each; json: one array.")
  var format = ListFormat.text

  @Option(help: "The folder with the vectors and probes; default: the one that wireproof finds.")
  var vectors: String?

  func show(text: KeyPath<Explanation, String>, json: KeyPath<Explanation, JSONValue>) throws {
    try reporting {
      let explanation = try Explanation.load(vectors)
      switch format {
      case .text: print(explanation[keyPath: text])
      case .json: print(explanation[keyPath: json].canonicalText, terminator: "")
      }
    }
  }
}
