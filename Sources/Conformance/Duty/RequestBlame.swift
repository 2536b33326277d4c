import Negotiation
import Specification

/// Which rule of a client an upgrade request breaks that a server may not accept.
enum RequestBlame {
  /// The rule.
  static func requirement(of fault: HandshakeError) -> RequirementID {
    switch fault.code {
    case .missingHost: "handshake.request.host"
    case .missingUpgrade: "handshake.request.upgrade"
    case .missingConnection: "handshake.request.connection"
    case .missingVersion, .unsupportedVersion: "handshake.request.version"
    case .missingKey, .badKey: "handshake.request.key"
    default: "handshake.request.get"
    }
  }
}
