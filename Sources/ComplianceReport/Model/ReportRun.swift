package import Conformance
package import GoldenVectors
import Specification

/// One result file that was read whole and found undamaged.
package struct ReportRun: Sendable {
  /// The file, as the user named it.
  package let file: String

  /// Its first line.
  package let header: RunHeader

  /// The same as it stands in the file.
  package let headerLine: JSONValue

  /// The cases, in the order of the file.
  package let cases: [CaseRecord]

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

  /// Reads result files, each strictly.
  package static func load(_ paths: [String]) throws -> [ReportRun] {
    try paths.map { try ReportRun(ResultFile.load($0), file: $0) }
  }
}
