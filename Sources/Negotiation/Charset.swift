/// The charset in which the two ends of a connection read and write text payloads (requirement `charset.codes`).
///
/// The code in the metadata only names it; payload bytes are never transcoded on its account.
public enum Charset: Int64, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// UTF-8, strict: no surrogates, no overlong forms, nothing above U+10FFFF, a byte order mark is kept.
  case utf8 = 0

  /// GBK by one table: ASCII, 80 for U+20AC, and the pairs of the index. No four-byte sequences of GB18030.
  case gbk = 1

  /// `utf8` or `gbk`.
  public var description: String {
    switch self {
    case .utf8: "utf8"
    case .gbk: "gbk"
    }
  }

  /// The text of bytes in this charset.
  ///
  /// - Throws: ``CharsetErrorCode/malformed``; the offset is that of the first byte of the first sequence that cannot be
  ///   decoded. In UTF-8 a stray continuation byte is a sequence of its own.
  public func decode(_ bytes: RawSpan) throws(CharsetError) -> String {
    switch self {
    case .utf8: try UTF8Text.decode(bytes)
    case .gbk: try GBKCodec.decode(bytes)
    }
  }

  /// The text of bytes in this charset; see ``decode(_:)-(RawSpan)``.
  public func decode(_ bytes: [UInt8]) throws(CharsetError) -> String { try decode(bytes.span.bytes) }

  /// The bytes of a text in this charset.
  ///
  /// - Throws: ``CharsetErrorCode/unencodable``; the offset is the number of Unicode scalar values before the first that
  ///   the charset cannot hold. Nothing is ever written in its place.
  public func encode(_ text: String) throws(CharsetError) -> [UInt8] {
    switch self {
    case .utf8: Array(text.utf8)
    case .gbk: try GBKCodec.encode(text)
    }
  }
}

/// What text and charset did not agree about.
public enum CharsetErrorCode: String, CaseIterable, Hashable, Sendable {
  /// Bytes that the charset has no character for.
  case malformed

  /// A character that the charset has no bytes for.
  case unencodable
}

/// The first place at which text and charset did not agree.
public struct CharsetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What it was.
  public let code: CharsetErrorCode

  /// When decoding, bytes before the sequence; when encoding, Unicode scalar values before the character.
  public let offset: Int

  /// The charset.
  public let charset: Charset

  /// The character that has no bytes; nil when decoding.
  public let scalar: Unicode.Scalar?

  /// The reason, for people.
  public var reason: String {
    guard let scalar else { return "the bytes at offset \(offset) are no character of \(charset)" }
    return "\(charset) has no U+\(Self.digits(of: scalar)), the character at offset \(offset)"
  }

  /// ``reason``.
  public var description: String { reason }

  private static func digits(of scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
