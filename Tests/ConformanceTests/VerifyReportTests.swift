import Conformance
import GoldenVectors
import Specification
import StrictJSON
import Testing

@Suite("What verify prints")
struct VerifyReportTests {
  private static func record(_ id: String, _ verdict: Verdict, reason: String? = nil) -> CaseRecord {
    CaseRecord(
      id: id, requirements: ["frame.magic"], level: .must, conformanceClass: .core, verdict: verdict, seconds: 0,
      expected: ["error": "bad-magic"], actual: verdict == .pass ? ["error": "bad-magic"] : ["output": [:]],
      reason: reason, transcript: [["stderr": "last words"]])
  }

  private static let implementation = ImplementationDescription(
    name: "n\u{1B}[31m", language: "l", version: "1", capabilities: [])

  private func text(isStrict: Bool = false) throws -> VerifyReport {
    VerifyReport(suite: try Samples.suite(), isStrict: isStrict)
  }

  @Test("A failure shows what was expected, what came, why and the clause; what passed is not listed")
  func failures() throws {
    let records = [
      Self.record("frame.a", .pass), Self.record("frame.b", .fail, reason: "odd \u{1B}]0;title\u{7}"),
      Self.record("frame.c", .nonStrict),
    ]
    let text = try text().failures(records)
    #expect(
      text == """
        FAIL  frame.b
          expected  {"error":"bad-magic"}
          answered  {"output":{}}
          because   odd \\u{1b}]0;title\\u{7}
          stderr    last words
          requires  frame.magic (MUST, clause 4.2): A sender MUST begin every frame with
                    the two bytes FE EF, in this order.

        """)
    #expect(try self.text(isStrict: true).failures(records).contains("NONSTRICT  frame.c"))
  }

  @Test("The table counts each area, and the last line says what it comes to")
  func summary() throws {
    let records = [
      Self.record("frame.a", .pass), Self.record("frame.b", .fail), Self.record("rpc.c", .nonStrict),
      Self.record("rpc.d", .notApplicable),
    ]
    let text = try text().summary(records, implementation: Self.implementation, seconds: 1.5)
    #expect(
      text == """
        n\\u{1b}[31m 1 (l), vectors \(SuiteManifest.currentVersion)

        area             pass  nonStrict   info   fail  errored    n/a  not run
        frame               1          .      .      1        .      .        .
        rpc                 .          1      .      .        .      1        .
        all                 1          1      .      1        .      1        .

        4 vectors run in 1.500 s: 1 failed
        """)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let strict = try self.text(isStrict: true).summary(records, implementation: Self.implementation, seconds: 0)
    #expect(strict.hasSuffix("2 failed"))
  }

  @Test(
    "What a run comes to is said in words",
    arguments: [
      ([Verdict.pass, .pass], "all pass"), ([.pass, .notApplicable], "all 1 that apply pass"),
      ([.fail, .couldNotRun], "incomplete, 1 could not be run"), ([.errored], "1 failed"),
      ([.pass, .nonStrict], "none fail, 1 not strict"), ([.pass, .informational], "all pass"),
    ])
  func conclusions(verdicts: [Verdict], conclusion: String) throws {
    let records = verdicts.enumerated().map { Self.record("frame.\($0)", $1) }
    let text = try text().summary(records, implementation: Self.implementation, seconds: 0)
    #expect(text.hasSuffix(": " + conclusion))
  }

  @Test("The line of progress fits 80 columns")
  func progress() throws {
    let line = try text().progress(done: 999, of: 1_000, failures: 3, id: String(repeating: "n", count: 200))
    #expect(line.hasPrefix("999/1000, 3 failed  nnn"))
    #expect(line.count <= 80)
  }
}
