import ArgumentParser
import Conformance
import GoldenVectors

/// `wireproof init`.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a small project to begin with, in the language of your choice.",
    subcommands: [Server.self, Client.self])

  /// `wireproof init server`.
  struct Server: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a server with the reference application.",
      discussion: """
        The project is whole: one file of code to copy from, how it is built, the profile that tells wireproof what it offers, \
        and a workflow that probes it.

        \(ProjectTemplate.allCases.map { "\($0.rawValue): \($0.title)" }.joined(separator: "\n"))
        """)

    @Argument(help: "The language.")
    var language: ProjectTemplate

    @Argument(help: "Where to write: a folder that is new or empty.")
    var folder: String

    func run() throws {
      try reporting {
        guard !folder.isEmpty else { throw SetupFault("the folder has no name") }
        let data = try DataDirectory.locate(.ofProcess(explicit: nil))
        let files = try language.write(to: folder, from: data)
        print("\(folder): a server in \(language.title)")
        for file in files { print("  \(file)") }
        print("\nNext:\n  cd \(ShellWord.quoted(folder)) && make setup build\n  make probe")
      }
    }
  }

  /// `wireproof init client`.
  struct Client: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a client that probes can drive; to come.")

    @Argument(help: "The language.")
    var language: String

    @Argument(help: "Where to write: a folder that is new or empty.")
    var folder: String

    func run() throws {
      try reporting {
        throw SetupFault(
          "projects of clients are to come; docs/probing-a-client.md says what a client has to do so that it can be probed, "
            + "and init server writes a server")
      }
    }
  }
}
