import ComplianceReport
import Conformance
import Foundation
import Specification
import StrictJSON
import Testing

@Suite("Expected failures in reports")
struct ExpectationTests {
  private static func record(
    _ id: String, _ verdict: Verdict, _ reason: String = "issue 7", mayPass: Bool = false
  ) -> CaseRecord {
    var record = Samples.record(id, verdict, level: verdict == .nonStrict ? .should : .must)
    record.expectedFailure = ExpectedFailure(reason: reason, mayPass: mayPass)
    return record
  }

  /// One of each kind: known, stale, allowed to pass, allowed to fail, not judged, unexpected.
  private static let records = [
    record("a.known", .fail), record("a.stale", .pass), record("a.may", .pass, mayPass: true),
    record("a.might", .fail, "now and then", mayPass: true), record("a.absent", .notApplicable),
    Samples.record("a.new", .fail), Samples.record("a.good", .pass),
  ]

  private static func report(_ records: [CaseRecord] = records) throws -> Report {
    Report([try Samples.run(records)], catalogue: Samples.catalogue)
  }

  @Test("An expectation survives a result file")
  func roundTrip() throws {
    let run = try Samples.run(Self.records)
    #expect(run.cases.map(\.expectedFailure) == Self.records.map(\.expectedFailure))
  }

  @Test("JUnit skips what failed as expected with the reason; a stale expectation is an error")
  func junit() throws {
    let xml = JUnitReport.xml(try Self.report())
    #expect(xml.contains("<testsuites name=\"wireproof\" tests=\"7\" failures=\"1\" errors=\"1\" skipped=\"3\""))
    #expect(xml.contains("<skipped message=\"failed as expected: issue 7\"/>"))
    #expect(xml.contains("<skipped message=\"failed as expected: now and then\"/>"))
    #expect(xml.contains("type=\"staleExpectation\""))
    #expect(xml.components(separatedBy: "<failure ").count == 2)
  }

  @Test("JUnit tells ids that no case has as errors")
  func junitUnknown() throws {
    let file = try ExpectedFailures("a.known # x\na.gone\n", file: "f")
    let run = try Samples.run([Samples.record("a.known", .fail)]).expecting(file, known: ["a.known"])
    let xml = JUnitReport.xml(Report([run], catalogue: Samples.catalogue))
    #expect(xml.contains("<testsuites name=\"wireproof\" tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"1\""))
    #expect(xml.contains("<testcase name=\"a.gone\" classname=\"probe-server.expected-failures\""))
  }

  @Test("With --strict an expected non-strict outcome is skipped, and without it the expectation is stale")
  func strict() throws {
    let report = try Self.report([Self.record("a.weak", .nonStrict)])
    #expect(JUnitReport.xml(report, isStrict: true).contains("failures=\"0\" errors=\"0\" skipped=\"1\""))
    #expect(JUnitReport.xml(report).contains("failures=\"0\" errors=\"1\" skipped=\"0\""))
  }

  @Test("The text lists them by reason, and the stale ones")
  func text() throws {
    let text = TextReport.text(try Self.report())
    #expect(text.contains("1 of 6 cases fail, 2 more fail as expected"))
    #expect(text.contains("FAIL  a.new"))
    #expect(!text.contains("FAIL  a.known"))
    #expect(text.contains("Failed as expected (2)\n  issue 7\n    a.known\n  now and then\n    a.might\n"))
    #expect(text.contains("Stale expectations (1)\n  a.stale was expected to fail and came out as pass; remove it"))
    let clean = TextReport.text(try Self.report([Self.record("a.known", .fail), Samples.record("a.good", .pass)]))
    #expect(clean.contains("none of 2 cases fails but the 1 that was expected to"))
  }

  @Test("Markdown is green where everything that failed was expected to")
  func markdown() throws {
    let red = MarkdownReport.text(try Self.report())
    #expect(red.contains("| ❌ <code>probe me</code>"))
    #expect(red.contains("### 1 failure\n"))
    #expect(red.contains("### 1 stale expectation\n"))
    #expect(red.contains("<summary>2 cases failed as expected</summary>"))
    let green = MarkdownReport.text(try Self.report([Self.record("a.known", .fail)]))
    #expect(green.contains("| ✅ <code>probe me</code>"))
    #expect(green.contains("- issue 7: <code>a&#46;known</code>") || green.contains("- issue 7: <code>a.known</code>"))
  }

  @Test("The JSON has the expectation of each case, and what is stale")
  func json() throws {
    let json = JSONReport.json(try Self.report())
    let first = json["cases"]?.arrayValue?.first { $0["id"] == "a.known" }
    #expect(first?["results"]?.arrayValue?[0]["expectedFailure"] == ["reason": "issue 7", "mayPass": false])
    let subject = json["implementations"]?.arrayValue?[0]
    #expect(subject?["expectedFailures"] == 2)
    #expect(subject?["staleExpectations"] == [["id": "a.stale", "verdict": "pass"]])
  }

  @Test("The page marks them, filters them and lists the stale ones")
  func page() throws {
    let page = try HTMLReport(Self.report()).page
    #expect(page.contains("<span class=\"g known\" role=\"img\" title=\"fail, as expected\">"))
    #expect(page.contains("This failure was expected: issue 7"))
    #expect(page.contains("data-v=\"expected fail\""))
    #expect(page.contains("data-v=\"fail unexpected\""))
    #expect(page.contains("<option value=\"expected\">fails as expected</option>"))
    #expect(page.contains("<li>a.stale was expected to fail and came out as pass; remove it"))
    let plain = try HTMLReport(Self.report([Samples.record("a.good", .pass)])).page
    #expect(!plain.contains("fails as expected"))
  }

  @Test("A file given to the report replaces what the run was told")
  func replaced() throws {
    let file = try ExpectedFailures("a.new # other\nmay-fail a.good\n", file: "f")
    let run = try Samples.run(Self.records).expecting(file, known: [])
    let report = Report([run], catalogue: Samples.catalogue)
    #expect(run.cases.filter { $0.expectedFailure != nil }.map(\.id) == ["a.new", "a.good"])
    #expect(report.staleExpectations.isEmpty)
  }

  @Test("A failure that is expected makes no run worse than the one before, and one that no longer is does")
  func diff() throws {
    let (good, bad) = (Samples.record("a.known", .pass), Samples.record("a.known", .fail))
    let known = Self.record("a.known", .fail)
    func kinds(_ old: CaseRecord, _ new: CaseRecord) throws -> [ResultDiff.Kind] {
      ResultDiff(old: try Samples.run([old]), new: try Samples.run([new])).changes.map(\.kind)
    }
    #expect(try kinds(good, known) == [.changed])
    #expect(try kinds(known, bad) == [.regressed])
    #expect(try kinds(bad, known) == [.changed])
    #expect(try kinds(known, good) == [.fixed])
    #expect(try kinds(known, known) == [])
  }

  @Test("An audit tells stale expectations")
  func audit() throws {
    let audit = ResultAudit(try Samples.run(Self.records), suite: nil)
    #expect(audit.staleExpectations == ["a.stale"])
    #expect(audit.text.contains("1 stale expectation, the first: a.stale"))
  }
}
