import Crypto
package import FoundationEssentials
import Glibc
package import GoldenVectors

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
    [
      "type": "header", "suite": .string(suite), "suiteHash": .string(suiteHash), "command": .string(command),
      "iut": implementation.json, "profile": .text(profile),
      "seed": seed.map { Int64(exactly: $0).map(JSONValue.int) ?? .string(String($0)) } ?? .null,
      "startedAt": .string(startedAt.formatted(.iso8601)),
    ]
  }
}

/// Writes a result file line by line. A file without its footer is incomplete, so a run that is cut short shows.
package struct ResultWriter: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private var hash = SHA256()
  private var counts = VerdictCounts()

  /// Opens the file and writes the header. An existing file is replaced.
  package init(path: String, header: ResultHeader) throws(DataFaults) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.fault(path) }
    try write(header.json)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Writes the line of a case.
  package mutating func append(_ record: CaseRecord) throws(DataFaults) {
    counts.add(record.verdict)
    try write(record.json)
  }

  /// Writes the footer: how many cases there were, and the SHA-256 of all lines before it with their line breaks.
  package consuming func finish() throws(DataFaults) {
    let digest = hash.finalize().map { byte in Bytes([byte]).hex }.joined()
    try write([
      "type": "footer", "cases": .number(counts.total), "counts": counts.json, "sha256": .string(digest),
    ])
  }

  private mutating func write(_ value: JSONValue) throws(DataFaults) {
    let line = Array((value.line + "\n").utf8)
    hash.update(data: line)
    var rest = line[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw Self.fault(path) }
      rest = rest.dropFirst(written)
    }
  }

  private static func fault(_ path: String) -> DataFaults {
    DataFaults([
      DataFault(
        file: path, place: "", reason: "the result file cannot be written: \(String(cString: strerror(errno)))",
        remedy: "name another file with --results")
    ])
  }
}
