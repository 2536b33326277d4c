import FrameCodec
import PacketCapture
import Specification

/// Pairs the calls of one connection, in both directions at once: by serial number and its parity.
struct CallPairing {
  /// What a frame turned out to be, and what became known by it.
  struct Result {
    var kind: FrameKind
    var calls: [(record: CallRecord, first: PacketStamp)] = []
    var findings: [Finding] = []
  }

  /// What is wrong with a call.
  struct Finding {
    var code: InspectionFindingCode
    var role: PeerRole
    var message: String
    /// Whether it proves that the rule was broken which the code names: nothing that the capture may not show explains it.
    var isProof = true
  }

  private struct Pending {
    var requestId: Int64
    var stamp: PacketStamp
    /// Bytes of its payload. 32 bits and a flag fit where there would be padding.
    var length: UInt32
    var isTruncated: Bool
    /// How many calls before it have its number and no answer yet.
    var others: UInt8 = 0
    /// How often messages of the other side had not been read when it came.
    var unread: UInt16
  }

  private struct Early {
    var responseId: Int64
    var stamp: PacketStamp
    var length: UInt32
    var isTruncated: Bool
  }

  private struct Answer {
    var responseId: Int64
    /// Whether no call with this number was captured.
    var isOrphan: Bool
    /// How many answers more the number may have, because several calls had it.
    var others: UInt8
  }

  /// The calls of one side.
  private final class Caller {
    @exclusivity(unchecked) var pending: [UInt32: Pending] = [:]
    /// Responses whose requests have not been captured yet: their side's packets come later in the capture.
    @exclusivity(unchecked) var early: [UInt32: Early] = [:]
    /// What was answered last, with the id of the answer: for telling second answers and the C++ client's acknowledgements.
    @exclusivity(unchecked) var answered: [UInt32: Answer] = [:]
    @exclusivity(unchecked) var answeredOrder: [UInt32] = []
    @exclusivity(unchecked) var nextAnswered = 0
    /// How often messages of its may have been calls or answers that are not known here.
    @exclusivity(unchecked) private(set) var unread: UInt16 = 0
    var hasUnread: Bool { unread > 0 }
    /// What stands in ``answered`` otherwise, the oldest first, while the connection rests.
    private var resting: [(sn: UInt32, answer: Answer)] = []

    func passOver() { unread = unread == .max ? .max : unread + 1 }

    /// So few answers take less memory in a row.
    private static let fewAnswers = 32

    func rest() {
      if pending.isEmpty { pending = [:] }
      if early.isEmpty { early = [:] }
      guard !answered.isEmpty, answeredOrder.count <= Self.fewAnswers else { return }
      resting.reserveCapacity(answeredOrder.count)
      for sn in answeredOrder { if let answer = answered[sn] { resting.append((sn, answer)) } }
      answered = [:]
      answeredOrder = []
    }

    func wake() {
      for (sn, answer) in resting {
        answered[sn] = answer
        answeredOrder.append(sn)
      }
      resting = []
    }

    func remember(_ sn: UInt32, _ responseId: Int64, isOrphan: Bool = false, others: UInt8 = 0) {
      let answer = Answer(responseId: responseId, isOrphan: isOrphan, others: others)
      if answered.updateValue(answer, forKey: sn) != nil { return }
      if answeredOrder.count < CallPairing.rememberedAnswers {
        answeredOrder.append(sn)
      } else {
        answered.removeValue(forKey: answeredOrder[nextAnswered])
        answeredOrder[nextAnswered] = sn
        nextAnswered = (nextAnswered + 1) % answeredOrder.count
      }
    }
  }

  /// An answer whose call was not captured.
  struct Orphan {
    var sn: UInt32
    var role: PeerRole
    var stamp: PacketStamp
    var isProof: Bool
  }

  /// What an acknowledgement repeats of the frame that it is for.
  private struct Identified: Equatable {
    var protocolId: Int64
    var sn: UInt32
    /// Whether it was acknowledged; then it is none that another acknowledgement can be for.
    var isAcknowledged = false
  }

  private static let rememberedAnswers = 4096
  private static let rememberedFrames = 256
  private static let pendingLimit = 65_536
  /// Who uses a number again after so long may have given up the call that had it, in nanoseconds.
  private static let shortestTimeout: Int64 = 250_000_000

  /// By role; nil: it has not called, nor been answered.
  private var client: Caller?
  private var server: Caller?
  /// The server's frames of late that the client has not acknowledged: a ring.
  private var unacknowledged: [Identified] = []
  private var nextUnacknowledged = 0
  private let slow: Int64

  init(slow: Int64) { self.slow = slow }

  /// Gives memory away until ``wake()``.
  mutating func rest() {
    client?.rest()
    server?.rest()
    if unacknowledged.allSatisfy(\.isAcknowledged) {
      unacknowledged = []
      nextUnacknowledged = 0
    } else if unacknowledged.count < Self.rememberedFrames {
      // Without room for more.
      unacknowledged = unacknowledged.map(\.self)
    }
  }

  mutating func wake() {
    client?.wake()
    server?.wake()
  }

  /// Takes note of a message that could not be read: its receiver may have taken it for a call, or for an answer.
  mutating func passOver(from role: PeerRole) {
    withCaller(role) { $0.passOver() }
  }

  /// Takes in a frame.
  ///
  /// - Parameters:
  ///   - isEarly: Whether the receiver's bytes are not all captured up to what the sender had acknowledged: a response may
  ///     then be captured before its request, and what was answered or asked meanwhile may be what is missing.
  ///   - isTruncated: Whether the frame's payload was cut when captured.
  mutating func observe(
    _ header: FrameHeader, from role: PeerRole, first: PacketStamp, last: PacketStamp, isEarly: Bool,
    isTruncated: Bool = false
  ) -> Result {
    guard let sn = header.sn else { return Result(kind: .message) }
    var isAcknowledgement = false
    if role == .server {
      remember(Identified(protocolId: header.protocolId, sn: sn))
    } else if header.payload.isEmpty {
      isAcknowledgement = acknowledge(Identified(protocolId: header.protocolId, sn: sn))
    }
    // Clients allocate even numbers, servers odd ones.
    let callerRole: PeerRole = sn & 1 == 0 ? .client : .server
    guard sn != 0, !(isAcknowledgement && callerRole == role) else {
      return Result(kind: isAcknowledgement ? .acknowledgement : .message)
    }
    if callerRole == role { return observeRequest(header, sn, from: role, last, isEarly: isEarly, isTruncated) }
    var result = observeResponse(header, sn, from: role, last, isEarly: isEarly, isTruncated)
    // The C++ client's acknowledgement of a call is what the caller gets as its answer.
    if isAcknowledgement { result.kind = .acknowledgement }
    return result
  }

  private mutating func remember(_ frame: Identified) {
    if unacknowledged.count < Self.rememberedFrames {
      unacknowledged.append(frame)
    } else {
      unacknowledged[nextUnacknowledged] = frame
      nextUnacknowledged = (nextUnacknowledged + 1) % Self.rememberedFrames
    }
  }

  /// Whether an empty frame of the client repeats a frame of the server that it has not acknowledged yet.
  private mutating func acknowledge(_ frame: Identified) -> Bool {
    guard let index = unacknowledged.firstIndex(of: frame) else { return false }
    unacknowledged[index].isAcknowledged = true
    return true
  }

  private mutating func observeRequest(
    _ header: FrameHeader, _ sn: UInt32, from role: PeerRole, _ stamp: PacketStamp, isEarly: Bool,
    _ isTruncated: Bool
  ) -> Result {
    var result = Result(kind: .request)
    let slow = slow
    let unread = unread(of: role.peer)
    var request = Pending(
      requestId: header.protocolId, stamp: stamp, length: UInt32(clamping: header.payload.count),
      isTruncated: isTruncated, unread: unread)
    withCaller(role) { caller in
      if let early = caller.early.removeValue(forKey: sn) {
        caller.remember(sn, early.responseId)
        Self.complete(request, sn, role, early, slow: slow, into: &result)
        return
      }
      if let known = caller.pending[sn] {
        let isSoon = Self.isSoon(stamp, after: known.stamp)
        result.findings.append(
          Finding(
            code: .snReuse, role: role,
            message: "sn \(sn) is used again while the call of packet \(known.stamp.number) has no answer"
              + (isSoon ? "" : ", though it may have been given up"),
            isProof: isSoon && !isEarly && known.unread == unread && unread < .max))
        request.others = known.others == .max ? .max : known.others + 1
      }
      if caller.pending.count < Self.pendingLimit || caller.pending[sn] != nil {
        caller.pending[sn] = request
      } else {
        caller.passOver()
      }
    }
    return result
  }

  private mutating func observeResponse(
    _ header: FrameHeader, _ sn: UInt32, from role: PeerRole, _ stamp: PacketStamp, isEarly: Bool,
    _ isTruncated: Bool
  ) -> Result {
    var result = Result(kind: .response)
    let slow = slow
    let response = Early(
      responseId: header.protocolId, stamp: stamp, length: UInt32(clamping: header.payload.count),
      isTruncated: isTruncated)
    withCaller(role.peer) { caller in
      guard let pending = caller.pending.removeValue(forKey: sn) else {
        if let answer = caller.answered[sn], !answer.isOrphan {
          result.findings.append(
            answer.others > 0
              ? Finding(
                code: .duplicateResponse, role: role,
                message: "another answer with sn \(sn), which several calls had at once", isProof: false)
              : Finding(
                code: .duplicateResponse, role: role, message: "a second answer to the call with sn \(sn)",
                isProof: !caller.hasUnread && !isEarly))
          if answer.others > 0 { caller.answered[sn]?.others -= 1 }
        } else if isEarly, caller.early.count < 256, caller.early[sn] == nil {
          caller.early[sn] = response
        } else {
          result.findings.append(
            Finding(
              code: .orphanResponse, role: role, message: "an answer with sn \(sn), which no captured call has",
              isProof: !caller.hasUnread && !isEarly))
          caller.remember(sn, header.protocolId, isOrphan: true)
        }
        return
      }
      caller.remember(sn, header.protocolId, others: pending.others)
      Self.complete(pending, sn, role.peer, response, slow: slow, into: &result)
    }
    return result
  }

  private static func complete(
    _ pending: Pending, _ sn: UInt32, _ role: PeerRole, _ response: Early, slow: Int64, into result: inout Result
  ) {
    let stamp = response.stamp
    var latency: Int64?
    if let from = pending.stamp.time, let to = stamp.time {
      let (difference, overflow) = to.subtractingReportingOverflow(from)
      latency = overflow ? to < from ? .min : .max : difference
    }
    result.calls.append(
      (
        CallRecord(
          role: role, sn: sn, requestId: pending.requestId, responseId: response.responseId, latency: latency,
          outcome: .answered, began: pending.stamp.time, requestLength: Int(pending.length),
          responseLength: Int(response.length), isTruncated: pending.isTruncated || response.isTruncated),
        pending.stamp.number < stamp.number ? pending.stamp : stamp
      ))
    guard let latency else { return }
    if latency > slow {
      result.findings.append(
        Finding(
          code: .slow, role: role,
          message: "the call with sn \(sn) was answered after \(DecimalTime.seconds(latency, decimals: 6)) s"))
    } else if latency < 0 {
      result.findings.append(
        Finding(
          code: .negativeLatency, role: role, message: "the answer with sn \(sn) was captured before its call"))
    }
  }

  /// Whether so little time passed between two packets that no call is given up in it. Where the capture has no times, that is not known.
  private static func isSoon(_ stamp: PacketStamp, after earlier: PacketStamp) -> Bool {
    guard let from = earlier.time, let to = stamp.time else { return false }
    let (difference, overflow) = to.subtractingReportingOverflow(from)
    return !overflow && difference < shortestTimeout
  }

  /// What is still open at the end, in order of the calls.
  mutating func finish(
    isClosed: Bool
  ) -> (calls: [(record: CallRecord, first: PacketStamp)], orphans: [Orphan]) {
    var calls: [(record: CallRecord, first: PacketStamp)] = []
    var orphans: [Orphan] = []
    for role in [PeerRole.client, .server] {
      if let caller = role == .client ? client : server {
        for (sn, pending) in caller.pending {
          calls.append(
            (
              CallRecord(
                role: role, sn: sn, requestId: pending.requestId, responseId: nil, latency: nil,
                outcome: isClosed ? .connectionClosed : .unanswered, began: pending.stamp.time,
                requestLength: Int(pending.length)), pending.stamp
            ))
        }
        for (sn, early) in caller.early {
          orphans.append(Orphan(sn: sn, role: role.peer, stamp: early.stamp, isProof: !caller.hasUnread))
        }
      }
    }
    client = nil
    server = nil
    calls.sort { ($0.first.number, $0.record.sn) < ($1.first.number, $1.record.sn) }
    orphans.sort { ($0.stamp.number, $0.sn) < ($1.stamp.number, $1.sn) }
    return (calls, orphans)
  }

  private func unread(of role: PeerRole) -> UInt16 { (role == .client ? client : server)?.unread ?? 0 }

  private mutating func withCaller(_ role: PeerRole, _ body: (Caller) -> Void) {
    if let known = role == .client ? client : server { return body(known) }
    let new = Caller()
    if role == .client { client = new } else { server = new }
    body(new)
  }
}
