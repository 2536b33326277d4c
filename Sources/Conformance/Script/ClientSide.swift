/// What a client under test can be made to do, and what its language does not let it do.
package struct ClientSide: Hashable, Sendable {
  /// The protocolIds by which it is driven.
  package struct Driver: Hashable, Sendable {
    /// Of the orders that it gets.
    package var order: Int64

    /// Of its reports.
    package var report: Int64

    /// A driver.
    package init(order: Int64, report: Int64) {
      self.order = order
      self.report = report
    }
  }

  /// How it is driven; nil: it cannot be.
  package var driver: Driver?

  /// The orders that it knows.
  var orders: Set<OrderSpec.Action> = []

  /// Whether it connects again by itself when the connection has ended, and then reports what it still owes.
  package var redials = false

  /// Whether one process serves many cases, told to connect again after each.
  package var reconnects = false

  /// What its language or library does for it or hides from it, such as `pings`: it cannot be judged by that.
  package var hides: Set<String> = []

  /// A client that can be made to do nothing.
  package init() {}

  /// One that does all that DESIGN asks of a driven client.
  static var reference: ClientSide {
    var side = ClientSide()
    side.driver = Driver(order: 20, report: 21)
    side.orders = Set(OrderSpec.Action.allCases)
    side.redials = true
    return side
  }
}
