import NIOConcurrencyHelpers

/// The newest connection of each id that the program gave.
final class ClientConnections: Sendable {
  private let byId: NIOLockedValueBox<[String: Connection]> = NIOLockedValueBox([:])

  /// Takes a connection in, and gives back the older one of that id.
  func replace(_ id: String, by connection: Connection) -> Connection? {
    let older = byId.withLockedValue { $0.updateValue(connection, forKey: id) }
    connection.whenEnded { [self] _ in
      byId.withLockedValue { if $0[id] == connection { $0[id] = nil } }
    }
    return older
  }

  /// The connection of an id, if there is one now.
  func connection(_ id: String) -> Connection? { byId.withLockedValue { $0[id] } }
}
