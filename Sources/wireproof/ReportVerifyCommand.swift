import ArgumentParser
import ComplianceReport
import Conformance
import GoldenVectors
import Specification
import StrictJSON

/// `wireproof report verify`.
struct ReportVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check that result files are whole and do not contradict themselves.",
    discussion: """
      Counts and SHA-256 of the footer are computed anew, and so are the verdicts that follow from what was expected and \
      what came: of vectors all of them, where the suite of the same hash is at hand. Exit code 1: a verdict does not \
      follow; 2: a file was changed; 3: a footer is missing; 4: an expected failure does not fail. The hash finds accidents, not intent: who can edit a file \
      can also compute it.
      """)

  @Argument(help: ArgumentHelp("Result files.", valueName: "file"))
  var files: [String]

  @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
  var vectors: String?

  func run() throws {
    try reporting {
      let suite = vectors == nil ? try? loadSuite(nil) : try loadSuite(vectors)
      var isSound = true
      var isStale = false
      for file in files {
        let audit = ResultAudit(try ReportRun(ResultFile.load(file), file: file), suite: suite)
        print(audit.text)
        if !audit.contradictions.isEmpty { isSound = false }
        if !audit.staleExpectations.isEmpty { isStale = true }
      }
      try CommandStatus([.staleExpectations: isStale, .failures: !isSound]).endUnlessGood()
    }
  }
}
