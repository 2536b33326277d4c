import ArgumentParser
import Conformance
import Glibc
import GoldenVectors
import Specification
import StrictJSON

/// `wireproof mutate`.
struct MutateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutate",
    abstract: "Hold the probes against broken servers and clients, or a client against broken servers.",
    subcommands: [Probes.self, MutateClientCommand.self], defaultSubcommand: Probes.self)

  /// `wireproof mutate`, where no other subcommand is named.
  struct Probes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "probes",
      abstract: "Prove that the probes can fail: hold them against deliberately broken servers and clients.",
      discussion: """
        Each mutant is the reference server or the reference client with one fault (docs/mutants.md). It serves, or connects, in \
        this process, and the probe that is named for it has to fail; a mutant that no longer serves is no proof. Survivors are \
        listed, and the exit code is 1. serve --behavior mutant:NAME serves one of the server's, connect --behavior mutant:NAME \
        is one of the client's.
        """)

    @Flag(help: "Run every probe against each mutant, and not only the named one.")
    var full = false

    @Option(
      name: .long, parsing: .singleValue,
      help: "Only mutants whose name matches; * stands for any characters. Repeatable.")
    var filter: [String] = []

    @Option(help: "Write the results, one JSON object a line, into this file.")
    var results: String?

    @Option(help: "How many mutants are held at once.")
    var jobs = 8

    @Option(help: "The seed of what is generated.")
    var seed: UInt64 = 1

    @Flag(help: "List the mutants and end.")
    var list = false

    @Option(help: "The folder with the vectors and probes; default: the one that wireproof finds.")
    var vectors: String?

    func validate() throws {
      guard (1...64).contains(jobs) else { throw ValidationError("--jobs is a number from 1 to 64") }
    }

    func run() async throws {
      let status: CommandStatus = try await reporting {
        let directory = try DataDirectory.locate(.ofProcess(explicit: vectors))
        let grounds = try MutationGround.all(in: directory)
        let mutants = try Mutant.selected(by: filter)
        if list {
          for mutant in mutants { print(MutationReport.entry(mutant)) }
          return .good
        }
        var run = MutationRun(mutants: mutants, grounds: grounds)
        run.runsEverything = full
        run.jobs = jobs
        run.seed = seed
        var file: ResultWriter? = nil
        if let results, let suite = grounds.first?.suite {
          file = try MutationReport.results(
            in: results, suite: suite, command: CommandLine.arguments.joined(separator: " "), seed: seed)
        }
        let start = ContinuousClock.now
        let line = ProgressLine()
        let ready = run
        let (outcome, isInterrupted) = try await Interruptible.run {
          let outcome = await ready.run { done in line.show("\(done) of \(mutants.count) mutants") }
          return (outcome, Task.isCancelled)
        }
        line.clear()
        let report = MutationReport(
          results: outcome, grounds: grounds, seconds: (ContinuousClock.now - start) / .seconds(1),
          isPartial: !filter.isEmpty)
        print(report.text)
        if let file = file.take(), let results {
          try report.write(to: file, isInterrupted: isInterrupted)
          print("results: \(results)")
        }
        return report.status
      }
      try status.endUnlessGood()
    }
  }
}
