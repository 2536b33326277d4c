import GoldenVectors
import Specification
import StrictJSON
import Testing

/// A small file of vectors that is right, and what has to be told when it is changed.
@Suite("Vector files, loaded strictly")
struct VectorLoadingTests {
  private static let catalogue = RequirementCatalogue([])

  private static func text(_ test: String, notes: String = "{}", more: String = "") -> String {
    """
    {"area": "frame", "notes": \(notes), "groups": [
      {"operation": "frame.decode", "comment": "c", "tests": [\(test)]}]\(more)}
    """
  }

  private static let good = """
    {"id": "frame.decode.a", "comment": "c", "requirements": ["frame.magic"], "flags": [], "result": "invalid",
     "input": {"revision": "1.3.3", "message": "00"}, "error": "bad-magic", "offset": 0}
    """

  private func load(_ text: String, catalogue: RequirementCatalogue? = nil) throws(DataFaults) -> VectorFile {
    try VectorFile.load(Array(text.utf8), file: "vectors/frame.json", area: "frame", catalogue: catalogue)
  }

  @Test("A file that is right becomes its tests")
  func accepted() throws {
    let file = try load(Self.text(Self.good))
    let test = try #require(file.groups.first?.tests.first)
    #expect(file.groups.first?.operation == .frameDecode)
    #expect(test.id == "frame.decode.a")
    #expect(test.requirements == ["frame.magic"])
    #expect(test.result == .invalid)
    #expect(test.expectation == .error(code: "bad-magic", offset: 0, index: nil))
    #expect(test.violates)
  }

  @Test(
    "Each departure is told with its place and what to do",
    arguments: [
      ("\"comment\": \"c\", \"req", "\"comment\": 7, \"req", "groups[0].tests[0].comment", "this is an integer"),
      ("\"flags\": [], ", "", "groups[0].tests[0]", "\"flags\" is missing"),
      ("\"flags\"", "\"extra\": 1, \"flags\"", "groups[0].tests[0].extra", "not known"),
      ("\"flags\": []", "\"flags\": [\"odd\"]", "groups[0].tests[0].flags[0]", "has no note"),
      ("\"flags\": []", "\"flags\": [1]", "groups[0].tests[0].flags[0]", "this is an integer"),
      ("[\"frame.magic\"]", "[]", "groups[0].tests[0].requirements", "exercises nothing"),
      ("[\"frame.magic\"]", "[\"frame.magic\", \"frame.magic\"]", "groups[0].tests[0].requirements[1]", "twice"),
      ("invalid", "wrong", "groups[0].tests[0].result", "not known"),
      ("invalid", "acceptable", "groups[0].tests[0]", "no alternatives"),
      ("\"00\"", "\"0\"", "groups[0].tests[0].input.message", "no byte string"),
      ("\"00\"", "\"AA\"", "groups[0].tests[0].input.message", "no byte string"),
      ("\"1.3.3\"", "\"1.4\"", "groups[0].tests[0].input.revision", "not known"),
      (", \"message\"", ", \"sn\": 1, \"message\"", "groups[0].tests[0].input.sn", "not known"),
      ("\"bad-magic\"", "\"bad-luck\"", "groups[0].tests[0].error", "not known"),
      ("\"offset\": 0", "\"offset\": -1", "groups[0].tests[0].offset", "out of range"),
      ("\"error\": \"bad-magic\", \"offset\"", "\"offset\"", "groups[0].tests[0]", "either an output or an error"),
      ("frame.decode.a", "Frame.decode", "groups[0].tests[0].id", "no id"),
      ("frame.decode.a", "rpc.decode.a", "groups[0].tests[0].id", "no id"),
      ("\"frame.decode\"", "\"frame.eat\"", "groups[0].operation", "not known"),
      ("\"area\": \"frame\"", "\"area\": \"rpc\"", "area", "not the name"),
      ("\"notes\": {}", "\"notes\": {\"f\": \"x\"}", "notes.f", "no test has this flag"),
      ("\"tests\": [", "\"tests\": [], \"x\": [", "groups[0].x", "not known"),
      ("\"area\"", "\"area\": \"frame\", \"area\"", "1:19", "twice"),
      ("\"notes\": {},", "\"notes\": {},,", "1:31", "can stand here"),
    ])
  func refused(old: String, new: String, place: String, reason: String) throws {
    let changed = Self.text(Self.good).replacing(old, with: new, maxReplacements: 1)
    try #require(changed != Self.text(Self.good))
    let faults = try #require(throws: DataFaults.self) { try load(changed) }.faults
    #expect(faults.contains { $0.place == place && $0.reason.contains(reason) }, "\(faults)")
    for fault in faults {
      #expect(fault.file == "vectors/frame.json")
      #expect(!fault.remedy.isEmpty)
      #expect(!fault.description.contains("\n"))
    }
  }

  @Test("An id that is there twice is told")
  func repeatedID() throws {
    let faults = try #require(throws: DataFaults.self) { try load(Self.text(Self.good + "," + Self.good)) }.faults
    #expect(faults.map(\.place) == ["groups[0].tests[1].id"])
  }

  @Test("A requirement that the catalogue lacks is told")
  func unknownRequirement() throws {
    let faults = try #require(throws: DataFaults.self) {
      try load(Self.text(Self.good), catalogue: Self.catalogue)
    }.faults
    #expect(faults.map(\.place) == ["groups[0].tests[0].requirements[0]"])
    #expect(faults.first?.reason == "\"frame.magic\" is not in the catalogue")
  }

  @Test("Alternatives belong to acceptable tests only, and need a verdict")
  func alternatives() throws {
    let output = #"{"protocolId": 1, "sn": 0, "length": 8, "payload": ""}"#
    func with(_ result: String, _ alternatives: String) -> String {
      Self.text(
        Self.good.replacing("invalid", with: result)
          .replacing("\"offset\": 0", with: "\"offset\": 0, \"alternatives\": [\(alternatives)]"))
    }
    let right = try load(with("acceptable", "{\"verdict\": \"nonStrict\", \"output\": \(output)}"))
    #expect(right.groups.first?.tests.first?.alternatives.first?.verdict == .nonStrict)
    for (result, alternatives) in [
      ("invalid", "{\"verdict\": \"nonStrict\", \"output\": \(output)}"), ("acceptable", ""),
      ("acceptable", "{\"verdict\": \"fail\", \"output\": \(output)}"), ("acceptable", "{\"output\": \(output)}"),
      ("acceptable", "{\"verdict\": \"nonStrict\"}"),
    ] {
      #expect(throws: DataFaults.self) { try load(with(result, alternatives)) }
    }
  }

  @Test("A file keeps its meaning and its layout when it is written and read again")
  func roundTrip() throws {
    let file = VectorFile(
      area: "frame", notes: ["b": "why b", "a": "why a"],
      groups: [
        VectorGroup(
          .frameDecode, comment: "c",
          tests: [
            .valid(
              id: "frame.decode.a", comment: "c", requirements: ["frame.magic"], capture: "x.pcap",
              input: ["revision": "1.3.3", "message": .hex(.hex("feef0800000002000000 00000000"))],
              output: ["protocolId": 2, "sn": 0, "length": 8, "payload": ""]),
            .acceptable(
              id: "frame.decode.b", comment: "c", requirements: ["frame.magic"], flags: ["a", "b"],
              input: ["revision": "1.1", "message": "", "maxFrameLength": 7], error: "empty",
              alternatives: [.nonStrict(error: "short", offset: 0)]),
          ])
      ])
    let text = file.canonicalText
    let read = try load(text)
    #expect(read == file)
    #expect(read.canonicalText == text)
  }
}
