/// A response to an upgrade request, on the side of a server.
public struct UpgradeResponse: Hashable, Sendable {
  /// The status.
  public let status: Int

  /// The fields in the order in which they are written. A response with a body has its `Content-Type` and
  /// `Content-Length` among them.
  public let fields: [HTTPField]

  /// The body; empty for a 101.
  public let body: [UInt8]

  /// A response from its parts.
  public init(status: Int, fields: [HTTPField], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// The answer that grants an upgrade. Its fields are those that the original sends, in the same order, and then what
  /// was negotiated; no `Date` and no `Server`.
  ///
  /// - Parameters:
  ///   - key: The value of the request's `Sec-WebSocket-Key`.
  ///   - extensions: The value of `Sec-WebSocket-Extensions`, nil for none.
  ///   - selectedProtocol: The subprotocol, nil for none.
  ///   - selection: The selected version and charset, nil where nothing was negotiated.
  public static func switchingProtocols(
    key: String, extensions: String? = nil, selectedProtocol: String? = nil, selection: NegotiatedSelection? = nil
  ) -> UpgradeResponse {
    var fields = [
      HTTPField("Upgrade", "websocket"), HTTPField("Connection", "Upgrade"),
      HTTPField("Sec-WebSocket-Accept", SecWebSocketAccept.value(forKey: key)),
    ]
    if let extensions { fields.append(HTTPField("Sec-WebSocket-Extensions", extensions)) }
    if let selectedProtocol { fields.append(HTTPField("Sec-WebSocket-Protocol", selectedProtocol)) }
    if let selection {
      fields.append(HTTPField("X-Ws-Version", String(selection.version)))
      fields.append(HTTPField("X-Ws-Charset", String(selection.charset)))
    }
    return UpgradeResponse(status: 101, fields: fields)
  }

  /// An answer that refuses an upgrade, with a body of type `application/problem+json` (RFC 9457).
  ///
  /// - Parameters:
  ///   - status: The status, 400 or above.
  ///   - fields: Fields that the status asks for.
  ///   - detail: What was wrong, for people.
  ///   - supported: What the server negotiates, nil where that is nothing.
  public static func refusal(
    status: Int, fields: [HTTPField] = [], detail: String, supported: NegotiationPolicy? = nil
  ) -> UpgradeResponse {
    let body = ProblemDocument(
      title: reasonPhrase(of: status), status: status, detail: detail, supported: supported
    ).bytes
    // RFC 9110 section 7.8: a message with Upgrade names it in Connection.
    let connection = fields.contains { $0.isNamed("upgrade") } ? "Upgrade, close" : "close"
    return UpgradeResponse(
      status: status,
      fields: fields + [
        HTTPField("Connection", connection), HTTPField("Content-Type", "application/problem+json"),
        HTTPField("Content-Length", String(body.count)),
      ],
      body: body)
  }

  /// The answer `100 Continue`, which comes before another one.
  public static let goOn = UpgradeResponse(status: 100, fields: [])

  /// The value of the first field of a name, nil without one.
  public func value(of name: String) -> String? { fields.first { $0.isNamed(name) }?.text }

  /// The bytes of the response.
  ///
  /// - Throws: ``UnwritableHead`` where a field would break the lines of the response.
  public func bytes() throws(UnwritableHead) -> [UInt8] {
    try HTTPMessageWriting.head("HTTP/1.1 \(status) \(Self.reasonPhrase(of: status))".utf8, fields) + body
  }

  /// The reason phrase of the statuses that occur here; empty for others.
  static func reasonPhrase(of status: Int) -> String {
    switch status {
    case 100: "Continue"
    case 101: "Switching Protocols"
    case 400: "Bad Request"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 426: "Upgrade Required"
    case 431: "Request Header Fields Too Large"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    default: ""
    }
  }
}
