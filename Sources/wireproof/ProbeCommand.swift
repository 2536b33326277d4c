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
    commandName: "probe", abstract: "Test a running server, or a client, against the specification.",
    subcommands: [Server.self, ProbeClientCommand.self, ProbeProfileCommand.self])

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

    @OptionGroup var options: ProbeRunArguments

    @Argument(
      parsing: .postTerminator, help: ArgumentHelp("Starts the server.", valueName: "command"))
    var command: [String] = []

    func run() async throws {
      let status: CommandStatus
      do { status = try await probe() } catch { throw reported(error) }
      try status.endUnlessGood()
    }

    private func probe() async throws -> CommandStatus {
      let directory = try DataDirectory.locate(.ofProcess(explicit: options.vectors))
      let suite = try ProbeSuite.load(directory)
      let profile = try ShippedProfile.load(options.profile, in: directory)
      let url = command.isEmpty ? target.url : try await FreePort.filled(into: target.url)
      let target = try target.resolved(url)
      let header = options.header(suite, profile, name: title(of: target))
      let server = try server(url, target)
      var session = ProbeSession(
        suite: suite, selection: options.selection, header: header, profile: profile,
        peer: .server(target.target, server), reproduction: reproduction)
      try options.apply(to: &session, jobs: 8)
      defer {
        if options.artifacts == nil, let log = server?.log { try? FileManager.default.removeItem(atPath: log) }
      }
      let ready = session
      return try await Interruptible.run { try await ready.run(ProbeOutput()) }
    }

    /// What results call the server: its URL, without a port that is another one in each run.
    private func title(of target: ProbeTarget) -> String {
      let isFound = !command.isEmpty && self.target.url.contains(":0")
      return isFound ? target.name.replacing(":\(target.target.port)/", with: "/") : target.name
    }

    private func server(_ url: String, _ target: ProbeTarget) throws -> ProcessUnderTest? {
      guard !command.isEmpty else { return nil }
      let filled = command.map {
        $0.replacing("{port}", with: String(target.target.port)).replacing("{url}", with: url)
      }
      let log =
        options.artifacts.map { $0 + "/server.log" } ?? FileManager.default.temporaryDirectory.path
        + "/wireproof-server-\(getpid()).log"
      return ProcessUnderTest(command: filled, log: log)
    }

    private var reproduction: @Sendable (ScriptCase) -> String {
      options.reproduction(["server"] + target.words, command)
    }
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
