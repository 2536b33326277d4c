/// What can be wrong with an upgrade request or its response. The raw values are the codes of `handshake.parse`.
public enum HandshakeErrorCode: String, CaseIterable, Hashable, Sendable {
  /// The bytes end before the empty line.
  case incomplete

  /// The head takes more bytes than the limit.
  case headersTooLarge = "headers-too-large"

  /// The first line of a request is not a method, a target and a version with one space between them.
  case badRequestLine = "bad-request-line"

  /// The first line of a response is not a version 1.1 or later 1.x and a status of three digits.
  case badStatusLine = "bad-status-line"

  /// An HTTP version other than 1.1 or a later 1.x.
  case badHTTPVersion = "bad-http-version"

  /// A line that is no header field: folded, without a colon, with a space before it, with a name that is no token, with
  /// a control character in the value, or ended by a bare LF.
  case badHeader = "bad-header"

  /// Another method than GET.
  case notGet = "not-get"

  /// No `Host`.
  case missingHost = "missing-host"

  /// No `Upgrade` with the token `websocket`.
  case missingUpgrade = "missing-upgrade"

  /// No `Connection` with the token `Upgrade`.
  case missingConnection = "missing-connection"

  /// No `Sec-WebSocket-Version`.
  case missingVersion = "missing-version"

  /// A `Sec-WebSocket-Version` other than 13.
  case unsupportedVersion = "unsupported-version"

  /// No `Sec-WebSocket-Key`.
  case missingKey = "missing-key"

  /// A `Sec-WebSocket-Key` that is not the base64 form of 16 bytes, or two of them.
  case badKey = "bad-key"

  /// Content whose end nobody can tell: a `Content-Length` that is no number or several, or a `Transfer-Encoding` that
  /// does not end in `chunked`.
  case badFraming = "bad-framing"

  /// A request with content.
  case hasContent = "has-content"

  /// A response with another final status than 101.
  case refused

  /// No `Sec-WebSocket-Accept`.
  case missingAccept = "missing-accept"

  /// A `Sec-WebSocket-Accept` that does not follow from the key, or two of them.
  case wrongAccept = "wrong-accept"

  /// An answer to permessage-deflate that breaks the grammar or does not follow from the offer.
  case badExtension = "bad-extension"

  /// An extension in the answer that was not offered.
  case unofferedExtension = "unoffered-extension"

  /// A subprotocol in the answer that was not offered, or two of them.
  case unofferedProtocol = "unoffered-protocol"
}

/// The first violation in an upgrade request or its response.
public struct HandshakeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let code: HandshakeErrorCode

  /// Where, in bytes from the start of the head: the start of the line at fault; for a missing field the empty line,
  /// where it would have had to be at the latest; for `incomplete` the end of what is there; for `headers-too-large` the
  /// limit.
  public let offset: Int

  /// What it was in particular, such as the status of a refusal; nil where ``code`` says it all.
  public let detail: String?

  /// An error from its parts.
  public init(_ code: HandshakeErrorCode, offset: Int, detail: String? = nil) {
    self.code = code
    self.offset = offset
    self.detail = detail
  }

  /// The reason, for people.
  public var reason: String {
    let text =
      switch code {
      case .incomplete: "the header ends before its empty line"
      case .headersTooLarge: "the header takes more than \(offset) bytes"
      case .badRequestLine: "the first line is not a method, a target and a version"
      case .badStatusLine: "the first line is not a version 1.x from 1.1 on and a status of three digits"
      case .badHTTPVersion: "the HTTP version is neither 1.1 nor a later 1.x"
      case .badHeader: "the line at offset \(offset) is no header field"
      case .notGet: "the method is not GET"
      case .missingHost: "Host is missing"
      case .missingUpgrade: "Upgrade does not name websocket"
      case .missingConnection: "Connection does not name Upgrade"
      case .missingVersion: "Sec-WebSocket-Version is missing"
      case .unsupportedVersion: "Sec-WebSocket-Version is not 13"
      case .missingKey: "Sec-WebSocket-Key is missing"
      case .badKey: "Sec-WebSocket-Key is not the base64 form of 16 bytes, once"
      case .badFraming: "where the request's content ends cannot be told"
      case .hasContent: "the upgrade request has content"
      case .refused: "the server refused the upgrade"
      case .missingAccept: "Sec-WebSocket-Accept is missing"
      case .wrongAccept: "Sec-WebSocket-Accept is not what follows from the key"
      case .badExtension: "Sec-WebSocket-Extensions does not follow from the offer"
      case .unofferedExtension: "Sec-WebSocket-Extensions names an extension that was not offered"
      case .unofferedProtocol: "Sec-WebSocket-Protocol names a subprotocol that was not offered"
      }
    return detail.map { "\(text): \($0)" } ?? text
  }

  /// ``reason``.
  public var description: String { reason }
}
