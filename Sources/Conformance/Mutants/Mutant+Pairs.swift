import NIOConcurrencyHelpers
import Negotiation
import ReferencePeer
import Specification
import WebSocketCodec

/// How often something has happened, by connection or by another key.
private final class Tally: Sendable {
  private let counts = NIOLockedValueBox<[UInt64: Int]>([:])

  /// Counts one more.
  @discardableResult
  func add(_ amount: Int = 1, for key: UInt64 = 0) -> Int {
    counts.withLockedValue { counts in
      counts[key, default: 0] += amount
      return counts[key, default: 0]
    }
  }

  /// What has been counted.
  func count(for key: UInt64 = 0) -> Int { counts.withLockedValue { $0[key] ?? 0 } }
}

extension Mutant {
  /// Faults that show where two things meet: a slow call and another, size and compression, a dropped message and the next.
  static let pairs: [Mutant] = slowCalls + positions + payloads + compressedPairs + neighbours

  /// A slow call and what else is on its connection.
  private static let slowCalls: [Mutant] = [
    Mutant(
      "slow-same-sn-dropped", "of two slow calls with one sn the second is dropped", breaks: "rpc.sn.duplicate",
      check: "rpc.slow.same-sn"
    ) {
      let seen = NIOLockedValueBox<Set<UInt64>>([])
      $0.received = { frame, connection in
        let key = connection.number << 32 | UInt64(frame.sn)
        return frame.protocolId != 4 || seen.withLockedValue { $0.insert(key).inserted }
      }
    },
    Mutant(
      "slow-payload-of-last", "slow calls share the buffer of their payloads", breaks: "frame.payload.opaque",
      check: "rpc.slow.payloads"
    ) {
      let last = NIOLockedValueBox<[UInt8]>([])
      $0.received = { frame, _ in
        let payload = frame.payload
        if frame.protocolId == 4 { last.withLockedValue { $0 = payload } }
        return true
      }
      $0.sent = PeerMutation.each { frame in
        if frame.protocolId == 5 { frame.payload = last.withLockedValue { $0 } }
      }
    },
    Mutant(
      "one-way-with-slow-sn", "a one-way message during a slow call has the sn of the call",
      breaks: "frame.sn.one-way", check: "rpc.slow.one-way"
    ) {
      let running = NIOLockedValueBox<[UInt64: UInt32]>([:])
      $0.received = { frame, connection in
        let sn = frame.sn
        if frame.protocolId == 4 { running.withLockedValue { $0[connection.number] = sn } }
        return true
      }
      $0.sent = { frame, connection in
        var changed = frame
        if frame.protocolId == 5 { running.withLockedValue { $0[connection.number] = nil } }
        if frame.protocolId == 3, frame.sn == 0 { changed.sn = running.withLockedValue { $0[connection.number] ?? 0 } }
        return [(changed, connection)]
      }
    },
    Mutant(
      "slow-beyond-24-lost", "more than twenty-four slow calls of a connection are lost", breaks: "rpc.concurrent",
      check: "rpc.slow.many"
    ) {
      let count = Tally()
      $0.received = { frame, connection in frame.protocolId != 4 || count.add(for: connection.number) <= 24 }
    },
    Mutant(
      "slow-answer-cut", "slow answers end after 64 KiB", breaks: "frame.payload.opaque",
      check: "rpc.slow.size.70000"
    ) {
      $0.sent = PeerMutation.each { if $0.protocolId == 5 { $0.payload = Array($0.payload.prefix(65_536)) } }
    },
    Mutant(
      "close-ignored-while-slow", "a close frame during a slow call is not answered", breaks: "close.echo",
      check: "close.running"
    ) {
      let running = Tally()
      $0.received = { frame, _ in
        if frame.protocolId == 4 { running.add() }
        return true
      }
      $0.control = { opcode, _ in opcode != .close || running.count() == 0 }
    },
    Mutant(
      "ping-ignored-while-slow", "pings during a slow call are not answered", breaks: "ws.ping.answer",
      check: "rpc.slow.ping"
    ) {
      let running = Tally()
      $0.received = { frame, _ in
        if frame.protocolId == 4 { running.add() }
        return true
      }
      $0.control = { opcode, _ in opcode != .ping || running.count() == 0 }
    },
    Mutant(
      "displacement-missing-while-slow", "who has a slow call in flight is not told of its displacement",
      breaks: "hub.displacement.frame", check: "displacement.running.slow"
    ) {
      let running = Tally()
      $0.received = { frame, _ in
        if frame.protocolId == 4 { running.add() }
        return true
      }
      $0.actions = { actions in running.count() == 0 ? actions : actions.filter { !$0.isDisplacement } }
    },
  ]

  /// What happens late on a connection.
  private static let positions: [Mutant] = [
    Mutant(
      "calls-beyond-300-lost", "calls beyond the three-hundredth of a connection are lost", breaks: "rpc.answer.sn",
      check: "rpc.position.calls"
    ) {
      let count = Tally()
      $0.received = { frame, connection in
        frame.protocolId != 2 || frame.sn == 0 || count.add(for: connection.number) <= 300
      }
    },
    Mutant(
      "one-way-beyond-300-lost", "one-way messages beyond the three-hundredth of a connection are lost",
      breaks: "frame.payload.opaque", check: "rpc.position.one-way"
    ) {
      let count = Tally()
      $0.received = { frame, connection in
        frame.protocolId != 2 || frame.sn != 0 || count.add(for: connection.number) <= 300
      }
    },
    Mutant(
      "displacement-first-only", "only the first one who is displaced is told", breaks: "hub.displacement.frame",
      check: "displacement.again"
    ) {
      let count = Tally()
      $0.actions = { actions in
        guard actions.contains(where: \.isDisplacement), count.add() > 1 else { return actions }
        return actions.filter { !$0.isDisplacement }
      }
    },
    Mutant(
      "puller-signalled-once", "the puller hears one signal of a connection", breaks: "frame.sn.one-way",
      check: "puller.later"
    ) {
      let count = Tally()
      $0.received = { frame, connection in frame.protocolId != 12 || count.add(for: connection.number) == 1 }
    },
    Mutant(
      "one-way-behind-trigger-lost", "one-way messages are lost once the server was told to call",
      breaks: "rpc.dispatch.handler", check: "server-calls.pending.one-way.echo"
    ) {
      let triggers = Tally()
      $0.received = { frame, connection in
        if frame.protocolId == 6 { triggers.add(for: connection.number) }
        return frame.protocolId != 2 || frame.sn != 0 || triggers.count(for: connection.number) == 0
      }
    },
    Mutant(
      "large-answers-lost", "each tenth answer above 256 KiB is lost", breaks: "send.queue.full",
      check: "queue.large"
    ) {
      let count = Tally()
      $0.sent = { frame, connection in
        frame.payload.count > 262_144 && count.add() % 10 == 0 ? [] : [(frame, connection)]
      }
    },
  ]

  /// Payloads of some form.
  private static let payloads: [Mutant] = [
    Mutant(
      "byte-order-mark-lost", "a byte order mark at the beginning of a payload is lost", breaks: "frame.payload.opaque",
      check: "frame.payload.begins.byte-order-mark"
    ) {
      $0.received = PeerMutation.frame {
        if $0.payload.starts(with: [0xEF, 0xBB, 0xBF]) { $0.payload.removeFirst(3) }
      }
    },
    Mutant(
      "last-zero-lost", "a byte 00 at the end of a payload is lost", breaks: "frame.payload.opaque",
      check: "frame.payload.ends.nul"
    ) {
      $0.received = PeerMutation.frame { if $0.payload.last == 0 { $0.payload.removeLast() } }
    },
    Mutant(
      "length-of-24-bits", "only 24 bits of length are looked at", breaks: "frame.short",
      check: "frame.length.high-bits.24"
    ) {
      $0.message = PeerMutation.patched { if $0.count >= 6 { $0[5] = 0 } }
    },
    Mutant(
      "large-server-answers-lost", "answers to the server's calls above 64 KiB are lost", breaks: "rpc.answer.pairing",
      check: "server-calls.size.70000"
    ) {
      $0.received = { frame, _ in frame.sn % 2 == 0 || frame.payload.count <= 65_536 }
    },
  ]

  /// Compression and something else.
  private static let compressedPairs: [Mutant] = [
    Mutant(
      "large-final-blocks-lost", "messages of more than 4096 bytes with BFINAL are lost", breaks: "deflate.bfinal",
      check: "deflate.bfinal.size.final.5000"
    ) {
      $0.compressed = { $0.count <= 4096 || $0.first.map { $0 & 1 == 0 } ?? true }
    },
    Mutant(
      "large-answers-mixed", "large answers on one connection share a buffer", breaks: "frame.payload.opaque",
      check: "deflate.concurrent.sizes"
    ) {
      let last = NIOLockedValueBox<[UInt8]>([])
      $0.sent = PeerMutation.each { frame in
        guard frame.protocolId == 3, frame.payload.count > 5120 else { return }
        let payload = frame.payload
        let before = last.withLockedValue { last in
          defer { last = payload }
          return last
        }
        frame.payload = Array(before.prefix(16)) + payload.dropFirst(before.prefix(16).count)
      }
    },
    Mutant(
      "takeover-ends-after-64", "after sixty-four compressed messages no more are read", breaks: "deflate.takeover",
      check: "deflate.takeover.position"
    ) {
      let count = Tally()
      $0.compressed = { _ in count.add() <= 64 }
    },
    Mutant(
      "trailing-zeros-stripped", "all bytes 00 and FF at the end of compressed data are removed",
      breaks: "frame.payload.opaque",
      check: "deflate.answers.ends.nuls"
    ) {
      $0.wire = PeerMutation.data { frame in
        guard frame.rsv == 4, frame.fin else { return }
        while let last = frame.payload.last, last == 0 || last == 0xFF { frame.payload.removeLast() }
        frame.lengthForm = .minimal(for: UInt64(frame.payload.count))
      }
    },
    Mutant(
      "offers-remembered", "an offer counts for the next connection, too", breaks: "deflate.offer.none",
      check: "deflate.offer.connections"
    ) {
      let answer = NIOLockedValueBox<String?>(nil)
      $0.response = { response, isGranted in
        guard isGranted else { return }
        let given = response.value(of: "Sec-WebSocket-Extensions")
        let remembered = answer.withLockedValue { answer in
          answer = given ?? answer
          return answer
        }
        response = response.with("Sec-WebSocket-Extensions", remembered)
      }
    },
  ]

  /// A message and its neighbour, on the same connection or on another.
  private static let neighbours: [Mutant] = [
    Mutant(
      "unknown-drops-next", "the message behind an id that nobody knows is lost", breaks: "frame.payload.opaque",
      check: "message.after.dropped.unknown.one-way"
    ) {
      let skips = NIOLockedValueBox<Set<UInt64>>([])
      $0.received = { frame, connection in
        let isKnown = [2, 4, 6, 10, 12].contains(frame.protocolId) || frame.sn % 2 == 1
        return skips.withLockedValue { skips in
          if skips.remove(connection.number) != nil { return false }
          if !isKnown { skips.insert(connection.number) }
          return true
        }
      }
    },
    Mutant(
      "pong-of-another", "a pong has the payload of the ping before, of whomever", breaks: "ws.pong.payload",
      check: "isolation.pings"
    ) {
      let last = NIOLockedValueBox<[UInt8]>([])
      $0.control = { opcode, payload in
        guard opcode == .ping else { return true }
        last.withLockedValue { swap(&$0, &payload) }
        return true
      }
    },
    Mutant(
      "close-code-1005", "a close frame without body is answered with 1005", breaks: "close.code",
      check: "close.code.answer.none"
    ) {
      $0.wire = PeerMutation.control(8) { frame in
        guard frame.payload.isEmpty else { return }
        frame.payload = [0x03, 0xED]
        frame.lengthForm = .minimal(for: 2)
      }
    },
    Mutant(
      "device-cut-at-zero", "a deviceId ends at its first byte 00", breaks: "hub.identity.distinct",
      check: "identity.other.value.behind-nul"
    ) {
      $0.requestHead = { head in
        head.changeQuery { query in
          query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
            pair.firstRange(of: "%00").map { String(pair[..<$0.lowerBound]) } ?? String(pair)
          }.joined(separator: "&")
        }
      }
    },
  ]
}
