import Glibc
import Specification
package import StrictJSON
import SystemFiles

/// What an interrupted run left in its result file, so that another can go on.
package enum InterruptedRun {
  /// The records of a result file that has no footer, or of a whole one: all but those that could not be run. Reading ends at
  /// the first line that is not whole.
  ///
  /// - Parameters:
  ///   - path: The file; one that does not exist has no records.
  ///   - header: The header of the run that goes on. Suite, peer, profile and seed have to be the same.
  /// - Throws: That it is no result file, cannot be read, or is of another run: it would be written over.
  package static func records(_ path: String, header: ResultHeader) throws(DataFaults) -> [CaseRecord] {
    let bytes = try contents(path)
    var records: [CaseRecord] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
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

  private static func contents(_ path: String) throws(DataFaults) -> [UInt8] {
    let remedy = "name the file of the run that was interrupted, or run without --resume"
    let bytes: [UInt8]
    do throws(FileFault) { bytes = try InputFile.read(path) } catch {
      if error.errorNumber == ENOENT { return [] }
      throw DataFaults(error, remedy: remedy)
    }
    // Of a run that was killed at once the first line may lack its end.
    if let end = bytes.firstIndex(of: UInt8(ascii: "\n")), (try? JSONParser.parse(Array(bytes[..<end]))) == nil {
      throw DataFaults([DataFault(file: path, place: "line 1", reason: "this is no result file", remedy: remedy)])
    }
    return bytes
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
