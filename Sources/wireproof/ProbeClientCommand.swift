import ArgumentParser
import Conformance
import FoundationEssentials
import Glibc
import GoldenVectors
import Specification

/// `wireproof probe client`.
struct ProbeClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client", abstract: "Run the probes of clients against one.",
    discussion: """
      COMMAND starts the client, anew for each case. In it, {url} stands for the URL that the client has to connect to, \
      {port} for its port and {uid} for its user id. The client is driven in band (docs/probing-a-client.md), answers calls \
      with id 7, or says in its profile what it does not. It is watched, and ended with everything that it started.
      """)

  @OptionGroup var options: ProbeRunArguments

  @OptionGroup var client: ProbedClientArguments

  func run() async throws {
    let status: CommandStatus
    do { status = try await probe() } catch { throw reported(error) }
    try status.endUnlessGood()
  }

  private func probe() async throws -> CommandStatus {
    let directory = try DataDirectory.locate(.ofProcess(explicit: options.vectors))
    let suite = try ProbeSuite.load(directory, role: .client)
    let profile = try ShippedProfile.load(options.profile, in: directory, role: .client)
    let folder = FileManager.default.temporaryDirectory.path + "/wireproof-client-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let command = client.command
    var session = ProbeSession(
      suite: suite, selection: options.selection,
      header: options.header(suite, profile, name: command.joined(separator: " ")), profile: profile,
      peer: .client(try client.resolved(outputIn: folder)),
      reproduction: options.reproduction(["client"] + client.words, command))
    try options.apply(to: &session, jobs: min(8, 2 * ProcessInfo.processInfo.activeProcessorCount))
    let ready = session
    return try await Interruptible.run { try await ready.run(ProbeOutput()) }
  }
}

/// How a client is started and where it connects to, for every command that probes one.
struct ProbedClientArguments: ParsableArguments {
  @Option(help: ArgumentHelp("The path of the URL.", valueName: "path"))
  var path = "/join"

  @Option(help: ArgumentHelp("A further parameter of the URL, percent-encoded for you (repeatable).", valueName: "K=V"))
  var query: [String] = []

  @OptionGroup var tls: ServerTLSArguments

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("Starts the client; {url} stands for where it connects to.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    guard !command.isEmpty else {
      throw ValidationError("Behind -- stands the command that starts the client: … -- COMMAND {url}")
    }
    guard command.contains(where: { $0.contains("{url}") || $0.contains("{port}") }) else {
      throw ValidationError(
        "The command names neither {url} nor {port}, so the client cannot know where to connect to.")
    }
    guard path.hasPrefix("/") else { throw ValidationError("--path begins with a slash.") }
    for pair in query where !pair.contains("=") { throw ValidationError("--query \(pair) has no =.") }
  }

  /// The client.
  func resolved(outputIn folder: String) throws -> ClientUnderTest {
    let pairs = query.map { pair -> (name: String, value: String) in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return (parts[0], parts[1])
    }
    return ClientUnderTest(command: command, path: path, query: pairs, secure: try tls.secure(), folder: folder)
  }

  /// The same as words of a command line, without the command.
  var words: [String] {
    (path == "/join" ? [] : ["--path", path]) + query.flatMap { ["--query", $0] } + tls.words
  }
}
