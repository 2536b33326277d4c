import ComplianceReport
import Conformance
import Foundation
import GoldenVectors
import Specification
import Testing

@Suite("Formats of reports")
struct FormatTests {
  private static func report(_ records: [CaseRecord] = all) throws -> Report {
    Report([try Samples.run(records)], catalogue: Samples.catalogue, titles: ["rpc.answer": "the answer has the sn"])
  }

  private static let all =
    [Samples.failedCall]
    + Verdict.allCases.map {
      Samples.record(
        "frame.\($0.rawValue)", $0, requirements: ["frame.magic"], level: $0 == .nonStrict ? .should : .must)
    }

  @Test("JUnit tells failures from errors, and skips what does not apply")
  func junit() throws {
    let xml = JUnitReport.xml(try Self.report())
    #expect(xml.contains("<testsuites name=\"wireproof\" tests=\"8\" failures=\"2\" errors=\"2\" skipped=\"1\""))
    #expect(xml.contains("<testcase name=\"rpc.answer\" classname=\"probe-server.rpc\" time=\"0.012500\">"))
    #expect(xml.components(separatedBy: "<failure ").count == 3)
    #expect(xml.components(separatedBy: "<error ").count == 3)
    #expect(xml.components(separatedBy: "<skipped ").count == 2)
    #expect(xml.contains("classname=\"probe-server.frame\" time=\"0.012500\"/>"))
    #expect(xml.contains("&lt; 16 bytes 8211feef"))
    #expect(xml.contains("repeat: wireproof probe server ws://h/join --filter rpc.answer"))
    let strict = JUnitReport.xml(try Self.report(), isStrict: true)
    #expect(strict.contains("tests=\"8\" failures=\"3\" errors=\"2\""))
  }

  @Test("Markdown begins with what is met, then tells the failures")
  func markdown() throws {
    let text = MarkdownReport.text(try Self.report())
    #expect(text.hasPrefix("## Conformance of <code>probe me</code>"))
    #expect(text.contains("Core (2), RPC (1)"))
    #expect(text.contains("### 3 failures"))
    #expect(text.contains("<code>rpc.answer</code>: the answer has the sn</summary>"))
    let clean = MarkdownReport.text(try Self.report([Samples.record("frame.a", .pass)]))
    #expect(clean.contains("✅ <code>probe me</code> as a server | all 1 case that apply pass | Core | — |"))
    #expect(!clean.contains("###"))
  }

  @Test("Markdown of many failures of many implementations fits a comment")
  func markdownLimit() throws {
    let records = (0..<40).map {
      Samples.record("a.\($0)", .fail, expected: .string(String(repeating: "{", count: 2_000)))
    }
    let runs = try (0..<8).map { try Samples.run(records, name: "implementation \($0)") }
    let text = MarkdownReport.text(Report(runs, catalogue: Samples.catalogue))
    #expect(text.utf8.count < 65_536)
    #expect(text.contains("More than a comment can hold"))
  }

  @Test("Badges name the classes that are met")
  func badges() throws {
    func badge(_ records: [CaseRecord]) throws -> BadgeReport {
      BadgeReport(try Self.report(records).subjects[0])
    }
    let core = Samples.record("a.1", .pass)
    let rpc = Samples.record("a.2", .pass, of: .rpc)
    #expect(try badge([core, rpc]).message == "Core · RPC")
    #expect(try badge([core, rpc]).label == "wireproof server")
    #expect(try badge([core, rpc]).endpoint.contains("\"color\":\"brightgreen\""))
    let half = try badge([core, Samples.record("a.2", .fail, of: .rpc)])
    #expect(half.message == "Core")
    #expect(half.endpoint.contains("\"color\":\"yellow\""))
    #expect(try badge([Samples.record("a.2", .fail)]).message == "no class met")
    #expect(try badge([]).message == "not known")
    #expect(try badge([core]).svg.contains("<title>wireproof server: Core</title>"))
  }

  @Test("The text has the classes, the table and the failures")
  func text() throws {
    let text = TextReport.text(try Self.report())
    #expect(text.contains("  Core          not met     2 of 5 MUST cases fail"))
    #expect(text.contains("FAIL  rpc.answer\n  about     the answer has the sn\n"))
    #expect(text.contains("  requires  rpc.answer.sn (MUST, clause 8.2): The same sn."))
    #expect(
      text.split(separator: "\n").contains("all                  1          1     1     2        1     1        1"))
  }

  @Test("The JSON has the results, and its schema is the published one")
  func json() throws {
    let json = JSONReport.json(try Self.report())
    #expect(json["cases"]?.arrayValue?.count == 8)
    let first = json["cases"]?.arrayValue?[0]
    #expect(first?["results"]?.arrayValue?[0]["verdict"] == "fail")
    let path = try Samples.directory.vectors + "/reports/report.schema.json"
    #expect(
      String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self) == JSONReport.schema.canonicalText)
  }

  @Test("The page shows the ladder, the fields and the first divergent frame")
  func page() throws {
    let page = try HTMLReport(Self.report()).page
    #expect(page.contains("id=\"case-rpc.answer\""))
    #expect(page.contains("<li class=\"d-step unmet\">"))
    #expect(page.contains("<li class=\"d-received divergent\">"))
    #expect(page.contains("<td class=\"hex\">03 00 00 00</td><td>sn 3</td>"))
    #expect(page.contains("“one”"))
    #expect(page.contains("probes/server/rpc.yaml:7:3: call"))
    #expect(page.contains("A <code>magic</code> first."))
    #expect(page.contains("Not exercised: only probes of a running peer exercise it"))
    #expect(!page.contains("http://") && !page.contains("https://"))
  }

  @Test("What came instead is marked even where it came before the step")
  func cameBefore() throws {
    let transcript: [JSONValue] = [
      ["time": 1, "connection": 1, "event": "opened", "local": "a", "remote": "b", "role": "client"],
      ["time": 2, "connection": 1, "event": "received", "bytes": "880203e8"],
      ["time": 3, "connection": 1, "event": "decoded", "text": "close 1000"],
      ["time": 4, "connection": 0, "event": "step", "place": "7:3", "text": "expect: displacement"],
      ["time": 5, "connection": 1, "event": "end-received"],
    ]
    let record = Samples.record(
      "hub.a", .fail, expected: "a displacement", actual: "there came close 1000; end of TCP (FIN)",
      transcript: transcript, step: "x.yaml:7:3: expect: displacement")
    let page = try HTMLReport(Self.report([record])).page
    let marked = page.components(separatedBy: "<li class=\"d-received divergent\">")
    #expect(marked.count == 2)
    #expect(marked.last?.contains("code 1000") == true)
    #expect(marked.first?.contains("code 1000") == false)
  }

  @Test("The first byte that differs is marked")
  func difference() throws {
    let record = Samples.record(
      "frame.a", .fail, expected: ["output": ["message": "feef0a"]], actual: ["output": ["message": "feef0b"]],
      reason: "message is b instead of a")
    let page = try HTMLReport(Self.report([record])).page
    #expect(page.contains("<code>output.message, byte 2</code>"))
    #expect(page.contains("feef<mark>0b</mark>"))
  }

  @Test("A matrix says who alone fails")
  func matrix() throws {
    let report = Report(
      [
        try Samples.run([Samples.record("a.1", .pass)], name: "good"),
        try Samples.run([Samples.record("a.1", .fail)], name: "bad"),
      ], catalogue: Samples.catalogue)
    let page = try HTMLReport(report).page
    #expect(page.contains("<h1>good and bad</h1>"))
    #expect(page.contains("<span class=\"only\">only bad fails</span>"))
    #expect(TextReport.text(report).contains("  frame.magic  bad"))
  }

  @Test("Links to the evidence are relative to the page, and lead only to files that are there")
  func artifacts() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/wireproof art " + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder + "/x/rpc.answer", withIntermediateDirectories: true)
    try Data("c".utf8).write(to: URL(filePath: folder + "/x/rpc.answer/capture.pcapng"))
    let report = try Self.report()
    let links = ArtifactLinks(report.runs, folders: ["r.ndjson": folder + "/x"], output: folder + "/out/page.html")
    let page = try HTMLReport(report, artifacts: links).page
    #expect(page.contains("<a href=\"../x/rpc.answer/capture.pcapng\">capture</a>"))
    #expect(!page.contains("stderr.txt"))
    let none = ArtifactLinks(report.runs, folders: ["r.ndjson": "-"], output: nil)
    #expect(try !HTMLReport(report, artifacts: none).page.contains("capture.pcapng"))
  }
}
