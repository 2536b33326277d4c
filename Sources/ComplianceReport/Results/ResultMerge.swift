import Conformance
import Specification
import StrictJSON
import SystemCrypto

/// One result file made of those of several shards, once it is proved that together they are the whole run.
package struct ResultMerge: Sendable {
  /// Why shards do not make a whole.
  package struct Incomplete: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is missing, and what to do.
    package let description: String
  }

  /// The content of the merged file.
  package let text: String

  /// How many cases it has.
  package let count: Int

  /// How it was proved that nothing is missing, for people.
  package let proof: String

  /// Joins shards.
  ///
  /// - Parameters:
  ///   - runs: The shards, in any order.
  ///   - known: The ids of the cases that the common command selects from a suite with a certain hash, in its order; nil:
  ///     the suite of that hash is not at hand.
  /// - Throws: ``Incomplete``, or `DataFaults` when the files are not of one run.
  package init(_ runs: [ReportRun], known: (ReportRun) -> [String]?) throws {
    let runs = runs.sorted {
      ($0.shardNumber, $0.header.startedAt, $0.file) < ($1.shardNumber, $1.header.startedAt, $1.file)
    }
    let first = try Self.requireOneRun(runs)
    let shards = try Self.shards(runs)
    let ordered = try Self.interleaved(runs, shards: shards)
    let cases: [CaseRecord]
    if let ids = known(first) {
      let records = Dictionary(ordered.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
      let missing = ids.filter { records[$0] == nil }
      guard missing.isEmpty else {
        throw Incomplete(
          description:
            "\(ReportFigures.counted(missing.count, "case")) of the suite \(missing.count == 1 ? "is" : "are") in none of "
            + "the files, the first: \(missing[0]); run the missing shards")
      }
      let surplus = Set(records.keys).subtracting(ids).sorted()
      guard surplus.isEmpty else {
        throw Self.faults([(runs[0].file, "the case \(InertText.visible(surplus[0])) is not in the suite of this hash")]
        )
      }
      cases = ids.compactMap { records[$0] }
      proof = "every case of the suite is there once"
    } else if shards != nil {
      cases = ordered
      proof =
        "all \(runs.count) shards are there, and their sizes are those of one run; the suite itself is not at hand"
    } else {
      throw Incomplete(
        description:
          "whether these files make a whole run cannot be told: they are no shards (--shard I/N), and the suite with the "
          + "hash \(first.header.suiteHash.prefix(12)) is not at hand; name its folder with --vectors")
    }
    count = cases.count
    text = Self.file(
      header: Self.header(runs, command: shards == nil ? first.command.whole : first.command.common), cases: cases)
  }

  /// Checks that the files are of one run of one suite against one implementation, and that no case is there twice.
  private static func requireOneRun(_ runs: [ReportRun]) throws(DataFaults) -> ReportRun {
    guard let first = runs.first else { throw faults([("FILE", "there is nothing to merge")]) }
    var found: [(String, String)] = []
    for run in runs.dropFirst() {
      func compare(_ what: String, _ value: (RunHeader) -> String?) {
        guard value(run.header) != value(first.header) else { return }
        let own = InertText.visible(value(run.header) ?? "none", limit: 200)
        let other = InertText.visible(value(first.header) ?? "none", limit: 200)
        found.append((run.file, "its \(what) is \(own), that of \(first.file) is \(other)"))
      }
      compare("suite") { $0.suiteHash }
      compare("implementation") { $0.title }
      compare("profile") { $0.profile }
      compare("seed") { $0.seed }
      if run.kind != first.kind { found.append((run.file, "it is of another kind of run than \(first.file)")) }
    }
    var files: [String: String] = [:]
    for run in runs {
      for record in run.cases {
        if let other = files.updateValue(run.file, forKey: record.id) {
          found.append((run.file, "the case \(InertText.visible(record.id, limit: 200)) is in \(other), too"))
          break
        }
      }
    }
    guard found.isEmpty else { throw faults(found) }
    return first
  }

  /// Which shard each file is; nil when none says that it is one.
  private static func shards(_ runs: [ReportRun]) throws -> [ProbeSelection.Shard]? {
    let shards = runs.map(\.shard)
    guard shards.contains(where: { $0 != nil }) else { return nil }
    var found: [ProbeSelection.Shard] = []
    for (run, shard) in zip(runs, shards) {
      guard let shard else { throw faults([(run.file, "it is no shard, and the other files are")]) }
      found.append(shard)
    }
    let count = found[0].count
    if let index = found.firstIndex(where: { $0.count != count }) {
      throw faults([(runs[index].file, "it is one of \(found[index].count) shards, \(runs[0].file) one of \(count)")])
    }
    let missing = Set(1...count).subtracting(found.map(\.number)).sorted()
    guard missing.isEmpty, found.count == count else {
      throw Incomplete(
        description: "shard \(missing.map { "\($0)/\(count)" }.joined(separator: ", ")) is missing; name its file, too")
    }
    return found
  }

  /// The cases in the order of the run: case n is the next one of shard n modulo N.
  private static func interleaved(_ runs: [ReportRun], shards: [ProbeSelection.Shard]?) throws -> [CaseRecord] {
    guard let shards else { return runs.flatMap(\.cases) }
    let ordered = zip(shards, runs).sorted { $0.0.number < $1.0.number }.map(\.1)
    let total = ordered.reduce(0) { $0 + $1.cases.count }
    for (index, run) in ordered.enumerated() {
      let expected = (total - index + ordered.count - 1) / ordered.count
      guard run.cases.count == expected else {
        throw Incomplete(
          description:
            "\(run.file): shard \(index + 1)/\(ordered.count) has \(ReportFigures.counted(run.cases.count, "case")), and "
            + "of \(total) it has to have \(expected); run it again")
      }
    }
    return (0..<total).map { ordered[$0 % ordered.count].cases[$0 / ordered.count] }
  }

  /// The header of the first file with the command of the whole run, the earliest start, and the files that went into it.
  private static func header(_ runs: [ReportRun], command: String) -> JSONValue {
    var object = runs[0].headerLine.objectValue ?? JSONObject()
    object["command"] = .string(command)
    object["startedAt"] = .text(runs.map(\.header.startedAt).min())
    object["merged"] = .array(
      runs.map { run in
        [
          "command": .string(run.header.command), "startedAt": .string(run.header.startedAt),
          "cases": .number(run.cases.count),
        ]
      })
    return .object(object)
  }

  /// A result file with its footer.
  static func file(header: JSONValue, cases: [CaseRecord]) -> String {
    var text = header.line + "\n"
    for record in cases { text += record.json.line + "\n" }
    let digest = Bytes(SHA256.digest(of: Array(text.utf8))).hex
    let footer: JSONValue = [
      "type": "footer", "cases": .number(cases.count), "counts": VerdictCounts(cases).json, "sha256": .string(digest),
    ]
    return text + footer.line + "\n"
  }

  private static func faults(_ faults: [(file: String, reason: String)]) -> DataFaults {
    DataFaults(
      faults.map {
        DataFault(file: $0.file, place: "", reason: $0.reason, remedy: "merge the shards of one run only")
      })
  }
}

extension ReportRun {
  /// Which part of a run it is; nil where its command names none.
  fileprivate var shard: ProbeSelection.Shard? {
    command.values(of: "--shard").last.flatMap(ProbeSelection.Shard.init)
  }

  /// The number of the shard, for sorting.
  fileprivate var shardNumber: Int { shard?.number ?? 0 }
}
