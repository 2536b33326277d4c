public import Deflate

/// What a client asked for in its upgrade request: what the answer is held against.
public struct UpgradeExpectation: Hashable, Sendable {
  /// The value of `Sec-WebSocket-Key`.
  public var key: String

  /// The value of `Sec-WebSocket-Extensions`, empty if none was sent.
  public var offeredExtensions: String

  /// The offered subprotocols.
  public var offeredProtocols: [String]

  /// An expectation from its parts.
  public init(key: String, offeredExtensions: String = "", offeredProtocols: [String] = []) {
    self.key = key
    self.offeredExtensions = offeredExtensions
    self.offeredProtocols = offeredProtocols
  }
}

/// A server's answer that grants the upgrade and keeps all rules of RFC 6455 section 4.1.
public struct UpgradeAnswer: Hashable, Sendable {
  /// The value of `Sec-WebSocket-Extensions`, several fields joined, nil without one.
  public let extensions: String?

  /// What was agreed on permessage-deflate, nil if it was not.
  public let deflate: DeflateParameters?

  /// The selected subprotocol, nil without one.
  public let selectedProtocol: String?

  /// The whole head; its ``HTTPMessageHead/byteCount`` is what the answer took.
  public let head: HTTPMessageHead

  /// The version that the server selected, `X-Ws-Version`; nil where it named none or no number.
  public var version: Int64? { head.joined("x-ws-version").flatMap(DecimalInteger.parse) }

  /// The charset that the server selected, `X-Ws-Charset`; nil where it named none or no number.
  public var charset: Int64? { head.joined("x-ws-charset").flatMap(DecimalInteger.parse) }

  /// Judges a head that was read.
  ///
  /// - Throws: The first violation: of the lines, then status, upgrade fields, accept, extension, subprotocol.
  public init(_ head: HTTPMessageHead, expecting: UpgradeExpectation) throws(HandshakeError) {
    if let fault = head.faults.first { throw fault }
    guard let status = head.status else { throw HandshakeError(.badStatusLine, offset: 0) }
    guard status == 101 else { throw HandshakeError(.refused, offset: 0, detail: "status \(status)") }
    try head.checkUpgradeFields()
    let accepts = head.fields(named: "sec-websocket-accept")
    guard let accept = accepts.first else { throw head.missing(.missingAccept) }
    let expected = SecWebSocketAccept.value(forKey: expecting.key)
    guard accepts.count == 1, accept.value.elementsEqual(expected.utf8) else {
      throw HandshakeError(.wrongAccept, offset: accepts.last?.offset ?? accept.offset)
    }
    extensions = head.text("sec-websocket-extensions")
    deflate = try Self.checkExtensions(head, expecting)
    selectedProtocol = try Self.checkProtocol(head, expecting)
    self.head = head
  }

  private static func checkExtensions(
    _ head: HTTPMessageHead, _ expecting: UpgradeExpectation
  ) throws(HandshakeError) -> DeflateParameters? {
    guard let response = head.text("sec-websocket-extensions") else { return nil }
    do throws(DeflateNegotiationError) {
      return try DeflateNegotiation.check(response: response, offer: expecting.offeredExtensions)
    } catch {
      let offset = head.fields(named: "sec-websocket-extensions").first?.offset ?? 0
      let code: HandshakeErrorCode = error.code == .unofferedExtension ? .unofferedExtension : .badExtension
      throw HandshakeError(code, offset: offset, detail: error.code.rawValue)
    }
  }

  private static func checkProtocol(
    _ head: HTTPMessageHead, _ expecting: UpgradeExpectation
  ) throws(HandshakeError) -> String? {
    let selected = head.fields(named: "sec-websocket-protocol")
    guard let first = selected.first else { return nil }
    guard selected.count == 1,
      expecting.offeredProtocols.contains(where: { $0.utf8.elementsEqual(first.value) })
    else { throw HandshakeError(.unofferedProtocol, offset: selected.last?.offset ?? first.offset) }
    return first.text
  }
}
