import NIOConcurrencyHelpers

/// Values that a program keeps with a connection, by name. May be used from any thread.
///
/// Nothing of it goes over the wire, and it ends with the connection. Values that are replaced or removed are released
/// outside the lock, so that their `deinit` may use the store.
public final class ConnectionStore: Sendable {
  private let values = NIOLockedValueBox<[String: any Sendable]>([:])

  /// Makes an empty store.
  public init() {}

  /// The number of values.
  public var count: Int { values.withLockedValue { $0.count } }

  /// The keys that have a value, in no order.
  public var keys: [String] { values.withLockedValue { Array($0.keys) } }

  /// The value of a key; nil if there is none, or if it is not of that type.
  public func value<Value: Sendable>(for key: String, as type: Value.Type = Value.self) -> Value? {
    values.withLockedValue { $0[key] } as? Value
  }

  /// Gives a key a value. What it had before is given back.
  @discardableResult
  public func set(_ value: some Sendable, for key: String) -> (any Sendable)? {
    values.withLockedValue { $0.updateValue(value, forKey: key) }
  }

  /// Takes away a key's value and gives it back; nil if there is none.
  @discardableResult
  public func removeValue(for key: String) -> (any Sendable)? {
    values.withLockedValue { $0.removeValue(forKey: key) }
  }

  /// Takes away all values.
  public func removeAll() {
    let removed = values.withLockedValue { values in
      let removed = values
      values = [:]
      return removed
    }
    // Held to here, so that the values go after the lock was given back.
    withExtendedLifetime(removed) {}
  }

  /// Changes a key's value in one step: nobody reads or writes the store between `body`'s reading and its writing.
  ///
  /// `body` gets the value, or nil if there is none of that type, and leaves nil to remove it. It must be short, and must not
  /// use the store itself. If it throws, what it left stands.
  ///
  /// - Parameters:
  ///   - key: The value's key.
  ///   - type: The type of the value. A value of another type is replaced if `body` leaves one, and kept if it leaves nil.
  ///   - body: Reads and changes the value.
  /// - Returns: What `body` gives.
  public func withValue<Value: Sendable, Result: Sendable, Failure: Error>(
    for key: String, as type: Value.Type = Value.self, _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var replaced: (any Sendable)?
    defer { withExtendedLifetime(replaced) {} }
    return try values.withLockedValue { values in
      let stored = values[key]
      var value = stored as? Value
      let isOther = stored != nil && value == nil
      replaced = stored
      defer {
        if let value { values[key] = value } else if !isOther { values[key] = nil }
      }
      return Swift.Result { () throws(Failure) in try body(&value) }
    }.get()
  }
}
