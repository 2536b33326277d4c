import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("Expected failures")
struct ExpectedFailuresTests {
  static func record(_ id: String, _ verdict: Verdict, reason: String? = nil) -> CaseRecord {
    CaseRecord(
      id: id, requirements: [], level: .must, conformanceClass: .core, verdict: verdict, seconds: 0, expected: nil,
      actual: nil, reason: reason, transcript: [])
  }

  static let text = "# Known faults.\n\na.b  # issue 7\n a.c\t# with a # in it \nd.e\n"

  @Test("Ids and reasons are read")
  func reading() throws {
    let file = try ExpectedFailures(Self.text, file: "f")
    #expect(file.entries.map(\.id) == ["a.b", "a.c", "d.e"])
    #expect(file.entries.map(\.reason) == ["issue 7", "with a # in it", ""])
    #expect(file.entries.map(\.line) == [3, 4, 5])
  }

  @Test(
    "What is no such file is told with its line",
    arguments: [
      ("a.b a.c", "f: line 1: a.b a.c is not one id"), ("a.*", "is not one id"),
      ("PATH=/bin\0HOME=/", "is not one id"), ("a.b\u{A0}a.c", "is not one id"),
      ("a.b\n\na.b # x", "f: line 3: a.b is already in line 1"),
    ])
  func faults(text: String, expected: String) {
    let error = #expect(throws: DataFaults.self) { try ExpectedFailures(text, file: "f") }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test(
    "An entry is stale when its case was judged and did not fail",
    arguments: [
      (Verdict.fail, false, false), (.errored, false, false), (.pass, false, true), (.informational, false, true),
      (.nonStrict, false, true), (.nonStrict, true, false), (.notApplicable, false, false),
      (.couldNotRun, false, false),
    ])
  func stale(verdict: Verdict, isStrict: Bool, isStale: Bool)
    throws
  {
    let file = try ExpectedFailures("a.b # why", file: "f")
    let stale = file.stale([Self.record("a.b", verdict)], known: ["a.b"], isStrict: isStrict)
    #expect(stale.isEmpty == !isStale)
  }

  @Test("What may fail is never stale where a case has its id, and stays in the new file")
  func mayFail() throws {
    let file = try ExpectedFailures("may-fail  a.b  # races\nmay-fail\ta.c\nmay-fail a.x\n", file: "f")
    #expect(file.entries.map(\.id) == ["a.b", "a.c", "a.x"])
    #expect(file.entries.allSatisfy { $0.mayPass })
    #expect(file.entries[0].reason == "races")
    #expect(file.intermittentIDs == file.ids)
    let records = [Self.record("a.b", .pass), Self.record("a.c", .fail)]
    #expect(file.knows(records[1], isStrict: false))
    #expect(file.stale(records, known: ["a.b", "a.c"], isStrict: false).map(\.entry.id) == ["a.x"])
    #expect(
      file.updated(records, known: ["a.b", "a.c"], isStrict: false) == "may-fail a.b  # races\nmay-fail a.c\n")
  }

  @Test("An id that no case has is stale, one that was not run is not")
  func staleIds() throws {
    let stale = try ExpectedFailures(Self.text, file: "f").stale([], known: ["a.b", "a.c"], isStrict: false)
    #expect(stale.map(\.description) == ["f:5: no case has the id d.e; remove the line"])
  }

  @Test("The new file keeps reasons, and what was not run")
  func newFile() throws {
    let file = try ExpectedFailures(Self.text, file: "f")
    let records = [
      Self.record("a.b", .fail, reason: "other"), Self.record("a.c", .pass),
      Self.record("x.y", .errored, reason: "it\nended"),
    ]
    #expect(
      file.updated(records, known: ["a.b", "a.c", "d.e", "x.y"], isStrict: false)
        == "# Known faults.\n\na.b  # issue 7\nd.e\nx.y  # it\\nended\n")
  }
}
