/// The proof that a server read the upgrade request (RFC 6455 section 4.2.2, requirement `handshake.accept`).
public enum SecWebSocketAccept {
  /// What every server appends to the key.
  private static let identifier = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

  /// The value of `Sec-WebSocket-Accept` for a value of `Sec-WebSocket-Key`, taken as it was sent.
  public static func value(forKey key: String) -> String {
    Base64.encode(SHA1.digest(of: Array(key.utf8) + Array(identifier.utf8)))
  }

  /// The value of `Sec-WebSocket-Key` for 16 bytes. Choosing them at random, anew for each connection, is the caller's
  /// part; other numbers of bytes give a key that servers refuse.
  public static func key(from nonce: [UInt8]) -> String { Base64.encode(nonce) }

  /// Whether a text is the base64 form of 16 bytes, as a key has to be (requirement `handshake.request.key`).
  public static func isKey(_ text: [UInt8]) -> Bool { Base64.decode(text)?.count == 16 }
}
