import Specification
import Testing

@Suite struct RequirementIDTests {
  @Test(
    "What is well formed is taken",
    arguments: ["frame.magic", "rpc.sn.parity", "frame.zero-frame", "legacy.1_1.displacement-id"])
  func wellFormed(slug: String) {
    #expect(RequirementID(rawValue: slug).isWellFormed)
  }

  @Test(
    "What is malformed is refused",
    arguments: [
      "", "frame", ".", "frame.", ".magic", "frame..magic", "frame.-magic", "frame-.magic", "frame.magic-",
      "Frame.magic",
      "frame.ma gic", "frame.zero--frame", "frame.größe",
    ])
  func malformed(slug: String) {
    #expect(!RequirementID(rawValue: slug).isWellFormed)
  }

  @Test("An id is written as it reads") func literalAndDescription() {
    let id: RequirementID = "frame.magic"
    #expect(id.rawValue == "frame.magic")
    #expect("\(id)" == "frame.magic")
    #expect(id == RequirementID(rawValue: "frame.magic"))
  }

  @Test("Order is by bytes") func orderIsByBytes() {
    let ids: [RequirementID] = ["rpc.sn", "frame.z", "frame.length.limit", "frame.length"]
    #expect(ids.sorted() == ["frame.length", "frame.length.limit", "frame.z", "rpc.sn"])
  }
}
