import ComplianceReport
import Conformance
import GoldenVectors
import Specification
import StrictJSON
import Testing

@Suite("Auditing result files")
struct ResultAuditTests {
  private static func reasons(_ record: CaseRecord, command: String = "wireproof probe server u") throws -> [String] {
    ResultAudit(try Samples.run([record], command: command), suite: nil).contradictions.map(\.reason)
  }

  @Test("Records of a probe that fit have no contradictions", arguments: Verdict.allCases)
  func sound(verdict: Verdict) throws {
    #expect(try Self.reasons(Samples.record("a.1", verdict)).isEmpty)
  }

  @Test("A verdict that was changed by hand contradicts its own record")
  func edited() throws {
    let passed = Samples.record("a.1", .pass, expected: "a frame", actual: "nothing", reason: "it did not come")
    #expect(try Self.reasons(passed).count == 1)
    #expect(try Self.reasons(Samples.record("a.1", .fail, expected: "", actual: "")).count == 1)
    #expect(try Self.reasons(Samples.record("a.1", .nonStrict, reason: "")).count == 1)
    #expect(try Self.reasons(Samples.record("a.1", .fail, runs: CaseRuns(total: 2, failed: 0))).count == 1)
    #expect(try Self.reasons(Samples.record("a.1", .pass, runs: CaseRuns(total: 2, failed: 2))).count == 1)
  }

  @Test("The verdicts of vectors are made anew")
  func vectors() throws {
    let suite = try VectorSuite.load(Samples.directory)
    let vector = try #require(suite.cases.first { $0.operation == .frameEncode })
    let right = vector.test.expectation.json
    func audit(_ verdict: Verdict, _ actual: JSONValue) throws -> ResultAudit {
      let record = Samples.record(
        vector.test.id, verdict, expected: .object(right), actual: actual, reason: verdict == .pass ? nil : "why")
      return ResultAudit(try Samples.run([record], command: "wireproof verify", hash: suite.hash), suite: suite)
    }
    let wrong: JSONValue = ["output": ["message": "00"]]
    #expect(try audit(.pass, .object(right)).contradictions.isEmpty)
    #expect(try audit(.pass, .object(right)).judgedAnew == 1)
    #expect(try audit(.fail, wrong).contradictions.isEmpty)
    #expect(try audit(.pass, wrong).contradictions.map(\.line) == [2])
    #expect(try audit(.fail, .object(right)).contradictions.count == 1)
    #expect(try audit(.pass, .null).contradictions.count == 1)
    #expect(try audit(.errored, .null).contradictions.isEmpty)
    #expect(try audit(.notApplicable, ["unsupported": "no"]).contradictions.isEmpty)
  }

  @Test("Without the suite the audit says what it could not do")
  func withoutSuite() throws {
    let audit = ResultAudit(try Samples.run([Samples.record("a.1", .pass)], command: "wireproof verify"), suite: nil)
    #expect(audit.limitation != nil)
    #expect(audit.text.contains("not at hand"))
  }
}
