import ArgumentParser
import ComplianceReport
import Conformance
import Specification

/// `wireproof report diff`.
struct ReportDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what changed between two runs.",
    discussion: """
      Cases are aligned by their ids. Exit code 1: a case regressed, became flaky, or is new and fails.
      """)

  /// What the differences can be written as.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text
    case markdown
    case html
  }

  @Argument(help: ArgumentHelp("The result file of the earlier run.", valueName: "old"))
  var old: String

  @Argument(help: ArgumentHelp("The result file of the later run.", valueName: "new"))
  var new: String

  @Option(help: "text, markdown or html.")
  var format = Format.text

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write; default: standard output.", valueName: "path"))
  var output: String?

  func run() throws {
    try reporting {
      try SparedFiles.ensure(output, spares: [old, new])
      let runs = try ReportRun.load([old, new])
      let diff = ResultDiff(old: runs[0], new: runs[1])
      let text =
        switch format {
        case .text: diff.text
        case .markdown: diff.markdown
        case .html: try HTMLDiff(diff).page
        }
      try ReportOutput.write(text, to: output)
      try CommandStatus([.failures: diff.isWorse]).endUnlessGood()
    }
  }
}
