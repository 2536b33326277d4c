import FrameCodec
import Specification

extension CaseExecution {
  /// How much of an inbox is looked through.
  private static let looked = 1000

  /// Why a message is on a connection where nothing asked for it.
  private enum Stray {
    /// It belongs to another connection; the case that it belongs to, where its payload tells.
    case foreign(String?, ReceivedFrame)

    /// The profile does not name its id, and nothing that was sent can have caused it.
    case unasked(ReceivedFrame)
  }

  /// What is in an inbox, and what of it nothing on this connection explains.
  func account(of connection: ScriptConnection) -> String {
    let contents = contents(of: connection)
    return switch stray(on: connection) {
    case nil: contents
    case .unasked(let frame): "\(Self.remedy(for: frame)); \(contents)"
    case .foreign(let owner, let frame): "\(foreign(owner, frame)); \(contents)"
    }
  }

  /// Says of a step that was not met what the peer did, where that has nothing to do with the step.
  func explain(_ unmet: inout Unmet, by connection: ScriptConnection) {
    switch stray(on: connection) {
    case nil: break
    case .unasked(let frame):
      unmet.unaskedID = frame.id
      unmet.why = Self.remedy(for: frame)
    case .foreign(let owner, let frame):
      let reason = foreign(owner, frame)
      unmet.requirement = "rpc.isolation"
      unmet.duty = StepDuty(must: ["rpc.isolation"])
      unmet.shortfall = .unmet
      unmet.why = "rpc.isolation: \(reason)"
      let time = transcript.now
      connection.withState { $0.observe("rpc.isolation", reason, connection: connection.number, at: time) }
    }
  }

  private static func remedy(for frame: ReceivedFrame) -> String {
    "id \(frame.id) comes unasked\((frame.sn ?? 0) == 0 ? "" : ", as a call"): list it under `unsolicited` in the profile"
  }

  private func foreign(_ owner: String?, _ frame: ReceivedFrame) -> String {
    let origin = owner.map { $0 == caseID ? "another connection of this case" : "the case \($0)" }
    return "a frame with id \(frame.id) came that nothing on this connection asked for"
      + (origin.map { "; its payload is one of \($0)" } ?? "; it belongs to another connection")
  }

  /// What the messages are that came, if none of them has anything to do with what was sent here.
  private func stray(on connection: ScriptConnection) -> Stray? {
    // Of a mock server's clients nothing is asked for.
    guard target != nil || listener != nil else { return nil }
    let (items, count, requests) = connection.withState { state in
      let (items, count) = state.items.untaken(first: Self.looked) { $0.isData || $0.isFailure }
      return (items, count, state.requests)
    }
    let ignored = settings.unsolicited
    var first: Stray?
    for item in items where !item.isFrame(of: ignored) {
      guard count <= Self.looked, case .frame(let frame) = item.content, let stray = stray(frame, requests) else {
        return nil
      }
      first = first ?? stray
    }
    return first
  }

  private func stray(_ frame: ReceivedFrame, _ requests: RequestAccounts) -> Stray? {
    // A client has one connection: what it sends there belongs there.
    if target != nil {
      let owner = settings.ledger.owner(of: frame.payload)
      if let owner, owner != caseID { return .foreign(owner, frame) }
      if let asking = settings.profile.requestsByAnswer[frame.id] {
        return requests.mayHaveSent(asking) ? nil : .foreign(owner, frame)
      }
    }
    guard !settings.profile.knownIDs.contains(frame.id), frame.id != revision.displacementProtocolId,
      !requests.mayExplain(frame)
    else { return nil }
    // A number of this side would be an answer, which is noticed by itself.
    let sn = frame.sn ?? 0
    return sn == 0 || (sn % 2 == 1) == (role == .client) ? .unasked(frame) : nil
  }
}
