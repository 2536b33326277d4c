/// What a JSON value in a vector or an adapter's answer has to look like. One description serves the strict loader and the
/// published JSON Schema, so that the two cannot disagree.
package indirect enum Shape: Sendable {
  /// Anything.
  case any

  /// Lowercase hexadecimal digits, an even number.
  case bytes

  /// Any string.
  case text

  /// An integer of a range within ``exactIntegers``.
  case integer(ClosedRange<Int64>)

  /// An integer that can need all of 64 bits: a string of decimal digits, since many languages read JSON numbers as
  /// floating-point ones.
  case wide

  /// A truth value.
  case boolean

  /// One of some strings.
  case oneOf([String])

  /// The shape, or null.
  case nullable(Shape)

  /// An array of values of one shape.
  case array(Shape)

  /// An object with these members and no others.
  case object([Field])

  /// An object whose member `tag` says which fields it has besides.
  case tagged(tag: String, variants: [Variant])

  /// An object with any names and values of one shape.
  case map(Shape)

  /// One of several objects; a value fits when it fits any.
  case either([Shape])

  /// A 32-bit unsigned integer.
  package static let uint32 = Shape.integer(0...0xFFFF_FFFF)

  /// The integers that every language reads exactly from a JSON number: those between -2^53 and 2^53.
  package static let exactIntegers = -0x1F_FFFF_FFFF_FFFF...0x1F_FFFF_FFFF_FFFF as ClosedRange<Int64>

  /// Any integer that a JSON number can carry.
  package static let exact = Shape.integer(exactIntegers)

  /// A count, an offset or a time.
  package static let natural = Shape.integer(0...exactIntegers.upperBound)

  /// A member of an object.
  package struct Field: Sendable {
    package let name: String
    package let shape: Shape
    package let isOptional: Bool

    /// A member that has to be there.
    package static func required(_ name: String, _ shape: Shape) -> Field {
      Field(name: name, shape: shape, isOptional: false)
    }

    /// A member that may be absent.
    package static func optional(_ name: String, _ shape: Shape) -> Field {
      Field(name: name, shape: shape, isOptional: true)
    }
  }

  /// The fields that go with one value of the tag.
  package struct Variant: Sendable {
    package let value: String
    package let fields: [Field]

    package init(_ value: String, _ fields: [Field] = []) {
      self.value = value
      self.fields = fields
    }
  }
}

extension Shape {
  /// A way in which a value does not fit.
  package struct Mismatch: Hashable, Sendable {
    package let place: String
    package let reason: String
    package let remedy: String
  }

  /// How the value at `place` does not fit; empty when it does.
  package func mismatches(of value: JSONValue, at place: String) -> [Mismatch] {
    func expected(_ what: String) -> [Mismatch] {
      [Mismatch(place: place, reason: "this is \(value.kind)", remedy: "make it \(what)")]
    }
    switch self {
    case .any: return []
    case .bytes:
      guard let text = value.stringValue else { return expected("a string of hexadecimal digits") }
      if Bytes(hex: text) != nil { return [] }
      return [
        Mismatch(
          place: place, reason: "this is no byte string",
          remedy: "write an even number of digits 0-9 and a-f, lowercase")
      ]
    case .text: return value.stringValue == nil ? expected("a string") : []
    case .integer(let range):
      if case .uint = value { return expected("an integer of \(range.lowerBound) to \(range.upperBound)") }
      guard let number = value.intValue else { return expected("an integer") }
      if range.contains(number) { return [] }
      return [
        Mismatch(
          place: place, reason: "\(number) is out of range",
          remedy: "write an integer of \(range.lowerBound) to \(range.upperBound)")
      ]
    case .wide:
      guard let text = value.stringValue else { return expected("a string of decimal digits") }
      if JSONValue.wide(text) != nil { return [] }
      return [
        Mismatch(
          place: place, reason: "\"\(text)\" is no integer of 64 bits",
          remedy: "write decimal digits, with - before a negative value and no leading zeros")
      ]
    case .boolean: return value.boolValue == nil ? expected("true or false") : []
    case .oneOf(let values):
      guard let text = value.stringValue else { return expected("one of \(Self.list(values))") }
      if values.contains(text) { return [] }
      return [
        Mismatch(place: place, reason: "\"\(text)\" is not known here", remedy: "use one of \(Self.list(values))")
      ]
    case .nullable(let shape): return value == .null ? [] : shape.mismatches(of: value, at: place)
    case .array(let shape):
      guard let elements = value.arrayValue else { return expected("an array") }
      return elements.enumerated().flatMap { shape.mismatches(of: $1, at: "\(place)[\($0)]") }
    case .map(let shape):
      guard let object = value.objectValue else { return expected("an object") }
      return object.members.flatMap { shape.mismatches(of: $0.value, at: "\(place).\($0.name)") }
    case .object(let fields):
      guard let object = value.objectValue else { return expected("an object") }
      return Self.mismatches(of: object, fields: fields, at: place)
    case .tagged(let tag, let variants):
      guard let object = value.objectValue else { return expected("an object") }
      guard let variant = variants.first(where: { $0.value == object[tag]?.stringValue }) else {
        return [
          Mismatch(
            place: "\(place).\(tag)", reason: "it is missing or not known",
            remedy: "use one of \(Self.list(variants.map(\.value)))")
        ]
      }
      return Self.mismatches(of: object, fields: [.required(tag, .text)] + variant.fields, at: place)
    case .either(let shapes):
      let attempts = shapes.map { $0.mismatches(of: value, at: place) }
      // The attempt that comes nearest says most about what was meant.
      return attempts.min { $0.count < $1.count } ?? []
    }
  }

  private static func mismatches(of object: JSONObject, fields: [Field], at place: String) -> [Mismatch] {
    let prefix = place.isEmpty ? "" : "\(place)."
    var found: [Mismatch] = []
    for member in object.members {
      if let field = fields.first(where: { $0.name == member.name }) {
        found += field.shape.mismatches(of: member.value, at: prefix + member.name)
      } else {
        found.append(
          Mismatch(
            place: prefix + member.name, reason: "this member is not known here",
            remedy: "remove it, or use one of \(list(fields.map(\.name)))"))
      }
    }
    for field in fields where !field.isOptional && object[field.name] == nil {
      found.append(Mismatch(place: place, reason: "the member \"\(field.name)\" is missing", remedy: "add it"))
    }
    return found
  }

  private static func list(_ values: [String]) -> String { values.joined(separator: ", ") }
}

extension Shape {
  /// The JSON Schema (draft 2020-12) of the shape.
  package var schema: JSONValue {
    switch self {
    case .any: return [:]
    case .bytes: return ["type": "string", "pattern": "^([0-9a-f]{2})*$"]
    case .text: return ["type": "string"]
    case .integer(let range):
      return ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)]
    case .wide: return ["type": "string", "pattern": "^(0|-?[1-9][0-9]{0,18})$"]
    case .boolean: return ["type": "boolean"]
    case .oneOf(let values): return ["enum": .array(values.map { .string($0) })]
    case .nullable(let shape): return ["anyOf": [shape.schema, ["type": "null"]]]
    case .array(let shape): return ["type": "array", "items": shape.schema]
    case .map(let shape): return ["type": "object", "additionalProperties": shape.schema]
    case .object(let fields): return Self.schema(fields)
    case .tagged(let tag, let variants):
      return [
        "oneOf": .array(variants.map { Self.schema([.required(tag, .oneOf([$0.value]))] + $0.fields) })
      ]
    case .either(let shapes): return ["anyOf": .array(shapes.map(\.schema))]
    }
  }

  private static func schema(_ fields: [Field]) -> JSONValue {
    var properties = JSONObject()
    for field in fields { properties[field.name] = field.shape.schema }
    return [
      "type": "object",
      "properties": .object(properties),
      "required": .array(fields.filter { !$0.isOptional }.map { .string($0.name) }),
      "additionalProperties": false,
    ]
  }
}
