import StrictJSON

/// An input that has not the shape of its operation.
struct OperationInputMismatch: Error {
  let name: String
  let expected: String
}

/// The input of an operation, read member by member.
struct OperationInput {
  private let value: JSONValue

  init(_ value: JSONValue) {
    self.value = value
  }

  /// The member, or nil where it is absent or null.
  private func member(_ name: String) -> JSONValue? {
    let member = value[name]
    return member == .null ? nil : member
  }

  func bytes(_ name: String) throws(OperationInputMismatch) -> [UInt8] {
    guard let bytes = try bytesIfThere(name) else { throw OperationInputMismatch(name: name, expected: "byte string") }
    return bytes
  }

  func bytesIfThere(_ name: String) throws(OperationInputMismatch) -> [UInt8]? {
    guard let member = member(name) else { return nil }
    guard let bytes = member.stringValue.flatMap({ Bytes(hex: $0) }) else {
      throw OperationInputMismatch(name: name, expected: "byte string")
    }
    return bytes.array
  }

  func byteStrings(_ name: String) throws(OperationInputMismatch) -> [[UInt8]] {
    let elements = member(name)?.arrayValue
    let strings = elements?.compactMap { $0.stringValue.flatMap { Bytes(hex: $0)?.array } }
    guard let elements, let strings, strings.count == elements.count else {
      throw OperationInputMismatch(name: name, expected: "array of byte strings")
    }
    return strings
  }

  func text(_ name: String) throws(OperationInputMismatch) -> String {
    guard let text = try textIfThere(name) else { throw OperationInputMismatch(name: name, expected: "string") }
    return text
  }

  func textIfThere(_ name: String) throws(OperationInputMismatch) -> String? {
    guard let member = member(name) else { return nil }
    guard let text = member.stringValue else { throw OperationInputMismatch(name: name, expected: "string") }
    return text
  }

  func texts(_ name: String) throws(OperationInputMismatch) -> [String]? {
    guard let member = member(name) else { return nil }
    guard let elements = member.arrayValue else {
      throw OperationInputMismatch(name: name, expected: "array of strings")
    }
    let texts = elements.compactMap(\.stringValue)
    guard texts.count == elements.count else { throw OperationInputMismatch(name: name, expected: "array of strings") }
    return texts
  }

  func integers(_ name: String) throws(OperationInputMismatch) -> [Int64]? {
    guard let member = member(name) else { return nil }
    guard let elements = member.arrayValue else {
      throw OperationInputMismatch(name: name, expected: "array of integers")
    }
    let integers = elements.compactMap(Self.integer)
    guard integers.count == elements.count else {
      throw OperationInputMismatch(name: name, expected: "array of integers")
    }
    return integers
  }

  func integer<Value: FixedWidthInteger>(_ name: String) throws(OperationInputMismatch) -> Value {
    guard let value: Value = try integerIfThere(name) else {
      throw OperationInputMismatch(name: name, expected: "integer")
    }
    return value
  }

  func integerIfThere<Value: FixedWidthInteger>(_ name: String) throws(OperationInputMismatch) -> Value? {
    guard let member = member(name) else { return nil }
    guard let integer = Self.integer(member), let value = Value(exactly: integer) else {
      throw OperationInputMismatch(name: name, expected: "integer")
    }
    return value
  }

  /// An integer, as a number or, where it can need all of 64 bits, as a string.
  private static func integer(_ value: JSONValue) -> Int64? {
    value.intValue ?? value.stringValue.flatMap { JSONValue.wide($0) }
  }

  func flag(_ name: String, default absent: Bool) throws(OperationInputMismatch) -> Bool {
    guard let member = member(name) else { return absent }
    guard let flag = member.boolValue else { throw OperationInputMismatch(name: name, expected: "boolean") }
    return flag
  }

  /// One of the cases of an enumeration whose raw values are what vectors write.
  func choice<Value: RawRepresentable<String>>(_ name: String) throws(OperationInputMismatch) -> Value {
    guard let value = Value(rawValue: try text(name)) else {
      throw OperationInputMismatch(name: name, expected: "known value of")
    }
    return value
  }

  /// The object of that name, empty where it is absent.
  func object(_ name: String) -> OperationInput {
    OperationInput(member(name) ?? [:])
  }

  /// The object of that name, nil where it is absent.
  func objectIfThere(_ name: String) -> OperationInput? {
    member(name).map(OperationInput.init)
  }

  func objects(_ name: String) throws(OperationInputMismatch) -> [OperationInput] {
    guard let elements = member(name)?.arrayValue else {
      throw OperationInputMismatch(name: name, expected: "array of objects")
    }
    return elements.map(OperationInput.init)
  }
}

extension Answer {
  /// An error, by its code and perhaps the offset of the byte at fault.
  static func error(_ code: some RawRepresentable<String>, offset: Int? = nil, index: Int? = nil) -> Answer {
    .error(code: code.rawValue, offset: offset.map(Int64.init), index: index.map(Int64.init))
  }
}
