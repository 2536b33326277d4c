/// Why a connection could not be made.
public struct DialFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of obstacle it was, for programs that want to say what can be done about it.
  public enum Kind: Hashable, Sendable {
    /// The URL, or what was to be sent, cannot be used.
    case badRequest
    /// No TCP connection: no such host, nobody listens, no way there.
    case unreachable
    /// TLS was begun, and the peer speaks something else.
    case peerLacksTLS
    /// The peer speaks TLS, and plain HTTP was begun.
    case peerWantsTLS
    /// The peer's certificate is not trusted, or is for another name.
    case untrustedCertificate
    /// The peer refuses who shows no certificate, or takes another one.
    case clientCertificateWanted
    /// TLS did not come about for another reason.
    case tlsFailed
    /// The peer ended the transport before its answer was whole.
    case closed
    /// The answer did not come in time.
    case silent
    /// What answers does not speak HTTP.
    case notHTTP
    /// The server answered the upgrade with another status than 101.
    case refused(status: Int)
    /// A 101 that breaks a rule.
    case badAnswer
  }

  /// What kind of obstacle it was.
  public let kind: Kind

  /// What was observed, in one line of printable characters.
  public let reason: String

  /// A failure from its parts.
  public init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }

  /// Whether the same attempt will fail again however often it is made: a wrong path, a certificate, another protocol. What
  /// passes by itself is not: a server that is starting or too busy (408, 425, 429, 5xx), a lost connection.
  public var isLasting: Bool {
    switch kind {
    case .unreachable, .closed, .silent: false
    case .refused(let status): status < 500 && ![408, 425, 429].contains(status)
    case .badRequest, .peerLacksTLS, .peerWantsTLS, .untrustedCertificate, .clientCertificateWanted, .tlsFailed,
      .notHTTP,
      .badAnswer:
      true
    }
  }

  /// ``reason``.
  public var description: String { reason }
}
