import FoundationEssentials
import Testing

@Suite("The library guide and its snippets")
struct GuideTests {
  private static let root = "\(testFolder)/../.."

  @Test("Every Swift block of the guide is the snippet of its name, and every snippet is in the guide")
  func blocksAreSnippets() throws {
    let blocks = try Self.blocks(of: Self.text("docs/library.md"))
    let snippets = try Self.snippets()
    #expect(!snippets.isEmpty)
    for block in blocks {
      let name = try #require(block.name, "line \(block.line): a Swift block without a name")
      #expect(block.text == snippets[name], "line \(block.line): the block is not the snippet \(name)")
    }
    let names = blocks.compactMap(\.name)
    #expect(Set(names) == Set(snippets.keys))
    #expect(Set(names).count == names.count)
  }

  private struct Block {
    let name: String?
    let line: Int
    let text: String
  }

  /// The Swift blocks of a Markdown text. The line before each names its snippet: `<!-- snippet: NAME -->`.
  private static func blocks(of text: String) -> [Block] {
    var blocks: [Block] = []
    var content: [Substring]?
    var start = 0
    var name: String?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let lines = content {
        guard line == "```" else {
          content = lines + [line]
          continue
        }
        blocks.append(Block(name: name, line: start, text: lines.joined(separator: "\n")))
        content = nil
        name = nil
      } else if line.hasPrefix("```swift") {
        content = []
        start = index + 1
      } else {
        name = Self.name(in: line, between: "<!-- snippet: ", and: " -->")
      }
    }
    return blocks
  }

  /// The snippets of all examples by name, without their common indentation.
  private static func snippets() throws -> [String: String] {
    let folder = "\(root)/Sources/Examples"
    var snippets: [String: String] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
      var name: String?
      var lines: [Substring] = []
      for line in try text("Sources/Examples/\(file)").split(separator: "\n", omittingEmptySubsequences: false) {
        let code = line.drop { $0 == " " }
        if code == "// end", let ended = name {
          #expect(snippets.updateValue(dedented(lines), forKey: ended) == nil, "\(file): \(ended) is there twice")
          name = nil
        } else if let begun = Self.name(in: code, between: "// snippet: ", and: "") {
          #expect(name == nil, "\(file): \(begun) begins inside another snippet")
          name = begun
          lines = []
        } else if name != nil {
          lines.append(line)
        }
      }
      #expect(name == nil, "\(file): a snippet has no end")
    }
    return snippets
  }

  private static func dedented(_ lines: [Substring]) -> String {
    let indentation = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { $0.dropFirst(indentation) }.joined(separator: "\n")
  }

  private static func name(in line: Substring, between start: String, and end: String) -> String? {
    guard line.hasPrefix(start), line.hasSuffix(end) else { return nil }
    return String(line.dropFirst(start.count).dropLast(end.count))
  }

  private static func text(_ path: String) throws -> String {
    let data = try #require(FileManager.default.contents(atPath: "\(root)/\(path)"), "cannot read \(path)")
    return String(decoding: data, as: UTF8.self)
  }
}
