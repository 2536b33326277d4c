import NIOConcurrencyHelpers
import Negotiation
package import ReferencePeer
import StrictJSON

/// The connections of the mock server as the console names them: by their numbers.
package final class ServedConnections: Sendable {
  private struct Entry {
    let connection: Connection
    let event: JSONObject
  }

  private let entries = NIOLockedValueBox<[UInt64: Entry]>([:])
  private let events: EventStream

  init(_ events: EventStream) { self.events = events }

  /// Callbacks that tell of connections, after those that are there.
  ///
  /// - Parameters:
  ///   - callbacks: What else wants to be told.
  ///   - behavior: How the connections are served.
  package func observing(_ callbacks: ConnectionCallbacks, behavior: String) -> ConnectionCallbacks {
    var both = callbacks
    both.established = { [self] connection in
      callbacks.established?(connection)
      add(connection, behavior)
    }
    both.closed = { [self] connection, end in
      callbacks.closed?(connection, end)
      remove(connection, end)
    }
    return both
  }

  private func add(_ connection: Connection, _ behavior: String) {
    let details = connection.details
    let event: JSONObject = [
      "type": "open", "number": .number(connection.number), "identity": .string(details.identityText),
      "address": .string(details.addressText), "behavior": .string(behavior),
      "version": .number(details.selection.version), "charset": .number(details.selection.charset),
      "compressed": .bool(details.deflate != nil),
    ]
    entries.withLockedValue { $0[connection.number] = Entry(connection: connection, event: event) }
    events.publish(event)
  }

  private func remove(_ connection: Connection, _ end: ConnectionEnd) {
    let entry = entries.withLockedValue { $0.removeValue(forKey: connection.number) }
    guard entry != nil else { return }
    events.publish([
      "type": "closed", "number": .number(connection.number), "reason": .string("\(end)"),
    ])
  }

  /// The connection with a number, if it is there now.
  func connection(_ number: UInt64) -> Connection? { entries.withLockedValue { $0[number]?.connection } }

  /// What tells a page of those that are there, by number.
  var known: [JSONObject] {
    entries.withLockedValue { entries in entries.sorted { $0.key < $1.key }.map(\.value.event) }
  }
}
