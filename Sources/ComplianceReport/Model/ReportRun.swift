package import Conformance
import Specification
package import StrictJSON

/// One result file that was read whole and found undamaged.
package struct ReportRun: Sendable {
  /// The file, as the user named it.
  package let file: String

  /// Its first line.
  package let header: RunHeader

  /// The same as it stands in the file.
  package let headerLine: JSONValue

  /// The cases, in the order of the file.
  package private(set) var cases: [CaseRecord]

  /// Ids that were expected to fail and that no case has.
  package private(set) var unknownExpectations: [String]

  /// The command line, taken apart.
  package let command: CommandLineText

  /// What kind of run it was.
  package var kind: RunKind { command.kind }

  /// Takes a result file.
  ///
  /// - Throws: A header that does not say what it has to, and ids that are there twice.
  package init(_ result: ResultFile, file: String) throws(DataFaults) {
    self.file = file
    header = try RunHeader(result.header, file: file)
    headerLine = result.header
    cases = result.cases
    unknownExpectations = header.unknownExpectations
    command = CommandLineText(header.command)
    var lines: [String: Int] = [:]
    for (index, record) in cases.enumerated() {
      if let first = lines.updateValue(index + 2, forKey: record.id) {
        throw DataFaults([
          DataFault(
            file: file, place: "line \(index + 2)",
            reason: "the case \(InertText.visible(record.id, limit: 200)) is already in line \(first)",
            remedy: "run the command again")
        ])
      }
    }
  }

  /// Whether `nonStrict` verdicts were failures of the run.
  package var isStrict: Bool { command.has("--strict") }

  /// The same run, held against a file of expected failures in place of the one that it was made with.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - known: The ids of the suite's cases.
  package func expecting(_ file: ExpectedFailures, known: Set<String>) -> ReportRun {
    var run = self
    let expectations = file.expectations
    for index in run.cases.indices { run.cases[index].expectedFailure = expectations[run.cases[index].id] }
    run.unknownExpectations = file.unknownIDs(known: known.union(cases.map(\.id)))
    return run
  }

  /// Reads result files, each strictly.
  package static func load(_ paths: [String]) throws -> [ReportRun] {
    try paths.map { try ReportRun(ResultFile.load($0), file: $0) }
  }
}
