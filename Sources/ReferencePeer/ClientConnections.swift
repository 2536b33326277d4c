import Synchronization

/// The newest connection of each id that the program gave.
final class ClientConnections: Sendable {
  private let byId: Mutex<[String: Connection]> = Mutex([:])

  /// Takes a connection in, and gives back the older one of that id.
  func replace(_ id: String, by connection: Connection) -> Connection? {
    byId.withLock { $0.updateValue(connection, forKey: id) }
  }
}
