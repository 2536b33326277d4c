import NIOCore
package import Negotiation

/// What a server says to an upgrade request, with all that it was told: its policy, and the program's admission.
package enum UpgradeVerdict: Sendable {
  /// The client is let in.
  case granted(UpgradeResponse, ConnectionDetails)

  /// It is not; why, for people.
  case refused(UpgradeResponse, reason: String)
}

extension PeerSettings {
  /// Decides about a request that keeps all rules.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - remote: The address of the TCP peer.
  func verdict(on request: UpgradeRequest, from remote: SocketAddress?) -> UpgradeVerdict {
    let decision = HandshakeResponder.decide(request, policy: handshakePolicy)
    guard let agreement = decision.agreement else {
      return .refused(decision.response, reason: decision.rejection ?? "refused")
    }
    var metadata = agreement.metadata
    switch admission?(request) {
    case .accepted(let own)?: metadata = own
    case .refused(let status, let detail)?:
      return .refused(.refusal(status: max(status, 400), detail: detail), reason: detail)
    case nil: break
    }
    let details = ConnectionDetails(
      metadata: metadata, selection: agreement.selection,
      address: ClientAddress.of(
        request.head, host: remote?.ipAddress ?? "", port: UInt16(clamping: remote?.port ?? 0),
        trustsProxyFields: trustsProxyFields),
      deflate: agreement.deflate)
    return .granted(decision.response, details)
  }
}
