import ComplianceReport
import Conformance
import Specification
import StrictJSON
import Testing

@Suite("Merging shards")
struct ResultMergeTests {
  private static let all = (0..<7).map { Samples.record("a.\($0)", $0 == 3 ? .fail : .pass) }

  private static func shard(_ number: Int, of count: Int, seed: UInt64 = 1, dropping: Int = 0) throws -> ReportRun {
    let own = all.enumerated().filter { $0.offset % count == number - 1 }.map(\.element)
    return try Samples.run(
      own.dropLast(dropping), command: "wireproof probe server u --shard \(number)/\(count) --results \(number).ndjson",
      seed: seed, file: "\(number).ndjson")
  }

  @Test("All shards make the file of the whole run, in its order", arguments: [true, false])
  func whole(hasSuite: Bool) throws {
    let ids = Self.all.map(\.id)
    let runs = try [Self.shard(3, of: 3), Self.shard(1, of: 3), Self.shard(2, of: 3)]
    let merged = try ResultMerge(runs) { _ in hasSuite ? ids : nil }
    let file = try ResultFile.parse(Array(merged.text.utf8), file: "merged")
    #expect(file.cases == Self.all)
    #expect(file.header["command"] == "wireproof probe server u")
    #expect(file.header["merged"]?.arrayValue?.count == 3)
    #expect(try !ReportRun(file, file: "merged").command.isPartial)
    #expect(merged.count == 7)
  }

  @Test("A missing shard, and one that lacks cases, is incomplete")
  func incomplete() throws {
    let missing = try [Self.shard(1, of: 3), Self.shard(3, of: 3)]
    #expect(throws: ResultMerge.Incomplete.self) { try ResultMerge(missing) { _ in nil } }
    let cut = try [Self.shard(1, of: 2), Self.shard(2, of: 2, dropping: 1)]
    #expect(throws: ResultMerge.Incomplete.self) { try ResultMerge(cut) { _ in nil } }
    let fewer = try [Self.shard(1, of: 2), Self.shard(2, of: 2)]
    let ids = Self.all.map(\.id) + ["a.7"]
    let error = #expect(throws: ResultMerge.Incomplete.self) { try ResultMerge(fewer) { _ in ids } }
    #expect(error?.description.contains("a.7") == true)
    let plain = [try Samples.run(Self.all)]
    #expect(throws: ResultMerge.Incomplete.self) { try ResultMerge(plain) { _ in nil } }
  }

  @Test("Files of different runs are not merged")
  func different() throws {
    let seeds = try [Self.shard(1, of: 2), Self.shard(2, of: 2, seed: 2)]
    let error = #expect(throws: DataFaults.self) { try ResultMerge(seeds) { _ in nil } }
    #expect(error?.description.contains("seed") == true)
    let twice = try [Self.shard(1, of: 2), Self.shard(1, of: 2)]
    #expect(throws: DataFaults.self) { try ResultMerge(twice) { _ in nil } }
    let counts = try [Self.shard(1, of: 2), Self.shard(2, of: 3)]
    #expect(throws: DataFaults.self) { try ResultMerge(counts) { _ in nil } }
    #expect(throws: DataFaults.self) { try ResultMerge([]) { _ in nil } }
    let foreign = try [Self.shard(1, of: 2), Self.shard(2, of: 2)]
    #expect(throws: DataFaults.self) { try ResultMerge(foreign) { _ in ["a.0"] } }
  }
}
