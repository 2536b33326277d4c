import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("The list of probes") struct ProbeListTests {
  @Test("It has every case with its level and title, as text and as JSON, and says which need --all")
  func list() throws {
    let suite = try ProbeSuite.load(Samples.repository)
    let list = Explanation(try Samples.suite(), probes: suite.cases)
    let lines = list.probesText.split(separator: "\n")
    #expect(lines.map { String($0.prefix { $0 != " " }) } == suite.cases.map(\.id))
    for (line, test) in zip(lines, suite.cases) {
      #expect(line.contains(test.title))
      #expect(line.hasSuffix(": --all)") == !test.tags.isDisjoint(with: ProbeSuite.reservedTags))
    }
    #expect(list.probesJSON.arrayValue?.map { $0["id"]?.stringValue } == suite.cases.map(\.id))
    #expect(list.probesJSON.arrayValue?.first?["level"]?.stringValue == suite.sanity.level?.rawValue)
  }
}
