import Conformance
import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON
import Testing

/// The reference against the vectors of this repository.
@Suite("The reference and the committed vectors")
struct ReferenceTests {
  @Test("It passes every vector; as many are run as the files declare")
  func everything() async throws {
    let suite = try Samples.suite()
    let bytes = try VectorSuite.read(Samples.repository, SuiteManifest.fileName)
    let declared = try SuiteManifest.load(bytes, file: SuiteManifest.fileName).areas
    let runner = VerifyRunner(
      cases: suite.cases, catalogue: suite.catalogue, target: .reference, timeout: .seconds(10), jobs: 1)
    var records: [CaseRecord] = []
    try await runner.run(try await runner.introduce()) { records.append($0) }
    for record in records where record.verdict != .pass {
      Issue.record("\(record.verdict) \(record.id): \(record.reason ?? "")")
    }
    #expect(records.count == Int(declared.reduce(0) { $0 + $1.tests }))
    for area in declared {
      #expect(records.count { $0.id.hasPrefix(area.name + ".") } == Int(area.tests), "\(area.name)")
    }
    #expect(Set(records.map(\.id)).count == records.count)
  }

  @Test("An input of another shape is answered unsupported, never a crash", arguments: Operation.allCases)
  func shapes(operation: Operation) {
    for input: JSONValue in [nil, [:], ["revision": 1], ["side": "server"], ["role": "client", "events": [nil]]] {
      guard case .unsupported = ReferenceImplementation.run(operation, input) else {
        Issue.record("\(operation) took \(input)")
        continue
      }
    }
  }

  @Test("The results of a run show the coverage that the vectors promise")
  func coverage() async throws {
    let suite = try Samples.suite()
    let runner = VerifyRunner(
      cases: suite.cases, catalogue: suite.catalogue, target: .reference, timeout: .seconds(10), jobs: 1)
    let path = FileManager.default.temporaryDirectory.path + "/wireproof-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let implementation = try await runner.introduce()
    var writer = try ResultWriter(
      path: path,
      header: ResultHeader(
        suite: suite.version, suiteHash: suite.hash, command: "test", implementation: implementation, startedAt: Date())
    )
    var records: [CaseRecord] = []
    try await runner.run(implementation) { records.append($0) }
    for record in records { try writer.append(record) }
    try writer.finish()
    let coverage = ResultCoverage([try ResultFile.load(path)], suite: suite)
    #expect(coverage.unknown.isEmpty)
    #expect(coverage.coverage.covered.count == coverage.coverage.testable.count)
    #expect(coverage.json["covered"] == coverage.json["testable"])
  }

  @Test("What was not run exercises nothing")
  func partialCoverage() throws {
    let suite = try Samples.suite()
    #expect(ResultCoverage([], suite: suite).coverage.covered.isEmpty)
  }
}
