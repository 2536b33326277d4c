import ComplianceReport
import Conformance
import FuzzHarness
import GoldenVectors
import StrictJSON
import SystemCrypto

/// Result files, and every report that is made of them.
enum ResultTarget {
  /// Without requirements, so that every id of a file is an unknown one.
  private static let catalogue = RequirementCatalogue([])

  @Sendable static func run(_ input: [UInt8]) {
    report(input)
    // A footer that does not fit ends the reading: the same lines with one that does.
    report(mended(input))
  }

  private static func report(_ bytes: [UInt8]) {
    guard let result = try? ResultFile.parse(bytes, file: "r.ndjson"),
      let run = try? ReportRun(result, file: "r.ndjson")
    else { return }
    let report = Report([run], catalogue: catalogue)
    _ = TextReport.text(report)
    _ = MarkdownReport.text(report)
    _ = JUnitReport.xml(report)
    _ = JSONReport.json(report)
    _ = try? HTMLReport(report)
    _ = ResultDiff(old: run, new: run).text
  }

  private static func mended(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    var records: [CaseRecord] = []
    var content: [UInt8] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let line = Array(line)
      guard let value = try? JSONParser.parse(line), value["type"]?.stringValue != "footer" else { continue }
      if let record = CaseRecord(value) { records.append(record) } else if !content.isEmpty { continue }
      hash.update(line + [UInt8(ascii: "\n")])
      content += line + [UInt8(ascii: "\n")]
    }
    let digest = Bytes(hash.digest()).hex
    let footer: JSONValue = [
      "type": "footer", "cases": .number(records.count), "counts": VerdictCounts(records).json,
      "sha256": .string(digest),
    ]
    return content + Array(footer.line.utf8) + [UInt8(ascii: "\n")]
  }
}

/// Vector files, their manifest and the requirements: JSON, read strictly.
enum VectorTarget {
  @Sendable static func run(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch choice % 4 {
    case 0: _ = try? VectorFile.load(bytes, file: "frame.json", area: "frame", catalogue: nil)
    case 1: _ = try? SuiteManifest.load(bytes, file: "version.json")
    case 2: _ = try? RequirementCatalogue.load(bytes, file: "requirements.json")
    default:
      do throws(JSONSyntaxError) { _ = try JSONParser.parse(bytes) } catch {
        require(error.line >= 1 && error.column >= 1, "an error without a place")
        _ = error.description
      }
    }
  }
}
