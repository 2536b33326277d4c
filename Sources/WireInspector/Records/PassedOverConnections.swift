/// Connections of which nothing can be shown, counted by what they are.
package struct PassedOverConnections: Sendable {
  package enum Kind: Int, CaseIterable, Sendable {
    /// TLS, without keys.
    case encrypted
    case http2
    /// HTTP/1 without an upgrade to WebSocket.
    case http
    /// A tunnel by SOCKS (RFC 1928 and the older version 4) that does not stand, or carries something else.
    case socks4, socks5
    /// No byte of data.
    case silent
    case other

    fileprivate var text: String {
      switch self {
      case .encrypted: "encrypted (TLS)"
      case .http2: "HTTP/2"
      case .http: "HTTP without an upgrade to WebSocket"
      case .socks4: "tunnelled by SOCKS4, without an upgrade to WebSocket"
      case .socks5: "tunnelled by SOCKS5, without an upgrade to WebSocket"
      case .silent: "without data"
      case .other: "of another protocol"
      }
    }
  }

  private var counts = Array(repeating: 0, count: Kind.allCases.count)

  mutating func count(_ kind: Kind) { counts[kind.rawValue] += 1 }

  /// How many, and what they are; nil without one, and where their own findings have said all of it.
  var text: String? {
    let parts = Kind.allCases.filter { counts[$0.rawValue] > 0 }.map { "\(counts[$0.rawValue]) \($0.text)" }
    let total = counts.reduce(0, +)
    let areNamed = Kind.allCases.allSatisfy { kind in
      counts[kind.rawValue] <= (kind == .encrypted || kind == .http2 ? 1 : 0)
    }
    guard total > 0, !areNamed else { return nil }
    return "\(total) TCP \(total == 1 ? "connection" : "connections"): " + parts.joined(separator: ", ")
  }
}
