import ComplianceReport
import Conformance
import Specification
import StrictJSON
import Testing

@Suite("What changed between two runs")
struct ResultDiffTests {
  @Test(
    "Each pair of verdicts has its kind",
    arguments: [
      (Verdict.pass, Verdict.fail, ResultDiff.Kind.regressed), (.nonStrict, .errored, .regressed),
      (.couldNotRun, .fail, .regressed), (.fail, .pass, .fixed), (.errored, .nonStrict, .fixed),
      (.fail, .notApplicable, .changed), (.fail, .couldNotRun, .changed), (.pass, .nonStrict, .changed),
      (.notApplicable, .pass, .changed), (.fail, .errored, .changed),
    ])
  func kinds(old: Verdict, new: Verdict, kind: ResultDiff.Kind) throws {
    let diff = ResultDiff(
      old: try Samples.run([Samples.record("a.1", old)]), new: try Samples.run([Samples.record("a.1", new)]))
    #expect(diff.changes.map(\.kind) == [kind])
    #expect(diff.isWorse == (kind == .regressed))
  }

  @Test("New, gone, flaky and unchanged cases are told apart")
  func others() throws {
    let flaky = CaseRuns(total: 2, failed: 1)
    let old = try Samples.run([
      Samples.record("a.same", .pass), Samples.record("a.gone", .pass), Samples.record("a.flaky", .pass),
      Samples.record("a.stays", .fail, runs: flaky),
    ])
    let new = try Samples.run([
      Samples.record("a.same", .pass), Samples.record("a.new", .pass), Samples.record("a.bad", .fail),
      Samples.record("a.flaky", .fail, runs: flaky), Samples.record("a.stays", .fail, runs: flaky),
    ])
    let diff = ResultDiff(old: old, new: new)
    let kinds = Dictionary(diff.changes.map { ($0.id, $0.kind) }, uniquingKeysWith: { first, _ in first })
    #expect(kinds == ["a.gone": .gone, "a.new": .new, "a.bad": .newFailing, "a.flaky": .newlyFlaky])
    #expect(diff.unchanged == 2)
    #expect(diff.isWorse)
    #expect(diff.warnings.isEmpty)
    #expect(diff.text.contains("Newly flaky (1)"))
    #expect(diff.markdown.contains("<details open><summary>New and failing (1)</summary>"))
    #expect(try HTMLDiff(diff).page.contains("<code>a.bad</code>"))
  }

  @Test("Runs that are hard to compare say so")
  func warnings() throws {
    let diff = ResultDiff(
      old: try Samples.run([], name: "one", hash: "aa"), new: try Samples.run([], name: "two", hash: "bb"))
    #expect(diff.warnings.count == 2)
    #expect(diff.text.contains("note: another implementation: one before, two now"))
  }
}
