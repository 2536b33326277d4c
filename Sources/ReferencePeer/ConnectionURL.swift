import FoundationEssentials

/// A `ws` or `wss` URL in its parts (RFC 6455 section 3).
public struct ConnectionURL: Hashable, Sendable, CustomStringConvertible {
  /// Whether it is `wss`.
  public var isSecure: Bool

  /// The host, an IPv6 address without brackets.
  public var host: String

  /// The port; 80 or 443 where the URL names none.
  public var port: Int

  /// The path, escaped as it stands; `/` where there is none.
  public var path: String

  /// The query, escaped as it stands; empty where there is none.
  public var query: String

  /// Reads a URL.
  ///
  /// - Throws: `ConnectionError.dialFailed` that says what is wrong with it.
  public init(_ text: String) throws(ConnectionError) {
    guard let url = URL(string: text), let scheme = url.scheme?.lowercased() else {
      throw .dialFailed(DialFailure(.badRequest, "\(text) is no URL; it looks like ws://127.0.0.1:8003/join?uid=100"))
    }
    guard scheme == "ws" || scheme == "wss" else {
      throw .dialFailed(DialFailure(.badRequest, "the scheme of \(text) is \(scheme); it is ws or wss"))
    }
    guard let host = url.host(percentEncoded: false), !host.isEmpty else {
      throw .dialFailed(DialFailure(.badRequest, "\(text) names no host"))
    }
    isSecure = scheme == "wss"
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    port = url.port ?? (isSecure ? 443 : 80)
    guard (1...65535).contains(port) else {
      throw .dialFailed(DialFailure(.badRequest, "the port of \(text) is not within 1 and 65535"))
    }
    let path = url.path(percentEncoded: true)
    self.path = path.isEmpty ? "/" : path
    query = url.query(percentEncoded: true) ?? ""
  }

  /// The value of the `Host` field: the port only where it is not the scheme's.
  public var hostField: String {
    let bracketed = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? bracketed : "\(bracketed):\(port)"
  }

  /// The URL.
  public var description: String {
    "\(isSecure ? "wss" : "ws")://\(hostField)\(path)" + (query.isEmpty ? "" : "?\(query)")
  }
}
