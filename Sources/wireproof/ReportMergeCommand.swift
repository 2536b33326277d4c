import ArgumentParser
import ComplianceReport
import Conformance
import GoldenVectors
import Specification
import StrictJSON
import SystemFiles

/// `wireproof report merge`.
struct ReportMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Join the result files of shards into that of the whole run.",
    discussion: """
      The files have to be of one suite, one implementation, one profile and one seed, and no case may be there twice. \
      That nothing is missing is proved: by the cases of the suite where it is at hand, else by the numbers of the shards \
      and how many cases each has to have. Exit code 3: something is missing, and nothing is written.
      """)

  @Argument(help: ArgumentHelp("Result files of all shards, in any order.", valueName: "file"))
  var files: [String]

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write; default: standard output.", valueName: "path"))
  var output: String?

  @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
  var vectors: String?

  func run() throws {
    do {
      try SparedFiles.ensure(output, spares: files)
      let runs = try ReportRun.load(files)
      // A folder that is named has to be right; without one, records are merged without knowing what is missing.
      let data = vectors == nil ? try? ReportData.load(nil) : try ReportData.load(vectors)
      let merged = try ResultMerge(runs) { run in data.flatMap { Self.known($0, of: run) } }
      try ReportOutput.write(merged.text, to: output)
      writeToStandardError("\(merged.count) cases of \(runs.count) files: \(merged.proof)")
    } catch let incomplete as ResultMerge.Incomplete {
      writeToStandardError(incomplete.description)
      throw CommandStatus.incomplete.exit
    } catch {
      throw reported(error)
    }
  }

  /// The ids that the command of a run selects, without its shard; nil: its suite is not at hand.
  private static func known(_ data: ReportData, of run: ReportRun) -> [String]? {
    let patterns = run.command.values(of: "--filter")
    let ofThisKind: ProbeSuite? =
      switch run.kind {
      case .probeServer: data.probes
      case .probeClient: data.clientProbes
      default: nil
      }
    if let probes = ofThisKind, probes.hash == run.header.suiteHash {
      var selection = ProbeSelection()
      selection.patterns = patterns
      selection.includesReserved = run.command.has("--all")
      return try? selection.select(from: probes).map(\.id)
    }
    if run.kind == .verify, data.suite.hash == run.header.suiteHash {
      // Runs of vectors have no shards; what makes them a whole is the suite, whatever filters they had.
      return data.suite.cases.map(\.test.id)
    }
    return nil
  }
}
