import StrictJSON
import Testing

@Suite("JSON, written")
struct JSONWriterTests {
  @Test("A line has no spaces and keeps the order of members")
  func line() {
    let value: JSONValue = ["b": [1, nil, true], "a": "x\"\\\n\u{1}\u{7F}\u{202E}é", "c": .decimal("0.5")]
    #expect(value.line == #"{"b":[1,null,true],"a":"x\"\\\n\u0001\u007f\u202eé","c":0.5}"#)
  }

  @Test("What fits a line stands on it; what does not is broken at its members")
  func layout() {
    let short: JSONValue = ["id": "a", "list": [1, 2]]
    #expect(short.canonicalText == "{\"id\": \"a\", \"list\": [1, 2]}\n")
    let long: JSONValue = ["id": .string(String(repeating: "x", count: 120)), "list": [1, 2], "none": []]
    let expected = """
      {
        "id": "\(String(repeating: "x", count: 120))",
        "list": [1, 2],
        "none": []
      }

      """
    #expect(long.canonicalText == expected)
  }

  @Test("What is not seen is escaped, beyond the basic plane as a pair of surrogates")
  func unseen() {
    let value: JSONValue = "\u{9B}\u{200B}\u{2066}\u{E000}\u{E0041}\u{1FFFF}é中😀"
    #expect(value.line == #""\u009b\u200b\u2066\ue000\udb40\udc41\ud83f\udfffé中😀""#)
  }

  @Test("A line of 120 columns is whole, one of 121 is broken", arguments: [(120, 1), (121, 3)])
  func width(columns: Int, lines: Int) {
    let value: JSONValue = [.string(String(repeating: "x", count: columns - 4))]
    #expect(value.canonicalText.split(separator: "\n").count == lines)
  }

  @Test("What was written is read as the same value, in both layouts")
  func roundTrip() throws {
    let value: JSONValue = [
      "null": nil, "numbers": [0, .int(.min), .uint(.max), .decimal("1.50")],
      "text": "\u{0}\u{8}\u{FEFF}\u{2028}\u{10FFFF}\u{FFFF}\"\\",
      "nested": [[], [:], ["a": ["b": .string(String(repeating: "y", count: 200))]]],
    ]
    #expect(try JSONParser.parse(Array(value.line.utf8)) == value)
    #expect(try JSONParser.parse(Array(value.canonicalText.utf8)) == value)
  }

  @Test("Bytes are lowercase digits, and back")
  func bytes() {
    let bytes = Bytes(.le16(0xEFFE), .le32(8), .be16(0x0102), .ascii("A"), .repeating(0xFF, 2), .varint(300))
    #expect(bytes.hex == "feef08000000010241ffffac02")
    #expect(Bytes(hex: bytes.hex) == bytes)
    for bad in ["0", "AA", "0g", "é"] { #expect(Bytes(hex: bad) == nil) }
  }
}
