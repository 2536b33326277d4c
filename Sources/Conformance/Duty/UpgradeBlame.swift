import Deflate
import Negotiation
import Specification

/// Which rule of a server an answer breaks that a client may not accept. The client's own rule is to fail the connection; the
/// server's is not to give cause.
enum UpgradeBlame {
  /// The rule; nil: the answer is no 101, so that nothing was accepted.
  ///
  /// - Parameters:
  ///   - fault: What is wrong with the answer.
  ///   - response: Its `Sec-WebSocket-Extensions`; empty for none.
  ///   - offer: What the client offered; empty for nothing.
  static func requirement(of fault: HandshakeError, response: String, offer: String) -> RequirementID? {
    switch fault.code {
    case .refused, .incomplete: nil
    case .missingUpgrade: "handshake.answer.upgrade"
    case .missingConnection: "handshake.answer.connection"
    case .missingAccept, .wrongAccept: "handshake.accept"
    case .unofferedProtocol: "handshake.answer.protocol"
    case .unofferedExtension:
      response.contains(DeflateOffer.extensionName) ? "deflate.offer.none" : "handshake.answer.extension"
    case .badExtension: requirement(ofExtension: fault.detail, response: response, offer: offer)
    default: "handshake.answer.status"
    }
  }

  private static func requirement(ofExtension detail: String?, response: String, offer: String) -> RequirementID {
    switch detail.flatMap(DeflateNegotiationError.Code.init(rawValue:)) {
    case .repeatedExtension: "deflate.answer.single"
    case .unofferedWindow: "deflate.offer.client-window"
    case .windowAboveOffer:
      if let answered = bits("client_max_window_bits", in: response),
        let offered = bits("client_max_window_bits", in: offer), answered > offered
      {
        "deflate.offer.client-window"
      } else {
        serverWindow(offer)
      }
    case .missingParameter:
      offer.contains("server_max_window_bits") && !response.contains("server_max_window_bits")
        ? serverWindow(offer) : "deflate.offer.server-no-context"
    // What RFC 7692 does not define was not offered either.
    default: "handshake.answer.extension"
    }
  }

  private static func serverWindow(_ offer: String) -> RequirementID {
    bits("server_max_window_bits", in: offer) == 8 ? "deflate.offer.window-eight" : "deflate.offer.server-window"
  }

  /// The value of a parameter where it first stands, quoted or not.
  private static func bits(_ name: String, in value: String) -> Int? {
    guard let range = value.firstRange(of: name) else { return nil }
    let rest = value[range.upperBound...].drop { $0 == "=" || $0 == " " || $0 == "\"" }
    return Int(rest.prefix { $0.isASCII && $0.isNumber })
  }
}
