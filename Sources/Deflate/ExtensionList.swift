/// One extension of a `Sec-WebSocket-Extensions` value, offered or accepted (RFC 6455 §9.1).
public struct WebSocketExtension: Hashable, Sendable {
  /// The extension's name, as written. Names are compared byte for byte.
  public let name: String
  /// Its parameters, in order, repeated ones included.
  public let parameters: [WebSocketExtensionParameter]
  /// Where the name begins, in bytes from the start of the header's value.
  public let offset: Int
}

/// One parameter of an extension.
public struct WebSocketExtensionParameter: Hashable, Sendable {
  /// The parameter's name, as written.
  public let name: String
  /// The value, without quotes and escapes; nil if there is none.
  public let value: String?
  /// Where the name begins, in bytes from the start of the header's value.
  public let offset: Int
}

/// A `Sec-WebSocket-Extensions` value, taken apart: several extensions separated by commas, in the order of preference.
/// Several header fields are joined with commas first (RFC 9110 §5.2).
public struct ExtensionList: Hashable, Sendable {
  /// The extensions, at least one. The same name may stand there several times.
  public let extensions: [WebSocketExtension]

  /// Takes a header's value apart by the grammar of RFC 6455 §9.1.
  ///
  /// White space (spaces and tabs) may stand between all parts, as RFC 2616's rules have it, and empty elements of the list
  /// are skipped. A value in quotes must be a token once its escapes are undone.
  ///
  /// - Throws: `bad-grammar`, located at the byte that does not belong there, or at the end.
  public init(parsing value: String) throws(DeflateNegotiationError) {
    self.init(extensions: try Self.parse(Array(value.utf8)))
  }

  private init(extensions: [WebSocketExtension]) { self.extensions = extensions }

  private static func parse(
    _ bytes: [UInt8]
  ) throws(DeflateNegotiationError) -> [WebSocketExtension] {
    var cursor = ExtensionCursor(bytes: bytes)
    var found: [WebSocketExtension] = []
    while true {
      cursor.skipSpace()
      if cursor.take(UInt8(ascii: ",")) { continue }
      if cursor.isAtEnd, !found.isEmpty { return found }
      let offset = cursor.position
      let name = try cursor.token()
      found.append(WebSocketExtension(name: name, parameters: try parameters(&cursor), offset: offset))
      if cursor.isAtEnd { return found }
      guard cursor.take(UInt8(ascii: ",")) else { throw cursor.fault() }
    }
  }

  private static func parameters(
    _ cursor: inout ExtensionCursor
  ) throws(DeflateNegotiationError) -> [WebSocketExtensionParameter] {
    var found: [WebSocketExtensionParameter] = []
    while true {
      cursor.skipSpace()
      guard cursor.take(UInt8(ascii: ";")) else { return found }
      cursor.skipSpace()
      let offset = cursor.position
      let name = try cursor.token()
      cursor.skipSpace()
      var value: String?
      if cursor.take(UInt8(ascii: "=")) {
        cursor.skipSpace()
        value = try cursor.value()
      }
      found.append(WebSocketExtensionParameter(name: name, value: value, offset: offset))
    }
  }
}

/// A place in a header's value.
private struct ExtensionCursor {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  func fault() -> DeflateNegotiationError { DeflateNegotiationError(.badGrammar, offset: position) }

  mutating func skipSpace() {
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func token() throws(DeflateNegotiationError) -> String {
    let start = position
    while position < bytes.count, isTokenByte(bytes[position]) { position += 1 }
    guard position > start else { throw fault() }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// A token, or one in quotes.
  mutating func value() throws(DeflateNegotiationError) -> String {
    guard take(UInt8(ascii: "\"")) else { return try token() }
    var content: [UInt8] = []
    while true {
      if !content.isEmpty, take(UInt8(ascii: "\"")) { return String(decoding: content, as: UTF8.self) }
      _ = take(UInt8(ascii: "\\"))
      guard position < bytes.count, isTokenByte(bytes[position]) else { throw fault() }
      content.append(bytes[position])
      position += 1
    }
  }
}

/// Whether a byte may stand in a token (RFC 9110 §5.6.2).
private func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
    UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
    UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
    true
  default: false
  }
}
