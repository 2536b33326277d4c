/// A JSON value whose objects keep the order of their members.
///
/// Two objects are equal when they have the same members, in whatever order. Numbers are exact: integers of up to 64 bits
/// are ``int(_:)`` or, above `Int64.max`, ``uint(_:)``; every other number keeps its text in ``decimal(_:)``.
package enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null

  /// `true` or `false`.
  case bool(Bool)

  /// An integer that fits 64 bits, signed.
  case int(Int64)

  /// An integer above `Int64.max` that fits 64 bits, unsigned. Use ``number(_:)``, which chooses.
  case uint(UInt64)

  /// A number with a fraction, an exponent or more than 64 bits, as it was written.
  case decimal(String)

  /// A string.
  case string(String)

  /// An array.
  case array([JSONValue])

  /// An object.
  case object(JSONObject)

  /// An integer of any width. Callers pass values that fit 64 bits, signed or unsigned.
  package static func number(_ value: some BinaryInteger) -> JSONValue {
    if let value = Int64(exactly: value) { return .int(value) }
    return .uint(UInt64(value))
  }

  /// Bytes, as vectors write them: lowercase hexadecimal digits.
  package static func hex(_ bytes: Bytes) -> JSONValue { .string(bytes.hex) }

  /// Bytes, as vectors write them: lowercase hexadecimal digits.
  package static func hex(_ bytes: [UInt8]) -> JSONValue { .string(Bytes(bytes).hex) }

  /// An array of byte strings, for example the pieces of a stream.
  package static func hexes(_ pieces: [Bytes]) -> JSONValue { .array(pieces.map { .string($0.hex) }) }

  /// A string, or `null` for nil.
  package static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

  /// The members, if this is an object.
  package var objectValue: JSONObject? {
    if case .object(let object) = self { return object }
    return nil
  }

  /// The elements, if this is an array.
  package var arrayValue: [JSONValue]? {
    if case .array(let elements) = self { return elements }
    return nil
  }

  /// The text, if this is a string.
  package var stringValue: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// The truth value, if this is one.
  package var boolValue: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The integer, if this is one that fits a signed 64-bit integer.
  package var intValue: Int64? {
    if case .int(let value) = self { return value }
    return nil
  }

  /// The member of that name, if this is an object that has it.
  package subscript(name: String) -> JSONValue? { objectValue?[name] }

  /// Whether both are the same JSON. Strings are compared code unit by code unit: Swift's own comparison takes canonically
  /// equivalent texts for equal, and a decoder that composes characters would pass.
  package static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.uint(let left), .uint(let right)): left == right
    case (.decimal(let left), .decimal(let right)): left == right
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }

  /// What kind of value this is, for error messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .int, .uint: "an integer"
    case .decimal: "a number that is no 64-bit integer"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// The members of a JSON object, in order, no name twice.
package struct JSONObject: Sendable {
  /// One name and its value.
  package struct Member: Sendable {
    /// The name.
    package let name: String

    /// The value.
    package var value: JSONValue
  }

  /// The members in the order in which they were added.
  package private(set) var members: [Member] = []

  /// An object without members.
  package init() {}

  /// The member of that name. Setting replaces the value in place or adds a member at the end; nil removes it.
  package subscript(name: String) -> JSONValue? {
    get { members.first { $0.name == name }?.value }
    set {
      let index = members.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(name: name, value: value))
      case (nil, nil): break
      }
    }
  }

  /// The object with other values under the same names.
  package func mapValues(_ transform: (_ name: String, _ value: JSONValue) -> JSONValue) -> JSONObject {
    var copy = self
    for index in copy.members.indices {
      copy.members[index].value = transform(members[index].name, members[index].value)
    }
    return copy
  }

  /// The names, in order.
  package var names: [String] { members.map(\.name) }

  /// Whether there are no members.
  package var isEmpty: Bool { members.isEmpty }

  /// How many members there are.
  package var count: Int { members.count }

  /// Adds a member that the caller knows to be new, without looking for it.
  mutating func appendNew(_ name: String, _ value: JSONValue) {
    members.append(Member(name: name, value: value))
  }
}

extension JSONObject: Hashable {
  /// Whether both have the same members; their order does not matter.
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    guard left.count == right.count else { return false }
    return left.members.allSatisfy { right[$0.name] == $0.value }
  }

  /// Hashes so that the order of the members does not matter.
  package func hash(into hasher: inout Hasher) {
    for member in members.sorted(by: { $0.name < $1.name }) {
      hasher.combine(member.name)
      hasher.combine(member.value)
    }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Takes the members in the order of the literal; of a repeated name the last value wins.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (name, value) in elements { self[name] = value }
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `null`.
  package init(nilLiteral: ()) { self = .null }

  /// A truth value.
  package init(booleanLiteral value: Bool) { self = .bool(value) }

  /// An integer. Literals above `Int64.max` are written `.number(UInt64(…))`.
  package init(integerLiteral value: Int64) { self = .int(value) }

  /// A string.
  package init(stringLiteral value: String) { self = .string(value) }

  /// An array.
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// An object with its members in the order of the literal.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (name, value) in elements { object[name] = value }
    self = .object(object)
  }
}
