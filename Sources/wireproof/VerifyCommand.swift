import ArgumentParser
import Conformance
import FoundationEssentials
import Glibc
import GoldenVectors
import Specification
import StrictJSON
import SystemFiles

/// `wireproof verify`.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Run the golden vectors against an implementation.",
    discussion: """
      Without --iut the built-in reference is verified. An adapter reads one JSON object a line on standard input and \
      writes one a line on standard output; docs/verifying-an-implementation.md shows how to write one.
      """)

  @Option(help: "The command that starts the adapter of the implementation under test.")
  var iut: String?

  @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
  var vectors: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: "Run only vectors whose id matches; * stands for any characters. Repeatable.")
  var filter: [String] = []

  @Option(help: "Write the results, one JSON object a line, into this file.")
  var results: String?

  @Option(help: "How many seconds one answer may take.")
  var timeout = 10.0

  @Option(help: "How many processes of the implementation share the work.")
  var jobs = 1

  @Flag(help: "Exit 1 also for nonStrict verdicts, and list them.")
  var strict = false

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else { throw ValidationError("--timeout is a number of seconds above 0") }
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs is a number from 1 to 256") }
    guard iut != "" else { throw ValidationError("--iut is the command that starts the adapter") }
  }

  func run() async throws {
    let status: CommandStatus
    do {
      let command = self
      status = try await Interruptible.run { try await command.verify() }
    } catch {
      throw reported(error)
    }
    try status.endUnlessGood()
  }

  private func verify() async throws -> CommandStatus {
    let suite = try loadSuite(vectors)
    let cases = try CaseFilter(filter).select(suite.cases)
    let runner = VerifyRunner(
      cases: cases, catalogue: suite.catalogue, target: iut.map { .command($0) } ?? .reference,
      timeout: .seconds(timeout), jobs: jobs)
    let text = VerifyReport(suite: suite, isStrict: strict, width: TerminalWidth.columns)
    let start = ContinuousClock.now
    guard let implementation = try await introduction(of: runner) else {
      writeToStandardError("the run was interrupted before the first case")
      return .incomplete
    }
    let records = try await records(of: runner, implementation, suite, text, count: cases.count)
    let failures = text.failures(records)
    if !failures.isEmpty { print(failures) }
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    print(text.summary(records, implementation: implementation, seconds: elapsed))
    if let results { print("results: \(results)") }
    let counts = VerdictCounts(records)
    guard counts[.notApplicable] < counts.total else {
      writeToStandardError(
        "nothing was verified: the implementation supports none of the \(counts.total) selected cases")
      return .incomplete
    }
    return CommandStatus(counts, isStrict: strict)
  }

  /// Who the implementation is; nil: the user ended the run before it said so.
  private func introduction(of runner: VerifyRunner) async throws -> ImplementationDescription? {
    do {
      return try await runner.introduce()
    } catch {
      if Task.isCancelled { return nil }
      throw error
    }
  }

  /// Runs the cases, and writes the result file when one is wanted.
  private func records(
    of runner: VerifyRunner, _ implementation: ImplementationDescription, _ suite: VectorSuite, _ text: VerifyReport,
    count: Int
  ) async throws -> [CaseRecord] {
    let header = ResultHeader(
      suite: suite.version, suiteHash: suite.hash, command: CommandLine.arguments.joined(separator: " "),
      implementation: implementation, startedAt: Date())
    var log = try VerifyLog(results: results, header: header)
    let progress = ProgressLine()
    try await runner.run(implementation) { record in
      try log.append(record)
      progress.show(text.progress(done: log.records.count, of: count, failures: log.failures, id: record.id))
    }
    progress.clear()
    return try log.finish(isInterrupted: Task.isCancelled)
  }
}
