import FrameCodec
import Specification

/// A profile as the YAML that ``PeerProfile`` is read from.
package enum ProfileWriter {
  /// The text.
  ///
  /// - Parameters:
  ///   - profile: The profile.
  ///   - comment: What stands above it, without line breaks.
  package static func text(of profile: PeerProfile, comment: String) -> String {
    var lines = ["# \(InertText.whole(comment))", "name: \(profile.name)"]
    var calls: [String] = []
    if let echo = profile.echo { calls.append("  echo: \(text(of: echo))") }
    if let slow = profile.slow {
      let tenths = slow.milliseconds / 100
      calls.append(
        "  slow: {request: \(slow.exchange.request), response: \(slow.exchange.response), "
          + "seconds: \(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)")}")
    }
    if let call = profile.serverCall {
      calls.append("  serverCall: {trigger: \(call.trigger), request: \(call.request), report: \(call.report)}")
    }
    if !calls.isEmpty { lines += ["calls:"] + calls }
    lines += self.lines(of: profile.client)
    if let oneWay = profile.oneWay { lines.append("oneWay: \(text(of: oneWay))") }
    if let burst = profile.burst {
      lines.append("burst: {trigger: \(burst.trigger), id: \(burst.id), count: \(burst.count)}")
    }
    if let puller = profile.puller { lines.append("puller: {trigger: \(puller.trigger), id: \(puller.id)}") }
    lines.append("revisions: [\(profile.revisions.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))]")
    lines.append("compression: \(profile.compression)")
    lines.append("charsets: [\(profile.charsets.map(String.init).joined(separator: ", "))]")
    if let versions = profile.versions { lines.append("versions: \(versions.lowerBound)-\(versions.upperBound)") }
    lines.append("maxFrameLength: \(profile.maxFrameLength)")
    if let readWait = profile.readWait {
      lines.append("readWait: \((readWait + 500) / 1000)")
    }
    switch profile.hub {
    case .present: lines.append("hub: true")
    case .absent, .notSeen: lines.append("hub: false")
    case .auto: break
    }
    if let limit = profile.maxConnections { lines.append("maxConnections: \(limit)") }
    if let limit = profile.upgradesPerSecond { lines.append("upgradesPerSecond: \(limit)") }
    if !profile.unsolicited.isEmpty {
      lines.append("unsolicited: [\(profile.unsolicited.map(String.init).joined(separator: ", "))]")
    }
    lines.append("capabilities: [\(profile.capabilities.sorted().joined(separator: ", "))]")
    return lines.map { $0 + "\n" }.joined()
  }

  private static func lines(of client: ClientSide) -> [String] {
    guard client != ClientSide() else { return [] }
    var lines = ["client:"]
    if let driver = client.driver {
      lines.append("  driver: {order: \(driver.order), report: \(driver.report)}")
      let orders = OrderSpec.Action.allCases.filter(client.orders.contains).map(\.rawValue)
      lines.append("  orders: [\(orders.joined(separator: ", "))]")
    }
    lines.append("  redials: \(client.redials)")
    if client.reconnects { lines.append("  reconnect: true") }
    if !client.hides.isEmpty { lines.append("  hides: [\(client.hides.sorted().joined(separator: ", "))]") }
    return lines
  }

  private static func text(of exchange: PeerProfile.Exchange) -> String {
    "{request: \(exchange.request), response: \(exchange.response), mode: \(exchange.mode.rawValue)}"
  }
}
