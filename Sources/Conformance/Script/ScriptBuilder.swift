import FrameCodec
import Negotiation
import Specification

/// Makes the model of a script from its nodes, whose shape was checked before. What it finds wrong are values and
/// combinations; every fault has its place.
final class ScriptBuilder {
  /// The file, for faults.
  let file: String

  /// The variables that are named, with the places.
  private(set) var references: [(name: String, place: SourcePlace)] = []

  /// The variables that are set somewhere.
  private(set) var definitions: Set<String> = []

  /// The names of the connections; nil stands for one with a variable in it.
  private(set) var connections: Set<String?> = ["main"]

  /// A builder for a file.
  init(file: String) {
    self.file = file
  }

  /// A fault at a place.
  func fault(_ place: SourcePlace, _ reason: String, _ remedy: String) -> ScriptFault {
    ScriptFault(file: file, place: place, reason: reason, remedy: remedy)
  }

  /// Forgets variables and connections, before the next case.
  func beginCase() {
    references = []
    definitions = []
    connections = ["main"]
  }

  /// Takes note that a variable is set.
  func define(_ name: String) {
    definitions.insert(name)
  }

  /// Takes note of a connection's name.
  func defineConnection(_ name: ScriptTemplate?) {
    guard let name else { return }
    connections.insert(name.literal)
  }

  /// The faults of variables that nothing sets.
  func unknownVariables() -> [ScriptFault] {
    let parts: Set<String> = ["local", "remote", "uid"]
    return references.compactMap { name, place in
      if definitions.contains(name) || ProfileNeed.variables.contains(name) { return nil }
      if ["uid", "case", "seed", "sn", "scheme", "host", "path", "accept", "accept.swapped", "key"].contains(name) {
        return nil
      }
      let pieces = name.split(separator: ".").map(String.init)
      if pieces.count == 2, parts.contains(pieces[1]) {
        if connections.contains(pieces[0]) || connections.contains(nil) { return nil }
        return fault(place, "there is no connection \(pieces[0])", "name one that connect or accept opens with as")
      }
      return fault(
        place, "there is no variable $\(name)", "set it with vars, each, set, save or as; $$ is a dollar sign")
    }
  }

  // MARK: - Scalars

  /// A text with references.
  func template(_ node: ScriptNode) throws(ScriptFault) -> ScriptTemplate {
    guard let text = node.text else {
      if node.isNull { return ScriptTemplate(literal: "", at: node.place) }
      throw fault(node.place, "this is \(node.kind)", "write a text")
    }
    do throws(ScriptExpression.SyntaxError) {
      let template = try ScriptTemplate(text, at: node.place)
      for name in template.variables { references.append((name, node.place)) }
      return template
    } catch {
      throw fault(node.place, error.reason, "see Values in docs/scripts.md")
    }
  }

  /// The text of a key, where it is there.
  func template(_ node: ScriptNode, _ key: String) throws(ScriptFault) -> ScriptTemplate? {
    guard let value = node[key] else { return nil }
    return try template(value)
  }

  /// A text without references.
  func literal(_ node: ScriptNode) throws(ScriptFault) -> String {
    guard let text = node.text, !text.contains("$") else {
      throw fault(node.place, "a text without variables has to stand here", "write it out")
    }
    return text
  }

  /// Texts with references; a single one counts as a list.
  func templates(_ node: ScriptNode) throws(ScriptFault) -> [ScriptTemplate] {
    var templates: [ScriptTemplate] = []
    for element in node.elements { templates.append(try template(element)) }
    return templates
  }

  /// `true` or `false`.
  func boolean(_ node: ScriptNode, _ key: String, default value: Bool) -> Bool {
    node[key]?.text.map { $0 == "true" } ?? value
  }

  /// An integer without references.
  func integer(_ node: ScriptNode) throws(ScriptFault) -> Int64 {
    guard let number = ScriptValue.parseInteger(try literal(node)) else {
      throw fault(node.place, "this is no integer", "write one")
    }
    return number
  }

  /// The name of a variable that a step sets.
  func variableName(_ node: ScriptNode) throws(ScriptFault) -> String {
    let name = try literal(node)
    return try variableName(name, at: node.place)
  }

  /// Checks the name of a variable, and takes note of it.
  func variableName(_ name: String, at place: SourcePlace) throws(ScriptFault) -> String {
    guard let first = name.first, first.isASCII, first.isLetter || first == "_",
      name.allSatisfy({ ScriptExpression.isNamePart($0) && $0 != "." })
    else {
      throw fault(place, "\"\(InertText.whole(name))\" is no name of a variable", "use letters and digits")
    }
    if ["case", "seed"].contains(name) {
      throw fault(place, "$\(name) is there by itself", "take another name")
    }
    define(name)
    return name
  }

  // MARK: - Bytes

  /// Bytes.
  func bytes(_ node: ScriptNode) throws(ScriptFault) -> ScriptBytes {
    switch node.content {
    case .null: return .joined([])
    case .text: return .template(try template(node))
    case .list(let elements):
      var parts: [ScriptBytes] = []
      for element in elements { parts.append(try bytes(element)) }
      return .joined(parts)
    case .mapping: return try bytesForm(node)
    }
  }

  /// The bytes of a key, where it is there.
  func bytes(_ node: ScriptNode, _ key: String) throws(ScriptFault) -> ScriptBytes? {
    guard let value = node[key] else { return nil }
    return try bytes(value)
  }

  private static let byteForms: [String] =
    ["hex", "text", "size", "frame", "ws", "displacement", "protobuf", "order", "deflated", "of"]
    + ScriptBytes.IntegerForm.allCases.map(\.rawValue)

  private static let formCompanions: [String: Set<String>] = [
    "text": ["charset"], "size": ["fill"], "deflated": ["as"], "of": ["skip", "take", "times"],
  ]

  private func bytesForm(_ node: ScriptNode) throws(ScriptFault) -> ScriptBytes {
    let form = try only(node, of: Self.byteForms, companions: Self.formCompanions)
    guard let value = node[form] else { throw fault(node.place, "no bytes stand here", "write some") }
    if let integer = ScriptBytes.IntegerForm(rawValue: form) { return .integer(try template(value), integer) }
    switch form {
    case "hex":
      let digits = try template(value)
      if let literal = digits.literal, HexDigits.bytes(of: literal) == nil {
        throw fault(value.place, "this is not hexadecimal", "write an even number of digits; spaces are skipped")
      }
      return .hex(digits)
    case "text": return .text(try template(value), try charset(node["charset"]))
    case "size":
      if let fill = try template(node, "fill") { return .filled(size: try template(value), with: fill) }
      return .generated(size: try template(value))
    case "frame": return .frame(try frame(value))
    case "ws": return .webSocket(try send(value))
    case "displacement":
      return .displacement(
        old: try template(value, "old"), new: try template(value, "new"), timestamp: try template(value, "ts"))
    case "order": return .order(try order(value))
    case "protobuf": return .protobuf(id: try template(value, "id"), data: try bytes(value, "data"))
    case "deflated":
      var form = CompressionForm.negotiated
      if let way = node["as"] { form = try compression(way) ?? .negotiated }
      return .deflated(try bytes(value), form)
    default:
      return .part(
        of: try bytes(value), skip: try template(node, "skip"), take: try template(node, "take"),
        times: try template(node, "times"))
    }
  }

  /// The one key of a mapping that says what it is; others may only be its companions.
  func only(
    _ node: ScriptNode, of keys: [String], companions: [String: Set<String>] = [:], common: [String] = []
  ) throws(ScriptFault) -> String {
    let entries = node.entries ?? []
    let found = entries.filter { entry in
      keys.contains(entry.key)
        && !entries.contains { other in
          other.key != entry.key && keys.contains(other.key) && companions[other.key]?.contains(entry.key) == true
        }
    }
    guard let first = found.first else {
      throw fault(node.place, "it is not said what this is", "use one of \(keys.joined(separator: ", "))")
    }
    if found.count > 1 {
      throw fault(found[1].place, "\(first.key) and \(found[1].key) exclude each other", "use one of them")
    }
    let allowed = (companions[first.key] ?? []).union(common)
    if let stray = entries.first(where: { $0.key != first.key && !allowed.contains($0.key) }) {
      throw fault(stray.place, "\(stray.key) does not belong to \(first.key)", "leave it out")
    }
    return first.key
  }

  private func charset(_ node: ScriptNode?) throws(ScriptFault) -> Charset {
    guard let node else { return .utf8 }
    switch node.text {
    case "utf8": return .utf8
    case "gbk": return .gbk
    default: throw fault(node.place, "this charset is not known", "use utf8 or gbk")
    }
  }

  private func compression(_ node: ScriptNode) throws(ScriptFault) -> CompressionForm? {
    let text = try literal(node)
    if text == "false" { return nil }
    guard let form = CompressionForm(rawValue: text) else {
      throw fault(node.place, "this way to compress is not known", "see compress in docs/scripts.md")
    }
    return form
  }

  // MARK: - Sending

  private static let frameKeys: Set<String> = [
    "id", "sn", "payload", "magic", "length", "lengthBy", "take", "append", "revision",
  ]

  /// The fields of a frame.
  func frame(_ node: ScriptNode) throws(ScriptFault) -> FrameSpec {
    if let magic = node["magic"], let digits = try template(magic).literal, HexDigits.bytes(of: digits)?.count != 2 {
      throw fault(magic.place, "a magic has two bytes", "write four hexadecimal digits, as they stand on the wire")
    }
    return FrameSpec(
      id: try template(node, "id"), sn: try template(node, "sn"), payload: try bytes(node, "payload"),
      magic: try template(node, "magic"), length: try template(node, "length"),
      lengthBy: try template(node, "lengthBy"), take: try template(node, "take"), append: try bytes(node, "append"),
      revision: try template(node, "revision"))
  }

  /// Something to send.
  func send(_ node: ScriptNode, isReply: Bool = false) throws(ScriptFault) -> SendSpec {
    let frameEntry = node.entries?.first { Self.frameKeys.contains($0.key) }
    let content: SendSpec.Content
    switch (node["message"], node["raw"], frameEntry) {
    case (let message?, nil, nil): content = .message(try bytes(message))
    case (nil, let raw?, nil): content = .raw(try bytes(raw))
    case (nil, nil, let entry):
      if !isReply, node["id"] == nil {
        throw fault(entry?.place ?? node.place, "it is not said what to send", "give an id, a message, or raw")
      }
      content = .frame(try frame(node))
    default: throw fault(node.place, "a frame, a message and raw exclude each other", "use one of them")
    }
    return try options(node, content: content)
  }

  /// Things to send in one segment.
  func sends(_ node: ScriptNode?) throws(ScriptFault) -> [SendSpec] {
    var specs: [SendSpec] = []
    for element in node?.elements ?? [] { specs.append(try send(element)) }
    return specs
  }

  /// The options of the WebSocket and TCP layers.
  func options(_ node: ScriptNode, content: SendSpec.Content) throws(ScriptFault) -> SendSpec {
    var spec = SendSpec(content: content, place: node.place)
    spec.opcode = try template(node, "opcode")
    if let opcode = node["opcode"], let word = spec.opcode?.literal, Opcodes.number(of: word) == nil {
      throw fault(opcode.place, "there is no opcode \(InertText.whole(word))", "use a name or 0 to 15")
    }
    spec.fin = try template(node, "fin")
    spec.rsv = try template(node, "rsv")
    spec.mask = try template(node, "mask")
    spec.form = try template(node, "form")
    spec.declared = try template(node, "declared")
    spec.fragments = try cuts(node["fragments"])
    spec.between = try sends(node["between"])
    if let compress = node["compress"] { spec.compress = try compression(compress) }
    spec.segments = try cuts(node["segments"])
    spec.pause = try template(node, "pause")
    spec.wireTake = try template(node, "wireTake")
    return spec
  }

  /// Where to cut.
  func cuts(_ node: ScriptNode?) throws(ScriptFault) -> SendSpec.Cuts? {
    guard let node else { return nil }
    switch node.content {
    case .list(let elements):
      var offsets: [ScriptTemplate?] = []
      for element in elements { offsets.append(element.text == "end" ? nil : try template(element)) }
      return .offsets(offsets)
    case .mapping:
      guard let size = try template(node, "size") else { throw fault(node.place, "size is missing", "add it") }
      return .size(size)
    default: return .each
    }
  }

  /// Header fields.
  func headers(_ node: ScriptNode?) throws(ScriptFault) -> [HeaderSpec] {
    var headers: [HeaderSpec] = []
    for entry in node?.entries ?? [] {
      let name = try template(ScriptNode(place: entry.place, content: .text(entry.key)))
      headers.append(HeaderSpec(name: name, values: entry.value.isNull ? nil : try templates(entry.value)))
    }
    return headers
  }
}

/// Hexadecimal digits as people write them.
enum HexDigits {
  /// The bytes, spaces skipped; nil for what is not hexadecimal.
  static func bytes(of text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text where character != " " {
      guard let digit = character.hexDigitValue, character.isASCII else { return nil }
      if let first = high {
        bytes.append(first << 4 | UInt8(digit))
        high = nil
      } else {
        high = UInt8(digit)
      }
    }
    return high == nil ? bytes : nil
  }
}

/// The opcodes by name.
enum Opcodes {
  /// The number of an opcode's name, or of a number's digits, 0 to 15.
  static func number(of word: String) -> UInt8? {
    switch word {
    case "continuation": return 0
    case "text": return 1
    case "binary": return 2
    case "close": return 8
    case "ping": return 9
    case "pong": return 10
    default: return ScriptValue.parseInteger(word).flatMap { (0...15).contains($0) ? UInt8($0) : nil }
    }
  }
}
