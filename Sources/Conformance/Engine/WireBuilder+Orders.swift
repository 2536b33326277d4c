import NIOConcurrencyHelpers
import StrictJSON

/// Numbers the orders of a case, over all of its connections.
final class OrderNumbers: Sendable {
  private let last = NIOLockedValueBox<Int64>(0)
  private let named = NIOLockedValueBox<Set<Int64>>([])
  private let dials = NIOLockedValueBox<Set<Int64>>([])

  /// The numbers of the orders to connect again, whose reports come when they come, on the next connection.
  var reconnects: Set<Int64> { dials.withLockedValue { $0 } }

  /// Whether there is an order with this number.
  func contains(_ number: Int64) -> Bool {
    number >= 1 && last.withLockedValue { number <= $0 } || named.withLockedValue { $0.contains(number) }
  }

  /// Takes note of a number that a script has given to an order.
  func note(_ number: Int64) { named.withLockedValue { _ = $0.insert(number) } }

  /// Takes note that an order is one to connect again.
  func noteReconnect(_ number: Int64) { dials.withLockedValue { _ = $0.insert(number) } }

  /// The number of the next order.
  func next() -> Int64 {
    last.withLockedValue { last in
      last += 1
      return last
    }
  }
}

extension WireBuilder {
  /// The protocolId of a call or message that an order does not name.
  static let orderedID: Int64 = 2

  /// How long a client waits for an answer where the order does not say, in milliseconds: longer than any step of this side.
  private static let orderedTimeout: Int64 = 60_000

  /// The payload of the message by which a client is told to do something.
  ///
  /// - Parameter number: Its number; nil: the one that it names, else the next.
  func order(_ spec: OrderSpec, number: Int64?) throws(ScriptRuntimeError) -> [UInt8] {
    let own = try spec.number.map { (template) throws(ScriptRuntimeError) in try template.integer(in: scope) }
    if let own { context.orders?.note(own) }
    var object: JSONObject = [
      "seq": .int(number ?? own ?? context.orders?.next() ?? 1), "do": .string(spec.action.rawValue),
    ]
    switch spec.action {
    case .call, .send:
      object["id"] = .int(try spec.id?.integer(in: scope) ?? Self.orderedID)
      object["payload"] = .hex(try bytes(spec.payload))
    case .close, .reconnect: break
    }
    if spec.action == .call {
      object["timeoutMs"] = .int(try spec.timeout?.integer(in: scope) ?? Self.orderedTimeout)
    }
    return Array(JSONValue.object(object).line.utf8)
  }
}
