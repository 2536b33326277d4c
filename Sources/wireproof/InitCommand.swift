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

        \(ServerTemplate.titles)
        """)

    @Argument(help: "The language.")
    var language: ServerTemplate

    @Argument(help: InitCommand.folderHelp)
    var folder: String

    func run() throws {
      try reporting { try InitCommand.write(language, to: folder) }
    }
  }

  /// `wireproof init client`.
  struct Client: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a client that probes can drive.",
      discussion: """
        The project is whole: the client to copy, an example of its use, its tests, how it is built, the program by which probes \
        drive it, the profile that tells wireproof what it offers, and a workflow that probes it.

        \(ClientTemplate.titles)
        """)

    @Argument(help: "The language.")
    var language: ClientTemplate

    @Argument(help: InitCommand.folderHelp)
    var folder: String

    func run() throws {
      try reporting { try InitCommand.write(language, to: folder) }
    }
  }

  private static let folderHelp: ArgumentHelp = "Where to write: a folder that is new or empty."

  private static func write<Template: ProjectTemplate>(_ template: Template, to folder: String) throws {
    guard !folder.isEmpty else { throw SetupFault("the folder has no name") }
    let data = try DataDirectory.locate(.ofProcess(explicit: nil))
    let files = try template.write(to: folder, from: data)
    print("\(folder): a \(Template.kind) in \(template.title)")
    for file in files { print("  \(file)") }
    print("\nNext:\n  cd \(ShellWord.quoted(folder)) && make setup build\n  make probe")
  }
}
