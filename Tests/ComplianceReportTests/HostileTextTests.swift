import ComplianceReport
import Conformance
import Foundation
import Specification
import StrictJSON
import Testing

/// Every place of a result file that an implementation, or a person, can fill with text.
@Suite("Hostile text is inert in every format")
struct HostileTextTests {
  private static let hostile =
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u{1B}[2J\0\u{202E}\"'`|]]>&lt; @octocat #1 "
    + "[x](javascript:alert(3)) www.example.com {{x}}{{{y}}}\r\n## heading\u{FFFE}"

  private static let records: [CaseRecord] = [
    Samples.record(
      "a.\(hostile)", .fail, requirements: [RequirementID(rawValue: hostile)], expected: .string(hostile),
      actual: .string(hostile), reason: hostile,
      transcript: [
        ["time": 1, "connection": 1, "event": "opened", "local": .string(hostile), "remote": .string(hostile)],
        ["time": 2, "connection": 1, "event": "sent", "bytes": .hex(Array("GET /\(hostile)\r\n\r\n".utf8))],
        ["time": 3, "connection": 1, "event": "received", "bytes": .hex([0x82, 0x7F] + Array(hostile.utf8))],
        ["time": 4, "connection": 1, "event": "decoded", "text": .string(hostile)],
        ["time": 5, "connection": 1, "event": "step", "place": .string(hostile), "text": .string(hostile)],
        ["time": 6, "connection": 1, "event": "reset-received", "reason": .string(hostile)],
        ["time": 7, "connection": 1, "event": "note", "text": .string(hostile)],
        ["time": "no number", "connection": "none", "event": "sent", "bytes": "zz"], ["event": 7], [:],
        ["to": "iut", "operation": .string(hostile), "input": [hostile: .string(hostile)]],
        ["from": "iut", "answer": [hostile: .string(hostile)]], ["stderr": .string(hostile)],
      ], step: hostile),
    Samples.record(
      "a.vector", .fail, expected: ["output": [hostile: .string(hostile)]],
      actual: ["output": [hostile: .string(hostile + "!")]], reason: hostile),
    Samples.record("a.skipped", .notApplicable, reason: hostile), Samples.record("a.weak", .nonStrict, reason: hostile),
    Samples.record(
      "a.large", .errored, actual: .string(String(repeating: hostile, count: 6_000)),
      reason: String(repeating: "r", count: 1 << 20),
      transcript: [["stderr": .string(String(repeating: "e", count: 1 << 20))]]),
  ]

  private static func report() throws -> Report {
    let run = try Samples.run(
      records, name: hostile, command: "wireproof probe server \(hostile) --profile \(hostile)", profile: hostile,
      file: hostile)
    let other = try Samples.run([Samples.record("a.vector", .pass)], name: "other")
    return Report([run, other], catalogue: Samples.catalogue, titles: ["a.vector": hostile])
  }

  /// Scalars that no output may hold: they move, hide or turn what stands beside them.
  private static func unseen(_ text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { scalar in
      scalar.value < 0x20 && scalar != "\n" && scalar != "\t" || (0x7F...0x9F).contains(scalar.value)
        || scalar.value == 0x202E || scalar.value == 0xFFFE
    }
  }

  @Test("HTML: no element, attribute or script comes from a text")
  func html() throws {
    let page = try HTMLReport(Self.report(), title: Self.hostile).page
    #expect(Self.unseen(page).isEmpty)
    #expect(page.components(separatedBy: "<script").count == 2)
    #expect(page.components(separatedBy: "</script").count == 2)
    #expect(!page.contains("<img"))
    #expect(!page.contains("onerror=alert(2)>\""))
    #expect(!page.contains("href=\"javascript"))
    #expect(page.utf8.count < 400_000)
    let diff = try HTMLDiff(
      ResultDiff(
        old: try Samples.run([], name: Self.hostile), new: try Samples.run(Self.records, name: Self.hostile))
    ).page
    #expect(Self.unseen(diff).isEmpty)
    #expect(!diff.contains("<script"))
    #expect(!diff.contains("<img"))
  }

  @Test("JUnit: what an XML parser reads back is the text made visible")
  func junit() throws {
    let xml = JUnitReport.xml(try Self.report())
    #expect(Self.unseen(xml).isEmpty)
    #expect(!xml.contains("<script"))
    #expect(!xml.contains("]]>"))
    #expect(xml.contains("&lt;/script&gt;"))
    #expect(xml.utf8.count < 400_000)
  }

  @Test("Markdown: no markup, link, mention or heading comes from a text")
  func markdown() throws {
    let text = MarkdownReport.text(try Self.report())
    #expect(Self.unseen(text).isEmpty)
    #expect(!text.contains("<script"))
    #expect(!text.contains("<img"))
    #expect(!text.contains("@octocat"))
    #expect(!text.contains("](javascript"))
    #expect(!text.contains("www.example"))
    #expect(!text.contains("\n## heading"))
    #expect(text.utf8.count < 65_536)
    let diff = ResultDiff(old: try Samples.run([]), new: try Samples.run(Self.records)).markdown
    #expect(!diff.contains("<script"))
    #expect(!diff.contains("@octocat"))
  }

  @Test("Text, JSON and badges: nothing reaches a terminal or a page as it came")
  func others() throws {
    let report = try Self.report()
    #expect(Self.unseen(TextReport.text(report)).isEmpty)
    #expect(Self.unseen(JSONReport.json(report).canonicalText).isEmpty)
    let badge = BadgeReport(report.subjects[0])
    #expect(Self.unseen(badge.svg + badge.endpoint).isEmpty)
    #expect(!badge.svg.contains("<script"))
    let audit = ResultAudit(report.runs[0], suite: nil)
    #expect(Self.unseen(audit.text).isEmpty)
  }
}
