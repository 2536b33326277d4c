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

    /// What a connection of this kind is, behind a count or "is".
    var text: String {
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

  /// The connections of one kind.
  private struct Entry {
    var count = 0
    /// The first of them: its number and the server's port.
    var first = (number: 0, port: UInt16(0))
  }

  private var entries = Array(repeating: Entry(), count: Kind.allCases.count)

  /// Counts a connection.
  ///
  /// - Parameters:
  ///   - number: Its number.
  ///   - port: The server's port.
  mutating func count(_ kind: Kind, number: Int, port: UInt16) {
    if entries[kind.rawValue].count == 0 { entries[kind.rawValue].first = (number, port) }
    entries[kind.rawValue].count += 1
  }

  /// How many, what they are, and which was the first of each kind; nil without one, and where their own findings have said all
  /// of it.
  var text: String? {
    let parts = Kind.allCases.map { (kind: $0, entry: entries[$0.rawValue]) }.filter { $0.entry.count > 0 }
    let areNamed = parts.allSatisfy { ($0.kind == .encrypted || $0.kind == .http2) && $0.entry.count == 1 }
    guard !areNamed else { return nil }
    let list = parts.map { kind, entry in
      let place = "connection \(entry.first.number) on port \(entry.first.port)"
      return "\(entry.count) \(kind.text) (\(entry.count == 1 ? "" : "first ")\(place))"
    }
    return CountText.of(parts.reduce(0) { $0 + $1.entry.count }, "TCP connection") + ": " + list.joined(separator: ", ")
  }
}
