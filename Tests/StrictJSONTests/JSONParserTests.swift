import StrictJSON
import Testing

@Suite("JSON, read")
struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

  @Test(
    "Values are read exactly",
    arguments: [
      ("null", JSONValue.null), (" true\n", true), ("false", false), ("0", 0), ("-0", 0),
      ("-9223372036854775808", .int(.min)),
      ("9223372036854775807", .int(.max)), ("9223372036854775808", .uint(9_223_372_036_854_775_808)),
      ("18446744073709551615", .uint(.max)), ("18446744073709551616", .decimal("18446744073709551616")),
      ("1.0", .decimal("1.0")), ("-1e3", .decimal("-1e3")), ("\"\"", ""), ("[]", .array([])), ("{}", .object([:])),
      ("\"a\\u00e9\\ud83d\\ude00\\n\\/\"", "aé😀\n/"),
      ("[1,[2 , {\"a\":\tnull}]]", .array([1, .array([2, .object(["a": nil])])])),
    ])
  func values(text: String, expected: JSONValue) throws {
    #expect(try parse(text) == expected)
  }

  @Test(
    "What is no JSON is refused at its place",
    arguments: [
      ("", JSONSyntaxError.Code.unexpectedEnd, 1, 1), ("{\"a\":1,\n \"a\":2}", .duplicateName, 2, 2),
      ("[1,]", .unexpectedByte, 1, 4), ("[1 2]", .unexpectedByte, 1, 4), ("{\"a\" 1}", .unexpectedByte, 1, 6),
      ("01", .badNumber, 1, 1), ("-", .badNumber, 1, 1), ("1.", .badNumber, 1, 1), ("[1e]", .badNumber, 1, 2),
      ("+1", .unexpectedByte, 1, 1), ("nul", .unexpectedEnd, 1, 4), ("nulL", .unexpectedByte, 1, 4),
      ("\"\\x\"", .badEscape, 1, 2), ("\"\\ud800\"", .badEscape, 1, 2), ("\"\\udc00\"", .badEscape, 1, 2),
      ("\"\\ud800\\u0041\"", .badEscape, 1, 2), ("\"\\u12\"", .unexpectedEnd, 1, 4), ("\"\\u12g4\"", .badEscape, 1, 2),
      ("\"a\nb\"", .controlCharacter, 1, 3), ("\"a", .unexpectedEnd, 1, 3), ("1 1", .trailingBytes, 1, 3),
      ("{", .unexpectedEnd, 1, 2), ("[", .unexpectedEnd, 1, 2), ("{1:2}", .unexpectedByte, 1, 2),
      ("NaN", .unexpectedByte, 1, 1),
    ])
  func refusals(text: String, code: JSONSyntaxError.Code, line: Int, column: Int) {
    let error = #expect(throws: JSONSyntaxError.self) { try parse(text) }
    #expect(error?.code == code)
    #expect(error?.line == line)
    #expect(error?.column == column)
  }

  @Test("Bytes that are no UTF-8 are refused")
  func badUTF8() {
    let error = #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xC0, 0x80, 0x22]) }
    #expect(error?.code == .badUTF8)
  }

  @Test("Every prefix of a value is refused, never a crash")
  func prefixes() throws {
    let text = Array("{\"a\":[true,null,-1.5e+7,\"x\\u00e9\\\\\"],\"b\":{\"c\":0}}".utf8)
    _ = try JSONParser.parse(text)
    for end in text.indices {
      #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(text[..<end])) }
    }
  }

  @Test("Values may be nested as deep as the limit, not deeper")
  func depth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try parse(nested(JSONParser.maximumDepth))
    let error = #expect(throws: JSONSyntaxError.self) { try parse(nested(JSONParser.maximumDepth + 1)) }
    #expect(error?.code == .tooDeep)
    #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
  }

  @Test("Texts that only look the same are different")
  func canonicalEquivalence() throws {
    #expect(try parse("\"\\u00e9\"") != parse("\"e\\u0301\""))
  }

  @Test("The order of members does not matter")
  func order() throws {
    #expect(try parse("{\"a\":1,\"b\":[]}") == parse("{\"b\":[],\"a\":1}"))
    #expect(try parse("{\"a\":1}") != parse("{\"a\":1,\"b\":null}"))
  }
}
