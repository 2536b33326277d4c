import GoldenVectors
import Specification
import StrictJSON

/// One end of the connection that a story is about, and the serial numbers as it sees them.
struct StorySide {
  /// The role of the implementation that is asked.
  let role: PeerRole

  /// Every story that both ends can live through is told from both.
  static let both = [StorySide(role: .client), StorySide(role: .server)]
  static let client = StorySide(role: .client)
  static let server = StorySide(role: .server)

  /// The sn of this side's call number `index`, counted from 0: 2, 4, 6… of a client, 3, 5, 7… of a server.
  func own(_ index: Int) -> Int64 { (role == .client ? 2 : 3) + 2 * Int64(index) }

  /// The sn of the peer's call number `index`.
  func peer(_ index: Int) -> Int64 { (role == .client ? 3 : 2) + 2 * Int64(index) }

  /// The highest sn of this side's parity.
  var highest: Int64 { role == .client ? 0xFFFF_FFFE : 0xFFFF_FFFF }
}

/// One line of a story: an event that happens, or an action that has to follow. Times are milliseconds, payloads hex.
struct StoryStep {
  let isAction: Bool
  let json: JSONValue

  private static func event(_ name: String, at time: Int64, _ members: JSONObject = [:]) -> StoryStep {
    line("event", name, at: time, members, isAction: false)
  }

  private static func action(_ name: String, at time: Int64, _ members: JSONObject = [:]) -> StoryStep {
    line("action", name, at: time, members, isAction: true)
  }

  private static func line(
    _ tag: String, _ name: String, at time: Int64, _ members: JSONObject, isAction: Bool
  ) -> StoryStep {
    var object: JSONObject = ["at": .int(time)]
    object[tag] = .string(name)
    for member in members.members { object[member.name] = member.value }
    return StoryStep(isAction: isAction, json: .object(object))
  }

  private static func frame(_ protocolId: Int64, _ sn: Int64, _ payload: String) -> JSONObject {
    ["protocolId": .int(protocolId), "sn": .int(sn), "payload": .string(payload)]
  }

  private static func displacement(_ old: String, _ new: String, _ timestamp: Int64) -> JSONObject {
    ["oldIp": .hex(Bytes.ascii(old)), "newIp": .hex(Bytes.ascii(new)), "ts": .int(timestamp)]
  }

  private static func optional(_ number: Int64?) -> JSONValue { number.map { .int($0) } ?? .null }

  // Events: what the application does.

  static func call(
    _ name: String, _ protocolId: Int64 = 2, _ payload: String = "", timeout: Int64? = nil, at time: Int64
  ) -> StoryStep {
    event(
      "call", at: time,
      [
        "call": .string(name), "protocolId": .int(protocolId), "payload": .string(payload),
        "timeout": optional(timeout),
      ])
  }
  static func cancel(_ name: String, at time: Int64) -> StoryStep { event("cancel", at: time, ["call": .string(name)]) }
  static func send(_ protocolId: Int64, _ payload: String = "", at time: Int64) -> StoryStep {
    event("send", at: time, ["protocolId": .int(protocolId), "payload": .string(payload)])
  }
  static func answer(_ protocolId: Int64, sn: Int64, _ payload: String = "", at time: Int64) -> StoryStep {
    event("answer", at: time, frame(protocolId, sn, payload))
  }
  static func close(_ code: Int64?, at time: Int64) -> StoryStep { event("close", at: time, ["code": optional(code)]) }
  static func displace(old: String, new: String, _ timestamp: Int64, at time: Int64) -> StoryStep {
    event("displace", at: time, displacement(old, new, timestamp))
  }
  static func kick(at time: Int64) -> StoryStep { event("kick", at: time) }
  static func nextSn(_ sn: Int64, at time: Int64) -> StoryStep { event("nextSn", at: time, ["sn": .int(sn)]) }

  // Events: what comes from the peer, the transport and the clock.

  static func receive(
    _ protocolId: Int64, sn: Int64, _ payload: String = "", fragmented: Bool = false, at time: Int64
  ) -> StoryStep {
    var members = frame(protocolId, sn, payload)
    if fragmented { members["fragmented"] = true }
    return event("receive", at: time, members)
  }
  static func messageStart(at time: Int64) -> StoryStep { event("messageStart", at: time) }
  static func fragment(at time: Int64) -> StoryStep { event("fragment", at: time) }
  static func ping(_ payload: String = "", at time: Int64) -> StoryStep {
    event("ping", at: time, ["payload": .string(payload)])
  }
  static func pong(_ payload: String = "", at time: Int64) -> StoryStep {
    event("pong", at: time, ["payload": .string(payload)])
  }
  static func peerClose(_ code: Int64?, at time: Int64) -> StoryStep {
    event("peerClose", at: time, ["code": optional(code)])
  }
  static func violation(_ closeCode: Int64, at time: Int64) -> StoryStep {
    event("violation", at: time, ["closeCode": .int(closeCode)])
  }
  static func written(_ frames: Int64, at time: Int64) -> StoryStep {
    event("written", at: time, ["frames": .int(frames)])
  }
  static func transportClosed(at time: Int64) -> StoryStep { event("transportClosed", at: time) }
  static func tick(at time: Int64) -> StoryStep { event("tick", at: time) }

  // Actions.

  static func sendFrame(_ protocolId: Int64, sn: Int64, _ payload: String = "", at time: Int64) -> StoryStep {
    action("sendFrame", at: time, frame(protocolId, sn, payload))
  }
  static func sendPing(at time: Int64) -> StoryStep { action("sendPing", at: time, ["payload": ""]) }
  static func sendPong(_ payload: String = "", at time: Int64) -> StoryStep {
    action("sendPong", at: time, ["payload": .string(payload)])
  }
  static func sendClose(_ code: Int64?, at time: Int64) -> StoryStep {
    action("sendClose", at: time, ["code": optional(code)])
  }
  static func complete(_ name: String, _ protocolId: Int64, _ payload: String = "", at time: Int64) -> StoryStep {
    action(
      "complete", at: time,
      ["call": .string(name), "protocolId": .int(protocolId), "payload": .string(payload)])
  }
  static func failCall(_ name: String, _ error: String, at time: Int64) -> StoryStep {
    action("failCall", at: time, ["call": .string(name), "error": .string(error)])
  }
  static func refuse(_ error: String, at time: Int64) -> StoryStep {
    action("refuse", at: time, ["error": .string(error)])
  }
  static func deliver(
    _ protocolId: Int64, sn: Int64, _ payload: String = "", _ kind: String, at time: Int64
  ) -> StoryStep {
    var members = frame(protocolId, sn, payload)
    members["kind"] = .string(kind)
    return action("deliver", at: time, members)
  }
  static func displaced(old: String, new: String, _ timestamp: Int64, at time: Int64) -> StoryStep {
    action("displaced", at: time, displacement(old, new, timestamp))
  }
  static func discardQueue(_ frames: Int64, at time: Int64) -> StoryStep {
    action("discardQueue", at: time, ["frames": .int(frames)])
  }
  static func closeTransport(at time: Int64) -> StoryStep { action("closeTransport", at: time) }
}

/// A timeline told line by line: each event followed by the actions that it, or a timer before it, has to bring.
struct Story {
  let area: String
  let side: StorySide
  let what: String
  let comment: String
  let requirements: [RequirementID]
  var flags: [String] = []
  var config: JSONObject = [:]
  let steps: [StoryStep]

  private var input: JSONValue {
    var object: JSONObject = ["role": .string(side.role.rawValue)]
    if !config.isEmpty { object["config"] = .object(config) }
    object["events"] = .array(steps.filter { !$0.isAction }.map(\.json))
    return .object(object)
  }

  private static func output(_ steps: [StoryStep]) -> JSONValue {
    ["actions": .array(steps.filter(\.isAction).map(\.json))]
  }

  private var id: String { "\(area).timeline.\(side.role.rawValue).\(what)" }

  /// A story in which the peer keeps to the rules.
  var valid: VectorTest {
    .valid(
      id: id, comment: comment, requirements: requirements, flags: flags, input: input, output: Self.output(steps))
  }

  /// A story in which the peer breaks a rule, or falls silent.
  var violating: VectorTest {
    .invalid(
      id: id, comment: comment, requirements: requirements, flags: flags, input: input, output: Self.output(steps))
  }

  /// A story with another ending that is just as good; both tell the same events.
  func acceptable(otherwise: [StoryStep]) -> VectorTest {
    .acceptable(
      id: id, comment: comment, requirements: requirements, flags: flags, input: input, output: Self.output(steps),
      alternatives: [.pass(output: Self.output(otherwise))])
  }
}

extension VectorGroup {
  /// A group of timelines, each told from every side that can live through it.
  static func timelines(
    _ comment: String, sides: [StorySide] = StorySide.both, _ tests: (StorySide) -> [VectorTest]
  ) -> VectorGroup {
    VectorGroup(.rpcTimeline, comment: comment, tests: sides.flatMap(tests))
  }
}
