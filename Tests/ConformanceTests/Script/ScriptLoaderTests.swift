import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("Loading scripts")
struct ScriptLoaderTests {
  /// A file that is wrong, where, and a part of the reason.
  struct Wrong: CustomTestStringConvertible, Sendable {
    let text: String
    let line: Int
    let column: Int
    let reason: String

    init(_ line: Int, _ column: Int, _ reason: String, _ text: String) {
      self.text = text
      self.line = line
      self.column = column
      self.reason = reason
    }

    var testDescription: String { reason }
  }

  static let head = "suite: a.b\ntitle: t\ncases:\n"

  static func steps(_ line: String) -> String {
    head + "  - id: a.b\n    title: t\n    requirements: [frame.magic]\n    steps:\n      - \(line)\n"
  }

  static let wrong: [Wrong] = [
    Wrong(1, 1, "the file is empty", ""),
    Wrong(1, 1, "no script", "title: nothing to do\n"),
    Wrong(2, 4, "no YAML", "suite: a\n  b: c\n"),
    Wrong(1, 1, "a key twice: title", "title: a\ntitle: b\n"),
    Wrong(1, 8, "anchors and aliases", "title: &a x\nsteps: [alive]\n"),
    Wrong(2, 9, "anchors and aliases", "title: a\nsteps: [*a]\n"),
    Wrong(2, 1, "a second document", "title: a\n---\ntitle: b\n"),
    Wrong(1, 1, "control characters", "title: \u{1}\n"),
    Wrong(1, 1, "a key is a word, not a list", "[a]: b\n"),
    Wrong(4, 5, "the key id is missing", head + "  - title: t\n    requirements: [a.b]\n    steps: [alive]\n"),
    Wrong(
      6, 5, "no key \"requirement\"", head + "  - id: a.b\n    title: t\n    requirement: [a.b]\n    steps: [alive]\n"),
    Wrong(
      6, 20, "form of a requirement",
      head + "  - id: a.b\n    title: t\n    requirements: [magic]\n    steps: [alive]\n"),
    Wrong(4, 9, "form of an id", head + "  - id: A\n    title: t\n    requirements: [a.b]\n    steps: [alive]\n"),
    Wrong(8, 9, "\"expct\" does not fit here", steps("expct")),
    Wrong(8, 9, "no key \"expct\"", steps("expct: {id: 2}")),
    Wrong(8, 25, "exclude each other", steps("{send: {id: 2}, close: 1000}")),
    Wrong(8, 16, "no key \"payloda\"", steps("send: {payloda: x}")),
    Wrong(8, 16, "not said what to send", steps("send: {payload: x}")),
    Wrong(8, 20, "\"two\" does not fit here", steps("send: {id: two}")),
    Wrong(8, 38, "not hexadecimal", steps("send: {id: 2, payload: {hex: fee}}")),
    Wrong(8, 41, "no variable $nobody", steps("expect: {id: 3, sn: 2, payload: $nobody}")),
    Wrong(8, 20, "is not closed", steps("send: {id: $(1 + 2}")),
    Wrong(8, 24, "no opcode pong2", steps("send: {opcode: pong2, message: x}")),
    Wrong(8, 15, "\"soon\" does not fit here", steps("wait: soon")),
    Wrong(8, 15, "no connection other", steps("note: the address is $other.local")),
    Wrong(
      4, 9, "a.b is there twice",
      head + "  - id: a.b\n    title: t\n    requirements: [a.b]\n    each: {n: 0..1}\n    steps: [alive]\n"),
    Wrong(1, 1, "no script", "- a list\n"),
  ]

  @Test("Every fault has its line and column", arguments: wrong)
  func fault(_ wrong: Wrong) throws {
    let faults = try #require(throws: ScriptFaults.self) { try ScriptFile.parse(wrong.text, file: "x.yaml") }
    let first = try #require(faults.faults.first)
    #expect(first.reason.contains(wrong.reason), "\(first)")
    #expect(first.place == SourcePlace(line: wrong.line, column: wrong.column), "\(first)")
    #expect(!first.remedy.isEmpty)
  }

  @Test("All faults of the shape are told at once")
  func several() throws {
    let text = Self.steps("send: {id: two, sm: 2}") + "      - expect: {od: 3}\n"
    let faults = try #require(throws: ScriptFaults.self) { try ScriptFile.parse(text, file: "x.yaml") }
    #expect(faults.faults.map(\.place.line) == [8, 8, 9])
  }

  @Test("Of a hundred thousand faults so many are looked for as a person could read")
  func manyFaults() throws {
    let keys = (0..<100_000).map { "wrong\($0): 1\n" }.joined()
    let faults = try #require(throws: ScriptFaults.self) {
      try ScriptFile.parse("title: t\nsteps: [alive]\n" + keys, file: "f.yaml")
    }
    #expect(faults.faults.count == DataFaults.maximum)
    #expect(faults.description.hasSuffix("\nand at least 980 more faults"))
  }

  @Test("A file that is nested without end is refused")
  func nesting() throws {
    let text = "steps: " + String(repeating: "[", count: 100_000)
    #expect(throws: ScriptFaults.self) { try ScriptFile.parse(text, file: "x.yaml") }
    let deep = "steps: " + String(repeating: "[", count: 80) + String(repeating: "]", count: 80)
    let faults = try #require(throws: ScriptFaults.self) { try ScriptFile.parse(deep, file: "x.yaml") }
    #expect(faults.faults.first?.reason.contains("nested") == true)
  }

  @Test("A table becomes a case a row, the first name varying slowest")
  func table() throws {
    let text =
      Self.head
        + """
            - id: a.b.$n-$word
              title: the $word number $n
              requirements: [frame.magic]
              each: {n: 1..2, word: [one, two]}
              steps: [alive]
        """
    guard case .probes(let file) = try ScriptFile.parse(text, file: "x.yaml") else {
      Issue.record("no probe file")
      return
    }
    #expect(file.cases.map(\.id) == ["a.b.1-one", "a.b.1-two", "a.b.2-one", "a.b.2-two"])
    #expect(file.cases.last?.title == "the two number 2")
    #expect(file.cases.first?.variables == ["n": .integer(1), "word": .text("one")])
  }

  @Test("Defaults are added to lists, and replaced otherwise")
  func defaults() throws {
    let text = """
      suite: a.b
      title: t
      defaults: {requirements: [a.z], tags: [slow], level: SHOULD, timeout: 5s}
      cases:
        - {id: a.b, title: t, requirements: [a.b], tags: [violate], level: MUST, steps: alive}
        - {id: a.c, title: t, steps: alive}
      """
    guard case .probes(let file) = try ScriptFile.parse(text, file: "x.yaml") else {
      Issue.record("no probe file")
      return
    }
    let first = try #require(file.cases.first)
    #expect(first.requirements == ["a.b", "a.z"])
    #expect(first.tags == ["slow", "violate"])
    #expect(first.level == .must)
    #expect(first.timeout == .seconds(5))
    #expect(file.cases.last?.level == .should)
    #expect(file.cases.last?.requirements == ["a.z"])
  }

  @Test("What a case needs and the profile lacks is told with what to add")
  func needs() throws {
    let text = Self.steps("alive").replacing("    steps:", with: "    needs: [slow, echo.exact]\n    steps:")
    guard case .probes(let file) = try ScriptFile.parse(text, file: "x.yaml"), let first = file.cases.first else {
      Issue.record("no probe file")
      return
    }
    #expect(first.lack(in: .reference) == nil)
    #expect(first.lack(in: PeerProfile())?.reason.contains("slow call") == true)
  }

  @Test("Scripts of the documentation can be read")
  func documentation() throws {
    let text = try ScriptFile.content(of: documentationPath)
    var blocks: [String] = []
    var lines: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "```yaml" {
        lines = []
      } else if line == "```", let block = lines {
        blocks.append(block.joined(separator: "\n") + "\n")
        lines = nil
      } else {
        lines?.append(line)
      }
    }
    #expect(blocks.count >= 8)
    for block in blocks {
      if block.hasPrefix("name:") {
        #expect(try PeerProfile.parse(block, file: "scripts.md").slow == PeerProfile.reference.slow)
      } else if block.hasPrefix("  - id:") {
        _ = try ScriptFile.parse(Self.head + block, file: "scripts.md")
      } else if block.hasPrefix("-") || block.hasPrefix(" ") {
        let indented = block.split(separator: "\n").map { "  \($0)\n" }.joined()
        _ = try ScriptFile.parse("steps:\n" + indented, file: "scripts.md")
      } else {
        _ = try ScriptFile.parse(block, file: "scripts.md")
      }
    }
  }

  private var documentationPath: String {
    var folder = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    folder.removeLast(4)
    return folder.joined(separator: "/") + "/docs/scripts.md"
  }
}
