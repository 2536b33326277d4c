/// An upgrade request that is to be sent, on the side of a client.
public struct UpgradeRequestDraft: Hashable, Sendable {
  /// The path, escaped as it has to be; `/join` by convention.
  public var path: String

  /// The query without the `?`; empty for none. ``ConnectionMetadata/query`` makes one.
  public var query: [UInt8]

  /// The value of `Host`.
  public var host: String

  /// The value of `Sec-WebSocket-Key`; ``SecWebSocketAccept/key(from:)`` makes it of 16 random bytes.
  public var key: String

  /// The value of `Sec-WebSocket-Extensions`, nil for none.
  public var extensions: String?

  /// The subprotocols to offer, in order of preference.
  public var protocols: [String]

  /// Further fields, behind the others.
  public var additionalFields: [HTTPField]

  /// A request from its parts.
  public init(
    path: String = "/join", query: [UInt8] = [], host: String, key: String, extensions: String? = nil,
    protocols: [String] = [], additionalFields: [HTTPField] = []
  ) {
    self.path = path
    self.query = query
    self.host = host
    self.key = key
    self.extensions = extensions
    self.protocols = protocols
    self.additionalFields = additionalFields
  }

  /// What the answer has to be held against.
  public var expectation: UpgradeExpectation {
    UpgradeExpectation(key: key, offeredExtensions: extensions ?? "", offeredProtocols: protocols)
  }

  /// The bytes of the request.
  ///
  /// - Throws: ``UnwritableHead`` where a part would break the lines of the request. Nothing else is checked.
  public func bytes() throws(UnwritableHead) -> [UInt8] {
    let target = Array(path.utf8) + (query.isEmpty ? [] : [UInt8(ascii: "?")] + query)
    guard !target.isEmpty, target.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw UnwritableHead(part: "target")
    }
    var fields = [HTTPField("Host", host), HTTPField("Connection", "Upgrade")]
    if let extensions { fields.append(HTTPField("Sec-WebSocket-Extensions", extensions)) }
    fields.append(HTTPField("Sec-WebSocket-Key", key))
    if !protocols.isEmpty {
      fields.append(HTTPField("Sec-WebSocket-Protocol", protocols.joined(separator: ", ")))
    }
    fields += [HTTPField("Sec-WebSocket-Version", "13"), HTTPField("Upgrade", "websocket")]
    return try HTTPMessageWriting.head("GET ".utf8 + target + " HTTP/1.1".utf8, fields + additionalFields)
  }
}
