import FrameCodec
import PacketCapture
import Specification

/// Pairs the calls of one connection, in both directions at once: by serial number and its parity.
struct CallPairing {
  /// What a frame turned out to be, and what became known by it.
  struct Result {
    var kind: FrameKind
    var calls: [(record: CallRecord, first: PacketStamp)] = []
    var findings: [(code: InspectionFindingCode, role: PeerRole, message: String)] = []
  }

  private struct Pending {
    var requestId: Int64
    var stamp: PacketStamp
    /// Bytes of its payload. 32 bits and a flag fit where there would be padding.
    var length: UInt32
    var isTruncated: Bool
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
  }

  /// The calls of one side.
  private struct Caller {
    var pending: [UInt32: Pending] = [:]
    /// Responses whose requests have not been captured yet: their side's packets come later in the capture.
    var early: [UInt32: Early] = [:]
    /// What was answered last, with the id of the answer: for telling second answers and the C++ client's acknowledgements.
    var answered: [UInt32: Answer] = [:]
    var answeredOrder: [UInt32] = []
    var nextAnswered = 0

    mutating func remember(_ sn: UInt32, _ responseId: Int64, isOrphan: Bool = false) {
      let answer = Answer(responseId: responseId, isOrphan: isOrphan)
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

  /// What an acknowledgement repeats of the frame that it is for.
  private struct Identified: Equatable {
    var protocolId: Int64
    var sn: UInt32
  }

  private static let rememberedAnswers = 4096
  private static let rememberedFrames = 256
  private static let pendingLimit = 65_536

  private var client = Caller()
  private var server = Caller()
  /// The server's frames of late that the client has not acknowledged: a ring.
  private var unacknowledged: [Identified?] = []
  private var nextUnacknowledged = 0
  private let slow: Int64

  init(slow: Int64) { self.slow = slow }

  /// Takes in a frame.
  ///
  /// - Parameters:
  ///   - isEarly: Whether the receiver's bytes are not all captured up to what the sender had acknowledged: a response may
  ///     then be captured before its request.
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
    if callerRole == role { return observeRequest(header, sn, from: role, last, isTruncated) }
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
    unacknowledged[index] = nil
    return true
  }

  private mutating func observeRequest(
    _ header: FrameHeader, _ sn: UInt32, from role: PeerRole, _ stamp: PacketStamp, _ isTruncated: Bool
  ) -> Result {
    var result = Result(kind: .request)
    let slow = slow
    let request = Pending(
      requestId: header.protocolId, stamp: stamp, length: UInt32(clamping: header.payload.count),
      isTruncated: isTruncated)
    withCaller(role) { caller in
      if let early = caller.early.removeValue(forKey: sn) {
        caller.remember(sn, early.responseId)
        Self.complete(request, sn, role, early, slow: slow, into: &result)
        return
      }
      if let known = caller.pending[sn] {
        result.findings.append(
          (.snReuse, role, "sn \(sn) is used again while the call of packet \(known.stamp.number) has no answer"))
      }
      if caller.pending.count < Self.pendingLimit || caller.pending[sn] != nil {
        caller.pending[sn] = request
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
          result.findings.append((.duplicateResponse, role, "a second answer to the call with sn \(sn)"))
        } else if isEarly, caller.early.count < 256, caller.early[sn] == nil {
          caller.early[sn] = response
        } else {
          result.findings.append((.orphanResponse, role, "an answer with sn \(sn), which no captured call has"))
          caller.remember(sn, header.protocolId, isOrphan: true)
        }
        return
      }
      caller.remember(sn, header.protocolId)
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
        (.slow, role, "the call with sn \(sn) was answered after \(DecimalTime.seconds(latency, decimals: 6)) s"))
    } else if latency < 0 {
      result.findings.append((.negativeLatency, role, "the answer with sn \(sn) was captured before its call"))
    }
  }

  /// What is still open at the end, in order of the calls.
  mutating func finish(
    isClosed: Bool
  ) -> (calls: [(record: CallRecord, first: PacketStamp)], orphans: [(sn: UInt32, role: PeerRole, stamp: PacketStamp)])
  {
    var calls: [(record: CallRecord, first: PacketStamp)] = []
    var orphans: [(sn: UInt32, role: PeerRole, stamp: PacketStamp)] = []
    for role in [PeerRole.client, .server] {
      withCaller(role) { caller in
        for (sn, pending) in caller.pending {
          calls.append(
            (
              CallRecord(
                role: role, sn: sn, requestId: pending.requestId, responseId: nil, latency: nil,
                outcome: isClosed ? .connectionClosed : .unanswered, began: pending.stamp.time,
                requestLength: Int(pending.length)), pending.stamp
            ))
        }
        for (sn, early) in caller.early { orphans.append((sn, role.peer, early.stamp)) }
        caller = Caller()
      }
    }
    calls.sort { ($0.first.number, $0.record.sn) < ($1.first.number, $1.record.sn) }
    orphans.sort { ($0.stamp.number, $0.sn) < ($1.stamp.number, $1.sn) }
    return (calls, orphans)
  }

  private mutating func withCaller(_ role: PeerRole, _ body: (inout Caller) -> Void) {
    if role == .client { body(&client) } else { body(&server) }
  }
}
