import Conformance
import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON
import Testing

/// The adapters in this repository: the complete one in Python, and those that go wrong on purpose.
@Suite("Shipped adapters", .serialized)
struct ShippedAdapterTests {
  private static let complete = Samples.repository.path + "/adapters/python/adapter.py"
  private static let folder = Samples.repository.path + "/Tests/ConformanceTests/Adapters"

  private static let wrong = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".py") }.sorted()

  private func run(
    _ path: String, cases: [VectorSuite.Case], suite: VectorSuite, timeout: Duration, jobs: Int
  ) async throws -> [CaseRecord] {
    let runner = VerifyRunner(
      cases: cases, catalogue: suite.catalogue, target: .command("python3 '\(path)'"), timeout: timeout, jobs: jobs)
    var records: [CaseRecord] = []
    try await runner.run(try await runner.introduce()) { records.append($0) }
    #expect(records.count == cases.count)
    return records
  }

  @Test("The complete one passes every vector; none is unsupported")
  func complete() async throws {
    let suite = try Samples.suite()
    let records = try await run(Self.complete, cases: suite.cases, suite: suite, timeout: .seconds(60), jobs: 2)
    for record in records where record.verdict != .pass {
      Issue.record("\(record.verdict) \(record.id): \(record.reason ?? "")")
    }
  }

  @Test("There is one for each way to go wrong")
  func kinds() throws {
    let verdicts = try Self.wrong.map { try Instructions(Self.folder + "/" + $0).verdict }
    #expect(Set(verdicts).isSuperset(of: [.fail, .errored]))
    #expect(Self.wrong.count >= 5)
  }

  @Test("One that goes wrong is caught where it does, and nowhere else", arguments: wrong)
  func goesWrong(name: String) async throws {
    let instructions = try Instructions(Self.folder + "/" + name)
    let suite = try Samples.suite()
    let cases = try CaseFilter(instructions.run).select(suite.cases)
    let records = try await run(
      Self.folder + "/" + name, cases: cases, suite: suite, timeout: instructions.timeout, jobs: 1)
    let must = CaseFilter(instructions.must)
    let within = CaseFilter(instructions.within)
    #expect(!instructions.must.isEmpty)
    #expect(records.contains { must.selects($0.id) })
    for record in records {
      let isGood = record.verdict == .pass || record.verdict == .notApplicable
      if must.selects(record.id) {
        #expect(record.verdict == instructions.verdict, "\(record.id): \(record.reason ?? "")")
      } else if !isGood {
        #expect(within.selects(record.id), "\(record.verdict) \(record.id): \(record.reason ?? "")")
      }
    }
  }

  /// What the comments at the top of an adapter say; see the README beside them.
  private struct Instructions {
    let run: [String]
    let must: [String]
    let within: [String]
    let verdict: Verdict
    let timeout: Duration

    init(_ path: String) throws {
      let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      var values: [String: [String]] = [:]
      for line in text.split(separator: "\n") {
        guard let match = line.wholeMatch(of: #/# (run|must|within|verdict|timeout): (.*)/#) else { continue }
        values[String(match.1), default: []] += match.2.split(separator: " ").map(String.init)
      }
      run = values["run"] ?? []
      must = values["must"] ?? []
      within = values["within"] ?? must
      verdict = try #require(values["verdict"]?.first.flatMap(Verdict.init(rawValue:)), "\(path) names no verdict")
      timeout = .seconds(values["timeout"]?.first.flatMap(Double.init) ?? 20)
    }
  }
}
