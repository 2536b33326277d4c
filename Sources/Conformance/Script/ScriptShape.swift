import GoldenVectors
import Specification
import StrictJSON

/// What a piece of a script file has to look like. One description serves the strict loader and the published JSON Schema,
/// so that the two cannot disagree.
struct ScriptShape: Sendable {
  /// What a scalar may say. Every kind also takes a text with a reference to a variable.
  enum Scalar: Hashable, Sendable {
    /// Anything.
    case text

    /// An integer, decimal or hexadecimal.
    case integer

    /// A length of time.
    case duration

    /// `true` or `false`.
    case boolean

    /// One of some words.
    case word([String])

    /// Two integers with `..` between them.
    case range
  }

  /// A key of a mapping.
  struct Field: Sendable {
    /// The key.
    let name: String

    /// The name of the shape of what belongs to it.
    let shape: ScriptGrammar.Name

    /// What it means, for the schema.
    let isRequired: Bool

    /// A key that may be absent.
    static func optional(_ name: String, _ shape: ScriptGrammar.Name) -> Field {
      Field(name: name, shape: shape, isRequired: false)
    }

    /// A key that has to be there.
    static func required(_ name: String, _ shape: ScriptGrammar.Name) -> Field {
      Field(name: name, shape: shape, isRequired: true)
    }
  }

  /// The scalars that may stand there.
  var scalars: [Scalar] = []

  /// Whether nothing may stand there.
  var isNullable = false

  /// The shape of the elements, where a list may stand there.
  var element: ScriptGrammar.Name?

  /// The keys, where a mapping may stand there.
  var fields: [Field]?

  /// The shape of what belongs to any key, where a mapping with any keys may stand there.
  var values: ScriptGrammar.Name?

  /// A shape that fits as well, apart from its lists.
  var base: ScriptGrammar.Name?
}

extension ScriptShape.Scalar {
  /// What is wrong with a text; nil: nothing.
  func mismatch(of text: String) -> String? {
    if text.contains("$") { return nil }
    switch self {
    case .text: return nil
    case .integer: return ScriptValue.parseInteger(text) == nil ? "an integer" : nil
    case .duration: return ScriptDuration(text) == nil ? "a duration such as 200ms, 1.5s, 5rtt or 1s|10rtt" : nil
    case .boolean: return ["true", "false"].contains(text) ? nil : "true or false"
    case .word(let words): return words.contains(text) ? nil : "one of \(words.joined(separator: ", "))"
    case .range:
      let bounds = text.split(separator: ".", omittingEmptySubsequences: false)
      let isRange =
        bounds.count == 3 && bounds[1].isEmpty && ScriptValue.parseInteger(String(bounds[0])) != nil
        && ScriptValue.parseInteger(String(bounds[2])) != nil
      return isRange ? nil : "a range such as 0..13"
    }
  }

  /// The JSON Schema of the scalar.
  var schema: JSONValue {
    let reference: JSONValue = ["type": "string", "pattern": "\\$"]
    switch self {
    case .text: return ["type": ["string", "integer", "number", "boolean"]]
    case .integer:
      return ["anyOf": [["type": "integer"], ["type": "string", "pattern": "^(-?[0-9]+|0x[0-9A-Fa-f]+)$"], reference]]
    case .duration:
      return ["anyOf": [["type": "string", "pattern": "^[0-9.]+(ms|s|rtt)( *\\| *[0-9.]+(ms|s|rtt))*$"], reference]]
    case .boolean: return ["anyOf": [["type": "boolean"], reference]]
    case .word(let words): return ["anyOf": [["enum": .array(words.map { .string($0) })], reference]]
    case .range: return ["anyOf": [["type": "string", "pattern": "^[^.]+\\.\\.[^.]+$"], reference]]
    }
  }
}

extension ScriptShape {
  /// How a node does not fit, with places; empty when it does. What comes behind ``DataFaults/maximum`` faults is not looked at.
  func faults(of node: ScriptNode, file: String) -> [ScriptFault] {
    var found: [ScriptFault] = []
    collect(from: node, file: file, into: &found)
    return found
  }

  private func collect(from node: ScriptNode, file: String, into found: inout [ScriptFault]) {
    guard found.count < DataFaults.maximum else { return }
    func fault(_ place: SourcePlace, _ reason: String, _ remedy: String) {
      found.append(ScriptFault(file: file, place: place, reason: reason, remedy: remedy))
    }
    let all = flattened
    switch node.content {
    case .null:
      if !all.isNullable { fault(node.place, "nothing stands here", "write \(all.summary)") }
    case .text(let text):
      let mismatches = all.scalars.map { $0.mismatch(of: text) }
      if mismatches.contains(nil) { return }
      let wanted = mismatches.compactMap { $0 }
      fault(
        node.place, "\"\(InertText.whole(text))\" does not fit here",
        "write \(wanted.isEmpty ? all.summary : wanted.joined(separator: ", or "))")
    case .list(let elements):
      guard let element = all.element else { return fault(node.place, "this is a list", "write \(all.summary)") }
      let shape = ScriptGrammar.shape(element)
      for element in elements { shape.collect(from: element, file: file, into: &found) }
    case .mapping(let entries):
      if let values = all.values {
        let shape = ScriptGrammar.shape(values)
        for entry in entries { shape.collect(from: entry.value, file: file, into: &found) }
        return
      }
      guard let fields = all.fields else { return fault(node.place, "this is a mapping", "write \(all.summary)") }
      for entry in entries where found.count < DataFaults.maximum {
        if let field = fields.first(where: { $0.name == entry.key }) {
          ScriptGrammar.shape(field.shape).collect(from: entry.value, file: file, into: &found)
          continue
        }
        let near = Self.nearest(to: entry.key, among: fields.map(\.name))
        fault(
          entry.place, "there is no key \"\(InertText.whole(entry.key))\" here",
          near.map { "did you mean \($0)?" } ?? "use \(fields.map(\.name).joined(separator: ", "))")
      }
      for field in fields where field.isRequired && node[field.name] == nil {
        fault(node.place, "the key \(field.name) is missing", "add it")
      }
    }
  }

  /// The shape with everything that its base allows.
  private var flattened: ScriptShape {
    guard let base else { return self }
    let other = ScriptGrammar.shape(base).flattened
    var all = self
    all.scalars += other.scalars
    all.isNullable = isNullable || other.isNullable
    all.fields = fields ?? other.fields
    all.values = values ?? other.values
    return all
  }

  /// What may stand there, in words.
  private var summary: String {
    var kinds: [String] = scalars.compactMap { $0 == .text ? "a text" : $0.mismatch(of: "") }
    if element != nil { kinds.append("a list") }
    if fields != nil || values != nil { kinds.append("a mapping") }
    return kinds.isEmpty ? "nothing" : kinds.joined(separator: ", or ")
  }

  /// The word that was probably meant.
  private static func nearest(to word: String, among words: [String]) -> String? {
    let distances = words.map { ($0, EditDistance.between(word, $0)) }
    guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= max(1, best.0.count / 3) else { return nil }
    return best.0
  }

  /// The JSON Schema of the shape.
  var schema: JSONValue {
    var options = scalars.map(\.schema)
    if isNullable { options.append(["type": "null"]) }
    if let element { options.append(["type": "array", "items": element.reference]) }
    if let values { options.append(["type": "object", "additionalProperties": values.reference]) }
    if let fields {
      var properties = JSONObject()
      for field in fields { properties[field.name] = field.shape.reference }
      let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
      var object: JSONObject = [
        "type": "object", "properties": .object(properties), "additionalProperties": false,
      ]
      if !required.isEmpty { object["required"] = .array(required) }
      options.append(.object(object))
    }
    if let base { options.append(base.reference) }
    return options.count == 1 ? options[0] : ["anyOf": .array(options)]
  }
}
