import FoundationEssentials
import GoldenVectors
import Specification
import StrictJSON
import Testing

@Suite("Lint and coverage of vectors")
struct VectorLintTests {
  private static func requirement(
    _ id: String, level: String = "MUST", testedBy: String = "\"vector\"", violable: Bool = true
  ) -> String {
    """
    {"id": "\(id)", "level": "\(level)", "role": "both", "class": "Core", "clause": "1", "text": "t", "source": "ours",
     "testedBy": [\(testedBy)], "violable": \(violable), "why": "", "right": "", "wrong": ""}
    """
  }

  private static func test(_ id: String, _ requirement: RequirementID, violates: Bool, flags: [String] = [])
    -> VectorTest
  {
    let input: JSONValue = ["revision": "1.3.3", "message": ""]
    if violates {
      return .invalid(id: id, comment: "c", requirements: [requirement], flags: flags, input: input, error: "empty")
    }
    return .valid(
      id: id, comment: "c", requirements: [requirement], flags: flags, input: input,
      output: ["protocolId": 0, "sn": 0, "length": 8, "payload": ""])
  }

  /// Writes a suite to a folder, gives it to the body, and removes it.
  private func withSuite(
    requirements: [String], tests: [VectorTest], declared: Int64? = nil, suffix: String = "",
    _ body: (DataDirectory) throws -> Void
  ) throws {
    let root = FileManager.default.temporaryDirectory.path + "/wireproof-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: root + "/vectors", withIntermediateDirectories: true)
    let flags = Set(tests.flatMap(\.flags)).map { ($0, "why") }
    let file = VectorFile(
      area: "frame", notes: Dictionary(uniqueKeysWithValues: flags),
      groups: [VectorGroup(.frameDecode, comment: "c", tests: tests)])
    let manifest = SuiteManifest(suite: "1", areas: [(name: "frame", tests: declared ?? Int64(tests.count))])
    _ = try VectorStore.write(
      [
        ("version.json", manifest.json.canonicalText), ("frame.json", file.canonicalText + suffix),
        ("requirements.json", "{\"requirements\": [\(requirements.joined(separator: ","))]}"),
      ], to: root + "/vectors")
    try body(DataDirectory(path: root))
  }

  @Test(
    "A MUST lacks what no vector does for it; a SHOULD, a probe's MUST and an accepting-only MUST lack nothing more")
  func coverage() throws {
    let requirements = [
      Self.requirement("a.both"), Self.requirement("a.accepted"), Self.requirement("a.violated"),
      Self.requirement("a.nothing"), Self.requirement("a.never-violated", violable: false),
      Self.requirement("a.should", level: "SHOULD"), Self.requirement("a.probe", testedBy: "\"probe\""),
    ]
    let tests = [
      Self.test("frame.decode.a", "a.both", violates: false), Self.test("frame.decode.b", "a.both", violates: true),
      Self.test("frame.decode.c", "a.accepted", violates: false),
      Self.test("frame.decode.d", "a.violated", violates: true),
      Self.test("frame.decode.e", "a.never-violated", violates: false),
    ]
    try withSuite(requirements: requirements, tests: tests) { directory throws in
      let coverage = VectorCoverage(try VectorSuite.load(directory))
      let lacking = coverage.testable.map { "\($0.id): \(coverage.lacking($0) ?? "nothing")" }
      #expect(
        lacking == [
          "a.both: nothing", "a.accepted: a violating case", "a.violated: an accepting case",
          "a.nothing: an accepting and a violating case", "a.never-violated: nothing",
        ])
      #expect(coverage.untestable.map(\.id) == ["a.probe"])
    }
  }

  @Test("Lint tells a layout that is not canonical, ids that say nothing, and too few vectors")
  func lint() throws {
    let tests = [
      Self.test("frame.decode.a", "a.both", violates: false, flags: ["x", "y"]),
      Self.test("frame.encode.b", "a.both", violates: true),
    ]
    try withSuite(requirements: [Self.requirement("a.both")], tests: tests, suffix: "\n") { directory throws in
      let lint = VectorLint(try VectorSuite.load(directory))
      #expect(lint.vectors == 2)
      #expect(lint.combinations == 3)
      #expect(lint.faults.map(\.place) == ["", "frame.encode.b", "", ""])
      #expect(lint.faults.first?.reason == "the layout is not the canonical one")
    }
  }

  @Test("A number of tests that differs from the declared one is told")
  func declared() throws {
    let tests = [Self.test("frame.decode.a", "a.both", violates: false)]
    try withSuite(requirements: [Self.requirement("a.both")], tests: tests, declared: 2) { directory throws in
      let faults = try #require(throws: DataFaults.self) { try VectorSuite.load(directory) }
      #expect(faults.faults.map(\.reason) == ["it has 1 tests, version.json declares 2"])
    }
  }

  @Test("A file that version.json does not name is told, and one that is missing")
  func stray() throws {
    let tests = [Self.test("frame.decode.a", "a.both", violates: false)]
    try withSuite(requirements: [Self.requirement("a.both")], tests: tests) { directory throws in
      _ = try VectorStore.write([("other.json", "{}")], to: directory.vectors)
      let faults = try #require(throws: DataFaults.self) { try VectorSuite.load(directory) }
      #expect(faults.faults.map(\.file) == ["vectors/other.json"])
      try FileManager.default.removeItem(atPath: directory.vectors + "/other.json")
      try FileManager.default.removeItem(atPath: directory.vectors + "/frame.json")
      #expect(throws: DataFaults.self) { try VectorSuite.load(directory) }
    }
  }

  @Test("A copy holds everything that a loader needs")
  func copy() throws {
    let source = CommittedVectorsTests.directory
    let suite = try VectorSuite.load(source)
    let root = FileManager.default.temporaryDirectory.path + "/wireproof-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: root) }
    let count = try VectorStore.copy(suite, from: source, to: root + "/vectors")
    #expect(try VectorSuite.load(DataDirectory(path: root)).testCount == suite.testCount)
    #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/vectors").count == count)
  }
}
