import ArgumentParser
import Conformance
import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON

/// What a run of probes takes, whichever side is probed.
struct ProbeRunArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What the peer offers: a file, or the name of one that ships (docs/scripts.md).", valueName: "profile"))
  var profile: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: "Run only probes whose id matches; * stands for any characters. Repeatable.")
  var filter: [String] = []

  @Option(help: "Write the results, one JSON object a line, into this file.")
  var results: String?

  @Flag(help: "Go on with the run whose beginning is in the result file.")
  var resume = false

  @Option(help: ArgumentHelp("Failures that are known: one id a line, the reason behind #.", valueName: "file"))
  var expectedFailures: String?

  @Flag(help: "Write the file of expected failures anew.")
  var updateExpected = false

  @Option(
    help: ArgumentHelp(
      "How long the peer may take where no probe says otherwise; default 5, or 20 round trips.",
      valueName: "seconds"))
  var timeout: Double?

  @Option(help: "How many cases run at once; default 8 for a server, at most 8 by the processors for a client.")
  var jobs: Int?

  @Flag(help: "Exit 1 also for nonStrict verdicts, and list them.")
  var strict = false

  @Flag(help: "Run the cases tagged resource and slow, too.")
  var all = false

  @Option(help: ArgumentHelp("Run one of several parts.", valueName: "i/n"))
  var shard: ProbeSelection.Shard?

  @Option(help: "The seed of what is generated.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Keep evidence of what failed: a folder a case.", valueName: "folder"))
  var artifacts: String?

  @Option(help: "What results call the peer; default: its URL or command.")
  var name: String?

  @Option(help: "The folder with the vectors and probes; default: the one that wireproof finds.")
  var vectors: String?

  func validate() throws {
    guard jobs.map({ (1...256).contains($0) }) ?? true else {
      throw ValidationError("--jobs is a number from 1 to 256")
    }
    guard timeout.map({ $0 > 0 && $0 <= 1e6 }) ?? true else {
      throw ValidationError("--timeout is more than 0, at most 1000000 seconds.")
    }
    guard !updateExpected || expectedFailures != nil else {
      throw ValidationError("--update-expected needs --expected-failures FILE")
    }
    guard !resume || results != nil else { throw ValidationError("--resume needs --results FILE") }
  }

  /// The cases that are asked for.
  var selection: ProbeSelection {
    var selection = ProbeSelection()
    selection.patterns = filter
    selection.includesReserved = all
    selection.shard = shard
    return selection
  }

  /// The first line of the result file.
  func header(_ suite: ProbeSuite, _ profile: PeerProfile, name: String) -> ResultHeader {
    ResultHeader(
      suite: suite.version, suiteHash: suite.hash, command: CommandLine.arguments.joined(separator: " "),
      implementation: ImplementationDescription(
        name: self.name ?? name, language: "", version: "", capabilities: profile.capabilities.sorted()),
      profile: profile.name, seed: seed, startedAt: Date())
  }

  /// Hands what was asked for to a session.
  ///
  /// - Throws: That the results would go into a file that is read.
  func apply(to session: inout ProbeSession, jobs defaultJobs: Int) throws {
    try SparedFiles.ensure(results, option: "--results", spares: [profile, expectedFailures])
    session.seed = seed
    session.timeout = timeout
    session.jobs = jobs ?? defaultJobs
    session.isStrict = strict
    session.results = results
    session.isResumed = resume
    session.expectedFailures = expectedFailures
    session.updatesExpected = updateExpected
    session.artifacts = artifacts
    session.columns = TerminalWidth.columns
  }

  /// The command line that runs one case again from any folder, without what only the whole run needs.
  ///
  /// - Parameters:
  ///   - head: The words that say what is probed, and how it is reached.
  ///   - command: The command that starts the peer; empty: it is not started.
  func reproduction(_ head: [String], _ command: [String]) -> @Sendable (ScriptCase) -> String {
    var words = [AbsolutePath.executable, "probe"] + head
    if let profile { words += ["--profile", AbsolutePath.ifPresent(profile)] }
    if seed != 1 { words += ["--seed", String(seed)] }
    if let timeout { words += ["--timeout", String(timeout)] }
    if let vectors { words += ["--vectors", AbsolutePath.of(vectors)] }
    let tail = command.isEmpty ? [] : ["--"] + command
    // The words of a command may be paths, too.
    let folder = command.isEmpty ? "" : "cd \(ShellWord.quoted(AbsolutePath.folder)) && "
    let all = words
    return { script in
      let reserved = !script.tags.isDisjoint(with: ProbeSuite.reservedTags)
      return folder
        + (all + ["--filter", script.id] + (reserved ? ["--all"] : []) + tail).map(ShellWord.quoted)
        .joined(separator: " ")
    }
  }
}
