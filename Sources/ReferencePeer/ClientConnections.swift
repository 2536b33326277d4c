import Synchronization

/// The newest connection of each id that the program gave.
final class ClientConnections: Sendable {
  private let byId: Mutex<[String: Connection]> = Mutex([:])

  /// Takes a connection in, and gives back the older one of that id.
  func replace(_ id: String, by connection: Connection) -> Connection? {
    let older = byId.withLock { $0.updateValue(connection, forKey: id) }
    connection.whenEnded { [self] _ in
      byId.withLock { if $0[id] == connection { $0[id] = nil } }
    }
    return older
  }

  /// The connection of an id, if there is one now.
  func connection(_ id: String) -> Connection? { byId.withLock { $0[id] } }
}
