import ComplianceReport
import Conformance
import GoldenVectors
import Specification
import StrictJSON
import Testing

@Suite("Formats for pipelines: GitHub's annotations, TAP, CTRF")
struct PipelineFormatTests {
  private static let hostile = "a,b:c%d#e\\f\r\n::error::g\u{1B}[2J\u{2028}"

  private static func report(_ records: [CaseRecord]) throws -> Report {
    Report(
      [try Samples.run(records)], catalogue: Samples.catalogue, titles: ["rpc.answer": "the answer has the sn"],
      places: ["rpc.answer": CasePlace(file: "vectors/probes/server/rpc.yaml", line: 12)])
  }

  private static let all =
    [Samples.failedCall] + Verdict.allCases.map { Samples.record("frame.\($0.rawValue)", $0) }

  private static let attacking = [
    Samples.record(hostile, .fail, expected: .string(hostile), reason: hostile, step: hostile)
  ]

  private static func lines(_ text: String) -> [Substring] { text.split { $0.isNewline } }

  @Test("Annotations have the file and the line of the case, behind one that sums up")
  func annotations() throws {
    let lines = Self.lines(GitHubAnnotations.text(try Self.report(Self.all)))
    // rpc.answer, fail, errored, couldNotRun.
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("::error title=wireproof%3A probe me::"))
    #expect(lines[1].hasPrefix("::error file=vectors/probes/server/rpc.yaml,line=12,title=rpc.answer::"))
    #expect(lines[1].contains("%0Athe answer has the sn%0A"))
    let strict = Self.lines(GitHubAnnotations.text(try Self.report(Self.all), isStrict: true))
    #expect(strict.count == 6)
    let clean = GitHubAnnotations.text(try Self.report([Samples.record("frame.a", .pass)]))
    #expect(clean.hasPrefix("::notice title=wireproof%3A probe me::"))
  }

  @Test("No more annotations than GitHub keeps")
  func annotationLimit() throws {
    let records = (0..<200).map { Samples.record("frame.\($0)", .fail) }
    let lines = Self.lines(GitHubAnnotations.text(try Self.report(records)))
    #expect(lines.count == 50)
    #expect(lines[0].contains("200 cases to look at; the first 49 are marked here"))
  }

  @Test("A name cannot end its property, begin a command or move the cursor")
  func hostileAnnotation() throws {
    let lines = Self.lines(GitHubAnnotations.text(try Self.report(Self.attacking)))
    #expect(lines.count == 2)
    #expect(lines[1].hasPrefix("::error title=a%2Cb%3Ac%25d#e\\f\\r\\n%3A%3Aerror%3A%3Ag\\u{1b}"))
    #expect(!lines[1].unicodeScalars.contains("\u{1B}"))
  }

  @Test("TAP has its plan, a point a case, and blocks of YAML where something fails")
  func tap() throws {
    let text = TAPReport.text(try Self.report(Self.all))
    #expect(text.hasPrefix("TAP version 14\n1..8\nnot ok 1 - rpc.answer\n  ---\n  message: \""))
    #expect(text.contains("  file: \"vectors/probes/server/rpc.yaml\"\n  line: \"12\"\n"))
    #expect(text.contains(" - frame.notApplicable # SKIP it did not come\n"))
    #expect(text.contains("ok 3 - frame.nonStrict\n"))
    #expect(TAPReport.text(try Self.report(Self.all), isStrict: true).contains("not ok 3 - frame.nonStrict\n"))
  }

  @Test("In TAP a name is no directive and no line")
  func hostileTAP() throws {
    let lines = Self.lines(TAPReport.text(try Self.report(Self.attacking)))
    #expect(lines[2].hasPrefix("not ok 1 - a,b:c%d\\#e\\\\f\\\\r\\\\n::error::g"))
    #expect(lines.last == "  ...")
    #expect(lines.dropFirst(3).allSatisfy { $0.hasPrefix("  ") })
  }

  @Test("What is expected to fail is TODO, and pending")
  func expected() throws {
    var known = Samples.record("frame.a", .fail)
    known.expectedFailure = ExpectedFailure(reason: "issue #7")
    let report = try Self.report([known])
    #expect(TAPReport.text(report).contains("not ok 1 - frame.a # TODO failed as expected: issue \\#7\n"))
    #expect(CTRFReport.json(report)["results"]?["summary"]?["pending"]?.intValue == 1)
    #expect(GitHubAnnotations.text(report).hasPrefix("::notice "))
  }

  @Test("CTRF counts every case once, and has times in milliseconds")
  func ctrf() throws {
    let results = try #require(CTRFReport.json(try Self.report(Self.all))["results"])
    let summary = try #require(results["summary"])
    let counts = ["passed", "failed", "skipped", "pending", "other"].map { summary[$0]?.intValue }
    #expect(counts == [3, 4, 1, 0, 0])
    #expect(summary["tests"]?.intValue == 8)
    let first = try #require(results["tests"]?.arrayValue?.first)
    #expect(first["filePath"]?.stringValue == "vectors/probes/server/rpc.yaml")
    #expect(first["line"]?.intValue == 12)
    #expect(first["status"]?.stringValue == "failed")
    #expect(first["duration"]?.intValue == 13)
    let start = try #require(summary["start"]?.intValue)
    #expect(start > 1_700_000_000_000 || start == 0)
  }

  @Test("The lines of ids in a vector file")
  func places() {
    let text = "{\n  \"tests\": [\n    {\"id\": \"frame.a\", \"x\": 1},\n    {\n      \"id\":\"frame.b\"}]}\n"
    let found = CasePlace.lines(ofIdentifiersIn: Array(text.utf8))
    #expect(found.map(\.id) == ["frame.a", "frame.b"])
    #expect(found.map(\.line) == [3, 5])
  }
}
