import Conversation
import NIOConcurrencyHelpers
import NIOCore
import ReferencePeer
import Specification
import WebSocketCodec

extension Mutant {
  /// Faults in the serial numbers of the client's calls.
  static let clientNumbers: [Mutant] = [
    Mutant(
      "client-sn-odd", "the client's calls have odd numbers", breaks: "rpc.sn.parity", check: "client-calls.parity"
    ) {
      $0.number { sn in sn &+ 1 }
    },
    Mutant(
      "client-sn-zero", "the client's calls have the number 0", breaks: "rpc.sn.zero", check: "client-calls.parity"
    ) {
      $0.number { _ in 0 }
    },
    Mutant("client-sn-same", "all calls have the number 2", breaks: "rpc.sn.unique", check: "client-calls.unique") {
      $0.number { _ in 2 }
    },
    Mutant(
      "client-sn-in-pairs", "each second call has the number of the one before", breaks: "rpc.sn.unique",
      check: "client-calls.unique"
    ) {
      $0.number { sn in sn % 4 == 0 ? sn &- 2 : sn }
    },
    Mutant(
      "client-sn-wraps-to-zero", "the number behind the last is 0", breaks: "rpc.sn.wrap", "rpc.sn.zero",
      check: "client-pairs.wrap"
    ) {
      let wrapped = NIOLockedValueBox(false)
      $0.number { sn in
        wrapped.withLockedValue { wrapped in
          defer { wrapped = sn == 0xFFFF_FFFE }
          return wrapped ? 0 : sn
        }
      }
    },
    Mutant(
      "client-sn-wraps-to-one", "the number behind the last is 1", breaks: "rpc.sn.wrap", check: "client-pairs.wrap"
    ) {
      let wrapped = NIOLockedValueBox(false)
      $0.number { sn in
        wrapped.withLockedValue { wrapped in
          defer { wrapped = sn == 0xFFFF_FFFE }
          return wrapped ? 1 : sn
        }
      }
    },
    Mutant(
      "client-sn-wraps-into-pending", "behind the last number that of a waiting call is taken again",
      breaks: "rpc.sn.wrap.pending", check: "client-pairs.wrap.pending"
    ) {
      // The reference skips the numbers in use: 4 when the call with 2 still waits.
      let wrapped = NIOLockedValueBox(false)
      $0.number { sn in
        wrapped.withLockedValue { wrapped in
          defer { wrapped = sn == 0xFFFF_FFFE }
          return wrapped ? 2 : sn
        }
      }
    },
    Mutant("client-sn-steps-by-ten", "numbers step by ten", breaks: "rpc.sn.step", check: "client-calls.parity") {
      $0.number { sn in sn &* 5 }
    },
  ]

  /// Faults in the client's own calls.
  static let clientCalls: [Mutant] = [
    Mutant(
      "client-answers-by-order", "an answer goes to the call that waits longest", breaks: "rpc.answer.pairing",
      check: "client-calls.same-id"
    ) {
      $0.answers { sn, pending in pending.contains(sn) ? pending.first : sn }
    },
    Mutant(
      "client-answers-by-id", "an answer counts only with the id behind that of its call", breaks: "rpc.answer.pairing",
      check: "client-calls.answer-id.any"
    ) {
      let ids = NIOLockedValueBox<[UInt32: Int64]>([:])
      $0.sent = { frame, connection in
        if frame.isOwnCall { ids.withLockedValue { $0[frame.sn] = frame.protocolId } }
        return [(frame, connection)]
      }
      $0.received = { frame, _ in
        guard let asked = ids.withLockedValue({ $0[frame.sn] }) else { return true }
        return frame.protocolId == asked + 1
      }
    },
    Mutant(
      "client-answers-in-order-only", "an answer that comes before that of an earlier call is lost",
      breaks: "rpc.order", check: "client-calls.reverse"
    ) {
      $0.answers { sn, pending in pending.contains(sn) && pending.first != sn ? nil : sn }
    },
    Mutant(
      "client-unknown-answer-taken", "an answer with a number that no call has goes to a call that waits",
      breaks: "rpc.answer.unknown", check: "client-calls.unknown.pending"
    ) {
      $0.answers { sn, pending in pending.contains(sn) ? sn : pending.first ?? sn }
    },
    Mutant(
      "client-unknown-answer-fails", "an answer with a number that no call has ends the connection",
      breaks: "rpc.answer.unknown", check: "client-calls.unknown.none-pending"
    ) {
      $0.failing { _, wasMade, _ in !wasMade }
    },
    Mutant(
      "client-second-answer-taken", "a second answer goes to the next call that waits", breaks: "rpc.answer.second",
      check: "client-calls.second.next"
    ) {
      let last = NIOLockedValueBox<UInt32>(0)
      $0.answers { sn, pending in
        last.withLockedValue { last in
          defer { last = sn }
          return last == sn && !pending.contains(sn) ? pending.first ?? sn : sn
        }
      }
    },
    Mutant(
      "client-second-answer-fails", "a second answer ends the connection", breaks: "rpc.answer.second",
      check: "client-calls.second"
    ) {
      $0.failing { _, _, wasAnswered in wasAnswered }
    },
    Mutant(
      "client-late-answer-taken", "the answer of a call that timed out goes to the next one", breaks: "rpc.answer.late",
      check: "client-calls.late.next"
    ) {
      let late = NIOLockedValueBox<Set<UInt32>>([])
      $0.actions = { actions in
        for case .failCall(let call, .timeout) in actions.map(\.action) {
          late.withLockedValue { _ = $0.insert(call.sn) }
        }
        return actions
      }
      $0.answers { sn, pending in
        let isLate = late.withLockedValue { $0.remove(sn) } != nil
        return isLate ? pending.first { $0 != sn } ?? sn : sn
      }
    },
    Mutant(
      "client-late-answer-fails", "the answer of a call that timed out ends the connection", breaks: "rpc.answer.late",
      check: "client-calls.late"
    ) {
      let late = NIOLockedValueBox<Set<UInt32>>([])
      $0.actions = { actions in
        for case .failCall(let call, .timeout) in actions.map(\.action) {
          late.withLockedValue { _ = $0.insert(call.sn) }
        }
        return actions
      }
      $0.failing { sn, _, _ in late.withLockedValue { $0.contains(sn) } }
    },
    Mutant(
      "client-thousandth-answer-lost", "each thousandth answer is lost", breaks: "rpc.answer.pairing",
      check: "client-calls.many.64"
    ) {
      let count = NIOLockedValueBox(0)
      $0.received = { frame, _ in
        guard frame.sn != 0, frame.sn % 2 == 0 else { return true }
        return count.withLockedValue { count in
          count += 1
          return count % 1000 != 0
        }
      }
    },
    Mutant(
      "client-answers-dropped", "answers complete nothing", breaks: "rpc.dispatch.complete", "rpc.answer.pairing",
      check: "client-pairs.answers.segment"
    ) {
      $0.received = { frame, _ in frame.sn == 0 || frame.sn % 2 == 1 }
    },
    Mutant(
      "client-one-call-at-a-time", "a call that is made while another waits is never sent", breaks: "rpc.concurrent",
      check: "client-calls.unique"
    ) {
      let pending = NIOLockedValueBox<Set<UInt32>>([])
      $0.sent = { frame, connection in
        guard frame.isOwnCall else { return [(frame, connection)] }
        let isAlone = pending.withLockedValue { pending in
          if pending.isEmpty { pending.insert(frame.sn) }
          return pending == [frame.sn]
        }
        return isAlone ? [(frame, connection)] : []
      }
      $0.received = { frame, _ in
        pending.withLockedValue { _ = $0.remove(frame.sn) }
        return true
      }
    },
    Mutant(
      "client-answers-mixed-up", "an answer has the payload of the one before", breaks: "rpc.answer.pairing",
      check: "client-calls.same-id"
    ) {
      let last = NIOLockedValueBox<[UInt8]>([])
      $0.received = { frame, _ in
        if frame.sn != 0, frame.sn % 2 == 0 { last.withLockedValue { swap(&$0, &frame.payload) } }
        return true
      }
    },
    Mutant(
      "client-request-as-answer", "a call of the server is taken for the answer to a call that waits",
      breaks: "rpc.dispatch.direction", check: "client-calls.server.crossing"
    ) {
      let pending = NIOLockedValueBox<[UInt32]>([])
      $0.sent = { frame, connection in
        if frame.isOwnCall { pending.withLockedValue { $0.append(frame.sn) } }
        return [(frame, connection)]
      }
      $0.received = { frame, _ in
        pending.withLockedValue { pending in
          if frame.sn % 2 == 1, let first = pending.first { frame.sn = first }
          pending.removeAll { $0 == frame.sn }
          return true
        }
      }
    },
    Mutant("client-timeouts-ignored", "calls never time out", breaks: "rpc.timeout", check: "client-calls.timeout") {
      $0.actions = { actions in
        actions.filter { if case .failCall(_, .timeout) = $0.action { false } else { true } }
      }
    },
    Mutant(
      "client-timeouts-told", "the server is told of a call that timed out", breaks: "rpc.timeout.silent",
      check: "client-calls.timeout"
    ) {
      $0.actions = { actions in
        actions.flatMap { timed in
          guard case .failCall(let call, .timeout) = timed.action else { return [timed] }
          return [TimedAction(at: timed.at, .sendFrame(protocolId: 2, sn: call.sn)), timed]
        }
      }
    },
    Mutant(
      "client-calls-left-waiting", "calls that wait when the connection ends never fail", breaks: "rpc.close.pending",
      check: "client-close.pending.close-frame"
    ) {
      $0.actions = { actions in
        actions.filter { if case .failCall(_, .closed) = $0.action { false } else { true } }
      }
    },
    Mutant(
      "client-calls-fail-late", "calls that wait when the connection ends fail eight seconds later",
      breaks: "rpc.close.pending", check: "client-close.pending.close-frame"
    ) {
      $0.callFailureDelay = .seconds(8)
    },
  ]

  /// Faults in answering the server's calls.
  static let clientRequestsOfServer: [Mutant] = [
    Mutant(
      "client-answers-twice", "the server's calls are answered twice", breaks: "rpc.answer.once",
      check: "client-sanity.answer"
    ) {
      $0.sent = { frame, connection in
        frame.protocolId == 17 ? [(frame, connection), (frame, connection)] : [(frame, connection)]
      }
    },
    Mutant(
      "client-never-answers", "the server's calls reach no handler", breaks: "rpc.dispatch.handler",
      check: "client-calls.server.handler"
    ) {
      $0.received = { frame, _ in frame.protocolId != 7 }
    },
    Mutant(
      "client-answers-with-next-sn", "answers have the next number", breaks: "rpc.answer.sn",
      check: "client-sanity.answer"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 17 { $0.sn &+= 2 } }
    },
    Mutant(
      "client-answers-with-own-sn", "answers have numbers of the client's own", breaks: "rpc.answer.sn",
      check: "client-sanity.answer"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 17 { $0.sn &+= 1 } }
    },
    Mutant("client-answers-one-way", "answers have no number", breaks: "rpc.answer.sn", check: "client-sanity.answer") {
      $0.sent = PeerMutation.each { if $0.protocolId == 17 { $0.sn = 0 } }
    },
    Mutant(
      "client-same-sn-dropped", "a call of the server with the number of the one before is dropped",
      breaks: "rpc.sn.duplicate", check: "client-calls.server.same-sn"
    ) {
      let last = NIOLockedValueBox<UInt32>(0)
      $0.received = { frame, _ in
        guard frame.protocolId == 7 else { return true }
        let sn = frame.sn
        return last.withLockedValue { last in
          defer { last = sn }
          return last != sn
        }
      }
    },
    Mutant(
      "client-acknowledges",
      "each message that has a handler is answered with nothing first, as the original in C++ does",
      breaks: "rpc.answer.once", check: "client-sanity.answer"
    ) {
      $0.sent = { frame, connection in
        guard frame.protocolId == 17 else { return [(frame, connection)] }
        let acknowledgement = PeerMutation.Frame(protocolId: 7, sn: frame.sn, payload: [])
        return [(acknowledgement, connection), (frame, connection)]
      }
    },
    Mutant(
      "client-answers-on-next-connection", "an answer goes out again on the next connection",
      breaks: "rpc.isolation", check: "client-close.answer.next"
    ) {
      let last = NIOLockedValueBox<(frame: PeerMutation.Frame, connection: UInt64)?>(nil)
      $0.sent = { frame, connection in
        guard frame.protocolId == 17 else { return [(frame, connection)] }
        return last.withLockedValue { last in
          defer { last = (frame, connection.number) }
          guard let before = last, before.connection != connection.number else { return [(frame, connection)] }
          return [(before.frame, connection), (frame, connection)]
        }
      }
    },
  ]
}
