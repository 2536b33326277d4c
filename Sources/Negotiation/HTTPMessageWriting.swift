/// A head that cannot be written: a bug of the caller, who passed something that would break the lines of the message.
public struct UnwritableHead: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name of the field, or `target`, that holds a character which does not belong there.
  public let part: String

  /// An error from its part.
  public init(part: String) { self.part = part }

  /// The reason, for people.
  public var description: String { "\(part) holds a character that an HTTP header cannot" }
}

/// Lines of HTTP/1.1.
enum HTTPMessageWriting {
  /// A head of a first line, fields and the empty line.
  static func head(_ startLine: some Sequence<UInt8>, _ fields: [HTTPField]) throws(UnwritableHead) -> [UInt8] {
    var bytes = Array(startLine)
    bytes += "\r\n".utf8
    for field in fields {
      guard field.isWritable else { throw UnwritableHead(part: field.name) }
      bytes += field.name.utf8
      bytes += ": ".utf8
      bytes += field.value
      bytes += "\r\n".utf8
    }
    bytes += "\r\n".utf8
    return bytes
  }
}
