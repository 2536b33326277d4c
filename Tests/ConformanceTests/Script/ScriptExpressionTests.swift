import Testing

@testable import Conformance

@Suite("Expressions and templates")
struct ScriptExpressionTests {
  static let scope = ScriptScope(["limit": .integer(524_288), "name": .text("x"), "data": .bytes([1, 2, 3])])

  @Test(
    "Expressions have the value that arithmetic gives them",
    arguments: [
      ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("limit - 8", 524_280), ("-1", -1), ("0xFF", 255), ("7 % 4", 3),
      ("1 << 31", 2_147_483_648), ("len(data)", 3), ("1 < 2 && 2 < 1", 0), ("1 == 1 || 1 / 0", 1), ("$limit >= 8", 1),
      ("0xFFFFFFFFFFFFFFFF", -1), ("6 & 3 | 8", 10),
    ])
  func value(_ text: String, _ expected: Int64) throws {
    #expect(try ScriptExpression(text, at: .start).value(in: Self.scope) == expected)
  }

  @Test(
    "What is no expression is refused",
    arguments: ["", "1 +", "(1", "1 2", "1 + * 2", "a-", "1 ? 2", "99999999999999999999", "len(3", "#"])
  func syntax(_ text: String) {
    #expect(throws: ScriptExpression.SyntaxError.self) { try ScriptExpression(text, at: .start) }
  }

  @Test("Deep nesting is refused")
  func nesting() {
    #expect(throws: ScriptExpression.SyntaxError.self) {
      try ScriptExpression(String(repeating: "(", count: 100_000), at: .start)
    }
  }

  @Test(
    "What cannot be computed is an error with its place",
    arguments: ["1 / 0", "9223372036854775807 + 1", "name + 1", "unheard", "1 << 64", "-9223372036854775807 - 2"])
  func runtime(_ text: String) throws {
    let expression = try ScriptExpression(text, at: SourcePlace(line: 3, column: 4))
    let error = try #require(throws: ScriptRuntimeError.self) { try expression.value(in: Self.scope) }
    #expect(error.place == SourcePlace(line: 3, column: 4))
    #expect(error.kind == .script)
  }

  @Test("What the profile lacks is told apart from a fault of the script")
  func missing() throws {
    let expression = try ScriptExpression("slow.request", at: .start)
    let error = try #require(throws: ScriptRuntimeError.self) { try expression.value(in: Self.scope) }
    #expect(error.kind == .missing("slow"))
  }

  @Test(
    "Templates fill in variables",
    arguments: [
      ("plain", "plain"), ("a-$name-b", "a-x-b"), ("$$name", "$name"), ("$(limit + 1)", "524289"), ("5$", "5$"),
      ("$name.", "x."), ("$ name", "$ name"), ("$(1)$(2)", "12"),
    ])
  func template(_ text: String, _ expected: String) throws {
    #expect(try ScriptTemplate(text, at: .start).text(in: Self.scope) == expected)
  }

  @Test("A template that is one reference keeps the type")
  func type() throws {
    #expect(try ScriptTemplate("$data", at: .start).value(in: Self.scope) == .bytes([1, 2, 3]))
    #expect(try ScriptTemplate("$limit", at: .start).value(in: Self.scope) == .integer(524_288))
  }

  @Test(
    "Durations",
    arguments: [("200ms", 200), ("1.5s", 1500), ("5rtt", 50), ("50ms|5rtt", 50), ("1s|10rtt", 1000), ("0.5rtt", 5)])
  func duration(_ text: String, _ milliseconds: Int) throws {
    let duration = try #require(ScriptDuration(text))
    #expect(duration.duration(roundTrip: .milliseconds(10)) == .milliseconds(milliseconds))
  }

  @Test("What is no duration is none", arguments: ["", "5", "s", "1..5s", "-1s", "1m", "1s|", "1.2345s", "99999999s"])
  func noDuration(_ text: String) {
    #expect(ScriptDuration(text) == nil)
  }

  @Test("The seeded generator is the same everywhere")
  func generator() {
    var one = SeededGenerator(seed: 7, "a", "bc")
    var other = SeededGenerator(seed: 7, "ab", "c")
    #expect(one.bytes(20).count == 20)
    #expect(one.next() != other.next())
    var fixed = SeededGenerator(seed: 0)
    #expect(fixed.next() == 0xE220_A839_7B1D_CDAF)
  }
}
