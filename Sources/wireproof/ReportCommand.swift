import ArgumentParser
import ComplianceReport
import Conformance
import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON
import SystemFiles

/// `wireproof report`.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Make reports from result files; merge, compare and check them.",
    subcommands: [Write.self, ReportMergeCommand.self, ReportDiffCommand.self, ReportVerifyCommand.self],
    defaultSubcommand: Write.self)

  /// What a report can be written as.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case html
    case junit
    case markdown
    case json
    case text
    case badge
    case endpoint
    case github
    case ctrf
    case tap

    /// Whether it says where cases are written.
    var hasPlaces: Bool { self == .github || self == .ctrf || self == .tap }
  }

  /// `wireproof report FILE…`, where no other subcommand is named.
  struct Write: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "write", abstract: "Write a report on one or more result files (the default).",
      discussion: """
        Result files are what verify, probe, mutate and inspect --check write with --results. Several files of one \
        implementation are told together; several implementations make a matrix. Every file has to be whole: its counts \
        and its SHA-256 are checked.

        html: one page that needs no network · junit: for CI · markdown: for a pull request · json: for programs \
        (vectors/reports/report.schema.json) · text: for the terminal · badge: an SVG that names the classes met · endpoint: the \
        same for shields.io · github: annotations, as a step of GitHub Actions prints them · ctrf: Common Test Report \
        Format · tap: Test Anything Protocol 14

        Failures that a run was told to expect are shown as expected, with the reason. The exit code says whether the \
        report could be written, not what stands in it; 4: an expected failure does not fail.
        """)

    @Argument(help: ArgumentHelp("Result files.", valueName: "file"))
    var files: [String]

    @Option(help: "html, junit, markdown, json, text, badge, endpoint, github, ctrf or tap.")
    var format = Format.text

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write; default: standard output.", valueName: "path"))
    var output: String?

    @Option(
      name: .long, parsing: .singleValue,
      help: ArgumentHelp(
        "The folder that probe --artifacts filled, to be linked from the page: one for each file in order, - for none; "
          + "default: what the file's own command names, where it is there.", valueName: "folder"))
    var artifacts: [String] = []

    @Option(help: "The heading of the page.")
    var title: String?

    @Option(
      help: ArgumentHelp(
        "Failures that are known, in place of those that the runs were told: one id a line, the reason behind #.",
        valueName: "file"))
    var expectedFailures: String?

    @Flag(help: "junit, github, ctrf, tap: nonStrict verdicts are failures.")
    var strict = false

    @Option(help: "The folder with the vectors; default: the one that wireproof finds.")
    var vectors: String?

    func validate() throws {
      guard artifacts.isEmpty || artifacts.count == files.count else {
        throw ValidationError("--artifacts is given once for each file, in order; - stands for none")
      }
    }

    func run() throws {
      try reporting {
        try SparedFiles.ensure(output, spares: files + [expectedFailures])
        var runs = try ReportRun.load(files)
        let data = try ReportData.load(vectors)
        if let expectedFailures {
          let file = try ExpectedFailures.load(path: expectedFailures)
          runs = runs.map { $0.expecting(file, known: Set(data.titles.keys)) }
        }
        let report = Report(
          runs, catalogue: data.catalogue, titles: data.titles, places: format.hasPlaces ? data.places : [:])
        try ReportOutput.write(try text(report), to: output)
        let stale = report.staleExpectations
        for line in stale { writeToStandardError(line.description) }
        try CommandStatus([.staleExpectations: !stale.isEmpty]).endUnlessGood()
      }
    }

    private func text(_ report: Report) throws -> String {
      switch format {
      case .html:
        let links = ArtifactLinks(
          report.runs, folders: Dictionary(zip(files, artifacts), uniquingKeysWith: { first, _ in first }),
          output: output)
        return try HTMLReport(report, title: title, artifacts: links).page
      case .junit: return JUnitReport.xml(report, isStrict: strict)
      case .markdown: return MarkdownReport.text(report)
      case .json: return JSONReport.json(report).canonicalText
      case .text: return TextReport.text(report, width: output == nil ? TerminalWidth.columns : LineFolding.columns)
      case .badge: return try badge(report).svg
      case .endpoint: return try badge(report).endpoint
      case .github: return GitHubAnnotations.text(report, isStrict: strict)
      case .ctrf: return CTRFReport.json(report, isStrict: strict).canonicalText
      case .tap: return TAPReport.text(report, isStrict: strict)
      }
    }

    private func badge(_ report: Report) throws -> BadgeReport {
      guard let subject = report.subjects.first, !report.isMatrix else {
        throw DataFaults([
          DataFault(
            file: "--format", place: format.rawValue,
            reason: "a badge is about one implementation, and these files are about \(report.subjects.count)",
            remedy: "name the files of one")
        ])
      }
      return BadgeReport(subject)
    }
  }
}

/// What reports say about cases and requirements besides what result files hold.
struct ReportData {
  /// The requirements.
  let catalogue: RequirementCatalogue

  /// What each case is about, by id.
  let titles: [String: String]

  /// The vectors.
  let suite: VectorSuite

  /// The probes of servers; nil: there are none beside the vectors.
  let probes: ProbeSuite?

  /// The probes of clients; nil: there are none beside the vectors.
  let clientProbes: ProbeSuite?

  /// Where they are.
  private let directory: DataDirectory

  /// Loads the data that an option names, or those that are found.
  static func load(_ path: String?) throws -> ReportData {
    let directory = try DataDirectory.locate(.ofProcess(explicit: path))
    let suite = try VectorSuite.load(directory)
    let probes = try? ProbeSuite.load(directory)
    var titles: [String: String] = [:]
    for item in suite.cases { titles[item.test.id] = item.test.comment }
    let clientProbes = try? ProbeSuite.load(directory, role: .client)
    for item in (probes?.cases ?? []) + (clientProbes?.cases ?? []) { titles[item.id] = item.title }
    return ReportData(
      catalogue: suite.catalogue, titles: titles, suite: suite, probes: probes, clientProbes: clientProbes,
      directory: directory)
  }
}

extension ReportData {
  /// Where cases are written, by id: the file from the folder of the data on, and the line.
  var places: [String: CasePlace] {
    var places: [String: CasePlace] = [:]
    for item in (probes?.cases ?? []) + (clientProbes?.cases ?? []) {
      let file =
        item.file.hasPrefix(directory.path + "/")
        ? String(item.file.dropFirst(directory.path.utf8.count + 1)) : item.file
      places[item.id] = CasePlace(file: file, line: item.place.line)
    }
    for file in suite.files {
      let name = "\(file.area).json"
      guard let bytes = try? VectorSuite.read(directory, name) else { continue }
      for (id, line) in CasePlace.lines(ofIdentifiersIn: bytes) {
        places[id] = CasePlace(file: "vectors/\(name)", line: line)
      }
    }
    return places
  }
}

/// Where reports go.
enum ReportOutput {
  /// Writes a text to a file, or to standard output.
  static func write(_ text: String, to path: String?) throws {
    guard let path, path != "-" else {
      print(text, terminator: "")
      return
    }
    do throws(FileFault) { try OutputFile.write(text, to: path) } catch {
      throw DataFaults(error, remedy: "name another one with --output")
    }
  }
}
