import ArgumentParser
import ComplianceReport
import Conformance
import FoundationEssentials
import Glibc
import GoldenVectors
import Specification
import StrictJSON
import SystemFiles

/// `wireproof mutate client -- COMMAND {url}`: the resilience matrix.
struct MutateClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client", abstract: "See what a client makes of every broken server.",
    discussion: """
      Plays each mutant of the reference server, and what can befall a server's bytes on their way (dropped, duplicated, \
      reordered, corrupted, truncated, stalled, reset), to the client: COMMAND is started anew for each, with {url} in place \
      of where to connect to, and driven in band (docs/client-driver.md). Each time it has the same short conversation, and \
      what it made of it is said: noticed or tolerated, or what a rule forbids: delivered, mixed up, lost, hung, crashed, \
      stormed (docs/resilience-matrix.md). The exit code is 1 if there is any of the latter.
      """)

  @Option(
    name: .long, parsing: .singleValue,
    help: "Only faults whose name matches; * stands for any characters. Repeatable.")
  var filter: [String] = []

  @Option(help: "Write the results, one JSON object a line, into this file.")
  var results: String?

  @Option(help: ArgumentHelp("Write the matrix as a page.", valueName: "file"))
  var html: String?

  @Option(help: "How many servers are played at once.")
  var jobs = 8

  @Flag(help: "List the faults and end.")
  var list = false

  @Option(help: "The folder with the vectors and probes; default: the one that wireproof finds.")
  var vectors: String?

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The client's command and its arguments, one of which names {url}.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs is a number from 1 to 64") }
    guard list || !command.isEmpty else {
      throw ValidationError("name the client's command behind --, as in: wireproof mutate client -- ./client {url}")
    }
    guard list || command.contains(where: { $0.contains("{url}") || $0.contains("{port}") }) else {
      throw ValidationError("the command has to name {url} (or {port}), where the client is to connect to")
    }
  }

  func run() async throws {
    let status: CommandStatus = try await reporting {
      let faults = try ResilienceMatrix.select(filter)
      if list {
        for fault in faults { print(MatrixReport.entry(fault)) }
        return .good
      }
      let suite = try ProbeSuite.load(try DataDirectory.locate(.ofProcess(explicit: vectors)))
      let folder = FileManager.default.temporaryDirectory.appending(path: "wireproof-matrix-\(getpid())").path()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      var matrix = ResilienceMatrix(command: command, faults: faults, catalogue: suite.catalogue, folder: folder)
      matrix.jobs = jobs
      let start = ContinuousClock.now
      let line = ProgressLine()
      let ready = matrix
      let (cells, isInterrupted) = try await Interruptible.run {
        let cells = await ready.run { done in line.show("\(done) of \(faults.count) broken servers") }
        return (cells, Task.isCancelled)
      }
      line.clear()
      let report = MatrixReport(
        cells, command: command, suite: suite, seconds: (ContinuousClock.now - start) / .seconds(1))
      print(report.text)
      if let results {
        try report.write(
          to: results, arguments: CommandLine.arguments.joined(separator: " "), isInterrupted: isInterrupted)
        print("results: \(results)")
      }
      if let html {
        try OutputFile.write(Array(MatrixPage(report).page.utf8), to: html)
        print("page: \(html)")
      }
      return isInterrupted ? .incomplete : report.status
    }
    try status.endUnlessGood()
  }
}
