import GoldenVectors
import StrictJSON
import Testing

@Suite("Integers beyond 2^53")
struct WideIntegerTests {
  @Test("No number of a vector is one that floating point rounds")
  func vectors() throws {
    for vector in try VectorSuite.load(CommittedVectorsTests.directory).cases {
      #expect(Self.isExact(.object(vector.test.json)), "\(vector.test.id)")
    }
  }

  private static func isExact(_ value: JSONValue) -> Bool {
    switch value {
    case .int(let number): number.magnitude < 1 << 53
    case .uint, .decimal: false
    case .array(let elements): elements.allSatisfy(isExact)
    case .object(let object): object.members.allSatisfy { isExact($0.value) }
    default: true
    }
  }

  @Test(
    "A string stands for an integer only in its canonical form",
    arguments: [
      ("0", 0), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775808", nil),
      ("+1", nil), ("01", nil), ("-0", nil), ("", nil), ("1.0", nil), (" 1", nil), ("1e3", nil), ("٣", nil),
    ] as [(String, Int64?)])
  func canonicalForm(text: String, expected: Int64?) {
    #expect(JSONValue.wide(text) == expected)
  }

  @Test("Writing turns numbers into strings where the operation wants them, and nowhere else")
  func writing() {
    #expect(
      Operation.metadataParse.writtenOutput(["uid": "", "typed": 7, "other": 7])
        == ["uid": "", "typed": "7", "other": 7])
    #expect(
      Operation.negotiateSelect.writtenInput(["versions": ["min": 1, "max": 2], "charsets": [0, 1]])
        == ["versions": ["min": "1", "max": "2"], "charsets": ["0", "1"]])
    #expect(Operation.frameDecode.writtenOutput(["protocolId": 7]) == ["protocolId": 7])
    let action: JSONValue = ["at": 1, "action": "displaced", "oldIp": "", "newIp": "", "ts": 5]
    #expect(
      Operation.rpcTimeline.writtenOutput(["actions": [action]])["actions"]?.arrayValue?.first?["ts"] == "5")
  }
}
