import Yams

/// A piece of a YAML file with its place: text, list or mapping, without types. What a text means is decided by who reads
/// it, so `on` is a word and `1.1` a name.
struct ScriptNode: Hashable, Sendable {
  /// What stands there.
  indirect enum Content: Hashable, Sendable {
    /// Nothing, `~` or `null`.
    case null

    /// A scalar, without its quotes.
    case text(String)

    /// A sequence.
    case list([ScriptNode])

    /// A mapping, in the order of the file; no key twice.
    case mapping([Entry])
  }

  /// A key of a mapping and what belongs to it.
  struct Entry: Hashable, Sendable {
    /// The key.
    let key: String

    /// Where the key stands.
    let place: SourcePlace

    /// What belongs to it.
    let value: ScriptNode
  }

  /// Where it begins.
  let place: SourcePlace

  /// What it is.
  let content: Content

  /// The text of a scalar; nil for anything else.
  var text: String? {
    if case .text(let text) = content { return text }
    return nil
  }

  /// The elements of a list; nil for anything else.
  var list: [ScriptNode]? {
    if case .list(let elements) = content { return elements }
    return nil
  }

  /// The entries of a mapping; nil for anything else.
  var entries: [Entry]? {
    if case .mapping(let entries) = content { return entries }
    return nil
  }

  /// Whether nothing stands there.
  var isNull: Bool { content == .null }

  /// The elements of a list, or the one thing that it is.
  var elements: [ScriptNode] { list ?? [self] }

  /// What belongs to a key of a mapping.
  subscript(key: String) -> ScriptNode? { entries?.first { $0.key == key }?.value }

  /// Where a key of a mapping stands.
  func place(of key: String) -> SourcePlace { entries?.first { $0.key == key }?.place ?? place }

  /// What kind of thing this is, for error messages.
  var kind: String {
    switch content {
    case .null: "nothing"
    case .text: "a text"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  /// The thing in one line, as YAML's flow style writes it.
  var flow: String {
    switch content {
    case .null: "null"
    case .text(let text): text.contains(where: { ",{}[]#\n".contains($0) }) || text.isEmpty ? "\"\(text)\"" : text
    case .list(let elements): "[" + elements.map(\.flow).joined(separator: ", ") + "]"
    case .mapping(let entries): "{" + entries.map { "\($0.key): \($0.value.flow)" }.joined(separator: ", ") + "}"
    }
  }
}

extension ScriptNode {
  /// How deep a file may be nested.
  private static let maximumDepth = 64

  /// Reads a file of one YAML document.
  ///
  /// - Parameters:
  ///   - text: The content.
  ///   - file: How errors name the file.
  /// - Throws: One fault with its place: what is no YAML, a key that is there twice, an anchor, more than one document.
  static func parse(_ text: String, file: String) throws(ScriptFaults) -> ScriptNode {
    func fault(_ place: SourcePlace, _ reason: String, _ remedy: String) -> ScriptFaults {
      ScriptFaults([ScriptFault(file: file, place: place, reason: reason, remedy: remedy)])
    }
    if let place = alias(in: text) {
      throw fault(
        place, "anchors and aliases are not part of the language", "write it out, or use vars or each")
    }
    do {
      // The parser owns the anchors, which nodes only refer to: it has to outlive the conversion.
      let parser = try Yams.Parser(yaml: text)
      guard let root = try parser.singleRoot() else {
        throw fault(.start, "the file is empty", "write a mapping with cases, rules or steps")
      }
      let node = withExtendedLifetime(parser) { convert(root, depth: 0, at: .start) }
      return try node.get()
    } catch let error as ScriptFaults {
      throw error
    } catch let error as ScriptConversionFault {
      throw fault(error.place, error.reason, error.remedy)
    } catch let error as YamlError {
      let (place, problem) = location(of: error)
      throw fault(place, "this is no YAML: \(problem)", "check indentation, colons and quotes")
    } catch {
      throw fault(.start, "this is no YAML", "check indentation, colons and quotes")
    }
  }

  /// Where the first alias stands; nil: there is none, as far as the text is YAML.
  ///
  /// It has to be known before nodes are made: those of an alias of aliases of aliases, used as a key, are hashed, which takes
  /// twice as long with each. So the text is read with every anchor made a tag, which leaves the first alias without its
  /// anchor, and that is an error with a place.
  private static func alias(in text: String) -> SourcePlace? {
    guard text.utf8.contains(UInt8(ascii: "*")), text.utf8.contains(UInt8(ascii: "&")) else { return nil }
    do {
      _ = try Yams.Parser(yaml: text.replacing("&", with: "!")).singleRoot()
      return nil
    } catch YamlError.composer(_, _, let mark, _) {
      return SourcePlace(line: mark.line, column: mark.column)
    } catch {
      // What is no YAML with tags is none with anchors, or has both at one node. The place of the fault is the best there is.
      return (error as? YamlError).map { location(of: $0).0 }
    }
  }

  private struct ScriptConversionFault: Error {
    let place: SourcePlace
    let reason: String
    let remedy: String
  }

  private static func convert(
    _ node: Yams.Node, depth: Int, at fallback: SourcePlace
  ) -> Result<ScriptNode, any Error> {
    Result { try converted(node, depth: depth, at: fallback) }
  }

  private static func converted(_ node: Yams.Node, depth: Int, at fallback: SourcePlace) throws -> ScriptNode {
    let place = node.mark.map { SourcePlace(line: $0.line, column: $0.column) } ?? fallback
    guard depth < maximumDepth else {
      throw ScriptConversionFault(
        place: place, reason: "this is nested more than \(maximumDepth) deep", remedy: "nest less")
    }
    if node.anchor != nil {
      throw ScriptConversionFault(
        place: place, reason: "anchors and aliases are not part of the language",
        remedy: "write it out, or use vars or each")
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      let isNull = isPlain && ["", "~", "null"].contains(scalar.string)
      return ScriptNode(place: place, content: isNull ? .null : .text(scalar.string))
    case .sequence(let sequence):
      return ScriptNode(
        place: place, content: .list(try sequence.map { try converted($0, depth: depth + 1, at: place) }))
    case .mapping(let mapping):
      return ScriptNode(
        place: place,
        content: .mapping(
          try mapping.map { key, value in
            let keyNode = try converted(key, depth: depth + 1, at: place)
            guard let name = keyNode.text else {
              throw ScriptConversionFault(
                place: keyNode.place, reason: "a key is a word, not \(keyNode.kind)", remedy: "write a word")
            }
            return Entry(
              key: name, place: keyNode.place, value: try converted(value, depth: depth + 1, at: keyNode.place))
          }))
    case .alias:
      throw ScriptConversionFault(
        place: place, reason: "anchors and aliases are not part of the language",
        remedy: "write it out, or use vars or each")
    }
  }

  private static func location(of error: YamlError) -> (SourcePlace, String) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (SourcePlace(line: mark.line, column: mark.column), problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      (
        SourcePlace(line: context.mark.line, column: context.mark.column),
        "this mapping has a key twice: \(duplicates.joined(separator: ", "))"
      )
    case .reader(let problem, _, _, _): (.start, problem)
    default: (.start, "it cannot be read")
    }
  }
}
