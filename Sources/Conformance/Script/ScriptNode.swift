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
  /// Reads a file of one YAML document.
  ///
  /// - Parameters:
  ///   - text: The content.
  ///   - file: How errors name the file.
  /// - Throws: One fault with its place: what is no YAML, a key that is there twice, an anchor, more than one document.
  static func parse(_ text: String, file: String) throws(ScriptFaults) -> ScriptNode {
    do throws(YAMLReader.Fault) {
      return try YAMLReader(text).document()
    } catch {
      throw ScriptFaults([
        ScriptFault(file: file, place: error.place, reason: error.reason, remedy: error.remedy)
      ])
    }
  }
}
