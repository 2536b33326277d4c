public import NIOCore
public import Negotiation

extension Connection {
  /// The charset that text payloads of this connection are in: the selected one, UTF-8 where its code is none of ours.
  public var charset: Charset { Charset(rawValue: details.selection.charset) ?? .utf8 }

  /// The payload that holds a text in the charset of this connection.
  ///
  /// - Throws: a `CharsetError` that names the first character which the charset cannot hold, and its offset.
  public func payload(text: String) throws(CharsetError) -> ByteBuffer {
    ByteBuffer(bytes: try charset.encode(text))
  }

  /// The text of a payload in the charset of this connection.
  ///
  /// - Throws: a `CharsetError` with the offset of the first byte that is no text in it.
  public func text(of payload: ByteBuffer) throws(CharsetError) -> String {
    try charset.decode(Array(payload.readableBytesView))
  }
}
