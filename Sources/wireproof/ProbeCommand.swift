import ArgumentParser
import Conformance
import FoundationEssentials
import Glibc
import GoldenVectors
import Specification
import StrictJSON
import SystemFiles

/// `wireproof probe`.
struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Test a running server against the specification.",
    subcommands: [Server.self, ProbeProfileCommand.self])

  /// `wireproof probe server`.
  struct Server: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run the probes of servers against one.",
      discussion: """
        The server offers the reference application (docs/probing-a-server.md), or what the profile says. Cases that could \
        harm a shared server, or take long, are left out without --all.

        With "-- COMMAND" the server is started, watched, started again when a case ends it, and ended with everything \
        that it started. In COMMAND, {port} and {url} stand for those of the URL, whose port may be 0: one that is free.
        """)

    @OptionGroup var target: ProbeTargetArguments

    @Option(
      help: ArgumentHelp(
        "What the application offers: a file, or reference, full, original or minimal.", valueName: "profile"))
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
        "How long the server may take where no probe says otherwise; default 5, or 20 round trips.",
        valueName: "seconds"))
    var timeout: Double?

    @Option(help: "How many cases run at once.")
    var jobs = 8

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

    @Option(help: "What results call the server; default: the URL.")
    var name: String?

    @Option(help: "The folder with the vectors and probes; default: the one that wireproof finds.")
    var vectors: String?

    @Argument(
      parsing: .postTerminator, help: ArgumentHelp("Starts the server.", valueName: "command"))
    var command: [String] = []

    func validate() throws {
      guard (1...256).contains(jobs) else { throw ValidationError("--jobs is a number from 1 to 256") }
      guard timeout.map({ $0 > 0 && $0 <= 1e6 }) ?? true else {
        throw ValidationError("--timeout is more than 0, at most 1000000 seconds.")
      }
      guard !updateExpected || expectedFailures != nil else {
        throw ValidationError("--update-expected needs --expected-failures FILE")
      }
      guard !resume || results != nil else { throw ValidationError("--resume needs --results FILE") }
    }

    func run() async throws {
      let status: CommandStatus
      do { status = try await probe() } catch { throw reported(error) }
      try status.endUnlessGood()
    }

    private func probe() async throws -> CommandStatus {
      let directory = try DataDirectory.locate(.ofProcess(explicit: vectors))
      let suite = try ProbeSuite.load(directory)
      let profile = try ShippedProfile.load(self.profile, in: directory)
      let url = command.isEmpty ? target.url : try await FreePort.filled(into: target.url)
      let target = try target.resolved(url)
      var selection = ProbeSelection()
      selection.patterns = filter
      selection.includesReserved = all
      selection.shard = shard
      let header = ResultHeader(
        suite: suite.version, suiteHash: suite.hash, command: CommandLine.arguments.joined(separator: " "),
        implementation: ImplementationDescription(
          name: name ?? title(of: target), language: "", version: "",
          capabilities: profile.capabilities.sorted()),
        profile: profile.name, seed: seed, startedAt: Date())
      var session = ProbeSession(
        suite: suite, selection: selection, header: header, profile: profile, target: target.target,
        reproduction: reproduction)
      session.server = try server(url, target)
      session.seed = seed
      session.timeout = timeout
      session.jobs = jobs
      session.isStrict = strict
      session.results = results
      session.isResumed = resume
      session.expectedFailures = expectedFailures
      session.updatesExpected = updateExpected
      session.artifacts = artifacts
      session.columns = TerminalWidth.columns
      defer {
        if artifacts == nil, let log = session.server?.log { try? FileManager.default.removeItem(atPath: log) }
      }
      let ready = session
      return try await Interruptible.run { try await ready.run(ProbeOutput()) }
    }

    /// What results call the server: its URL, without a port that is another one in each run.
    private func title(of target: ProbeTarget) -> String {
      let isFound = !command.isEmpty && self.target.url.contains(":0")
      return isFound ? target.name.replacing(":\(target.target.port)/", with: "/") : target.name
    }

    private func server(_ url: String, _ target: ProbeTarget) throws -> ServerUnderTest? {
      guard !command.isEmpty else { return nil }
      let filled = command.map {
        $0.replacing("{port}", with: String(target.target.port)).replacing("{url}", with: url)
      }
      let log =
        artifacts.map { $0 + "/server.log" } ?? FileManager.default.temporaryDirectory.path
        + "/wireproof-server-\(getpid()).log"
      return ServerUnderTest(command: filled, log: log)
    }

    /// The command line that runs one case again from any folder, without what only the whole run needs.
    private var reproduction: @Sendable (ScriptCase) -> String {
      var words = [AbsolutePath.executable, "probe", "server"] + target.words
      if let profile { words += ["--profile", AbsolutePath.ifPresent(profile)] }
      if seed != 1 { words += ["--seed", String(seed)] }
      if let timeout { words += ["--timeout", String(timeout)] }
      if let vectors { words += ["--vectors", AbsolutePath.of(vectors)] }
      let tail = command.isEmpty ? [] : ["--"] + command
      // The words of a server's command may be paths, too.
      let folder = command.isEmpty ? "" : "cd \(ShellWord.quoted(AbsolutePath.folder)) && "
      let head = words
      return { script in
        let reserved = !script.tags.isDisjoint(with: ProbeSuite.reservedTags)
        return folder
          + (head + ["--filter", script.id] + (reserved ? ["--all"] : []) + tail).map(ShellWord.quoted)
          .joined(separator: " ")
      }
    }
  }
}

/// Where the server is, for every command that probes one.
struct ProbeTargetArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("ws:// or wss://, with path and query.", valueName: "url"))
  var url: String

  @Option(help: ArgumentHelp("A further field of every upgrade request (repeatable).", valueName: "K: V"))
  var header: [String] = []

  @Option(help: ArgumentHelp("A further query parameter, percent-encoded for you (repeatable).", valueName: "K=V"))
  var query: [String] = []

  @OptionGroup var tls: TLSArguments

  func validate() throws {
    for field in header where !field.contains(":") {
      throw ValidationError("--header \(field) has no colon; it looks like 'X-Real-Ip: 10.0.0.1'.")
    }
    for pair in query where !pair.contains("=") { throw ValidationError("--query \(pair) has no =.") }
  }

  /// The target at a URL.
  func resolved(_ url: String) throws -> ProbeTarget {
    try ProbeTarget(url: url, headers: header, query: query, tls: tls)
  }

  /// The same as words of a command line.
  var words: [String] {
    [url] + header.flatMap { ["--header", $0] } + query.flatMap { ["--query", $0] } + tls.words
  }
}

/// Progress on the terminal, texts on standard output, warnings on standard error.
struct ProbeOutput: ProbeSession.Output {
  private let line = ProgressLine()

  func progress(_ line: String) { self.line.show(line) }

  func print(_ text: String) {
    line.clear()
    Swift.print(text)
  }

  func warn(_ line: String) {
    self.line.clear()
    writeToStandardError(line)
  }
}

extension ProbeSelection.Shard: ExpressibleByArgument {
  /// Reads `I/N`.
  public init?(argument: String) { self.init(argument) }
}
