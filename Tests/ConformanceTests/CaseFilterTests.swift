import Conformance
import GoldenVectors
import Specification
import StrictJSON
import Testing

@Suite("Selecting cases")
struct CaseFilterTests {
  @Test(
    "Patterns are globs over ids; one without a star also selects what is below it",
    arguments: [
      ("frame.decode.a-b", true), ("frame.decode", true), ("frame", true), ("fram", false), ("frame.*", true),
      ("*a-b", true), ("*.decode.*", true), ("frame.decode.a?b", true), ("frame.decode.?", false), ("*", true),
      ("rpc.*", false), ("*x*", false), ("frame.decode.a-b.c", false), ("", false), ("f*e.*d*b", true),
    ])
  func patterns(pattern: String, expected: Bool) {
    #expect(CaseFilter([pattern]).selects("frame.decode.a-b") == expected)
  }

  @Test("No pattern selects everything, several select what any selects")
  func several() {
    #expect(CaseFilter([]).selects("a.b"))
    #expect(CaseFilter(["x", "a"]).selects("a.b"))
  }

  @Test("A pattern of many stars takes no time to speak of")
  func stars() {
    let pattern = String(repeating: "*a", count: 50) + "b"
    #expect(!CaseFilter([pattern]).selects(String(repeating: "a", count: 5_000)))
  }

  @Test("A pattern that selects nothing is an error that names it, also beside one that selects something")
  func idle() throws {
    let cases = [Samples.decode("frame.decode.a")]
    #expect(try CaseFilter(["frame.*"]).select(cases).count == 1)
    let faults = try #require(throws: DataFaults.self) { try CaseFilter(["frame.*", "rpc.*"]).select(cases) }
    #expect(faults.faults.map(\.place) == ["rpc.*"])
    #expect(throws: DataFaults.self) { try CaseFilter([]).select([]) }
  }

  @Test("A pattern that no id is like selects by operation, and else by requirement")
  func otherNames() throws {
    let cases = try Samples.suite().cases
    let identities = try CaseFilter(["identity"]).select(cases)
    #expect(Set(identities.map(\.operation)) == [.identityFormat])
    let wraps = try CaseFilter(["rpc.sn.wrap"]).select(cases)
    #expect(
      !wraps.isEmpty && wraps.allSatisfy { $0.test.requirements.contains { $0.rawValue.hasPrefix("rpc.sn.wrap") } })
    #expect(try CaseFilter(["rpc"]).select(cases).allSatisfy { $0.test.id.hasPrefix("rpc.") })
  }
}
