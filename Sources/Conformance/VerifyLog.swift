import Specification
package import StrictJSON

/// The records of a run, and the result file that they go into when one is wanted.
package struct VerifyLog: ~Copyable {
  private var writer: ResultWriter?

  /// The records so far, in the order of the cases.
  package private(set) var records: [CaseRecord] = []

  /// How many of them failed or errored.
  package private(set) var failures = 0

  /// Opens the result file, if one is named.
  package init(results: String?, header: ResultHeader) throws(DataFaults) {
    writer = if let results { try ResultWriter(path: results, header: header) } else { nil }
  }

  /// Takes one more record.
  package mutating func append(_ record: CaseRecord) throws(DataFaults) {
    try writer?.append(record)
    records.append(record)
    if record.verdict.isFailure { failures += 1 }
  }

  /// Finishes the result file.
  package consuming func finish(isInterrupted: Bool = false) throws(DataFaults) -> [CaseRecord] {
    let records = records
    switch consume writer {
    case .some(let writer): try writer.finish(isInterrupted: isInterrupted)
    case .none: break
    }
    return records
  }
}
