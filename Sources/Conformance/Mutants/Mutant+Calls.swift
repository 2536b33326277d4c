import Conversation
import FrameCodec
import NIOConcurrencyHelpers
import ReferencePeer
import Specification

extension Mutant {
  /// Faults in calls.
  static let calls: [Mutant] = [
    Mutant("sn-plus-one", "answers have the next sn", breaks: "rpc.answer.sn", check: "rpc.sequence") {
      $0.sent = PeerMutation.each { if $0.protocolId == 3, $0.sn != 0 { $0.sn &+= 1 } }
    },
    Mutant("sn-lost", "answers have no sn", breaks: "rpc.answer.sn", check: "sanity.call") {
      $0.sent = PeerMutation.each { if $0.protocolId == 3 { $0.sn = 0 } }
    },
    Mutant(
      "answers-with-id-zero", "answers have the reserved id 0", breaks: "frame.protocol-id.reserved",
      check: "frame.protocol-id.reserved"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 3, $0.sn != 0 { $0.protocolId = 0 } }
    },
    Mutant(
      "sn-of-16-bits", "only 16 bits of sn are kept", breaks: "frame.sn.range", "rpc.answer.sn",
      check: "rpc.sn.above-16-bits", client: "client-frame.sn.sixteen-bits"
    ) {
      $0.received = PeerMutation.frame { $0.sn &= 0xFFFF }
    },
    Mutant("sn-signed", "a negative sn is no request", breaks: "frame.sn.range", check: "rpc.sn.top-bit") {
      $0.received = { frame, _ in frame.sn < 0x8000_0000 }
    },
    Mutant(
      "odd-requests-lost", "requests with an odd sn are lost", breaks: "rpc.answer.sn",
      check: "rpc.sn.odd.five"
    ) {
      $0.received = { frame, _ in frame.sn % 2 == 0 || frame.protocolId != 2 }
    },
    Mutant(
      "request-as-answer", "a request with the number after that of a pending call is taken for an answer",
      breaks: "rpc.dispatch.direction", check: "server-calls.both-ways"
    ) {
      $0.received = { frame, _ in frame.sn != 4 || frame.protocolId != 2 }
    },
    Mutant("answered-twice-over", "calls are answered twice", breaks: "rpc.answer.once", check: "rpc.answer.once") {
      $0.sent = { frame, connection in
        frame.sn != 0 && frame.protocolId == 3 ? [(frame, connection), (frame, connection)] : [(frame, connection)]
      }
    },
    Mutant("tenth-answer-lost", "each tenth answer is lost", breaks: "rpc.concurrent", check: "rpc.concurrent.64") {
      let count = NIOLockedValueBox(0)
      $0.sent = { frame, connection in
        guard frame.sn != 0, frame.protocolId == 3 else { return [(frame, connection)] }
        let number = count.withLockedValue { count in
          count += 1
          return count
        }
        return number % 10 == 0 ? [] : [(frame, connection)]
      }
    },
    Mutant(
      "answers-mixed-up", "an answer has the payload of the one before", breaks: "rpc.answer.sn",
      check: "rpc.concurrent.8"
    ) {
      let last = NIOLockedValueBox<[UInt8]>([])
      $0.sent = PeerMutation.each { frame in
        guard frame.sn != 0, frame.protocolId == 3 else { return }
        last.withLockedValue { swap(&$0, &frame.payload) }
      }
    },
    Mutant(
      "same-sn-dropped", "a request with the sn of the one before is dropped", breaks: "rpc.sn.duplicate",
      check: "rpc.sn.duplicate"
    ) {
      let last = NIOLockedValueBox<[UInt64: UInt32]>([:])
      $0.received = { frame, connection in
        let sn = frame.sn
        return sn == 0 || last.withLockedValue { $0.updateValue(sn, forKey: connection.number) } != sn
      }
    },
    Mutant(
      "server-sn-even", "the server's calls have an even sn", breaks: "rpc.sn.parity", check: "server-calls.answered"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 7 { $0.sn &+= 1 } }
    },
    Mutant("server-sn-zero", "the server's calls have sn 0", breaks: "rpc.sn.zero", check: "server-calls.answered") {
      $0.sent = PeerMutation.each { if $0.protocolId == 7 { $0.sn = 0 } }
    },
    Mutant(
      "server-sn-same", "all the server's calls have the same sn", breaks: "rpc.sn.unique",
      check: "server-calls.concurrent"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 7 { $0.sn = 3 } }
    },
    Mutant(
      "any-answer-taken", "an answer with another sn is taken", breaks: "rpc.answer.unknown",
      check: "server-calls.wrong-sn"
    ) {
      $0.received = PeerMutation.frame { if $0.sn % 2 == 1, $0.protocolId != 2 { $0.sn = 3 } }
    },
    Mutant(
      "answers-dropped", "answers to the server's calls are lost", breaks: "rpc.dispatch.complete",
      "rpc.answer.pairing", check: "server-calls.answered"
    ) {
      $0.received = { frame, _ in frame.sn % 2 == 0 || frame.protocolId == 2 }
    },
    Mutant(
      "handlers-by-sn", "requests with the sn of an own call are not handed to handlers",
      breaks: "rpc.dispatch.handler.completed",
      check: "server-calls.request-with-its-sn"
    ) {
      $0.received = { frame, _ in frame.sn % 2 == 0 || frame.protocolId != 2 }
    },
    Mutant(
      "answers-in-order-only", "an answer that comes before that of an earlier call is lost", breaks: "rpc.order",
      check: "server-calls.concurrent"
    ) {
      let pending = NIOLockedValueBox<[UInt64: [UInt32]]>([:])
      $0.sent = { frame, connection in
        if frame.protocolId == 7 { pending.withLockedValue { $0[connection.number, default: []].append(frame.sn) } }
        return [(frame, connection)]
      }
      $0.received = { frame, connection in
        let sn = frame.sn
        return pending.withLockedValue { pending in
          let calls = pending[connection.number] ?? []
          guard calls.contains(sn) else { return true }
          guard calls.first == sn else { return false }
          pending[connection.number] = Array(calls.dropFirst())
          return true
        }
      }
    },
    Mutant(
      "late-answer-to-another", "an answer to one who left goes to another", breaks: "rpc.isolation",
      check: "isolation.leaver"
    ) {
      // The reference cancels the handlers of who has left; this one forgets to.
      $0.configuration = { configuration in
        configuration.handlers.onAsync(4) { message, connection in
          await Task.detached { try? await Task.sleep(for: .seconds(2)) }.value
          try await connection.answer(message, 5, message.payload)
        }
      }
      $0.late = { frame, connection in frame.sn == 0 ? nil : connection.heir }
    },
    Mutant(
      "answer-to-another", "answers go to another connection now and then", breaks: "rpc.isolation",
      check: "rpc.concurrent.connections"
    ) {
      let count = NIOLockedValueBox(0)
      $0.sent = { frame, connection in
        let number = count.withLockedValue { count in
          count += 1
          return count
        }
        guard number % 5 == 0, let other = connection.others.randomElement() else { return [(frame, connection)] }
        return [(frame, other)]
      }
    },
  ]
}

extension Connection {
  /// Who gets what was meant for this one at a server that uses connection objects again: the newcomer with its identity, or
  /// one of many that came later. Where few are there, a probe beside the one that looks for it would be hit by chance.
  fileprivate var heir: Connection? {
    let later = others.filter { $0.number > number }
    return later.first { $0.details.identity == details.identity } ?? (later.count >= 16 ? later.randomElement() : nil)
  }
}
