import FoundationEssentials
import Specification
package import StrictJSON

/// What an interrupted run left in its result file, so that another can go on.
package enum InterruptedRun {
  /// The records of a result file that has no footer, or of a whole one: all but those that could not be run. Reading ends at
  /// the first line that is not whole.
  ///
  /// - Parameters:
  ///   - path: The file; one that does not exist has no records.
  ///   - header: The header of the run that goes on. Suite, peer, profile and seed have to be the same.
  package static func records(_ path: String, header: ResultHeader) throws(DataFaults) -> [CaseRecord] {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else { return [] }
    var records: [CaseRecord] = []
    for (index, line) in Array(data).split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let value = try? JSONParser.parse(Array(line)) else { break }
      if index == 0 {
        try check(value, header, path)
      } else if let record = CaseRecord(value), value["type"]?.stringValue == "case" {
        if record.verdict != .couldNotRun { records.append(record) }
      } else {
        break
      }
    }
    return records
  }

  private static func check(_ old: JSONValue, _ header: ResultHeader, _ path: String) throws(DataFaults) {
    let new = header.json
    for name in ["suiteHash", "iut", "profile", "seed"] where old[name] != new[name] {
      throw DataFaults([
        DataFault(
          file: path, place: "line 1",
          reason:
            "the run in this file had \(name) \((old[name] ?? .null).line), this one has \((new[name] ?? .null).line)",
          remedy: "run without --resume, or as before")
      ])
    }
  }
}
