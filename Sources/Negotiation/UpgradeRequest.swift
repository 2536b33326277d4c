/// An upgrade request that keeps all rules of RFC 6455 section 4.2.1.
public struct UpgradeRequest: Hashable, Sendable {
  /// The path of the target; percent escapes stay as they are.
  public let path: String

  /// The query, without the `?`; empty without one.
  public let query: [UInt8]

  /// The host that is asked for: that of a target in absolute form, else the value of `Host`.
  public let host: String

  /// The value of `Origin`, nil without it.
  public let origin: String?

  /// The value of `Sec-WebSocket-Key`.
  public let key: String

  /// The value of `Sec-WebSocket-Extensions`, several fields joined, nil without one. Its grammar is not checked here.
  public let extensions: String?

  /// The offered subprotocols in order of preference.
  public let protocols: [String]

  /// The whole head; its ``HTTPMessageHead/byteCount`` is what the request took.
  public let head: HTTPMessageHead

  /// Judges a head that was read.
  ///
  /// - Throws: The first violation, in the order in which ``HandshakeErrorCode`` lists what concerns requests.
  public init(_ head: HTTPMessageHead) throws(HandshakeError) {
    if let target = head.target, !target.hasGoodAuthority { throw HandshakeError(.badRequestLine, offset: 0) }
    if let fault = head.faults.first { throw fault }
    guard let path = head.path, let query = head.query else { throw HandshakeError(.badRequestLine, offset: 0) }
    guard head.method == "GET" else { throw HandshakeError(.notGet, offset: 0) }
    guard let host = head.text("host") else { throw head.missing(.missingHost) }
    try head.checkUpgradeFields()
    let versions = head.fields(named: "sec-websocket-version")
    guard let version = versions.first else { throw head.missing(.missingVersion) }
    guard versions.count == 1, version.value.elementsEqual("13".utf8) else {
      throw HandshakeError(.unsupportedVersion, offset: versions.first { $0.text != "13" }?.offset ?? version.offset)
    }
    let keys = head.fields(named: "sec-websocket-key")
    guard let key = keys.first else { throw head.missing(.missingKey) }
    guard keys.count == 1, SecWebSocketAccept.isKey(key.value) else {
      throw HandshakeError(.badKey, offset: keys.last?.offset ?? key.offset)
    }
    try head.checkContent()
    self.path = path
    self.query = query
    self.host = head.targetAuthority ?? host
    origin = head.text("origin")
    self.key = key.text
    extensions = head.text("sec-websocket-extensions")
    protocols = head.elements("sec-websocket-protocol").map { String(decoding: $0, as: UTF8.self) }
    self.head = head
  }

  /// What the query says about the connection.
  public var metadata: ConnectionMetadata { ConnectionMetadata(query: query) }

  /// Whether the client waits for a 100 before anything else (RFC 9110 section 10.1.1).
  public var expectsContinue: Bool { head.hasToken("100-continue", in: "expect") }
}

extension HTTPMessageHead {
  /// A field that is missing: the place is the empty line.
  func missing(_ code: HandshakeErrorCode) -> HandshakeError { HandshakeError(code, offset: max(0, byteCount - 2)) }

  /// An upgrade request has no content: what follows it are frames. RFC 9110 section 9.3.1 lets a server refuse content
  /// of a GET, which is the way to get requests or frames past whoever reads it differently.
  func checkContent() throws(HandshakeError) {
    switch requestContent {
    case .none: return
    case .length: throw HandshakeError(.hasContent, offset: fields(named: "content-length").last?.offset ?? 0)
    case .chunked: throw HandshakeError(.hasContent, offset: fields(named: "transfer-encoding").last?.offset ?? 0)
    case .uncertain(let offset): throw HandshakeError(.badFraming, offset: offset)
    }
  }

  /// The fields that requests and responses share.
  func checkUpgradeFields() throws(HandshakeError) {
    guard hasToken("websocket", in: "upgrade") else { throw missingToken(.missingUpgrade, "upgrade") }
    guard hasToken("upgrade", in: "connection") else { throw missingToken(.missingConnection, "connection") }
  }

  private func missingToken(_ code: HandshakeErrorCode, _ name: String) -> HandshakeError {
    fields(named: name).first.map { HandshakeError(code, offset: $0.offset) } ?? missing(code)
  }
}
