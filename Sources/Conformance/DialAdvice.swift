package import ReferencePeer

/// What a user can do where a connection does not come about, in the words of the command line.
package enum DialAdvice {
  /// What was observed and what to do, as one sentence.
  package static func sentence(_ failure: DialFailure) -> String {
    remedy(for: failure.kind).map { "\(failure.reason); \($0)" } ?? failure.reason
  }

  /// What to do; nil: nothing that could be said in general.
  package static func remedy(for kind: DialFailure.Kind) -> String? {
    switch kind {
    case .badRequest, .tlsFailed, .badAnswer: nil
    case .unreachable: "is the server running, at this host and port?"
    case .peerLacksTLS: "if it serves without TLS, write ws:// in place of wss://"
    case .peerWantsTLS: "write wss:// in place of ws://"
    case .untrustedCertificate: "--ca FILE trusts an authority of your own, --insecure takes any certificate"
    case .clientCertificateWanted: "show one with --client-certificate FILE and --client-key FILE"
    case .closed: "is this a WebSocket server? its log may say more"
    case .silent: "is this a WebSocket server? --timeout SECONDS waits longer"
    case .notHTTP: "check host and port"
    case .refused(let status): remedy(forStatus: status)
    }
  }

  private static func remedy(forStatus status: Int) -> String? {
    switch status {
    case 200...299: "an HTTP server that knows of no WebSocket at this path; check the path and the port"
    case 300...399: "redirections are not followed; give the place that it names"
    case 400: "it may speak TLS (wss://), or want parameters: --query K=V, --header 'K: V'"
    case 401, 403, 407: "give what it asks for with --header 'Authorization: …' or --query K=V"
    case 404, 405, 410: "check the path"
    case 406, 426: "it wants another version or charset: --query version=N, --query charset=N"
    case 408, 425, 429, 500...599: "it may be starting or too busy; try again later"
    default: nil
    }
  }
}
