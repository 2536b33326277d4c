/// One header field.
public struct HTTPField: Hashable, Sendable {
  /// The name as it was written; compare with ``isNamed(_:)``.
  public let name: String

  /// The value without the spaces and tabs around it.
  public let value: [UInt8]

  /// Where its line starts, in bytes from the start of the head; 0 for a field that is to be written.
  public let offset: Int

  /// A field as it was read.
  public init(name: String, value: [UInt8], offset: Int) {
    self.name = name
    self.value = value
    self.offset = offset
  }

  /// A field that is to be written.
  public init(_ name: String, _ value: String) { self.init(name: name, value: Array(value.utf8), offset: 0) }

  /// The value as text, with U+FFFD for what is no UTF-8.
  public var text: String { String(decoding: value, as: UTF8.self) }

  /// Whether the field has this name, without regard to case.
  public func isNamed(_ name: String) -> Bool {
    self.name.utf8.count == name.utf8.count && ASCII.areEqual(self.name.utf8, name.utf8)
  }

  /// Whether the field can be written as one line: a token as the name, no control characters in the value.
  public var isWritable: Bool {
    !name.isEmpty && name.utf8.allSatisfy(ASCII.isToken) && !value.contains(where: ASCII.isForbiddenControl)
  }

  /// The elements of a value that is a list: what stands between commas, without spaces and tabs around it.
  public var elements: [[UInt8]] {
    value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { Array(ASCII.trimmed($0)) }
  }
}
