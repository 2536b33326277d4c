import FrameCodec
import Specification

@testable import Conversation

/// A connection whose events happen at milliseconds and whose actions read as lines, so that a test reads as a timeline:
/// `"100 sendFrame 2 sn 4"`, `"150 complete #0 with 3"`.
struct Timeline {
  var conversation: Conversation
  private var actions: [TimedAction] = []

  init(_ role: PeerRole, _ configuration: ConversationConfiguration = ConversationConfiguration()) {
    conversation = Conversation(role: role, configuration: configuration)
  }

  /// What was to be done since the last time this was asked.
  mutating func said() -> [String] {
    defer { actions.removeAll(keepingCapacity: true) }
    return actions.map(Self.line)
  }

  @discardableResult
  mutating func call(_ protocolId: Int64 = 2, timeout: Int64? = nil, at time: Int64) -> CallID {
    conversation.call(protocolId: protocolId, timeout: timeout.map { $0.ms }, at: time.ms, into: &actions)
  }

  mutating func cancel(_ call: CallID, at time: Int64) { conversation.cancel(call, at: time.ms, into: &actions) }

  mutating func send(_ protocolId: Int64 = 2, at time: Int64) {
    conversation.send(protocolId: protocolId, at: time.ms, into: &actions)
  }

  mutating func continueNumbering(from sn: UInt32, at time: Int64) {
    conversation.continueNumbering(from: sn, at: time.ms, into: &actions)
  }

  mutating func answer(_ protocolId: Int64 = 3, sn: UInt32, at time: Int64) {
    conversation.answer(protocolId: protocolId, sn: sn, at: time.ms, into: &actions)
  }

  mutating func receive(
    _ protocolId: Int64 = 3, sn: UInt32, _ payload: [UInt8] = [], endsFragmentedMessage: Bool = false, at time: Int64
  ) {
    conversation.receive(
      protocolId: protocolId, sn: sn, payload: payload.span.bytes, endsFragmentedMessage: endsFragmentedMessage,
      at: time.ms, into: &actions)
  }

  mutating func messageStarted(at time: Int64) { conversation.messageStarted(at: time.ms, into: &actions) }
  mutating func fragmentReceived(at time: Int64) { conversation.fragmentReceived(at: time.ms, into: &actions) }
  mutating func pingReceived(at time: Int64) { conversation.pingReceived(at: time.ms, into: &actions) }
  mutating func pongReceived(at time: Int64) { conversation.pongReceived(at: time.ms, into: &actions) }
  mutating func written(_ frames: Int, at time: Int64) {
    conversation.written(frames: frames, at: time.ms, into: &actions)
  }
  mutating func close(_ code: UInt16?, at time: Int64) { conversation.close(code: code, at: time.ms, into: &actions) }
  mutating func peerClosed(_ code: UInt16?, at time: Int64) {
    conversation.peerClosed(code: code, at: time.ms, into: &actions)
  }
  mutating func violationFound(_ code: UInt16, at time: Int64) {
    conversation.violationFound(closeCode: code, at: time.ms, into: &actions)
  }
  mutating func transportClosed(at time: Int64) { conversation.transportClosed(at: time.ms, into: &actions) }
  mutating func displace(at time: Int64) { conversation.displace(at: time.ms, into: &actions) }
  mutating func kick(at time: Int64) { conversation.kick(at: time.ms, into: &actions) }
  mutating func advance(to time: Int64) { conversation.advance(to: time.ms, into: &actions) }

  private static func line(_ timed: TimedAction) -> String {
    let action =
      switch timed.action {
      case .sendFrame(let protocolId, let sn): "sendFrame \(protocolId) sn \(sn)"
      case .sendPing: "sendPing"
      case .sendPong: "sendPong"
      case .sendClose(let code): "sendClose \(code.map { String($0) } ?? "empty")"
      case .complete(let call, let protocolId): "complete #\(call.order) with \(protocolId)"
      case .failCall(let call, let failure): "failCall #\(call.order) \(failure.rawValue)"
      case .refuse(let refusal): "refuse \(refusal.rawValue)"
      case .deliver(let protocolId, let sn, let kind): "deliver \(protocolId) sn \(sn) \(kind.rawValue)"
      case .displaced: "displaced"
      case .discardQueue(let frames): "discardQueue \(frames)"
      case .closeTransport: "closeTransport"
      }
    return "\(timed.at / 1_000_000) \(action)"
  }
}

extension Int64 {
  /// So many milliseconds, in nanoseconds.
  var ms: Int64 { self * 1_000_000 }
}
