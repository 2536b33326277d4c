import Conversation
import FrameCodec
import Specification
import StrictJSON

/// `rpc.timeline`: one connection in virtual time. Vectors count milliseconds, a conversation nanoseconds.
enum TimelineOperations {
  private static let nanosecondsPerMillisecond: Int64 = 1_000_000

  static func run(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    var timeline = Timeline(
      Conversation(role: try input.choice("role"), configuration: try configuration(input.object("config"))))
    for event in try input.objects("events") { try timeline.handle(event) }
    timeline.end()
    return .output(["actions": .array(timeline.actions)])
  }

  private static func configuration(
    _ input: OperationInput
  ) throws(OperationInputMismatch) -> ConversationConfiguration {
    ConversationConfiguration(
      handlers: HandlerTable(try input.integers("handlers") ?? []), nextSn: try input.integerIfThere("nextSn"),
      readWait: try nanosecondsIfThere(input, "readWait"), writeWait: try nanosecondsIfThere(input, "writeWait"),
      closeWait: try nanosecondsIfThere(input, "closeWait") ?? 1_000 * nanosecondsPerMillisecond,
      queueLimit: try input.integerIfThere("queueLimit"))
  }

  fileprivate static func nanosecondsIfThere(
    _ input: OperationInput, _ name: String
  ) throws(OperationInputMismatch) -> Int64? {
    guard let milliseconds: Int64 = try input.integerIfThere(name) else { return nil }
    let product = milliseconds.multipliedReportingOverflow(by: nanosecondsPerMillisecond)
    guard !product.overflow else { throw OperationInputMismatch(name: name, expected: "duration within bounds") }
    return product.partialValue
  }

  fileprivate static func milliseconds(_ nanoseconds: Int64) -> Int64 { nanoseconds / nanosecondsPerMillisecond }
}

/// A conversation with what its actions refer to: the names of the calls, and the payload of the event at hand.
private struct Timeline {
  private var conversation: Conversation
  private var names: [CallID: String] = [:]
  private var ids: [String: CallID] = [:]
  private(set) var actions: [JSONValue] = []

  init(_ conversation: Conversation) {
    self.conversation = conversation
  }

  mutating func handle(_ event: OperationInput) throws(OperationInputMismatch) {
    guard let time = try TimelineOperations.nanosecondsIfThere(event, "at") else {
      throw OperationInputMismatch(name: "at", expected: "time")
    }
    var taken: [TimedAction] = []
    let payload = try handle(event, kind: try event.text("event"), at: time, into: &taken)
    append(taken, payload: payload)
  }

  /// Lets the timers fire that the last event started and that are due at its time.
  mutating func end() {
    var taken: [TimedAction] = []
    conversation.advance(to: conversation.now, into: &taken)
    append(taken, payload: [])
  }

  private mutating func append(_ taken: [TimedAction], payload: [UInt8]) {
    for action in taken {
      var json: JSONObject = ["at": .int(TimelineOperations.milliseconds(action.at))]
      for member in members(of: action.action, payload: payload).members { json[member.name] = member.value }
      actions.append(.object(json))
    }
  }

  /// Hands an event to the conversation, and gives the payload that its actions are about.
  private mutating func handle(
    _ event: OperationInput, kind: String, at time: Int64, into taken: inout [TimedAction]
  ) throws(OperationInputMismatch) -> [UInt8] {
    switch kind {
    case "call":
      let name = try event.text("call")
      let payload = try event.bytes("payload")
      let id = conversation.call(
        protocolId: try event.integer("protocolId"),
        timeout: try TimelineOperations.nanosecondsIfThere(event, "timeout"), at: time, into: &taken)
      names[id] = name
      ids[name] = id
      return payload
    case "cancel":
      guard let id = ids[try event.text("call")] else {
        conversation.advance(to: time, into: &taken)
        return []
      }
      conversation.cancel(id, at: time, into: &taken)
    case "send":
      let payload = try event.bytes("payload")
      conversation.send(protocolId: try event.integer("protocolId"), at: time, into: &taken)
      return payload
    case "answer":
      let payload = try event.bytes("payload")
      conversation.answer(
        protocolId: try event.integer("protocolId"), sn: try event.integer("sn"), at: time, into: &taken)
      return payload
    case "receive":
      let payload = try event.bytes("payload")
      conversation.receive(
        protocolId: try event.integer("protocolId"), sn: try event.integer("sn"), payload: payload.span.bytes,
        endsFragmentedMessage: try event.flag("fragmented", default: false), at: time, into: &taken)
      return payload
    case "ping":
      let payload = try event.bytes("payload")
      conversation.pingReceived(at: time, into: &taken)
      return payload
    case "displace":
      let displacement = try DisplacementOperations.displacement(event)
      conversation.displace(at: time, into: &taken)
      return displacement.encoded()
    default: try handleWithoutPayload(event, kind: kind, at: time, into: &taken)
    }
    return []
  }

  private mutating func handleWithoutPayload(
    _ event: OperationInput, kind: String, at time: Int64, into taken: inout [TimedAction]
  ) throws(OperationInputMismatch) {
    switch kind {
    case "messageStart": conversation.messageStarted(at: time, into: &taken)
    case "fragment": conversation.fragmentReceived(at: time, into: &taken)
    case "pong": conversation.pongReceived(at: time, into: &taken)
    case "peerClose": conversation.peerClosed(code: try event.integerIfThere("code"), at: time, into: &taken)
    case "close": conversation.close(code: try event.integerIfThere("code"), at: time, into: &taken)
    case "kick": conversation.kick(at: time, into: &taken)
    case "violation":
      conversation.violationFound(closeCode: try event.integer("closeCode"), at: time, into: &taken)
    case "written": conversation.written(frames: try event.integer("frames"), at: time, into: &taken)
    case "nextSn": conversation.continueNumbering(from: try event.integer("sn"), at: time, into: &taken)
    case "transportClosed": conversation.transportClosed(at: time, into: &taken)
    case "tick": conversation.advance(to: time, into: &taken)
    default: throw OperationInputMismatch(name: "event", expected: "known value of")
    }
  }

  private func members(of action: ConversationAction, payload: [UInt8]) -> JSONObject {
    func name(_ call: CallID) -> JSONValue { .string(names[call] ?? "") }
    switch action {
    case .sendFrame(let protocolId, let sn):
      return ["action": "sendFrame", "protocolId": .int(protocolId), "sn": .number(sn), "payload": .hex(payload)]
    case .sendPing: return ["action": "sendPing", "payload": ""]
    case .sendPong: return ["action": "sendPong", "payload": .hex(payload)]
    case .sendClose(let code): return ["action": "sendClose", "code": code.map { .number($0) } ?? nil]
    case .complete(let call, let protocolId):
      return ["action": "complete", "call": name(call), "protocolId": .int(protocolId), "payload": .hex(payload)]
    case .failCall(let call, let failure):
      return ["action": "failCall", "call": name(call), "error": .string(failure.rawValue)]
    case .refuse(let refusal): return ["action": "refuse", "error": .string(refusal.rawValue)]
    case .deliver(let protocolId, let sn, let kind):
      return [
        "action": "deliver", "protocolId": .int(protocolId), "sn": .number(sn), "payload": .hex(payload),
        "kind": .string(kind.rawValue),
      ]
    case .displaced:
      var members: JSONObject = ["action": "displaced"]
      guard let displacement = conversation.receivedDisplacement else { return members }
      for member in DisplacementOperations.json(displacement).objectValue?.members ?? [] {
        members[member.name] = member.value
      }
      return members
    case .discardQueue(let frames): return ["action": "discardQueue", "frames": .number(frames)]
    case .closeTransport: return ["action": "closeTransport"]
    }
  }
}
