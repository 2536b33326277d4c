/// Integers that can need all of 64 bits. Vectors and the adapter protocol write them as strings; whoever makes vectors or
/// answers may have them as numbers, which become strings here.
extension JSONValue {
  /// The integer that a string of canonical decimal digits stands for; nil for any other string.
  package static func wide(_ text: String) -> Int64? {
    guard let value = Int64(text), String(value).utf8.elementsEqual(text.utf8) else { return nil }
    return value
  }
}

extension Shape {
  /// The value with those integers as strings that the shape wants so. What does not fit the shape stays as it is.
  package func written(_ value: JSONValue) -> JSONValue {
    switch (self, value) {
    case (.wide, .int(let number)): return .string(String(number))
    case (.nullable(let shape), _): return shape.written(value)
    case (.array(let shape), .array(let elements)): return .array(elements.map(shape.written))
    case (.map(let shape), .object(let object)): return .object(object.mapValues { shape.written($1) })
    case (.object(let fields), .object(let object)): return .object(Self.written(object, fields))
    case (.tagged(let tag, let variants), .object(let object)):
      let variant = variants.first { $0.value == object[tag]?.stringValue }
      return .object(Self.written(object, variant?.fields ?? []))
    case (.either(let shapes), _):
      let attempts = shapes.map { $0.written(value) }
      return zip(shapes, attempts).first { $0.mismatches(of: $1, at: "").isEmpty }?.1 ?? value
    default: return value
    }
  }

  private static func written(_ object: JSONObject, _ fields: [Field]) -> JSONObject {
    object.mapValues { name, value in fields.first { $0.name == name }?.shape.written(value) ?? value }
  }
}
