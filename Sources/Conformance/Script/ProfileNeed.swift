import FrameCodec

/// What a case needs of a profile, and what to tell the user when it is not there.
enum ProfileNeed {
  /// The variables that exist only where the profile offers something, by their first part.
  static let variableRoots: Set<String> = [
    "echo", "oneway", "slow", "serverCall", "burst", "puller", "readWait", "zero", "driver",
  ]

  /// Whether a need is something that the application behind a peer, or the peer itself, can offer or leave out. Capabilities,
  /// ranges and time limits are none: what is not claimed does not bind.
  static func isOffer(_ need: String) -> Bool {
    let parts = need.split(separator: ".")
    return need == "compression" || need == "drive" || need.hasPrefix("drive.") || need == "redials" || need == "pings"
      || need.hasPrefix("revision:")
      || parts.first.map { variableRoots.contains(String($0)) && $0 != "readWait" && $0 != "zero" } == true
  }

  /// All variables of profiles.
  static let variables: Set<String> = [
    "limit", "unknown", "echo.request", "echo.response", "oneway.request", "oneway.response", "slow.request",
    "slow.response", "slow.delay", "serverCall.trigger", "serverCall.request", "serverCall.report", "burst.trigger",
    "burst.id", "burst.count", "puller.trigger", "puller.id", "puller.count", "readWait", "zero.response",
    "driver.order", "driver.report",
  ]

  /// Why a profile does not meet a need, with what to add; nil: it does.
  static func lack(of need: String, in profile: PeerProfile) -> String? {
    switch need {
    case "echo": return profile.echo == nil ? remedy(for: need) : nil
    case "oneway": return profile.oneWay == nil ? remedy(for: need) : nil
    case "slow": return profile.slow == nil ? remedy(for: need) : nil
    case "serverCall": return profile.serverCall == nil ? remedy(for: need) : nil
    case "burst": return profile.burst == nil ? remedy(for: need) : nil
    case "zero": return profile.zero == nil ? remedy(for: need) : nil
    case "puller": return profile.puller == nil ? remedy(for: need) : nil
    case "echo.exact": return profile.echo?.mode == .echo ? nil : remedy(for: need)
    case "oneway.exact": return profile.oneWay?.mode == .echo ? nil : remedy(for: need)
    case "hub":
      switch profile.hub {
      case .present, .auto: return nil
      case .absent: return "the profile says that the server has no hub, which is optional"
      case .notSeen:
        return
          "the server has no hub: two connections of one identity were served side by side. A hub is optional; where "
          + "there should be one, hub: true in the profile judges it"
      }
    case "drive", "driver": return profile.client.driver == nil ? remedy(for: need) : nil
    case "drive.call", "drive.send", "drive.close", "drive.reconnect":
      let action = OrderSpec.Action(rawValue: String(need.dropFirst("drive.".count)))
      return action.map(profile.client.orders.contains) == true ? nil : remedy(for: need)
    case "redials": return profile.client.redials ? nil : remedy(for: need)
    case "pings":
      return profile.client.hides.contains(need) ? "the profile says that its language lets it send no pings" : nil
    case "answers":
      return profile.echo == nil
        ? "the client answers no calls: let it answer id 7 with its payload, the same sn and id 17 (calls.echo)" : nil
    case "compression": return profile.compression ? nil : "the profile says that the peer does not compress"
    case "versions": return profile.versions == nil ? "the profile lists no versions" : nil
    case "readWait":
      return profile.readWait.map { $0 <= 5000 } == true
        ? nil : "the read wait is not known to be at most 5 s: set it so in the peer, and readWait in the profile"
    default: break
    }
    if need.hasPrefix("revision:") {
      let revision = Revision(rawValue: String(need.dropFirst("revision:".count)))
      return revision.map(profile.revisions.contains) == true ? nil : "the profile does not list \(need)"
    }
    if need.hasPrefix("charset:") {
      let charset = Int64(need.dropFirst("charset:".count))
      return charset.map(profile.charsets.contains) == true ? nil : "the profile does not list \(need)"
    }
    return profile.capabilities.contains(need) ? nil : "the profile does not claim the capability \(need)"
  }

  /// Whether a need is a capability that a profile claims by its name.
  static func isCapability(_ need: String) -> Bool {
    !need.contains(":") && lack(of: need, in: PeerProfile())?.contains("the capability \(need)") == true
  }

  /// What to add to the application so that it offers what the need is about.
  static func remedy(for need: String) -> String {
    switch need {
    case "echo": "the application answers no call: add a handler that answers a request with its payload (calls.echo)"
    case "echo.exact": "the application's echo call does not return the payload: add a handler that does (calls.echo)"
    case "oneway": "the application answers no one-way message: add a handler that does (oneWay)"
    case "oneway.exact": "the application's one-way echo does not return the payload: add a handler that does (oneWay)"
    case "drive", "driver":
      "the client cannot be driven: let it take orders with id 20 and report with id 21 (client.driver)"
    case "drive.call", "drive.send", "drive.close", "drive.reconnect":
      "the client's driver does not take the order \"\(need.dropFirst("drive.".count))\" (client.orders)"
    case "redials":
      "the client does not connect again by itself to report what became of its calls (client.redials)"
    case "slow": "the application has no slow call: add a handler that answers after two seconds (calls.slow)"
    case "serverCall":
      "the application never calls the client: add a handler that does and reports the answer (calls.serverCall)"
    case "burst": "the application sends no burst: add a handler that sends 100 messages (burst)"
    case "zero": "no handler for the reserved id 0 shows that it ran (zero)"
    case "puller": "the application has no puller: add a handler that signals one (puller)"
    default: "the profile has no \(need)"
    }
  }
}
