/// Whom a requirement binds.
public enum RequirementRole: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// Either peer, when it sends.
  case sender

  /// Either peer, when it receives.
  case receiver

  /// The peer that accepted the connection.
  case server

  /// The peer that opened the connection.
  case client

  /// Either peer, whether it sends or receives.
  case both

  /// Whether the requirement binds a peer that has the given end of the connection. Both peers send and receive, so only
  /// ``server`` and ``client`` leave one out.
  public func binds(_ peer: PeerRole) -> Bool {
    switch self {
    case .sender, .receiver, .both: true
    case .server: peer == .server
    case .client: peer == .client
    }
  }

  /// The name used in the catalogue.
  public var description: String { rawValue }
}
