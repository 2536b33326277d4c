import FrameCodec

extension PeerProfile {
  /// Reads a profile from the disk.
  ///
  /// - Throws: Everything that is wrong with it, with lines and columns.
  package static func load(path: String) throws(ScriptFaults) -> PeerProfile {
    try parse(try ScriptFile.content(of: path), file: path)
  }

  /// Reads a profile.
  package static func parse(_ text: String, file: String) throws(ScriptFaults) -> PeerProfile {
    let root = try ScriptNode.parse(text, file: file)
    let faults = ScriptGrammar.shape(.profile).faults(of: root, file: file)
    guard faults.isEmpty else { throw ScriptFaults(faults) }
    do throws(ScriptFault) {
      return try ProfileReader(builder: ScriptBuilder(file: file)).profile(root)
    } catch {
      throw ScriptFaults([error])
    }
  }
}

/// Reads profiles whose shape was checked.
private struct ProfileReader {
  let builder: ScriptBuilder

  func profile(_ root: ScriptNode) throws(ScriptFault) -> PeerProfile {
    var profile = PeerProfile()
    profile.name = root["name"]?.text ?? "unnamed"
    let calls = root["calls"]
    profile.echo = try exchange(calls?["echo"])
    profile.oneWay = try exchange(root["oneWay"]) ?? profile.echo
    if let slow = calls?["slow"], let exchange = try exchange(slow), let seconds = slow["seconds"] {
      guard let duration = ScriptDuration((try builder.literal(seconds)) + "s") else {
        throw builder.fault(seconds.place, "this is no number of seconds", "write one, such as 2 or 0.5")
      }
      profile.slow = PeerProfile.SlowCall(
        exchange: exchange, milliseconds: Int64(duration.duration(roundTrip: .zero) / .milliseconds(1)))
    }
    if let call = calls?["serverCall"] {
      profile.serverCall = PeerProfile.ServerCall(
        trigger: try integer(call, "trigger"), request: try integer(call, "request"),
        report: try integer(call, "report"))
    }
    profile.burst = try burst(root["burst"], count: 100)
    profile.puller = try burst(root["puller"], count: 1)
    for entry in root["query"]?.entries ?? [] { profile.query[entry.key] = try builder.literal(entry.value) }
    if let revisions = root["revisions"] {
      profile.revisions = revisions.elements.compactMap { $0.text.flatMap(Revision.init(rawValue:)) }
    }
    profile.compression = builder.boolean(root, "compression", default: true)
    if let charsets = root["charsets"] { profile.charsets = try integers(charsets) }
    if let versions = root["versions"] {
      let bounds = try builder.literal(versions).split(separator: "-").compactMap { Int64($0) }
      guard bounds.count == 2, bounds[0] <= bounds[1] else {
        throw builder.fault(versions.place, "this is no range of versions", "write lowest-highest, such as 1-3")
      }
      profile.versions = bounds[0]...bounds[1]
    }
    if let limit = root["maxFrameLength"] {
      profile.maxFrameLength = try builder.integer(limit)
      guard (8...0xFFFF_FFFF).contains(profile.maxFrameLength) else {
        throw builder.fault(limit.place, "this is no limit of a frame", "write 8 to 4294967295")
      }
    }
    if let wait = root["readWait"] {
      let seconds = try builder.integer(wait)
      guard (1...86_400).contains(seconds) else {
        throw builder.fault(wait.place, "this is no read wait", "write 1 to 86400 seconds")
      }
      profile.readWait = seconds * 1000
    }
    if let zero = root["zero"] { profile.zero = try builder.integer(zero) }
    if let hub = root["hub"] { profile.hub = hub.text.flatMap(PeerProfile.Hub.init(rawValue:)) ?? .auto }
    profile.maxConnections = try limit(root, "maxConnections")
    profile.upgradesPerSecond = try limit(root, "upgradesPerSecond")
    if let unsolicited = root["unsolicited"] { profile.unsolicited = try integers(unsolicited) }
    if let client = root["client"] { profile.client = try self.client(client) }
    profile.capabilities = Set((root["capabilities"]?.elements ?? []).compactMap(\.text))
    return profile
  }

  private func client(_ node: ScriptNode) throws(ScriptFault) -> ClientSide {
    var side = ClientSide()
    if let driver = node["driver"], driver.text != "none" {
      side.driver = ClientSide.Driver(order: try integer(driver, "order"), report: try integer(driver, "report"))
      side.orders = Set(OrderSpec.Action.allCases)
    }
    if let orders = node["orders"] {
      guard side.driver != nil else {
        throw builder.fault(orders.place, "a client without a driver takes no orders", "add driver, or leave it out")
      }
      side.orders = []
      for element in orders.elements {
        guard let action = element.text.flatMap(OrderSpec.Action.init(rawValue:)) else {
          throw builder.fault(element.place, "there is no such order", "write call, send, close or reconnect")
        }
        side.orders.insert(action)
      }
    }
    side.reconnects = builder.boolean(node, "reconnect", default: false)
    if side.reconnects, !side.orders.contains(.reconnect) {
      throw builder.fault(
        node.place(of: "reconnect"), "a client that does not take the order reconnect cannot be kept",
        "add it to orders, or leave it out")
    }
    side.redials = builder.boolean(node, "redials", default: false)
    side.hides = Set((node["hides"]?.elements ?? []).compactMap(\.text))
    return side
  }

  private func limit(_ root: ScriptNode, _ key: String) throws(ScriptFault) -> Int64? {
    guard let node = root[key] else { return nil }
    let value = try builder.integer(node)
    guard (1...1_000_000).contains(value) else {
      throw builder.fault(node.place, "this is no limit", "write 1 to 1000000")
    }
    return value
  }

  private func exchange(_ node: ScriptNode?) throws(ScriptFault) -> PeerProfile.Exchange? {
    guard let node else { return nil }
    return PeerProfile.Exchange(
      request: try integer(node, "request"), response: try integer(node, "response"),
      mode: node["mode"]?.text.flatMap(PeerProfile.EchoMode.init(rawValue:)) ?? .echo)
  }

  private func burst(_ node: ScriptNode?, count: Int64) throws(ScriptFault) -> PeerProfile.Burst? {
    guard let node else { return nil }
    return PeerProfile.Burst(
      trigger: try integer(node, "trigger"), id: try integer(node, "id"),
      count: try node["count"].map { (node) throws(ScriptFault) in try builder.integer(node) } ?? count)
  }

  private func integer(_ node: ScriptNode, _ key: String) throws(ScriptFault) -> Int64 {
    guard let value = node[key] else { throw builder.fault(node.place, "\(key) is missing", "add it") }
    return try builder.integer(value)
  }

  private func integers(_ node: ScriptNode) throws(ScriptFault) -> [Int64] {
    var numbers: [Int64] = []
    for element in node.elements { numbers.append(try builder.integer(element)) }
    return numbers
  }
}
