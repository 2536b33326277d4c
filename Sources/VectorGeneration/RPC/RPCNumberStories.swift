import GoldenVectors
import Specification
import StrictJSON

/// Where serial numbers begin and where they begin again.
enum RPCNumberStories {
  static var groups: [VectorGroup] { [starts, wraps] }

  private static let starts = VectorGroup.timelines("The first number is the caller's choice.") { side in
    [Int64(50), 0x7FFF_FFF0, 0x8000_0000].map { base in
      let first = base + side.own(0) - 2
      return RPCVectors.story(
        side, "first-\(first)", "Numbers that begin at \(first) go on from there.",
        ["rpc.sn.first", "rpc.sn.step", "rpc.sn.parity"], flags: first >= 0x8000_0000 ? ["extreme-sn"] : [],
        config: ["nextSn": .int(first)],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .call("b", 2, "62", at: 1), .sendFrame(2, sn: first + 2, "62", at: 1),
          .receive(3, sn: first + 2, "42", at: 2), .complete("b", 3, "42", at: 2),
          .receive(3, sn: first, "41", at: 3), .complete("a", 3, "41", at: 3),
        ]
      ).valid
    }
  }

  private static let wraps = VectorGroup.timelines(
    "After its highest number a client goes on with 2, a server with 3; numbers of waiting calls are skipped."
  ) { side in
    let (first, second, third, last) = (side.own(0), side.own(1), side.own(2), side.highest)
    return [
      RPCVectors.story(
        side, "wrap", "After the highest number comes the first, never 0 or 1.", ["rpc.sn.wrap", "rpc.sn.zero"],
        flags: ["wrap"], config: ["nextSn": .int(last - 2)],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: last - 2, "61", at: 0),
          .call("b", 2, "62", at: 1), .sendFrame(2, sn: last, "62", at: 1),
          .call("c", 2, "63", at: 2), .sendFrame(2, sn: first, "63", at: 2),
          .call("d", 2, "64", at: 3), .sendFrame(2, sn: second, "64", at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "wrap-answers", "Calls on both sides of the wrap are completed by their answers.",
        ["rpc.sn.wrap", "rpc.answer.pairing", "rpc.order"], flags: ["wrap", "out-of-order"],
        config: ["nextSn": .int(last)],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: last, "61", at: 0),
          .call("b", 2, "62", at: 1), .sendFrame(2, sn: first, "62", at: 1),
          .receive(3, sn: first, "42", at: 2), .complete("b", 3, "42", at: 2),
          .receive(3, sn: last, "41", at: 3), .complete("a", 3, "41", at: 3),
          .call("c", 2, "63", at: 4), .sendFrame(2, sn: second, "63", at: 4),
        ]
      ).valid,
      RPCVectors.story(
        side, "wrap-timeout", "A call with the highest number times out like any other.",
        ["rpc.sn.wrap", "rpc.timeout"],
        flags: ["wrap", "timeout"], config: ["nextSn": .int(last)],
        [
          .call("a", 2, "61", timeout: 10, at: 0), .sendFrame(2, sn: last, "61", at: 0),
          .call("b", 2, "62", timeout: 10, at: 5), .sendFrame(2, sn: first, "62", at: 5),
          .tick(at: 100), .failCall("a", "timeout", at: 10), .failCall("b", "timeout", at: 15),
        ]
      ).valid,
      RPCVectors.story(
        side, "wrap-late-answer", "An answer to a number of the last round does not complete this round's next number.",
        ["rpc.sn.wrap", "rpc.answer.late"], flags: ["wrap", "late-answer"], config: ["nextSn": .int(last)],
        [
          .call("a", 2, "61", timeout: 10, at: 0), .sendFrame(2, sn: last, "61", at: 0),
          .call("b", 2, "62", at: 20), .failCall("a", "timeout", at: 10), .sendFrame(2, sn: first, "62", at: 20),
          .receive(3, sn: last, "41", at: 30), .receive(3, sn: first, "42", at: 40), .complete("b", 3, "42", at: 40),
        ]
      ).valid,
      RPCVectors.story(
        side, "wrap-refused-call", "A call that is refused for want of room does not use up the highest number.",
        ["rpc.sn.wrap", "send.queue.full"], flags: ["wrap", "full-queue"],
        config: ["nextSn": .int(last - 2), "queueLimit": 1],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: last - 2, "61", at: 0),
          .call("b", 2, "62", at: 1), .failCall("b", "queue-full", at: 1), .written(1, at: 2),
          .call("c", 2, "63", at: 3), .sendFrame(2, sn: last, "63", at: 3), .written(1, at: 4),
          .call("d", 2, "64", at: 5), .sendFrame(2, sn: first, "64", at: 5),
        ]
      ).valid,
      RPCVectors.story(
        side, "wrap-pending-first", "The first number is still pending when the numbers come round: it is skipped.",
        ["rpc.sn.wrap.pending", "rpc.sn.unique", "rpc.sn.wrap"], flags: ["wrap"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0), .nextSn(last, at: 10),
          .call("b", 2, "62", at: 11), .sendFrame(2, sn: last, "62", at: 11),
          .call("c", 2, "63", at: 12), .sendFrame(2, sn: second, "63", at: 12),
          .receive(3, sn: first, "41", at: 20), .complete("a", 3, "41", at: 20),
          .receive(3, sn: second, "43", at: 21), .complete("c", 3, "43", at: 21),
          .receive(3, sn: last, "42", at: 22), .complete("b", 3, "42", at: 22),
        ]
      ).valid,
      RPCVectors.story(
        side, "wrap-pending-several", "Several pending numbers are skipped, a free one between them is used.",
        ["rpc.sn.wrap.pending", "rpc.sn.unique"], flags: ["wrap"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .call("b", 2, "62", at: 0), .sendFrame(2, sn: second, "62", at: 0),
          .call("c", 2, "63", at: 0), .sendFrame(2, sn: third, "63", at: 0),
          .receive(3, sn: second, "42", at: 5), .complete("b", 3, "42", at: 5), .nextSn(first, at: 10),
          .call("d", 2, "64", at: 11), .sendFrame(2, sn: second, "64", at: 11),
          .call("e", 2, "65", at: 12), .sendFrame(2, sn: side.own(3), "65", at: 12),
        ]
      ).valid,
      RPCVectors.story(
        side, "wrap-pending-highest", "The highest number is pending: the first comes next.",
        ["rpc.sn.wrap.pending", "rpc.sn.wrap", "rpc.sn.zero"], flags: ["wrap"], config: ["nextSn": .int(last)],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: last, "61", at: 0), .nextSn(last, at: 10),
          .call("b", 2, "62", at: 11), .sendFrame(2, sn: first, "62", at: 11),
        ]
      ).valid,
      RPCVectors.story(
        side, "wrap-freed-number", "The number of a call that timed out is used again when it comes round.",
        ["rpc.sn.wrap.pending", "rpc.timeout"], flags: ["wrap", "timeout"],
        [
          .call("a", 2, "61", timeout: 5, at: 0), .sendFrame(2, sn: first, "61", at: 0), .nextSn(last, at: 10),
          .failCall("a", "timeout", at: 5), .call("b", 2, "62", at: 11), .sendFrame(2, sn: last, "62", at: 11),
          .call("c", 2, "63", at: 12), .sendFrame(2, sn: first, "63", at: 12),
          .receive(3, sn: first, "43", at: 13), .complete("c", 3, "43", at: 13),
        ]
      ).valid,
    ]
  }
}
