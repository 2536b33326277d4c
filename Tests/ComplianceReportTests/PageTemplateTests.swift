import Testing

@testable import ComplianceReport

@Suite("Templates of the page")
struct PageTemplateTests {
  private static func rendered(_ text: String, _ view: View, _ others: [String: String] = [:]) throws -> String {
    try PageTemplate(text).render(view, others.mapValues { try PageTemplate($0) })
  }

  @Test("Values are escaped, markup is not, and what is absent is nothing")
  func values() throws {
    #expect(try Self.rendered("{{a}} {{{a}}} [{{b}}]", ["a": "<b>'\"&"]) == "&lt;b&gt;&#39;&quot;&amp; <b>'\"& []")
  }

  @Test("A section is rendered for each of a list, for a condition, and with what is around it")
  func sections() throws {
    let view: View = [
      "list": [["n": "1"], ["n": "2"]] as [View], "words": ["x", "y"], "yes": true, "no": false, "o": "out",
    ]
    #expect(try Self.rendered("{{#list}}{{n}}{{o}},{{/list}}", view) == "1out,2out,")
    #expect(try Self.rendered("{{#words}}{{.}}{{/words}}{{#yes}}!{{/yes}}{{#no}}?{{/no}}", view) == "xy!")
    #expect(try Self.rendered("{{^no}}a{{/no}}{{^none}}b{{/none}}{{^yes}}c{{/yes}}{{^list}}d{{/list}}", view) == "ab")
    #expect(try Self.rendered("{{#o}}({{.}}){{/o}}", view) == "(out)")
  }

  @Test("A tag alone on its line takes the line with it")
  func lines() throws {
    #expect(try Self.rendered("a\n{{#yes}}\nb\n  {{/yes}}\nc", ["yes": true]) == "a\nb\nc")
    #expect(try Self.rendered("a {{#yes}}\nb{{/yes}}\n", ["yes": true]) == "a \nb\n")
  }

  @Test("Another template is rendered in place")
  func partials() throws {
    #expect(try Self.rendered("{{#l}}{{>p}}{{/l}}", ["l": ["1", "2"]], ["p": "<{{.}}>"]) == "<1><2>")
  }

  @Test("What is no template is refused", arguments: ["{{a", "{{#a}}b", "{{#a}}{{/b}}", "{{/a}}"])
  func faults(text: String) {
    #expect(throws: PageTemplate.Fault.self) { try PageTemplate(text) }
  }

  @Test("A value that looks like a tag is text")
  func inertValues() throws {
    #expect(try Self.rendered("{{a}}", ["a": "{{b}}", "b": "no"]) == "{{b}}")
  }
}
