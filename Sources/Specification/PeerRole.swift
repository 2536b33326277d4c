/// The end of a connection that a peer has.
public enum PeerRole: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// Opened the connection: sends the upgrade request, masks its frames, allocates even serial numbers.
  case client

  /// Accepted the connection: answers the upgrade request, does not mask, allocates odd serial numbers.
  case server

  /// The other end.
  public var peer: PeerRole {
    switch self {
    case .client: .server
    case .server: .client
    }
  }

  /// `client` or `server`.
  public var description: String { rawValue }
}
