/// Why an offer or an answer of permessage-deflate cannot be taken: what the peer did wrong, and where.
public struct DeflateNegotiationError: Error, Hashable, Sendable {
  /// What is wrong.
  public enum Code: String, CaseIterable, Sendable {
    /// The header breaks RFC 6455 §9.1.
    case badGrammar = "bad-grammar"
    /// The answer names an extension that was not offered (RFC 6455 §4.1).
    case unofferedExtension = "unoffered-extension"
    /// The answer accepts permessage-deflate twice.
    case repeatedExtension = "repeated-extension"
    /// A parameter that permessage-deflate does not define (RFC 7692 §7.1).
    case unknownParameter = "unknown-parameter"
    /// A parameter that stands there twice (RFC 7692 §7.1).
    case repeatedParameter = "repeated-parameter"
    /// A value that is missing, superfluous or out of range (RFC 7692 §7.1).
    case badValue = "bad-value"
    /// More window bits than were offered (RFC 7692 §7.1.2).
    case windowAboveOffer = "window-above-offer"
    /// client_max_window_bits, which the offer did not name (RFC 7692 §7.1.2.2).
    case unofferedWindow = "unoffered-window"
    /// The answer lacks a parameter that the offer made a condition (RFC 7692 §7.1.1.1, §7.1.2.1).
    case missingParameter = "missing-parameter"
  }

  /// What is wrong.
  public let code: Code

  /// Where, in bytes from the start of the header's value: the byte at fault, or the first of the extension or parameter at
  /// fault; for a missing parameter the end of the value.
  public let offset: Int

  /// One sentence for people.
  public var reason: String {
    let what =
      switch code {
      case .badGrammar: "the header breaks the grammar of Sec-WebSocket-Extensions"
      case .unofferedExtension: "the answer names an extension that was not offered"
      case .repeatedExtension: "the answer accepts permessage-deflate more than once"
      case .unknownParameter: "permessage-deflate has no such parameter"
      case .repeatedParameter: "the parameter is named more than once"
      case .badValue: "the parameter's value is missing, superfluous or out of range"
      case .windowAboveOffer: "the window is larger than the offered one"
      case .unofferedWindow: "client_max_window_bits was not offered"
      case .missingParameter: "a parameter that the offer insists on is missing"
      }
    return "\(what) (byte \(offset))"
  }

  /// Makes an error.
  public init(_ code: Code, offset: Int) {
    self.code = code
    self.offset = offset
  }
}
