import Specification
import Testing

@testable import WireInspector

/// `inspect --payload FORM`.
@Suite("Forms of payloads") struct PayloadFormTests {
  private static func lines(
    _ form: PayloadForm, _ payload: [UInt8], _ charset: TextCharset = .utf8, columns: Int = 40
  ) -> [String] {
    var lines: [String] = []
    form.lines(of: payload.span.bytes, charset, columns: columns) { lines.append($0) }
    return lines
  }

  private static func json(_ text: String, columns: Int = 40) -> [String] {
    lines(.json, Array(text.utf8), columns: columns)
  }

  @Test("JSON has a line a member where it does not fit one, and its tokens as they were sent") func jsonLines() {
    let text =
      #" {"a":1.50e0,"list":[ 1,2, 3 ],"deep":{"text":"long enough for a line","n":null},"e":{ },"f":[ [],true]} "#
    #expect(
      Self.json(text) == [
        "{", #"  "a": 1.50e0,"#, #"  "list": [1, 2, 3],"#, #"  "deep": {"#, #"    "text": "long enough for a line","#,
        #"    "n": null"#, "  },", #"  "e": {},"#, #"  "f": [[], true]"#, "}",
      ])
    #expect(Self.json(#"{"a":[1,{"b":"c"}]}"#) == [#"{"a": [1, {"b": "c"}]}"#])
    #expect(Self.json("-0.5E+3") == ["-0.5E+3"])
  }

  @Test("What is too wide is folded, however deep it is") func jsonFolded() {
    let long = String(repeating: "x", count: 100)
    let deep = String(repeating: "[", count: 64) + "\"\(long)\"" + String(repeating: "]", count: 64)
    for columns in [20, 36, 76] {
      for text in [#"{"\#(long)":"\#(long)"}"#, deep] {
        let lines = Self.json(text, columns: columns)
        #expect(lines.count > 2)
        #expect(lines.allSatisfy { TerminalText.width($0) <= columns })
        let joined = lines.joined().filter { $0 != " " }
        #expect(joined == text)
      }
    }
  }

  @Test(
    "What is no JSON is shown as without the option",
    arguments: [
      "{\"a\":01}", "{\"a\":1,}", "[1 2]", "nul", "\"\\x\"", "{} {}", "\"\\u12g4\"", "{\"a\"}", "{a:1}", "[", "]", "1.",
      "-",
      "1e", "\"open", "\"line\nbreak\"", "{\"a\":1]",
      String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
      "plain", "\u{1B}",
    ])
  func noJSON(_ text: String) {
    #expect(Self.json(text) == Self.lines(.auto, Array(text.utf8)))
  }

  @Test("Unseen characters are escaped in every form") func inert() {
    let hostile = "a\u{202E}\u{9B}\u{FEFF}b"
    #expect(Self.json("[\"\(hostile)\",\"\\n\"]") == [#"["a\u{202e}\u{9b}\u{feff}b", "\n"]"#])
    #expect(Self.lines(.text, Array("\u{1B}[2J\u{7}\(hostile)".utf8)) == [#"\u{1b}[2J\u{7}a\u{202e}\u{9b}\u{feff}b"#])
    let field: [UInt8] = [0x0A, UInt8(hostile.utf8.count)] + Array(hostile.utf8)
    #expect(Self.lines(.protobuf, field) == [#"1 len 10: "a\u{202e}\u{9b}\u{feff}b""#])
    for form in PayloadForm.allCases {
      for seed in UInt64(0)..<64 {
        let noise = ConversationScript.noise(Int(seed) * 5, seed: seed)
        for columns in [20, 36, 76] {
          for line in Self.lines(form, noise, columns: columns) + Self.lines(form, noise, .gbk, columns: columns) {
            #expect(!line.unicodeScalars.contains { $0.isUnseen })
            if columns == 76 || form == .text || form == .hex { #expect(TerminalText.width(line) <= columns) }
          }
        }
      }
    }
  }

  @Test("Fields of protobuf are shown by number, wire type and value, messages within them too") func protobufFields() {
    let message: [UInt8] =
      [0x08, 0x96, 0x01] + [0x12, 0x07] + Array("testing".utf8) + [0x1A, 0x03, 0x08, 0x96, 0x01]
      + [0x25, 0, 0, 0x80, 0x3F] + [0x29, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
      + [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01] + [0x32, 0x02, 0xFF, 0xFE] + [0x3A, 0x00]
      + [0xFA, 0xFF, 0xFF, 0xFF, 0x0F, 0x03] + Array("a\nb".utf8)
    #expect(
      Self.lines(.protobuf, message, columns: 60) == [
        "1 varint: 150", #"2 len 7: "testing""#, "3 len 3:", "  1 varint: 150", "4 i32: 1065353216, float 1.0",
        "5 i64: 4607182418800017408, double 1.0", "1 varint: 18446744073709551615, signed -1", "6 len 2: ff fe",
        #"7 len 0: """#, #"536870911 len 3: "a\nb""#,
      ])
  }

  @Test(
    "What is no message of protobuf is shown as without the option",
    arguments: [
      [0x08], [0x00, 0x01], [0x0B, 0x0C], [0x0A, 0x05, 0x01], [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02],
      [0x25, 0, 0, 0], [0x29, 0, 0, 0, 0, 0, 0, 0], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
      [0x80, 0x80, 0x80, 0x80, 0x10, 0x00],
    ] as [[UInt8]])
  func noProtobuf(_ payload: [UInt8]) {
    #expect(Self.lines(.protobuf, payload, columns: 76) == Self.lines(.auto, payload, columns: 76))
  }

  @Test("Messages nested without end are shown as bytes in the end") func nestedProtobuf() {
    var message: [UInt8] = [0x08, 0x01]
    for _ in 0..<50 { message = [0x0A, UInt8(message.count)] + message }
    let lines = Self.lines(.protobuf, message, columns: 40)
    #expect(lines.count >= 33)
    #expect(lines.allSatisfy { TerminalText.width($0) <= 40 })
  }

  @Test("Hexadecimal has what is printable beside it") func hexadecimal() {
    let bytes = Array("hello world\n".utf8) + [0x00, 0x1B, 0x7F, 0xFF, 0x41]
    #expect(
      Self.lines(.hex, bytes, columns: 76) == [
        "000000  68 65 6c 6c 6f 20 77 6f 72 6c 64 0a 00 1b 7f ff  hello world.....",
        "000010  41" + String(repeating: " ", count: 47) + "A",
      ])
    #expect(Self.lines(.hex, [], columns: 76) == [])
  }

  @Test("Text has its lines, in the connection's charset, and what is none is written by its number") func text() {
    let bytes = Array("a\r\nb\u{1B}\\\n\n".utf8) + [0xFF] + Array("你".utf8) + [0xE4, 0xBD]
    #expect(Self.lines(.text, bytes) == [#"a\r"#, #"b\u{1b}\\"#, "", #"\xff你\xe4\xbd"#])
    #expect(Self.lines(.text, [0xC4, 0xE3, 0x0A, 0xBA, 0xC3, 0x0A], .gbk) == ["你", "好"])
    #expect(Self.lines(.text, [0x41, 0xC4], .gbk) == [#"A\xc4"#])
  }

  @Test("A report shows the payloads of frames, and of calls without an answer, under their lines") func report() throws
  {
    var script = ConversationScript()
    script.upgrade()
    script.say(true, 1, 2, Array(#"{"a":[1,2]}"#.utf8))
    script.close()
    let capture = TemporaryFile(try CaptureWriterScript.pcap(script))
    let output = TemporaryFile()
    var report = InspectionReport(options: InspectionOptions(), format: .text, outputPath: output.path)
    report.payload = .json
    #expect(report.run(paths: [capture.path]) == .good)
    let lines = String(decoding: output.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    let frame = try #require(lines.firstIndex { $0.hasSuffix("id 1 sn 2 11 B") })
    #expect(lines[frame + 1] == #"    {"a": [1, 2]}"#)
    #expect(lines.contains(String(repeating: " ", count: 20) + #"{"a": [1, 2]}"#))
  }
}
