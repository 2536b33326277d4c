import ComplianceReport
import Conformance
import Specification
import StrictJSON
import Testing

@Suite("What a report puts together")
struct ReportTests {
  private static func status(_ records: [CaseRecord], command: String = "wireproof probe server u") throws
    -> ClassStatus
  {
    let subjects = ReportSubject.grouping([try Samples.run(records, command: command)], catalogue: Samples.catalogue)
    return try #require(subjects.first?.classes(as: subjects[0].roles[0]).first)
  }

  @Test("A class is met when every MUST that applies passes, and only then")
  func classes() throws {
    let pass = Samples.record("a.1", .pass)
    #expect(try Self.status([pass]).state == .met)
    #expect(try Self.status([pass, Samples.record("a.2", .nonStrict)]).state == .notShown)
    #expect(
      try Self.status([pass, Samples.record("a.2", .nonStrict, judged: ["ws.ping.answer": .nonStrict])]).state == .met)
    #expect(try Self.status([pass, Samples.record("a.2", .notApplicable)]).state == .met)
    #expect(try Self.status([pass, Samples.record("a.2", .notApplicable)]).applicable == 1)
    #expect(try Self.status([pass, Samples.record("a.2", .fail)]).state == .notMet)
    #expect(try Self.status([pass, Samples.record("a.2", .errored)]).state == .notMet)
    // A verdict of `fail` is about a MUST, whatever the level of the case.
    #expect(try Self.status([pass, Samples.record("a.2", .fail, level: .should)]).state == .notMet)
    #expect(try Self.status([pass, Samples.record("a.2", .couldNotRun)]).state == .notKnown)
    #expect(try Self.status([pass, Samples.record("a.2", .notApplicable, lacks: "echo")]).state == .notShown)
    #expect(try Self.status([pass, Samples.record("a.2", .notApplicable, lacks: "echo")]).lacks == ["echo"])
    #expect(try Self.status([Samples.record("a.2", .notApplicable)]).state == .notShown)
    #expect(try Self.status([]).state == .notShown)
  }

  @Test("A part of a run, traffic and mutants cannot say that a class is met")
  func claims() throws {
    let pass = [Samples.record("a.1", .pass)]
    #expect(try Self.status(pass, command: "wireproof probe server u --shard 1/2").state == .notKnown)
    #expect(try Self.status(pass, command: "wireproof verify --filter a.*").state == .notKnown)
    #expect(try Self.status(pass, command: "wireproof inspect x.pcap --check").state == .notShown)
    #expect(try Self.status(pass, command: "wireproof mutate").state == .notShown)
  }

  @Test("Runs of one implementation are one column, unless they share cases")
  func subjects() throws {
    let vectors = try Samples.run([Samples.record("frame.a", .pass)], command: "wireproof verify")
    let probes = try Samples.run([Samples.record("ws.a", .pass)])
    let again = try Samples.run([Samples.record("ws.a", .fail)])
    let other = try Samples.run([Samples.record("ws.a", .pass)], name: "other")
    let report = Report([vectors, probes, again, other], catalogue: Samples.catalogue)
    #expect(report.subjects.map(\.title) == ["probe me", "probe me · 2", "other"])
    #expect(report.subjects[0].runs.count == 2)
    #expect(report.cases.map(\.id) == ["frame.a", "ws.a"])
    #expect(report.cases[1].results.map { $0?.record.verdict } == [.pass, .fail, .pass])
    #expect(report.cases[1].onlyFailure == 1)
    #expect(report.cases[0].onlyFailure == nil)
    #expect(report.areas == ["frame", "ws"])
    #expect(report.counts(of: 1)[.fail] == 1)
  }

  @Test("A requirement has the weightiest verdict of its cases, and says why nothing exercises it")
  func requirements() throws {
    let run = try Samples.run([
      Samples.record("a.1", .pass), Samples.record("a.2", .fail), Samples.record("a.3", .nonStrict),
      Samples.record("a.4", .notApplicable, requirements: ["ws.ping.answer"]),
      Samples.record("a.5", .pass, requirements: ["not.there"]),
    ])
    let rows = Report([run], catalogue: Samples.catalogue).requirementRows
    #expect(rows.map(\.id) == ["frame.magic", "rpc.answer.sn", "ws.ping.answer", "not.there"])
    #expect(rows[0].verdicts == [.fail])
    #expect(rows[0].failures == [1])
    #expect(rows[1].verdicts == [nil])
    #expect(rows[1].whyNotExercised == "only probes of a running peer exercise it; none of these runs did")
    #expect(rows[2].whyNotExercised == "its cases do not apply")
    #expect(rows[3].requirement == nil)
    #expect(rows[3].isExercised)
  }

  @Test("The verdict of a case falls on the requirements that it names, not on all that the case lists")
  func blame() throws {
    let run = try Samples.run([
      Samples.record(
        "a.1", .fail, requirements: ["frame.magic", "ws.ping.answer"],
        judged: ["rpc.answer.sn": .fail, "frame.magic": .pass]),
      Samples.record(
        "a.2", .nonStrict, requirements: ["frame.magic", "ws.ping.answer"], judged: ["ws.ping.answer": .nonStrict]),
    ])
    let rows = Report([run], catalogue: Samples.catalogue).requirementRows
    #expect(rows.map(\.verdicts) == [[.pass], [.fail], [.nonStrict]])
    #expect(rows.map(\.failures) == [[0], [1], [0]])
    #expect(rows.map { $0.failing.map(\.id) } == [[], ["a.1"], []])
    #expect(run.cases[0].accused == ["rpc.answer.sn"])
  }

  @Test("A result file from before verdicts fell on requirements blames the one that the case is about")
  func before() throws {
    let run = try Samples.run([Samples.record("a.1", .fail, requirements: ["frame.magic", "rpc.answer.sn"])])
    let rows = Report([run], catalogue: Samples.catalogue).requirementRows
    #expect(rows.map(\.verdicts) == [[.fail], [nil], [nil]])
    #expect(rows[1].whyNotExercised == "its cases ended before the step that shows it, or could not see it")
  }

  @Test("A file with an id twice, or a header that lacks something, is refused")
  func refused() throws {
    let twice = [Samples.record("a.1", .pass), Samples.record("a.1", .fail)]
    let error = #expect(throws: DataFaults.self) { try Samples.run(twice) }
    #expect(error?.faults.first?.place == "line 3")
    let header = #expect(throws: DataFaults.self) { try RunHeader(["suite": "1"], file: "f") }
    #expect(header?.description.contains("suiteHash") == true)
  }
}
