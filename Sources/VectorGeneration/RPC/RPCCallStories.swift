import GoldenVectors
import Specification
import StrictJSON

/// Calls and their answers.
enum RPCCallStories {
  static var groups: [VectorGroup] { [calls, oneWay, otherAnswers] }

  private static let calls = VectorGroup.timelines("Calls take numbers of their own and are completed by sn alone.") {
    side in
    let (first, second, third) = (side.own(0), side.own(1), side.own(2))
    return [
      RPCVectors.story(
        side, "one-call", "A call, and its answer under another protocolId.",
        ["rpc.sn.parity", "rpc.sn.zero", "rpc.sn.first", "rpc.answer.pairing"],
        [
          .call("a", 2, "68656c6c6f", at: 10), .sendFrame(2, sn: first, "68656c6c6f", at: 10),
          .receive(3, sn: first, "776f726c64", at: 25), .complete("a", 3, "776f726c64", at: 25),
        ]
      ).valid,
      RPCVectors.story(
        side, "same-id", "An answer may have the protocolId of its request.", ["rpc.answer.pairing"],
        [
          .call("a", 2, "01", at: 0), .sendFrame(2, sn: first, "01", at: 0),
          .receive(2, sn: first, "02", at: 1), .complete("a", 2, "02", at: 1),
        ]
      ).valid,
      RPCVectors.story(
        side, "highest-id", "An answer may have any protocolId, up to the highest.",
        ["rpc.answer.pairing", "frame.protocol-id.range"],
        [
          .call("a", 0xFFFF_FFFF, "01", at: 0), .sendFrame(0xFFFF_FFFF, sn: first, "01", at: 0),
          .receive(0xFFFF_FFFF, sn: first, "02", at: 1), .complete("a", 0xFFFF_FFFF, "02", at: 1),
        ]
      ).valid,
      RPCVectors.story(
        side, "empty-payloads", "A call and an answer without payload.", ["rpc.answer.pairing", "frame.payload.empty"],
        [
          .call("a", 2, at: 0), .sendFrame(2, sn: first, at: 0), .receive(3, sn: first, at: 1),
          .complete("a", 3, at: 1),
        ]
      ).valid,
      RPCVectors.story(
        side, "opaque-payloads", "Payloads that look like frames, end in zeros or are no text come through unchanged.",
        ["frame.payload.opaque"],
        [
          .call("a", 2, "feef0800000002000000", at: 0), .sendFrame(2, sn: first, "feef0800000002000000", at: 0),
          .receive(3, sn: first, "c328ff0000", at: 1), .complete("a", 3, "c328ff0000", at: 1),
        ]
      ).valid,
      RPCVectors.story(
        side, "three-in-flight",
        "Three calls go out before the first answer, numbered one after the other; each is answered once.",
        ["rpc.concurrent", "rpc.sn.step", "rpc.sn.unique", "rpc.sn.parity", "rpc.answer.second", "rpc.answer.unknown"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .call("b", 2, "62", at: 0), .sendFrame(2, sn: second, "62", at: 0),
          .call("c", 2, "63", at: 1), .sendFrame(2, sn: third, "63", at: 1),
          .receive(3, sn: first, "41", at: 5), .complete("a", 3, "41", at: 5),
          .receive(3, sn: second, "42", at: 6), .complete("b", 3, "42", at: 6),
          .receive(3, sn: third, "43", at: 7), .complete("c", 3, "43", at: 7),
        ]
      ).valid,
      RPCVectors.story(
        side, "answers-backwards", "The last call is answered first.", ["rpc.order", "rpc.answer.pairing"],
        flags: ["out-of-order"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .call("b", 2, "62", at: 0), .sendFrame(2, sn: second, "62", at: 0),
          .call("c", 2, "63", at: 0), .sendFrame(2, sn: third, "63", at: 0),
          .receive(3, sn: third, "43", at: 5), .complete("c", 3, "43", at: 5),
          .receive(3, sn: second, "42", at: 6), .complete("b", 3, "42", at: 6),
          .receive(3, sn: first, "41", at: 7), .complete("a", 3, "41", at: 7),
        ]
      ).valid,
      RPCVectors.story(
        side, "slow-then-fast", "A fast call is completed while a slow one goes on.", ["rpc.order", "rpc.concurrent"],
        flags: ["out-of-order"],
        [
          .call("slow", 4, "73", at: 0), .sendFrame(4, sn: first, "73", at: 0),
          .call("fast", 2, "66", at: 1), .sendFrame(2, sn: second, "66", at: 1),
          .receive(3, sn: second, "66", at: 5), .complete("fast", 3, "66", at: 5),
          .call("fast again", 2, "67", at: 6), .sendFrame(2, sn: third, "67", at: 6),
          .receive(3, sn: third, "67", at: 9), .complete("fast again", 3, "67", at: 9),
          .receive(5, sn: first, "73", at: 2001), .complete("slow", 5, "73", at: 2001),
        ]
      ).valid,
      RPCVectors.story(
        side, "numbers-go-on", "An answered call's number is not used again before the numbers wrap.", ["rpc.sn.step"],
        [
          .call("a", 2, at: 0), .sendFrame(2, sn: first, at: 0), .receive(3, sn: first, at: 1),
          .complete("a", 3, at: 1),
          .call("b", 2, at: 2), .sendFrame(2, sn: second, at: 2), .receive(3, sn: second, at: 3),
          .complete("b", 3, at: 3), .call("c", 2, at: 4), .sendFrame(2, sn: third, at: 4),
        ]
      ).valid,
      RPCVectors.story(
        side, "same-content", "Two calls with the same content are two calls.", ["rpc.sn.unique", "rpc.concurrent"],
        [
          .call("a", 2, "7e", at: 0), .sendFrame(2, sn: first, "7e", at: 0),
          .call("b", 2, "7e", at: 0), .sendFrame(2, sn: second, "7e", at: 0),
          .receive(3, sn: second, "7f", at: 1), .complete("b", 3, "7f", at: 1),
          .receive(3, sn: first, "7f", at: 2), .complete("a", 3, "7f", at: 2),
        ]
      ).valid,
      RPCVectors.story(
        side, "both-call", "Both ends call at once, with the numbers of their sides.",
        ["rpc.concurrent", "rpc.dispatch.direction", "rpc.sn.parity"], flags: ["both-directions"],
        config: ["handlers": [2]],
        [
          .call("a", 7, "61", at: 0), .sendFrame(7, sn: first, "61", at: 0),
          .receive(2, sn: side.peer(0), "70", at: 1), .deliver(2, sn: side.peer(0), "70", "request", at: 1),
          .receive(17, sn: first, "41", at: 2), .complete("a", 17, "41", at: 2),
          .answer(3, sn: side.peer(0), "50", at: 3), .sendFrame(3, sn: side.peer(0), "50", at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "call-within-request", "While it works on a request, a peer calls back.",
        ["rpc.concurrent", "rpc.answer.sn", "rpc.order"], flags: ["both-directions"], config: ["handlers": [6]],
        [
          .receive(6, sn: side.peer(4), "70", at: 0), .deliver(6, sn: side.peer(4), "70", "request", at: 0),
          .call("back", 7, "62", at: 1), .sendFrame(7, sn: first, "62", at: 1),
          .receive(17, sn: first, "63", at: 8), .complete("back", 17, "63", at: 8),
          .answer(8, sn: side.peer(4), "63", at: 9), .sendFrame(8, sn: side.peer(4), "63", at: 9),
        ]
      ).valid,
    ]
  }

  private static let oneWay = VectorGroup.timelines("One-way messages have sn 0 and touch no call.") { side in
    [
      RPCVectors.story(
        side, "one-way-sent", "A one-way message is sent with sn 0 and takes no number.",
        ["frame.sn.one-way", "rpc.sn.first"],
        [
          .send(2, "68", at: 0), .sendFrame(2, sn: 0, "68", at: 0), .call("a", 2, "69", at: 1),
          .sendFrame(2, sn: side.own(0), "69", at: 1), .send(10, "", at: 2), .sendFrame(10, sn: 0, "", at: 2),
        ]
      ).valid,
      RPCVectors.story(
        side, "one-way-received", "A message with sn 0 goes to its handler and completes nothing.",
        ["rpc.dispatch.handler", "frame.sn.one-way"], config: ["handlers": [3]],
        [
          .call("a", 2, "69", at: 0), .sendFrame(2, sn: side.own(0), "69", at: 0),
          .receive(3, sn: 0, "6f", at: 1), .deliver(3, sn: 0, "6f", "message", at: 1),
          .receive(9, sn: side.own(0), "70", at: 2), .complete("a", 9, "70", at: 2),
        ]
      ).valid,
    ]
  }

  private static let otherAnswers = VectorGroup.timelines(
    "Answers that nobody waits for complete nothing, and the connection goes on."
  ) { side in
    let (first, second) = (side.own(0), side.own(1))
    let goesOn: [StoryStep] = [
      .call("next", 2, "6e", at: 90), .sendFrame(2, sn: second, "6e", at: 90),
      .receive(3, sn: second, "6f", at: 95), .complete("next", 3, "6f", at: 95),
    ]
    return [
      RPCVectors.story(
        side, "second-answer", "The second answer to a call is dropped.", ["rpc.answer.second", "rpc.answer.once"],
        flags: ["second-answer"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .receive(3, sn: first, "41", at: 5), .complete("a", 3, "41", at: 5), .receive(3, sn: first, "42", at: 6),
        ] + goesOn
      ).violating,
      RPCVectors.story(
        side, "second-answer-next-pending", "The second answer must not complete the next call.",
        ["rpc.answer.second", "rpc.answer.pairing"], flags: ["second-answer"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .call("b", 2, "62", at: 0), .sendFrame(2, sn: second, "62", at: 0),
          .receive(3, sn: first, "41", at: 5), .complete("a", 3, "41", at: 5), .receive(3, sn: first, "42", at: 6),
          .receive(3, sn: second, "43", at: 7), .complete("b", 3, "43", at: 7),
        ]
      ).violating,
      RPCVectors.story(
        side, "second-answer-handler", "The handler of its protocolId still sees a second answer.",
        ["rpc.answer.second", "rpc.dispatch.handler"], flags: ["second-answer"], config: ["handlers": [3]],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .receive(4, sn: first, "41", at: 5), .complete("a", 4, "41", at: 5),
          .receive(3, sn: first, "42", at: 6), .deliver(3, sn: first, "42", "response", at: 6),
        ]
      ).violating,
      RPCVectors.story(
        side, "unknown-sn", "An answer to a call that was never made is dropped.",
        ["rpc.answer.unknown", "dispatch.unknown"], flags: ["unknown-sn"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .receive(3, sn: side.own(499), "41", at: 5),
          .receive(3, sn: first, "42", at: 6), .complete("a", 3, "42", at: 6),
        ] + goesOn
      ).violating,
      RPCVectors.story(
        side, "unknown-sn-handler", "An answer to nothing still goes to the handler of its protocolId.",
        ["rpc.answer.unknown", "rpc.dispatch.handler"], flags: ["unknown-sn"], config: ["handlers": [3]],
        [.receive(3, sn: side.own(2), "41", at: 5), .deliver(3, sn: side.own(2), "41", "response", at: 5)]
      ).violating,
      RPCVectors.story(
        side, "answer-before-call", "An answer that came before its call does not complete it.",
        ["rpc.answer.unknown"], flags: ["unknown-sn"],
        [
          .receive(3, sn: first, "41", at: 0), .call("a", 2, "61", at: 5), .sendFrame(2, sn: first, "61", at: 5),
          .receive(3, sn: first, "42", at: 9), .complete("a", 3, "42", at: 9),
        ]
      ).violating,
      RPCVectors.story(
        side, "request-beside-call",
        "A request of the peer whose number stands next to a waiting call's completes nothing.",
        ["rpc.answer.pairing", "rpc.dispatch.direction"], flags: ["both-directions"], config: ["handlers": [3]],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .receive(3, sn: side.peer(0), "70", at: 1), .deliver(3, sn: side.peer(0), "70", "request", at: 1),
          .receive(3, sn: side.peer(1), "71", at: 2), .deliver(3, sn: side.peer(1), "71", "request", at: 2),
          .receive(5, sn: first, "41", at: 3), .complete("a", 5, "41", at: 3),
        ]
      ).valid,
    ]
  }
}
