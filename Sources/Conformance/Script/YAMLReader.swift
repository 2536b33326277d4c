import CLibYAML

/// Reads YAML by libyaml, event by event. What the language leaves out, anchors, aliases and a second document, is a fault
/// where it stands: nothing is resolved, so that no file grows beyond what it holds.
final class YAMLReader {
  /// What is wrong with the text, the first thing that is.
  struct Fault: Error {
    /// Where.
    let place: SourcePlace

    /// What is wrong.
    let reason: String

    /// What to do.
    let remedy: String
  }

  /// How deep a file may be nested.
  private static let maximumDepth = 64

  /// A step of libyaml.
  private struct Event {
    enum Kind {
      case scalar(String, isPlain: Bool)
      case sequence
      case mapping
      case alias
      /// The end of a sequence or of a mapping.
      case end
      case document
      case endOfStream
      /// What says nothing about the content.
      case other
    }

    let kind: Kind
    let place: SourcePlace
    let isAnchored: Bool
  }

  // Both stay where they are: libyaml's parser points to itself and to its input.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// Takes a text.
  init(_ text: String) throws(Fault) {
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    input = .allocate(capacity: text.utf8.count)
    _ = input.initialize(from: text.utf8)
    guard yaml_parser_initialize(parser) == 1 else {
      throw Fault(place: .start, reason: "there is no memory left to read it", remedy: "close other programs")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The one document of the text. To be asked for once.
  func document() throws(Fault) -> ScriptNode {
    var event = try content()
    guard case .document = event.kind else {
      throw Fault(
        place: .start, reason: "the file is empty", remedy: "write a mapping with cases, rules or steps")
    }
    let node = try node(at: content(), depth: 0)
    event = try content()
    guard case .endOfStream = event.kind else {
      throw fault(at: event.place, "a second document begins here")
    }
    return node
  }

  // MARK: Nodes

  private func node(at event: Event, depth: Int) throws(Fault) -> ScriptNode {
    guard depth < Self.maximumDepth else {
      throw Fault(
        place: event.place, reason: "this is nested more than \(Self.maximumDepth) deep", remedy: "nest less")
    }
    if event.isAnchored { throw aliased(event) }
    switch event.kind {
    case .scalar(let text, let isPlain):
      let isNull = isPlain && ["", "~", "null"].contains(text)
      return ScriptNode(place: event.place, content: isNull ? .null : .text(text))
    case .sequence: return ScriptNode(place: event.place, content: .list(try elements(depth: depth + 1)))
    case .mapping: return ScriptNode(place: event.place, content: .mapping(try entries(of: event, depth: depth + 1)))
    case .alias: throw aliased(event)
    case .end, .document, .endOfStream, .other: throw fault(at: event.place, "it ends too early")
    }
  }

  private func elements(depth: Int) throws(Fault) -> [ScriptNode] {
    var elements: [ScriptNode] = []
    while true {
      let event = try content()
      if case .end = event.kind { return elements }
      elements.append(try node(at: event, depth: depth))
    }
  }

  private func entries(of mapping: Event, depth: Int) throws(Fault) -> [ScriptNode.Entry] {
    var entries: [ScriptNode.Entry] = []
    var names: Set<String> = []
    var repeated: Set<String> = []
    while true {
      let event = try content()
      if case .end = event.kind { break }
      let key = try node(at: event, depth: depth)
      guard let name = key.text else {
        throw Fault(place: key.place, reason: "a key is a word, not \(key.kind)", remedy: "write a word")
      }
      if !names.insert(name).inserted { repeated.insert(name) }
      entries.append(ScriptNode.Entry(key: name, place: key.place, value: try node(at: content(), depth: depth)))
    }
    guard repeated.isEmpty else {
      throw fault(at: mapping.place, "this mapping has a key twice: \(repeated.sorted().joined(separator: ", "))")
    }
    return entries
  }

  // MARK: Faults

  private func aliased(_ event: Event) -> Fault {
    Fault(
      place: event.place, reason: "anchors and aliases are not part of the language",
      remedy: "write it out, or use vars or each")
  }

  private func fault(at place: SourcePlace, _ problem: String) -> Fault {
    Fault(place: place, reason: "this is no YAML: \(problem)", remedy: "check indentation, colons and quotes")
  }

  /// What libyaml found wrong. Where it cannot read a character, it knows no line.
  private func fault() -> Fault {
    let isPlaced = parser.pointee.error == YAML_SCANNER_ERROR || parser.pointee.error == YAML_PARSER_ERROR
    return fault(
      at: isPlaced ? Self.place(parser.pointee.problem_mark) : .start,
      parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read")
  }

  private static func place(_ mark: yaml_mark_t) -> SourcePlace {
    SourcePlace(line: mark.line + 1, column: mark.column + 1)
  }

  // MARK: Events

  /// The next event that says something about the content.
  private func content() throws(Fault) -> Event {
    while true {
      let event = try next()
      if case .other = event.kind { continue }
      return event
    }
  }

  private func next() throws(Fault) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw fault() }
    defer { yaml_event_delete(&event) }
    let kind: Event.Kind
    var isAnchored = false
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE || scalar.style == YAML_ANY_SCALAR_STYLE
      kind = .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
      isAnchored = scalar.anchor != nil
    case YAML_SEQUENCE_START_EVENT:
      kind = .sequence
      isAnchored = event.data.sequence_start.anchor != nil
    case YAML_MAPPING_START_EVENT:
      kind = .mapping
      isAnchored = event.data.mapping_start.anchor != nil
    case YAML_ALIAS_EVENT: kind = .alias
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .end
    case YAML_DOCUMENT_START_EVENT: kind = .document
    case YAML_STREAM_END_EVENT, YAML_NO_EVENT: kind = .endOfStream
    default: kind = .other
    }
    return Event(kind: kind, place: Self.place(event.start_mark), isAnchored: isAnchored)
  }
}
