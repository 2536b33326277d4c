import Specification
import Testing

@Suite struct RequirementIDTests {
  @Test(arguments: ["frame.magic", "rpc.sn.parity", "frame.zero-frame", "legacy.1_1.displacement-id"])
  func wellFormed(slug: String) {
    #expect(RequirementID(rawValue: slug).isWellFormed)
  }

  @Test(arguments: [
    "", "frame", ".", "frame.", ".magic", "frame..magic", "frame.-magic", "frame-.magic", "frame.magic-", "Frame.magic",
    "frame.ma gic", "frame.zero--frame", "frame.größe",
  ])
  func malformed(slug: String) {
    #expect(!RequirementID(rawValue: slug).isWellFormed)
  }

  @Test func literalAndDescription() {
    let id: RequirementID = "frame.magic"
    #expect(id.rawValue == "frame.magic")
    #expect("\(id)" == "frame.magic")
    #expect(id == RequirementID(rawValue: "frame.magic"))
  }

  @Test func orderIsByBytes() {
    let ids: [RequirementID] = ["rpc.sn", "frame.z", "frame.length.limit", "frame.length"]
    #expect(ids.sorted() == ["frame.length", "frame.length.limit", "frame.z", "rpc.sn"])
  }
}
