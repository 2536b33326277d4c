import FoundationEssentials
import Testing

/// The tables name what they exercise: each id stands in the catalogue.
@Suite("Requirements of the tables")
struct RequirementIdTests {
  private struct Catalogue: Decodable {
    struct Requirement: Decodable {
      var id: String
    }
    var requirements: [Requirement]
  }

  @Test("Every id of a row is one of the catalogue")
  func ids() throws {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let data = try Data(contentsOf: URL(filePath: "/\(folder)/vectors/requirements.json"))
    let known = Set(try JSONDecoder().decode(Catalogue.self, from: data).requirements.map(\.id))
    let rows =
      UpgradeRequestRule.refused.map { ($0.name, $0.requirements) }
      + UpgradeRequestRule.granted.map { ($0.name, $0.requirements) }
      + UpgradeAnswerRule.all.map { ($0.name, $0.requirements) }
      + ReceiverScript.all.map { ($0.name, $0.requirements) }
      + LegacyRule.all.map { ($0.name, $0.requirements) }
      + NegotiationRule.all.map { ($0.testDescription, $0.requirements) }
      + DeflateOfferRule.all.map { ($0.offer, [$0.requirement]) }
    #expect(rows.count > 100)
    for (name, ids) in rows {
      #expect(!ids.isEmpty, "\(name)")
      for id in ids where !known.contains(id) { Issue.record("\(name): \(id) is not in the catalogue") }
    }
  }
}
