package import FoundationEssentials
package import StrictJSON
import SystemCrypto
import SystemFiles

/// The first line of a result file.
package struct ResultHeader: Hashable, Sendable {
  /// The version of the suite.
  package let suite: String

  /// The hash of the suite.
  package let suiteHash: String

  /// The command line that made the file.
  package let command: String

  /// What was tested.
  package let implementation: ImplementationDescription

  /// The name of the peer's profile; nil for vectors, which need none.
  package let profile: String?

  /// The seed of what was generated; nil for vectors, which are the same in every run.
  package let seed: UInt64?

  /// When the run began.
  package let startedAt: Date

  /// Ids in the file of expected failures that no case of the suite has.
  package var unknownExpectations: [String] = []

  /// A header from its parts.
  package init(
    suite: String, suiteHash: String, command: String, implementation: ImplementationDescription,
    profile: String? = nil, seed: UInt64? = nil, startedAt: Date
  ) {
    self.suite = suite
    self.suiteHash = suiteHash
    self.command = command
    self.implementation = implementation
    self.profile = profile
    self.seed = seed
    self.startedAt = startedAt
  }

  /// The line. A seed of 2^63 and more is a text.
  package var json: JSONValue {
    var object: JSONObject = [
      "type": "header", "suite": .string(suite), "suiteHash": .string(suiteHash), "command": .string(command),
      "iut": implementation.json, "profile": .text(profile),
      "seed": seed.map { Int64(exactly: $0).map(JSONValue.int) ?? .string(String($0)) } ?? .null,
      "startedAt": .string(startedAt.formatted(.iso8601)),
    ]
    if !unknownExpectations.isEmpty {
      object["unknownExpectations"] = .array(unknownExpectations.map { .string($0) })
    }
    return .object(object)
  }
}

/// Writes a result file line by line. A file without its footer is incomplete, so a run that is cut short shows.
package struct ResultWriter: ~Copyable {
  private let file: OutputFile
  private var hash: SHA256
  private var counts = VerdictCounts()

  /// Opens the file and writes the header. An existing file is replaced.
  package init(path: String, header: ResultHeader) throws(DataFaults) {
    let file = try Self.open(path)
    var hash = SHA256()
    try Self.write(header.json, to: file, &hash)
    self.file = file
    self.hash = hash
  }

  /// Writes the line of a case.
  package mutating func append(_ record: CaseRecord) throws(DataFaults) {
    counts.add(record.verdict)
    try Self.write(record.json, to: file, &hash)
  }

  /// Writes the footer: how many cases there were, and the SHA-256 of all lines before it with their line breaks.
  ///
  /// - Parameter isInterrupted: Whether the run was ended by its user, which the member `interrupted` says.
  package consuming func finish(isInterrupted: Bool = false) throws(DataFaults) {
    let digest = Bytes(hash.digest()).hex
    var footer: JSONObject = [
      "type": "footer", "cases": .number(counts.total), "counts": counts.json, "sha256": .string(digest),
    ]
    if isInterrupted { footer["interrupted"] = true }
    try Self.write(.object(footer), to: file, &hash)
    do throws(FileFault) { try file.confirm() } catch { throw Self.faults(error) }
  }

  private static func write(
    _ value: JSONValue, to file: borrowing OutputFile, _ hash: inout SHA256
  ) throws(DataFaults) {
    let line = Array((value.line + "\n").utf8)
    hash.update(line)
    do throws(FileFault) { try file.write(line) } catch { throw faults(error) }
  }

  private static func open(_ path: String) throws(DataFaults) -> OutputFile {
    do throws(FileFault) { return try OutputFile(path) } catch { throw faults(error) }
  }

  private static func faults(_ fault: FileFault) -> DataFaults {
    DataFaults(fault, remedy: "name another file with --results")
  }
}
