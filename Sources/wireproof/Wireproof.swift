import ArgumentParser

/// The root command.
struct Wireproof: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wireproof",
    abstract: "Proves that an implementation speaks the binary WebSocket protocol of goutils/ws.",
    discussion: """
      Exit codes: 0 good · 1 failures · 2 usage or configuration · 3 incomplete · 4 stale expectations · \
      70 a fault of wireproof itself.
      """,
    version: "",
    subcommands: [
      VerifyCommand.self, InspectCommand.self, DissectorCommand.self, ListCommand.self, ExplainCommand.self,
      VectorsCommand.self,
      ServeCommand.self, ConnectCommand.self, ProbeCommand.self, MutateCommand.self, CoverageCommand.self,
      ReportCommand.self, InitCommand.self, DoctorCommand.self,
      DemoCommand.self,
    ]
  )

  @Flag(name: .long, help: "Print the version and the hash of the vectors.")
  var version = false

  func run() throws {
    guard version else { throw CleanExit.helpRequest(self) }
    print(VersionText.current())
  }
}
