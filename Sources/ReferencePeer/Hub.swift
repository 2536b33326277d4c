import NIOConcurrencyHelpers
import NIOCore

/// The connections of a server by identity, at most one each (specification, hub).
///
/// Sharded by a hash of the identity, so that event loops seldom wait for each other; the number of shards shows nowhere
/// on the wire. For any thread.
public final class Hub: Sendable {
  private final class Shard: Sendable {
    let connections = NIOLockedValueBox<[[UInt8]: ConnectionHandler]>([:])
  }

  private let shards: [Shard]

  /// A hub with so many shards, at least one.
  public init(shards: Int = 16) {
    self.shards = (0..<max(1, shards)).map { _ in Shard() }
  }

  private func shard(of identity: [UInt8]) -> Shard {
    shards[Int(UInt(bitPattern: identity.hashValue) % UInt(shards.count))]
  }

  // MARK: - What programs ask for

  /// How many connections there are.
  public var count: Int {
    shards.reduce(0) { sum, shard in sum + shard.connections.withLockedValue { $0.count } }
  }

  /// The connection with this identity, if there is one now.
  public func connection(identity: [UInt8]) -> Connection? {
    shard(of: identity).connections.withLockedValue { $0[identity]?.handle }
  }

  /// The connection with this identity as text, `uid-typed-deviceId-source`.
  public func connection(identity: String) -> Connection? { connection(identity: Array(identity.utf8)) }

  /// The identities of all connections, in no particular order.
  public var identities: [[UInt8]] {
    shards.flatMap { shard in shard.connections.withLockedValue { Array($0.keys) } }
  }

  /// All connections as they are now, in no particular order. Shard after shard is copied, so `body` may take its time.
  public func forEach(_ body: (Connection) throws -> Void) rethrows {
    for shard in shards {
      for handler in shard.connections.withLockedValue({ Array($0.values) }) { try body(handler.handle) }
    }
  }

  /// Displaces the connection with this identity, as when a newcomer took its place on another machine of the cluster.
  ///
  /// - Parameters:
  ///   - identity: `uid-typed-deviceId-source`.
  ///   - newAddress: the newcomer's address, `host:port`.
  /// - Returns: whether there was one.
  @discardableResult
  public func displace(identity: [UInt8], newAddress: String) -> Bool {
    guard let connection = take(identity) else { return false }
    connection.handle.onLoop { $0.displace(by: Array(newAddress.utf8)) }
    return true
  }

  /// Drops the connection with this identity: it gets a close frame and nothing else.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public func kick(identity: [UInt8]) -> Bool {
    guard let connection = take(identity) else { return false }
    connection.handle.onLoop { $0.kick() }
    return true
  }

  /// Displaces the connection with this identity as text; see `displace(identity:newAddress:)`.
  @discardableResult
  public func displace(identity: String, newAddress: String) -> Bool {
    displace(identity: Array(identity.utf8), newAddress: newAddress)
  }

  /// Drops the connection with this identity as text; see `kick(identity:)`.
  @discardableResult
  public func kick(identity: String) -> Bool { kick(identity: Array(identity.utf8)) }

  /// Whether this connection is the one that its identity names; it leaves the hub then.
  private func take(_ connection: Connection) -> Bool {
    let identity = connection.details.identity
    return shard(of: identity).connections.withLockedValue { connections in
      guard connections[identity] === connection.handler else { return false }
      connections[identity] = nil
      return true
    }
  }

  /// Drops this connection, and no newer one with its identity.
  ///
  /// - Returns: whether it was there.
  @discardableResult
  package func kick(_ connection: Connection) -> Bool {
    guard take(connection) else { return false }
    connection.onLoop { $0.kick() }
    return true
  }

  /// Displaces this connection, and no newer one with its identity; see `displace(identity:newAddress:)`.
  @discardableResult
  package func displace(_ connection: Connection, newAddress: String) -> Bool {
    guard take(connection) else { return false }
    connection.onLoop { $0.displace(by: Array(newAddress.utf8)) }
    return true
  }

  private func take(_ identity: [UInt8]) -> ConnectionHandler? {
    shard(of: identity).connections.withLockedValue { $0.removeValue(forKey: identity) }
  }

  // MARK: - What connections do

  /// A connection is established.
  ///
  /// - Returns: the older one with its identity, which has left the hub and is to be told.
  func register(_ connection: ConnectionHandler) -> ConnectionHandler? {
    guard let details = connection.details else { return nil }
    let displaced = shard(of: details.identity).connections.withLockedValue {
      $0.updateValue(connection, forKey: details.identity)
    }
    return displaced === connection ? nil : displaced
  }

  /// A connection is no longer open. One that took its place stays.
  func remove(_ connection: ConnectionHandler) {
    guard let identity = connection.details?.identity else { return }
    shard(of: identity).connections.withLockedValue {
      if $0[identity] === connection { $0[identity] = nil }
    }
  }
}
