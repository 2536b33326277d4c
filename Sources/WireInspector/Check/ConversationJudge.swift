import FrameCodec
import Specification

/// Follows one connection from its first frame to its end, for the rules that are about more than one frame: what answers what, what
/// follows what, and who ends it.
///
/// It accuses only where no other order of events explains what the capture shows: two frames that cross on their way look like an
/// answer, and a peer that was slow looks like one that does nothing.
struct ConversationJudge {
  /// How long a side has to have gone on until what it did not do counts as left out, in nanoseconds.
  private static let patience: Int64 = 5_000_000_000

  /// Who waits for less before it ends the transport did not wait, in nanoseconds.
  private static let wait: Int64 = 1_000_000_000

  /// How many unanswered pings are kept of a side.
  private static let pingLimit = 64

  /// Frames in a row with one masking key that are no coincidence: a chance of 2 to the power of -64.
  private static let keyRepeats = 3

  private struct Ping {
    let payload: [UInt8]
    let time: Int64?
    /// Whether a pong with another payload came since, which answers no other ping.
    var sawOtherPong = false
  }

  /// A fault of the peer that a side has to fail the connection for.
  private struct Provocation {
    let rule: RequirementID
    let code: RequirementID?
    let rightCode: Int
    let time: Int64?
  }

  private struct Close {
    let code: Int?
    let time: Int64?
    /// Whether the other side had sent one before it, as far as the capture's order tells.
    let isSecond: Bool
  }

  /// What one side did.
  private struct Side {
    var close: Close?
    /// Its pings that have no answer yet.
    var pings: [Ping] = []
    var wentOn = false
    /// When it sent a frame or a control frame other than a close frame last.
    var lastSent: Int64?
    var provocation: Provocation?
    var maskingKey: UInt32?
    var sameKeys = 0
    var maskedFrames = 0
  }

  private var client = Side()
  private var server = Side()
  private var isDisplaced = false
  private var sawFrameBehindDisplacement = false

  /// Whether the client sent frames other than a close frame.
  var clientWentOn: Bool { client.wentOn }

  private subscript(role: PeerRole) -> Side {
    get { role == .client ? client : server }
    _modify { if role == .client { yield &client } else { yield &server } }
  }

  // MARK: What comes

  /// Takes a frame.
  mutating func take(_ record: FrameRecord, at time: Int64?) -> [RuleObservation] {
    let role = record.role
    self[role].wentOn = true
    self[role].lastSent = time
    var found: [RuleObservation] = []
    if role == .client { found += takeMaskingKey(record.maskingKey) }
    if role == .server {
      if isDisplaced, !sawFrameBehindDisplacement {
        sawFrameBehindDisplacement = true
        found.append(.broken("hub.displacement.last", by: .server, "a frame follows the displacement"))
      }
      if record.kind == .displacement { isDisplaced = true }
    }
    if !record.header.revision.isProtobuf, record.kind != .displacement, record.kind != .acknowledgement {
      let id = record.header.protocolId
      found.append(
        id == 0 || id == record.header.revision.displacementProtocolId
          ? .broken("frame.protocol-id.reserved", by: role, "a message has the reserved protocolId \(id)")
          : .kept("frame.protocol-id.reserved", by: role))
    }
    return found
  }

  private mutating func takeMaskingKey(_ key: UInt32?) -> [RuleObservation] {
    guard let key else { return [] }
    client.maskedFrames += 1
    client.sameKeys = key == client.maskingKey ? client.sameKeys + 1 : 1
    client.maskingKey = key
    guard client.sameKeys == Self.keyRepeats else { return [] }
    return [.broken("ws.mask.key", by: .client, "\(Self.keyRepeats) messages in a row have the same masking key")]
  }

  /// Takes a control frame.
  mutating func take(_ record: ControlRecord, at time: Int64?) -> [RuleObservation] {
    let role = record.role
    switch record.opcode {
    case .close:
      if self[role].close == nil {
        self[role].close = Close(code: record.code, time: time, isSecond: self[role.peer].close != nil)
      }
      return []
    case .ping:
      self[role].wentOn = true
      self[role].lastSent = time
      // Who got a close frame, or has sent one, need not answer any more.
      guard self[role].close == nil, self[role.peer].close == nil else { return [] }
      if self[role].pings.count == Self.pingLimit { self[role].pings.removeFirst() }
      self[role].pings.append(Ping(payload: record.payload, time: time))
      return []
    case .pong:
      self[role].wentOn = true
      self[role].lastSent = time
      return answer(of: role, record.payload)
    }
  }

  /// Takes a pong, which may answer several pings at once (RFC 6455 §5.5.3).
  private mutating func answer(of role: PeerRole, _ payload: [UInt8]) -> [RuleObservation] {
    let pings = self[role.peer].pings
    guard let index = pings.lastIndex(where: { $0.payload == payload }) else {
      for index in pings.indices { self[role.peer].pings[index].sawOtherPong = true }
      return []
    }
    self[role.peer].pings.removeFirst(index + 1)
    return [.kept("ws.ping.answer", by: role), .kept("ws.pong.payload", by: role)]
  }

  /// Takes a finding about what a side sent.
  mutating func take(_ record: FindingRecord, at time: Int64?) {
    guard let role = record.role, let broken = record.requirement, self[role.peer].provocation == nil,
      self[role.peer].close == nil, let (rule, code, rightCode) = Self.reactions[broken] ?? Self.reactions[record.id]
    else { return }
    self[role.peer].provocation = Provocation(rule: rule, code: code, rightCode: rightCode, time: time)
  }

  /// What a receiver has to do about a rule that was broken, or about a finding: the rule, and the one of the close code if there is one.
  private static let reactions: [String: (rule: RequirementID, code: RequirementID?, rightCode: Int)] = [
    "ws.rsv": ("ws.rsv.fail", "ws.violation.code", 1002),
    "ws.opcode": ("ws.opcode.fail", "ws.violation.code", 1002),
    "ws.mask.client": ("ws.mask.client.fail", "ws.violation.code", 1002),
    "ws.mask.server": ("ws.mask.server.fail", "ws.violation.code", 1002),
    "ws.length.minimal": ("ws.length.minimal.fail", nil, 1002),
    "ws.control.length": ("ws.control.length.fail", "ws.violation.code", 1002),
    "ws.control.fragmented": ("ws.control.fragmented.fail", "ws.violation.code", 1002),
    "ws.stray-continuation": ("ws.fragment.stray", "ws.violation.code", 1002),
    "ws.interleaved-message": ("ws.fragment.interleaved", "ws.violation.code", 1002),
    "ws.text.utf8": ("ws.text.utf8.fail", "ws.text.utf8.code", 1007),
    "deflate.rsv1.continuation": ("deflate.rsv1.continuation.fail", nil, 1002),
    "deflate.rsv1.control": ("deflate.rsv1.control.fail", nil, 1002),
    "frame.magic": ("frame.magic.fail", nil, 1002),
    "frame.trailing": ("frame.trailing.fail", nil, 1002),
    "frame.message.binary": ("frame.message.text.fail", nil, 1003),
  ]

  // MARK: The end

  /// The end of the connection, or of what was captured of it.
  mutating func finish(_ end: ConnectionEndRecord) -> [RuleObservation] {
    var found: [RuleObservation] = []
    for role in [PeerRole.client, .server] {
      found += unansweredPing(of: role.peer)
      found += reaction(of: role, end)
      found += echo(of: role, end)
    }
    if client.maskedFrames >= Self.keyRepeats, client.sameKeys < Self.keyRepeats {
      found.append(.kept("ws.mask.key", by: .client))
    }
    return found + displacement(end) + transport(end)
  }

  /// What a side left unanswered of the pings of the other, though it went on for long.
  private func unansweredPing(of pinger: PeerRole) -> [RuleObservation] {
    guard let ping = self[pinger].pings.first, Self.isLong(from: ping.time, to: self[pinger.peer].lastSent) else {
      return []
    }
    return [
      ping.sawOtherPong
        ? .broken("ws.pong.payload", by: pinger.peer, "a pong does not have the payload of the ping before it")
        : .broken(
          "ws.ping.answer", by: pinger.peer, "a ping has no pong, though its receiver went on for long after it")
    ]
  }

  /// What a side made of a violation of the other.
  private func reaction(of role: PeerRole, _ end: ConnectionEndRecord) -> [RuleObservation] {
    guard let provocation = self[role].provocation else { return [] }
    if let close = self[role].close {
      var found: [RuleObservation] = [.kept(provocation.rule, by: role)]
      // Another code than one of failure may be of a close frame that was on its way.
      if let rule = provocation.code, let code = close.code, [1002, 1003, 1007, 1008, 1009, 1010, 1011].contains(code) {
        found.append(
          code == provocation.rightCode
            ? .kept(rule, by: role)
            : .broken(rule, by: role, "the connection is failed with code \(code), not \(provocation.rightCode)"))
      }
      return found
    }
    if end.finishes.first?.role == role { return [.kept(provocation.rule, by: role)] }
    guard Self.isLong(from: provocation.time, to: self[role].lastSent) else { return [] }
    return [.broken(provocation.rule, by: role, "the connection goes on for long after the violation")]
  }

  /// Whether a side answered the close frame of the other.
  private func echo(of role: PeerRole, _ end: ConnectionEndRecord) -> [RuleObservation] {
    guard let asked = self[role.peer].close else { return [] }
    if let own = self[role].close {
      // The frame may have been on its way already, but then a bad code would not be the same.
      let isBad = asked.code.map { !Self.isAllowed($0) } ?? false
      let repeats: [RuleObservation] =
        !own.isSecond
        ? []
        : isBad && own.code == asked.code
          ? [
            .broken(
              "close.code.fail", by: role, "the close code \(asked.code ?? 0) is repeated, not answered with 1002")
          ]
          : isBad && own.code == 1002 ? [.kept("close.code.fail", by: role)] : []
      return [.kept("close.echo", by: role)] + repeats
    }
    // A FIN that crossed the close frame on its way, or came before it, owes it no answer.
    guard !end.wasReset, let first = end.finishes.first, first.role == role, first.knewOfClose else { return [] }
    return [.broken("close.echo", by: role, "the transport is ended without an answer to the close frame")]
  }

  private static func isAllowed(_ code: Int) -> Bool {
    (1000...1003).contains(code) || (1007...1014).contains(code) || code >= 3000
  }

  private func displacement(_ end: ConnectionEndRecord) -> [RuleObservation] {
    guard isDisplaced else { return [] }
    let first = end.finishes.first?.role
    var found: [RuleObservation] = []
    if !sawFrameBehindDisplacement, server.close != nil || first == .server {
      found.append(.kept("hub.displacement.last", by: .server))
    }
    if server.close != nil {
      found.append(.kept("hub.displacement.close", by: .server))
    } else if first == .server, client.close == nil, !end.wasReset {
      found.append(
        .broken(
          "hub.displacement.close", by: .server, "the transport is ended without a close frame after a displacement"))
    }
    return found
  }

  /// Who ends the transport after the closing handshake.
  private func transport(_ end: ConnectionEndRecord) -> [RuleObservation] {
    guard !end.wasReset, let client = client.close, let server = server.close, let first = end.finishes.first else {
      return []
    }
    if first.role == .server {
      return [.kept("close.transport.server", by: .server), .kept("close.transport.client", by: .client)]
    }
    guard let clientTime = client.time, let serverTime = server.time, let ended = first.time else { return [] }
    let (waited, overflow) = ended.subtractingReportingOverflow(max(clientTime, serverTime))
    guard !overflow, (0..<Self.wait).contains(waited) else { return [] }
    return [
      .broken(
        "close.transport.client", by: .client,
        "the client ends the transport at once after the closing handshake, which is the server's to do")
    ]
  }

  private static func isLong(from start: Int64?, to end: Int64?) -> Bool {
    guard let start, let end else { return false }
    let (time, overflow) = end.subtractingReportingOverflow(start)
    return !overflow && time >= patience
  }
}
