import StrictJSON

/// What may come at any time and is nobody's answer: what the peer sends on its own, and the report of a driven client that an order
/// was not carried out, such as a call that fails with its connection, or that it has connected again. A report of an order that
/// was never given shows that something else was delivered.
struct IgnoredItems: Sendable {
  /// The protocolIds of what the peer sends on its own.
  let ids: Set<Int64>

  /// The protocolId of a driven client's reports; nil: there are none.
  let report: Int64?

  /// The numbers of orders that were given.
  let orders: OrderNumbers

  /// Whether something that came is let pass.
  func contains(_ item: InboxItem) -> Bool {
    guard case .frame(let frame) = item.content else { return false }
    if ids.contains(frame.id) { return true }
    guard let report, frame.id == report, frame.sn ?? 0 == 0, let told = try? JSONParser.parse(frame.payload),
      let number = told["seq"]?.intValue
    else { return false }
    return told["ok"]?.boolValue == false ? orders.contains(number) : orders.reconnects.contains(number)
  }
}

extension CaseExecution {
  /// What is let pass here.
  var ignoredItems: IgnoredItems {
    IgnoredItems(ids: settings.unsolicited, report: settings.profile.client.driver?.report, orders: orders)
  }
}
