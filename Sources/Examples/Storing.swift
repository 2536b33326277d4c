import WireproofPeer

/// Keeps values with a connection.
func remember(on connection: Connection) -> (name: String?, requests: Int) {
  // snippet: store
  connection.store.set("Ada", for: "name")
  let requests = connection.store.withValue(for: "requests") { (count: inout Int?) in
    let next = (count ?? 0) + 1
    count = next
    return next
  }
  let name: String? = connection.store.value(for: "name")
  // end
  return (name, requests)
}
