import Conversation
import NIOConcurrencyHelpers
import ReferencePeer

extension PeerMutation.Frame {
  /// Whether it is a call of the client: an answer has the server's parity.
  var isOwnCall: Bool { sn != 0 && sn % 2 == 0 }
}

extension PeerMutation {
  /// Gives the client's calls other numbers on the wire than those that it knows them by.
  ///
  /// - Parameter number: The call's own number to the one on the wire.
  mutating func number(_ number: @escaping @Sendable (UInt32) -> UInt32) {
    let calls = NIOLockedValueBox<[UInt64: [UInt32: [UInt32]]]>([:])
    sent = { frame, connection in
      guard frame.isOwnCall else { return [(frame, connection)] }
      var changed = frame
      changed.sn = number(frame.sn)
      let wire = changed.sn
      calls.withLockedValue { $0[connection.number, default: [:]][wire, default: []].append(frame.sn) }
      return [(changed, connection)]
    }
    received = { frame, connection in
      // What the server calls with is no answer.
      guard frame.sn != 0, frame.protocolId != 7 else { return true }
      let wire = frame.sn
      let own = calls.withLockedValue { calls -> UInt32? in
        guard calls[connection.number]?[wire]?.isEmpty == false else { return nil }
        return calls[connection.number]?[wire]?.removeFirst()
      }
      if let own { frame.sn = own }
      return true
    }
  }

  /// Changes which call an answer completes.
  ///
  /// - Parameter call: The answer's number and those of the calls that wait, in their order, to the number of the call; nil:
  ///   the answer is lost.
  mutating func answers(_ call: @escaping @Sendable (UInt32, [UInt32]) -> UInt32?) {
    let waiting = NIOLockedValueBox<[UInt64: [UInt32]]>([:])
    sent = { frame, connection in
      if frame.isOwnCall { waiting.withLockedValue { $0[connection.number, default: []].append(frame.sn) } }
      return [(frame, connection)]
    }
    let timedOut = actions
    actions = { actions in
      let failed = actions.compactMap { if case .failCall(let call, _) = $0.action { call.sn } else { nil } }
      waiting.withLockedValue { waiting in
        for connection in waiting.keys { waiting[connection]?.removeAll { failed.contains($0) } }
      }
      return timedOut?(actions) ?? actions
    }
    received = { frame, connection in
      guard frame.isOwnCall else { return true }
      return waiting.withLockedValue { waiting in
        guard let sn = call(frame.sn, waiting[connection.number] ?? []) else { return false }
        waiting[connection.number]?.removeAll { $0 == sn }
        frame.sn = sn
        return true
      }
    }
  }

  /// Ends the connection on some answers.
  ///
  /// - Parameter fails: The answer's number, whether a call with it was made, and whether it was answered before.
  mutating func failing(
    _ fails: @escaping @Sendable (_ sn: UInt32, _ wasMade: Bool, _ wasAnswered: Bool) -> Bool
  ) {
    let made = NIOLockedValueBox<[UInt64: [UInt32: Bool]]>([:])
    sent = { frame, connection in
      if frame.isOwnCall { made.withLockedValue { $0[connection.number, default: [:]][frame.sn] = false } }
      return [(frame, connection)]
    }
    received = { frame, connection in
      guard frame.isOwnCall else { return true }
      let sn = frame.sn
      let wasAnswered = made.withLockedValue { made -> Bool? in
        guard let before = made[connection.number]?[sn] else { return nil }
        made[connection.number]?[sn] = true
        return before
      }
      guard fails(sn, wasAnswered != nil, wasAnswered == true) else { return true }
      connection.close(code: 1002)
      return false
    }
  }
}
