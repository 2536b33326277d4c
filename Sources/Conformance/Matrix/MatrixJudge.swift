import GoldenVectors
import ReferencePeer
import Specification

/// Says what a client made of a fault, from what was seen.
struct MatrixJudge {
  /// A reaction, the rule that it breaks or by which it may, and what shows it.
  typealias Finding = (reaction: ClientReaction, requirement: RequirementID?, observation: String)

  /// How many transports a client may open in the second behind the end of its connection.
  static let stormLimit = 10

  /// How much later than its time limit a call may be reported.
  static let grace = Duration.milliseconds(700)

  let catalogue: RequirementCatalogue
  let fault: Mutant
  let seen: MatrixObservation

  /// What the client made of it.
  var finding: Finding {
    crash ?? storm ?? lost ?? wrongAnswer ?? taken ?? hang ?? noticed ?? quiet
  }

  private var crash: Finding? {
    if let sanitizer = seen.sanitizer { return (.crashed, "malformed.delivery", sanitizer) }
    guard let end = seen.processEnd, let signal = ProcessUnderTest.signal(of: end),
      [4, 5, 6, 7, 8, 11, 31].contains(signal)
    else { return nil }
    return (.crashed, "malformed.delivery", "the client ended by \(end)")
  }

  private var storm: Finding? {
    guard seen.redials > Self.stormLimit else { return nil }
    let rule: RequirementID = seen.isDisplaced ? "hub.displacement.redial" : "close.redial"
    return (.stormed, rule, "\(seen.redials) connections within a second of the end of the first")
  }

  // MARK: - Calls

  /// The client's own call that an order asked for: the frame that it sent.
  private func call(of order: MatrixObservation.Order) -> MutationWitness.Frame? {
    seen.heard.first { $0.protocolId == order.id && $0.sn != 0 && $0.payload == order.payload }
  }

  /// The frames with the number of a call that the server sent on its connection: whatever their id, they complete it.
  private func answers(to call: MutationWitness.Frame) -> [MutationWitness.Frame] {
    seen.said.filter { $0.connection == call.connection && $0.sn == call.sn }
  }

  private var lost: Finding? {
    guard !seen.isDeaf, seen.isConnected else { return nil }
    for order in seen.orders where order.isCall {
      guard let call = call(of: order) else { continue }
      let reports = seen.reports.filter { $0.seq == order.seq }
      let answer = answers(to: call).first { $0.isIntact && $0.protocolId != 0 }
      guard let report = reports.first else {
        let due = .milliseconds(order.timeout) + Self.grace
        guard seen.end == nil, seen.time(from: call.time, to: seen.closed) > due else { continue }
        return (
          .lost, answer == nil ? "rpc.timeout" : "rpc.dispatch.complete",
          "the call with sn \(call.sn) was never reported, \(answer == nil ? "neither answered nor timed out" : "though it was answered")"
        )
      }
      if let answer, report.error == "timeout", seen.time(from: answer.time, to: report.time) > .milliseconds(500) {
        return (
          .lost, "rpc.dispatch.complete", "the call with sn \(call.sn) was reported as timed out though it was answered"
        )
      }
    }
    return nil
  }

  private var wrongAnswer: Finding? {
    for order in seen.orders where order.isCall {
      let reports = seen.reports.filter { $0.seq == order.seq }
      if reports.count > 1 {
        return (.delivered, "rpc.answer.second", "the call of order \(order.seq) was reported \(reports.count) times")
      }
      guard let call = call(of: order), let report = reports.first, report.isDone, let payload = report.payload else {
        continue
      }
      let answers = answers(to: call)
      if answers.contains(where: { $0.isIntact && $0.payload == payload }) { continue }
      if let broken = answers.first(where: { !$0.isIntact }) {
        let isWhole = broken.payload == payload
        guard let duty = duty, duty.level == .must else {
          if isWhole { continue }
          return (
            .delivered, "frame.payload.opaque", "the call with sn \(call.sn) was given other bytes than the answer's"
          )
        }
        // To deliver the frame without what follows it is no more than weak.
        if duty.id == "frame.trailing.truncate", isWhole { continue }
        return (.delivered, duty.id, "the call with sn \(call.sn) was given the payload of a frame that is broken")
      }
      let others = seen.said.filter { $0.connection == call.connection && $0.sn != call.sn && $0.payload == payload }
      guard let other = others.first else {
        return (.delivered, "frame.payload.opaque", "the call with sn \(call.sn) was given bytes that nobody sent")
      }
      return (
        .mixedUp, "rpc.answer.pairing", "the call with sn \(call.sn) was given the answer with sn \(other.sn)"
      )
    }
    return nil
  }

  // MARK: - What is taken

  /// The client's rule against what the fault does.
  private var duty: Requirement? {
    fault.requirements.lazy.compactMap { ClientDuty.rule(against: $0) }.compactMap { catalogue[$0] }.first
  }

  /// A broken order that was carried out, a broken call that was answered, a connection that had to be failed and was not.
  private var taken: Finding? {
    guard let duty, duty.level == .must else { return nil }
    if duty.id.rawValue.hasPrefix("handshake.client.") || duty.id.rawValue.hasPrefix("deflate.answer.") {
      guard seen.isConnected, seen.isShown, seen.end == nil, !seen.reports.isEmpty else { return nil }
      return (.delivered, duty.id, "the client took the connection as open, and went on")
    }
    let broken = seen.said.filter { !$0.isIntact }
    for frame in broken where frame.protocolId == DriverCommand.protocolId {
      guard let seq = seq(of: frame), seen.reports.contains(where: { $0.seq == seq }),
        duty.id != "frame.trailing.truncate"
      else { continue }
      return (.delivered, duty.id, "order \(seq) was carried out though its frame is broken")
    }
    for frame in broken where frame.protocolId == 7 && frame.sn != 0 {
      guard seen.heard.contains(where: { $0.sn == frame.sn && $0.connection == frame.connection }),
        duty.id != "frame.trailing.truncate"
      else { continue }
      return (.delivered, duty.id, "the server's call with sn \(frame.sn) was answered though its frame is broken")
    }
    return nil
  }

  private func seq(of frame: MutationWitness.Frame) -> Int64? {
    MatrixConversation.seq(ofOrder: frame.payload)
  }

  private var hang: Finding? {
    guard seen.isConnected, seen.end == nil, seen.processEnd == nil, !seen.isAlive else { return nil }
    return (
      .hung, "ws.ping.answer", "the connection is open, and neither a ping nor an order was answered within two seconds"
    )
  }

  // MARK: - What is right

  private var noticed: Finding? {
    guard seen.isConnected else {
      return (.noticed, duty?.id, "the client did not take the connection as open")
    }
    switch seen.end {
    case .peerClosed(let code):
      return (.noticed, duty?.id, "the client closed the connection\(code.map { " with \($0)" } ?? "")")
    case .transportEnded: return (.noticed, duty?.id, "the client ended the transport")
    default: break
    }
    // Where the fault made no difference, a call that failed says something of the machine at most.
    guard seen.isShown else { return nil }
    let failed = seen.reports.first { report in
      !report.isDone && seen.orders.contains { $0.seq == report.seq && $0.isCall }
    }
    guard let failed else { return nil }
    return (.noticed, "rpc.timeout", "a call was reported as failed: \(failed.error ?? "without a reason")")
  }

  private var quiet: Finding {
    guard seen.isShown else { return (.untouched, nil, "the conversation went as with a server that has no fault") }
    return (.tolerated, duty?.id, "the client went on")
  }
}
