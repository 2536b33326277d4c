import GoldenVectors
import Specification
import StrictJSON

/// The read deadline: what restarts it, what does not, and what happens when it passes.
enum KeepAliveDeadlineStories {
  static var groups: [VectorGroup] { [restarts, passes, order, stops] }

  private static let restarts = VectorGroup.timelines(
    "Each ping, each pong and each new message restarts the read deadline."
  ) {
    side in
    let signs: [(String, String, [StoryStep])] = [
      ("message", "A message", [.receive(2, sn: 0, "70", at: 400), .deliver(2, sn: 0, "70", "message", at: 400)]),
      (
        "request", "A request",
        [.receive(2, sn: side.peer(0), "70", at: 400), .deliver(2, sn: side.peer(0), "70", "request", at: 400)]
      ),
      ("unhandled-message", "A message that nobody registered for", [.receive(99, sn: 0, "70", at: 400)]),
      ("id-zero", "A message with protocolId 0", [.receive(0, sn: 0, "70", at: 400)]),
      ("orphan-answer", "An answer to nothing", [.receive(99, sn: side.own(7), "70", at: 400)]),
      ("message-start", "The first fragment of a message", [.messageStart(at: 400)]),
      ("ping", "A ping", [.ping("70", at: 400), .sendPong("70", at: 400)]), ("pong", "A pong", [.pong("70", at: 400)]),
    ]
    return signs.map { name, what, steps in
      KeepAliveVectors.story(
        side, "restart-by-\(name)", "\(what) restarts the read deadline.",
        ["keepalive.deadline.restart", "keepalive.deadline.close"], flags: ["silent-peer"],
        config: ["readWait": 500, "handlers": [2]],
        [.tick(at: 399)] + steps + [
          .tick(at: 899), .tick(at: 900), .sendClose(1001, at: 900), .closeTransport(at: 900),
        ]
      ).violating
    } + [
      KeepAliveVectors.story(
        side, "kept-by-pings", "Pings alone keep a connection for ever.", ["keepalive.deadline.restart"],
        config: ["readWait": 60_000],
        (1...10 as ClosedRange<Int64>).flatMap { index -> [StoryStep] in
          [.ping(at: index * 24_000), .sendPong(at: index * 24_000)]
        }
      ).valid,
      KeepAliveVectors.story(
        side, "kept-by-pongs", "Two peers that only ping each other stay connected.",
        ["keepalive.deadline.restart", "keepalive.ping.period"], config: ["readWait": 60_000, "writeWait": 60_000],
        (1...5 as ClosedRange<Int64>).flatMap { index -> [StoryStep] in
          [.tick(at: index * 24_000), .sendPing(at: index * 24_000), .pong(at: index * 24_000 + 5)]
        }
      ).valid,
      KeepAliveVectors.story(
        side, "kept-by-messages", "Messages just within the wait keep the connection.", ["keepalive.deadline.restart"],
        config: ["readWait": 500],
        [
          .receive(99, sn: 0, at: 499), .receive(99, sn: 0, at: 998), .receive(99, sn: 0, at: 1497), .send(2, at: 1996),
          .sendFrame(2, sn: 0, at: 1996),
        ]
      ).valid,
      KeepAliveVectors.story(
        side, "no-read-wait", "Without a read wait silence is no fault.", ["keepalive.deadline.close"],
        config: ["readWait": nil],
        [.tick(at: 86_400_000), .send(2, at: 86_400_001), .sendFrame(2, sn: 0, at: 86_400_001)]
      ).valid,
    ]
  }

  private static let passes = VectorGroup.timelines("A peer that is silent too long is given up.") { side in
    [
      KeepAliveVectors.story(
        side, "silent", "Nothing at all: close frame 1001 and the end of the transport.", ["keepalive.deadline.close"],
        flags: ["silent-peer"], config: ["readWait": 60_000],
        [
          .tick(at: 59_999), .tick(at: 60_000), .sendClose(1001, at: 60_000), .closeTransport(at: 60_000),
          .tick(at: 200_000),
        ]
      ).violating,
      KeepAliveVectors.story(
        side, "silent-pending-calls", "Calls that wait for a silent peer fail with the connection.",
        ["keepalive.deadline.close", "rpc.close.pending"], flags: ["silent-peer", "pending-at-end"],
        config: ["readWait": 500],
        [
          .call("b", 2, "62", timeout: 5000, at: 0), .sendFrame(2, sn: side.own(0), "62", at: 0),
          .call("a", 2, "61", at: 100), .sendFrame(2, sn: side.own(1), "61", at: 100), .tick(at: 10_000),
          .sendClose(1001, at: 500), .failCall("b", "closed", at: 500), .failCall("a", "closed", at: 500),
          .closeTransport(at: 500),
        ]
      ).violating,
      KeepAliveVectors.story(
        side, "sending-does-not-restart", "What this side sends says nothing about the peer.",
        ["keepalive.deadline.close"], flags: ["silent-peer"], config: ["readWait": 500, "writeWait": 500],
        [
          .send(2, "68", at: 150), .sendFrame(2, sn: 0, "68", at: 150), .written(1, at: 151), .tick(at: 450),
          .sendPing(at: 200), .sendPing(at: 400), .send(2, "69", at: 500), .sendClose(1001, at: 500),
          .closeTransport(at: 500), .refuse("stopped", at: 500),
        ]
      ).violating,
      KeepAliveVectors.story(
        side, "fragments-do-not-restart", "Continuation frames do not restart the deadline.",
        ["keepalive.deadline.fragment", "keepalive.deadline.slow-sender"], flags: ["slow-sender"],
        config: ["readWait": 500, "handlers": [2]],
        [.messageStart(at: 100)]
          + stride(from: Int64(150), through: 590, by: 40).map { StoryStep.fragment(at: $0) } + [
            .receive(2, sn: 0, "70", fragmented: true, at: 610), .sendClose(1001, at: 600), .closeTransport(at: 600),
          ]
      ).violating,
      KeepAliveVectors.story(
        side, "fragmented-end-does-not-restart",
        "The end of a fragmented message does not restart the deadline either.",
        ["keepalive.deadline.fragment"], flags: ["slow-sender"], config: ["readWait": 500, "handlers": [2]],
        [
          .messageStart(at: 100), .fragment(at: 300), .receive(2, sn: 0, "70", fragmented: true, at: 550),
          .deliver(2, sn: 0, "70", "message", at: 550), .tick(at: 1000), .sendClose(1001, at: 600),
          .closeTransport(at: 600),
        ]
      ).violating,
      KeepAliveVectors.story(
        side, "ping-within-slow-message", "A ping between the fragments does restart it.",
        ["keepalive.deadline.restart", "keepalive.deadline.fragment"], config: ["readWait": 500, "handlers": [2]],
        [
          .messageStart(at: 100), .fragment(at: 300), .ping(at: 400), .sendPong(at: 400), .fragment(at: 700),
          .receive(2, sn: 0, "70", fragmented: true, at: 890), .deliver(2, sn: 0, "70", "message", at: 890),
          .receive(2, sn: 0, "71", at: 899), .deliver(2, sn: 0, "71", "message", at: 899),
        ]
      ).valid,
    ]
  }

  private static let order = VectorGroup.timelines("What is due at the same time happens in a fixed order.") { side in
    [
      KeepAliveVectors.story(
        side, "message-at-deadline", "A message at the very time of the deadline is too late.",
        ["keepalive.deadline.close"], flags: ["exact-deadline", "silent-peer"],
        config: ["readWait": 500, "handlers": [2]],
        [.receive(2, sn: 0, "70", at: 500), .sendClose(1001, at: 500), .closeTransport(at: 500)]
      ).violating,
      KeepAliveVectors.story(
        side, "call-then-deadline",
        "A call whose limit passes at the deadline has timed out; the others fail with the connection.",
        ["keepalive.deadline.close", "rpc.timeout", "rpc.close.pending"], flags: ["exact-deadline", "silent-peer"],
        config: ["readWait": 500],
        [
          .call("closed", 2, timeout: 501, at: 0), .sendFrame(2, sn: side.own(0), at: 0),
          .call("timed out", 2, timeout: 500, at: 0), .sendFrame(2, sn: side.own(1), at: 0), .tick(at: 1000),
          .failCall("timed out", "timeout", at: 500), .sendClose(1001, at: 500), .failCall("closed", "closed", at: 500),
          .closeTransport(at: 500),
        ]
      ).violating,
      KeepAliveVectors.story(
        side, "deadline-then-ping", "No ping is sent at the time of the deadline.",
        ["keepalive.deadline.close", "close.after"],
        flags: ["exact-deadline", "silent-peer"], config: ["readWait": 400, "writeWait": 1000],
        [.tick(at: 1000), .sendClose(1001, at: 400), .closeTransport(at: 400)]
      ).violating,
      KeepAliveVectors.story(
        side, "ping-before-deadline", "A ping that is due a millisecond earlier is sent.",
        ["keepalive.deadline.close", "keepalive.ping.period"], flags: ["silent-peer"],
        config: ["readWait": 401, "writeWait": 1000],
        [.tick(at: 1000), .sendPing(at: 400), .sendClose(1001, at: 401), .closeTransport(at: 401)]
      ).violating,
      KeepAliveVectors.story(
        side, "call-then-ping", "At the same time a call's limit passes before a ping is sent.",
        ["keepalive.ping.period", "rpc.timeout"], flags: ["exact-deadline"], config: ["writeWait": 1000],
        [
          .call("a", 2, timeout: 400, at: 0), .sendFrame(2, sn: side.own(0), at: 0), .tick(at: 400),
          .failCall("a", "timeout", at: 400), .sendPing(at: 400),
        ]
      ).valid,
    ]
  }

  private static let stops = VectorGroup.timelines("A connection that is no longer open has no read deadline.") {
    side in
    [
      KeepAliveVectors.story(
        side, "closing-has-its-own-deadline", "After the close frame only the close wait counts.",
        ["close.timeout", "keepalive.deadline.close"], flags: ["stopped", "silent-peer"],
        config: ["readWait": 500, "closeWait": 1000],
        [.close(1000, at: 400), .sendClose(1000, at: 400), .tick(at: 3000), .closeTransport(at: 1400)]
      ).violating,
      KeepAliveVectors.story(
        side, "no-deadline-after-end", "After the end nothing is due.", ["keepalive.deadline.close"],
        flags: ["stopped"],
        config: ["readWait": 500], [.transportClosed(at: 400), .tick(at: 3000)]
      ).valid,
    ]
  }
}
