import ArgumentParser
import Conformance
import FoundationEssentials
import Glibc
import GoldenVectors
import Specification
import StrictJSON
import SystemFiles

/// `wireproof probe profile`.
struct ProbeProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Find out what a server or a client offers, and write it as a profile.",
    subcommands: [Server.self, Client.self], defaultSubcommand: Server.self)

  /// `wireproof probe profile URL`.
  struct Server: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Find out what a server offers; probe profile URL is the same.",
      discussion: """
        Tries the protocolIds 1 to 32 as calls and as one-way messages, the four revisions, compression, the limit on frames, \
        negotiation and the other capabilities, and waits six seconds for a short read wait. Use it on a test server only: it \
        sets off whatever the application does with those ids. Names of query parameters cannot be found out; look at what \
        is written before you rely on it.
        """)

    @OptionGroup var target: ProbeTargetArguments

    @OptionGroup var output: ProfileOutput

    func run() async throws {
      try await reporting {
        let suite = try ProbeSuite.load(output.directory)
        let target = try target.resolved(target.url)
        let detection = ProfileDetection(suite: suite, target: target.target, run: "profile-\(getpid())")
        _ = try await output.write(about: target.name) { try await detection.detect($0) }
      }
    }
  }

  /// `wireproof probe profile client`.
  struct Client: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Find out what a client offers.",
      discussion: """
        Starts the client a dozen times, and looks whether it can be driven, answers calls, connects again, compresses, and \
        which revisions it speaks. What its language hides and what shows only after minutes cannot be found out; look at \
        what is written before you rely on it.
        """)

    @OptionGroup var client: ProbedClientArguments

    @OptionGroup var output: ProfileOutput

    func run() async throws {
      let status: CommandStatus = try await reporting {
        let folder = FileManager.default.temporaryDirectory.path + "/wireproof-profile-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let detection = ClientDetection(
          client: try client.resolved(outputIn: folder), run: "profile-\(getpid())")
        let name = client.command.joined(separator: " ")
        let output = output
        // The client runs in a process group of its own, and has to be ended when this command is.
        return try await Interruptible.run {
          let status = try await output.write(about: name) { try await detection.detect($0) }
          if status == .incomplete { writeToStandardError("\(name): interrupted, and no profile is written") }
          return status
        }
      }
      try status.endUnlessGood()
    }
  }
}

/// Where a profile that was found goes.
struct ProfileOutput: ParsableArguments {
  @Option(help: "Write the profile into this file instead of to standard output.")
  var output: String?

  @Option(help: "The folder with the vectors and probes; default: the one that wireproof finds.")
  var vectors: String?

  /// The data.
  var directory: DataDirectory { get throws { try DataDirectory.locate(.ofProcess(explicit: vectors)) } }

  /// Finds a profile, says what is looked for, and writes it.
  ///
  /// - Parameter name: What the profile is about.
  /// - Returns: Whether it was written: what was found until an interruption is no profile.
  func write(
    about name: String, _ detect: ((String) -> Void) async throws -> PeerProfile
  ) async throws -> CommandStatus {
    let line = ProgressLine()
    let profile: PeerProfile
    do {
      profile = try await detect { line.show("looking at \($0)") }
    } catch let failure as DetectionFailure {
      line.clear()
      if Task.isCancelled { return .incomplete }
      throw SetupFault("\(name): \(failure)")
    }
    line.clear()
    if Task.isCancelled { return .incomplete }
    let text = ProfileWriter.text(of: profile, comment: "What wireproof probe profile found out about \(name).")
    if let output {
      try OutputFile.write(text, to: output)
      print("profile: \(output)")
    } else {
      print(text, terminator: "")
    }
    return .good
  }
}
