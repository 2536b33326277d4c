import GoldenVectors
import Specification
import StrictJSON

/// Time limits of calls, and cancellation.
enum RPCDeadlineStories {
  static var groups: [VectorGroup] { [timeouts, cancellations] }

  private static let timeouts = VectorGroup.timelines(
    "A call fails when its time limit passes; the peer hears nothing of it."
  ) {
    side in
    let (first, second, third) = (side.own(0), side.own(1), side.own(2))
    return [
      RPCVectors.story(
        side, "timeout", "No answer: the call fails when its limit passes, and nothing is sent.",
        ["rpc.timeout", "rpc.timeout.silent"], flags: ["timeout"],
        [
          .call("a", 2, "61", timeout: 500, at: 100), .sendFrame(2, sn: first, "61", at: 100), .tick(at: 599),
          .tick(at: 5000), .failCall("a", "timeout", at: 600),
        ]
      ).valid,
      RPCVectors.story(
        side, "no-timeout", "A call without a limit waits as long as it takes.", ["rpc.timeout"],
        [
          .call("a", 2, "61", timeout: nil, at: 0), .sendFrame(2, sn: first, "61", at: 0), .tick(at: 86_400_000),
          .receive(3, sn: first, "41", at: 90_000_000), .complete("a", 3, "41", at: 90_000_000),
        ]
      ).valid,
      RPCVectors.story(
        side, "answer-in-time", "An answer one millisecond before the limit counts, and the limit then means nothing.",
        ["rpc.timeout"],
        [
          .call("a", 2, "61", timeout: 500, at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .receive(3, sn: first, "41", at: 499), .complete("a", 3, "41", at: 499), .tick(at: 1000),
        ]
      ).valid,
      RPCVectors.story(
        side, "answer-at-limit", "An answer at the very time of the limit is late.",
        ["rpc.timeout", "rpc.answer.late"],
        flags: ["exact-deadline", "late-answer"],
        [
          .call("a", 2, "61", timeout: 500, at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .receive(3, sn: first, "41", at: 500), .failCall("a", "timeout", at: 500),
        ]
      ).valid,
      RPCVectors.story(
        side, "late-answer", "An answer after the limit completes nothing, and the next call works.",
        ["rpc.answer.late", "rpc.timeout"], flags: ["late-answer"],
        [
          .call("a", 2, "61", timeout: 50, at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .receive(3, sn: first, "41", at: 70), .failCall("a", "timeout", at: 50),
          .call("b", 2, "62", timeout: 50, at: 80), .sendFrame(2, sn: second, "62", at: 80),
          .receive(3, sn: second, "42", at: 81), .complete("b", 3, "42", at: 81),
        ]
      ).valid,
      RPCVectors.story(
        side, "late-answer-next-pending", "A late answer must not complete the call that waits now.",
        ["rpc.answer.late", "rpc.answer.pairing"], flags: ["late-answer"],
        [
          .call("a", 2, "61", timeout: 50, at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .call("b", 2, "62", timeout: 500, at: 60), .failCall("a", "timeout", at: 50),
          .sendFrame(2, sn: second, "62", at: 60), .receive(3, sn: first, "41", at: 70),
          .receive(3, sn: second, "42", at: 80), .complete("b", 3, "42", at: 80),
        ]
      ).valid,
      RPCVectors.story(
        side, "late-answer-handler", "A late answer still goes to the handler of its protocolId.",
        ["rpc.answer.late", "rpc.dispatch.handler"], flags: ["late-answer"], config: ["handlers": [3]],
        [
          .call("a", 2, "61", timeout: 50, at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .receive(3, sn: first, "41", at: 51), .failCall("a", "timeout", at: 50),
          .deliver(3, sn: first, "41", "response", at: 51),
        ]
      ).valid,
      RPCVectors.story(
        side, "timeouts-by-time", "Limits pass in order of time, not of the calls.", ["rpc.timeout", "rpc.concurrent"],
        flags: ["timeout"],
        [
          .call("a", 2, timeout: 300, at: 0), .sendFrame(2, sn: first, at: 0),
          .call("b", 2, timeout: 100, at: 0), .sendFrame(2, sn: second, at: 0),
          .call("c", 2, timeout: 150, at: 50), .sendFrame(2, sn: third, at: 50),
          .tick(at: 1000), .failCall("b", "timeout", at: 100), .failCall("c", "timeout", at: 200),
          .failCall("a", "timeout", at: 300),
        ]
      ).valid,
      RPCVectors.story(
        side, "timeouts-together", "Limits that pass at the same time do so in order of the calls.", ["rpc.timeout"],
        flags: ["timeout"],
        [
          .call("late starter", 2, timeout: 100, at: 0), .sendFrame(2, sn: first, at: 0),
          .call("b", 2, timeout: 70, at: 30), .sendFrame(2, sn: second, at: 30),
          .call("a", 2, timeout: 50, at: 50), .sendFrame(2, sn: third, at: 50),
          .tick(at: 100), .failCall("late starter", "timeout", at: 100), .failCall("b", "timeout", at: 100),
          .failCall("a", "timeout", at: 100),
        ]
      ).valid,
      RPCVectors.story(
        side, "one-of-three-times-out", "Only the call whose limit passed fails.", ["rpc.timeout", "rpc.concurrent"],
        flags: ["timeout"],
        [
          .call("a", 2, timeout: 1000, at: 0), .sendFrame(2, sn: first, at: 0),
          .call("b", 2, timeout: 10, at: 0), .sendFrame(2, sn: second, at: 0),
          .call("c", 2, timeout: nil, at: 0), .sendFrame(2, sn: third, at: 0),
          .receive(3, sn: third, "43", at: 20), .failCall("b", "timeout", at: 10), .complete("c", 3, "43", at: 20),
          .receive(3, sn: first, "41", at: 30), .complete("a", 3, "41", at: 30),
        ]
      ).valid,
      RPCVectors.story(
        side, "timeout-before-next-call", "A limit that passes at the time of the next call comes before it.",
        ["rpc.timeout"], flags: ["exact-deadline"],
        [
          .call("a", 2, timeout: 40, at: 0), .sendFrame(2, sn: first, at: 0),
          .call("b", 2, timeout: 40, at: 40), .failCall("a", "timeout", at: 40), .sendFrame(2, sn: second, at: 40),
        ]
      ).valid,
      RPCVectors.story(
        side, "zero-timeout", "A limit of 0 passes before the next event, at the time of the call.", ["rpc.timeout"],
        flags: ["zero-timeout"],
        [
          .call("a", 2, "61", timeout: 0, at: 10), .sendFrame(2, sn: first, "61", at: 10),
          .receive(3, sn: first, "41", at: 10), .failCall("a", "timeout", at: 10),
        ]
      ).valid,
      RPCVectors.story(
        side, "zero-timeout-last", "A limit of 0 passes at the end of the story, too.", ["rpc.timeout"],
        flags: ["zero-timeout"],
        [
          .call("a", 2, "61", timeout: 0, at: 10), .sendFrame(2, sn: first, "61", at: 10),
          .failCall("a", "timeout", at: 10),
        ]
      ).valid,
      RPCVectors.story(
        side, "limit-after-end", "A limit that has not passed when the story ends fails nothing.", ["rpc.timeout"],
        [.call("a", 2, "61", timeout: 500, at: 10), .sendFrame(2, sn: first, "61", at: 10), .tick(at: 509)]
      ).valid,
    ]
  }

  private static let cancellations = VectorGroup.timelines("Cancelling is the caller's alone.") { side in
    let (first, second) = (side.own(0), side.own(1))
    return [
      RPCVectors.story(
        side, "cancel", "A cancelled call fails at once, nothing is sent, and its limit means nothing any more.",
        ["rpc.timeout.silent"], flags: ["cancelled"],
        [
          .call("a", 2, "61", timeout: 500, at: 0), .sendFrame(2, sn: first, "61", at: 0), .cancel("a", at: 20),
          .failCall("a", "cancelled", at: 20), .tick(at: 1000),
        ]
      ).valid,
      RPCVectors.story(
        side, "cancel-then-answer", "The answer to a cancelled call completes nothing.", ["rpc.answer.late"],
        flags: ["cancelled", "late-answer"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0), .cancel("a", at: 20),
          .failCall("a", "cancelled", at: 20), .receive(3, sn: first, "41", at: 30),
          .call("b", 2, "62", at: 40), .sendFrame(2, sn: second, "62", at: 40),
          .receive(3, sn: second, "42", at: 50), .complete("b", 3, "42", at: 50),
        ]
      ).valid,
      RPCVectors.story(
        side, "cancel-one-of-two", "Only the call that is named is cancelled.",
        ["rpc.timeout.silent", "rpc.concurrent"],
        flags: ["cancelled"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .call("b", 2, "62", at: 0), .sendFrame(2, sn: second, "62", at: 0),
          .cancel("b", at: 10), .failCall("b", "cancelled", at: 10),
          .receive(3, sn: first, "41", at: 20), .complete("a", 3, "41", at: 20),
        ]
      ).valid,
      RPCVectors.story(
        side, "cancel-nothing",
        "Cancelling a call that is unknown, answered, timed out or already cancelled does nothing.",
        ["rpc.timeout.silent"], flags: ["cancelled"],
        [
          .cancel("never made", at: 0), .call("a", 2, "61", at: 1), .sendFrame(2, sn: first, "61", at: 1),
          .receive(3, sn: first, "41", at: 2), .complete("a", 3, "41", at: 2), .cancel("a", at: 3),
          .call("b", 2, "62", timeout: 10, at: 4), .sendFrame(2, sn: second, "62", at: 4),
          .cancel("b", at: 14), .failCall("b", "timeout", at: 14),
          .call("c", 2, "63", at: 15), .sendFrame(2, sn: side.own(2), "63", at: 15), .cancel("c", at: 16),
          .failCall("c", "cancelled", at: 16), .cancel("c", at: 17),
        ]
      ).valid,
      RPCVectors.story(
        side, "cancel-at-limit", "Cancelling at the very time of the limit is too late: the call has timed out.",
        ["rpc.timeout"], flags: ["exact-deadline", "cancelled"],
        [
          .call("a", 2, "61", timeout: 20, at: 0), .sendFrame(2, sn: first, "61", at: 0), .cancel("a", at: 20),
          .failCall("a", "timeout", at: 20),
        ]
      ).valid,
    ]
  }
}
