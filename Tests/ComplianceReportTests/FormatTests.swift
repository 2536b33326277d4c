import ComplianceReport
import Conformance
import Foundation
import GoldenVectors
import Specification
import StrictJSON
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
    let rpc = Samples.record("a.2", .pass, requirements: ["rpc.answer.sn"], of: .rpc)
    #expect(try badge([core, rpc]).message == "Core 1 of 1 · RPC 1 of 1")
    #expect(try badge([core, rpc]).label == "wireproof server")
    #expect(try badge([core, rpc]).endpoint.contains("\"color\":\"brightgreen\""))
    let half = try badge([core, Samples.record("a.2", .fail, requirements: ["rpc.answer.sn"], of: .rpc)])
    #expect(half.message == "Core 1 of 1")
    #expect(half.endpoint.contains("\"color\":\"yellow\""))
    #expect(try badge([Samples.record("a.2", .fail)]).message == "no class met")
    #expect(try badge([]).message == "not known")
    let offeredNot = Samples.record("a.1", .notApplicable)
    #expect(try badge([offeredNot]).message == "not shown: Core")
    #expect(try badge([core]).svg.contains("<title>wireproof server: Core 1 of 1</title>"))
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

  @Test("A displacement shows whose place was taken by whom")
  func displacement() throws {
    let payload = Array("\u{A}\u{9}1.2.3.4:5\u{12}\u{9}6.7.8.9:0".utf8)
    let frame: [UInt8] =
      [
        0x82, UInt8(14 + payload.count), 0xFE, 0xEF, UInt8(8 + payload.count), 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0,
        0,
      ]
      + payload
    let record = Samples.record(
      "hub.a", .fail, transcript: [["time": 2, "connection": 1, "event": "received", "bytes": .hex(frame)]])
    #expect(try HTMLReport(Self.report([record])).page.contains("displacement: 1.2.3.4:5 → 6.7.8.9:0"))
  }

  @Test("What lies behind the cut in a long message is told apart all the same")
  func cut() throws {
    let head: [UInt8] = [0x82, 0x7E, 0x10, 0x0E, 0xFE, 0xEF, 0x08, 0x10, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0]
    let record = Samples.record(
      "frame.a", .fail,
      transcript: [
        [
          "time": 2, "connection": 1, "event": "received", "bytes": .hex(head + [0x78, 0x78]), "tail": "7a7a",
          "length": 4_114, "sha256": "00",
        ], ["time": 3, "connection": 1, "event": "received", "bytes": "880203e8"],
        ["time": 4, "connection": 0, "event": "omitted", "entries": 12, "bytes": 3_000],
        ["time": 5, "connection": 1, "event": "received", "bytes": "890001"],
      ])
    let report = try Self.report([record])
    let page = try HTMLReport(report).page
    #expect(page.contains("binary, 4110 bytes: id 3, sn 2"))
    #expect(page.contains("… 4094 more bytes"))
    #expect(page.contains("code 1000"))
    #expect(page.contains("12 entries with 3000 bytes are left out here"))
    #expect(page.contains("<span class=\"lab\">3 bytes</span>"))
    #expect(JUnitReport.xml(report).contains("&lt; 4114 bytes 827e100e"))
  }

  @Test("A hostile length of an entry is no arithmetic fault", arguments: [Int64.max, .min, -1, 1 << 40])
  func hostileLength(length: Int64) throws {
    let entry: JSONValue = [
      "time": .int(.max), "connection": .int(.min), "event": "received", "bytes": "8100", "tail": "00",
      "length": .int(length),
    ]
    let record = Samples.record("a.b", .fail, transcript: Array(repeating: entry, count: 5))
    _ = try HTMLReport(Self.report([record])).page
    _ = JUnitReport.xml(try Self.report([record]))
  }

  @Test("A case with many entries opens where it left what was expected; the entries before and behind are folded")
  func window() throws {
    var transcript: [JSONValue] = (0..<400).map {
      ["time": .int(Int64($0)), "connection": 0, "event": "note", "text": .string("note \($0)")]
    }
    transcript[300] = ["time": 300, "connection": 0, "event": "step", "place": "7:3", "text": "expect: pong"]
    let record = Samples.record("a.b", .fail, transcript: transcript, step: "x.yaml:7:3: expect: pong")
    let page = try HTMLReport(Self.report([record])).page
    #expect(page.contains("<li class=\"d-step unmet\">"))
    #expect(page.contains("114 entries before that"))
    #expect(page.contains("180 earlier entries are in the transcript"))
    #expect(!page.contains("note 100"))
  }

  @Test("Long lists are folded by area: what fails stands open")
  func folded() throws {
    var records = (0..<900).map { Samples.record("area\($0 % 9).\($0)", .pass) }
    records.append(Samples.record("area1.bad", .fail))
    let page = try HTMLReport(Self.report(records)).page
    let open = page.components(separatedBy: "<small>100 cases</small></h3></summary>")
    #expect(open.count == 9)
    #expect(page.contains("100 cases more"))
    let bad = try #require(page.firstRange(of: "id=\"case-area1.bad\"")?.lowerBound)
    let fold = try #require(page.firstRange(of: "100 cases more")?.lowerBound)
    #expect(bad < fold)
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
