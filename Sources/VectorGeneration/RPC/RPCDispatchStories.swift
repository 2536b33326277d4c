import GoldenVectors
import Specification
import StrictJSON

/// What becomes of frames that come in.
enum RPCDispatchStories {
  static var groups: [VectorGroup] { [handlers, extremeNumbers, foreignNumbers, duplicates, dropped] }

  private static let handlers = VectorGroup.timelines("A frame completes its call first, then its handler runs.") {
    side in
    let (first, second) = (side.own(0), side.own(1))
    return [
      RPCVectors.story(
        side, "complete-then-handler", "An answer completes its call and then goes to the handler of its protocolId.",
        ["rpc.dispatch.complete", "rpc.dispatch.handler.completed"], config: ["handlers": [3]],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0), .receive(3, sn: first, "41", at: 5),
          .complete("a", 3, "41", at: 5), .deliver(3, sn: first, "41", "response", at: 5),
        ]
      ).valid,
      RPCVectors.story(
        side, "complete-other-handler", "A handler of the request's protocolId does not see the answer.",
        ["rpc.dispatch.complete", "rpc.answer.pairing"], config: ["handlers": [2]],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0), .receive(3, sn: first, "41", at: 5),
          .complete("a", 3, "41", at: 5),
        ]
      ).valid,
      RPCVectors.story(
        side, "request-to-handler", "A request goes to its handler, and the answer goes out with its sn.",
        ["rpc.dispatch.direction", "rpc.dispatch.handler", "rpc.answer.sn"], config: ["handlers": [2, 4]],
        [
          .receive(2, sn: side.peer(0), "70", at: 0), .deliver(2, sn: side.peer(0), "70", "request", at: 0),
          .answer(3, sn: side.peer(0), "50", at: 7), .sendFrame(3, sn: side.peer(0), "50", at: 7),
        ]
      ).valid,
      RPCVectors.story(
        side, "requests-out-of-order", "Requests are handed over as they come, and answered as they are ready.",
        ["rpc.dispatch.handler", "rpc.blocking", "rpc.answer.sn"], flags: ["out-of-order"],
        config: ["handlers": [2, 4]],
        [
          .receive(4, sn: side.peer(0), "73", at: 0), .deliver(4, sn: side.peer(0), "73", "request", at: 0),
          .receive(2, sn: side.peer(1), "66", at: 1), .deliver(2, sn: side.peer(1), "66", "request", at: 1),
          .answer(3, sn: side.peer(1), "66", at: 2), .sendFrame(3, sn: side.peer(1), "66", at: 2),
          .answer(5, sn: side.peer(0), "73", at: 2000), .sendFrame(5, sn: side.peer(0), "73", at: 2000),
        ]
      ).valid,
      RPCVectors.story(
        side, "handler-of-highest-id", "protocolIds are taken as all of their 32 bits.",
        ["frame.protocol-id.range", "frame.protocol-id.none", "rpc.dispatch.handler"],
        config: ["handlers": [1, 0x8000_0000, 0xFFFF_FFFF]],
        [
          .receive(1, sn: 0, "01", at: 0), .deliver(1, sn: 0, "01", "message", at: 0),
          .receive(0x8000_0000, sn: 0, "02", at: 1), .deliver(0x8000_0000, sn: 0, "02", "message", at: 1),
          .receive(0xFFFF_FFFF, sn: side.peer(0), "03", at: 2),
          .deliver(0xFFFF_FFFF, sn: side.peer(0), "03", "request", at: 2),
          .receive(0x7FFF_FFFE, sn: 0, "04", at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "no-handler", "What nobody registered for is dropped without an answer, and the connection goes on.",
        ["dispatch.unknown", "dispatch.unknown.silent"], flags: ["no-handler"], config: ["handlers": [2]],
        [
          .receive(99, sn: 0, "70", at: 0), .receive(99, sn: side.peer(0), "71", at: 1),
          .receive(99, sn: second, "72", at: 2), .receive(2, sn: side.peer(1), "73", at: 3),
          .deliver(2, sn: side.peer(1), "73", "request", at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "no-handlers-at-all", "A peer without handlers still completes its calls.",
        ["dispatch.unknown", "rpc.dispatch.complete"], flags: ["no-handler"],
        [
          .receive(2, sn: side.peer(0), "70", at: 0), .call("a", 2, "61", at: 1), .sendFrame(2, sn: first, "61", at: 1),
          .receive(2, sn: side.peer(1), "71", at: 2), .receive(3, sn: first, "41", at: 3),
          .complete("a", 3, "41", at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "fragmented-request", "A request that came in fragments is dispatched when it is whole.",
        ["frame.message.fragmented", "rpc.dispatch.handler", "malformed.websocket", "malformed.delivery"],
        config: ["handlers": [2]],
        [
          .messageStart(at: 0), .fragment(at: 1), .ping("70", at: 2), .sendPong("70", at: 2), .fragment(at: 3),
          .receive(2, sn: side.peer(0), "70", fragmented: true, at: 4),
          .deliver(2, sn: side.peer(0), "70", "request", at: 4),
        ]
      ).valid,
    ]
  }

  private static let extremeNumbers = VectorGroup.timelines(
    "Any sn of the peer is a request's, and comes back as it was."
  ) {
    side in
    let low: [Int64] = [side.peer(0), 0x7FFF_FFFC, 0x8000_0000, 0xFFFF_FFFC]
    let parity = side.peer(0) % 2
    let numbers = Set(low.map { $0 % 2 == parity ? $0 : $0 + 1 } + [side.role == .client ? 0xFFFF_FFFF : 0xFFFF_FFFE])
    return numbers.sorted().map { sn in
      RPCVectors.story(
        side, "echo-\(sn)", "A request with sn \(sn) is answered with sn \(sn).",
        ["rpc.answer.sn", "frame.sn.range", "rpc.dispatch.direction"], flags: sn > 0x7FFF_FFFF ? ["extreme-sn"] : [],
        config: ["handlers": [2]],
        [
          .receive(2, sn: sn, "70", at: 0), .deliver(2, sn: sn, "70", "request", at: 0),
          .answer(3, sn: sn, "50", at: 1), .sendFrame(3, sn: sn, "50", at: 1),
        ]
      ).valid
    }
  }

  private static let foreignNumbers = VectorGroup.timelines(
    "A request in the receiver's own parity breaks the peer's rule; it is taken for an answer, and answered verbatim if the application does."
  ) { side in
    let numbers: [Int64] = [side.own(0), side.own(0x3FFF_FFFF), side.highest]
    return numbers.map { sn in
      RPCVectors.story(
        side, "own-parity-\(sn)", "A request with sn \(sn) counts as a response, and its answer still has that sn.",
        ["rpc.answer.sn", "rpc.answer.unknown", "rpc.sn.parity"],
        flags: ["own-parity"] + (sn > 0x7FFF_FFFF ? ["extreme-sn"] : []), config: ["handlers": [2]],
        [
          .receive(2, sn: sn, "70", at: 0), .deliver(2, sn: sn, "70", "response", at: 0),
          .answer(3, sn: sn, "50", at: 1), .sendFrame(3, sn: sn, "50", at: 1),
        ]
      ).violating
    } + [
      RPCVectors.story(
        side, "own-parity-pending", "A request with the number of a waiting call completes it: sn alone decides.",
        ["rpc.answer.pairing", "rpc.sn.parity", "rpc.dispatch.complete"], flags: ["own-parity"],
        config: ["handlers": [2]],
        [
          .call("a", 7, "61", at: 0), .sendFrame(7, sn: side.own(0), "61", at: 0),
          .receive(2, sn: side.own(0), "70", at: 1), .complete("a", 2, "70", at: 1),
          .deliver(2, sn: side.own(0), "70", "response", at: 1),
        ]
      ).violating,
      RPCVectors.story(
        side, "own-parity-no-handler", "A request in the receiver's parity for which nobody registered is dropped.",
        ["dispatch.unknown.silent", "rpc.answer.unknown", "rpc.sn.parity"], flags: ["own-parity", "no-handler"],
        [.receive(2, sn: side.own(0), "70", at: 1), .send(2, "71", at: 2), .sendFrame(2, sn: 0, "71", at: 2)]
      ).violating,
    ]
  }

  private static let duplicates = VectorGroup.timelines("Each request is owed an answer, also two with the same sn.") {
    side in
    let sn = side.peer(0)
    return [
      RPCVectors.story(
        side, "duplicate-sn", "Two requests in flight with one sn are both handled and both answered.",
        ["rpc.sn.duplicate", "rpc.sn.unique"], flags: ["duplicate-sn"], config: ["handlers": [2]],
        [
          .receive(2, sn: sn, "70", at: 0), .deliver(2, sn: sn, "70", "request", at: 0),
          .receive(2, sn: sn, "71", at: 1), .deliver(2, sn: sn, "71", "request", at: 1),
          .answer(3, sn: sn, "51", at: 2), .sendFrame(3, sn: sn, "51", at: 2),
          .answer(3, sn: sn, "50", at: 3), .sendFrame(3, sn: sn, "50", at: 3),
        ]
      ).violating,
      RPCVectors.story(
        side, "reused-sn", "A number that was answered may come again.", ["rpc.sn.duplicate", "rpc.answer.sn"],
        config: ["handlers": [2]],
        [
          .receive(2, sn: sn, "70", at: 0), .deliver(2, sn: sn, "70", "request", at: 0),
          .answer(3, sn: sn, "50", at: 1), .sendFrame(3, sn: sn, "50", at: 1),
          .receive(2, sn: sn, "71", at: 2), .deliver(2, sn: sn, "71", "request", at: 2),
          .answer(3, sn: sn, "51", at: 3), .sendFrame(3, sn: sn, "51", at: 3),
        ]
      ).valid,
    ]
  }

  private static let dropped = VectorGroup.timelines("protocolId 0 stands for no message.") { side in
    [
      RPCVectors.story(
        side, "id-zero", "A frame with protocolId 0 is dropped, whatever its sn, and the connection goes on.",
        ["frame.protocol-id.none"], flags: ["reserved-id"], config: ["handlers": [2]],
        [
          .receive(0, sn: 0, "70", at: 0), .receive(0, sn: side.peer(0), "71", at: 1),
          .receive(2, sn: 0, "72", at: 2), .deliver(2, sn: 0, "72", "message", at: 2),
        ]
      ).violating,
      RPCVectors.story(
        side, "id-zero-handler", "Even a handler for 0 does not see it.", ["frame.protocol-id.none"],
        flags: ["reserved-id"], config: ["handlers": [0, 2]],
        [
          .receive(0, sn: 0, "70", at: 0), .receive(0, sn: side.peer(0), "", at: 1),
          .receive(2, sn: 0, "72", at: 2), .deliver(2, sn: 0, "72", "message", at: 2),
        ]
      ).violating,
      RPCVectors.story(
        side, "id-zero-pending", "It completes no call.", ["frame.protocol-id.none", "rpc.answer.pairing"],
        flags: ["reserved-id"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: side.own(0), "61", at: 0),
          .receive(0, sn: side.own(0), "41", at: 1),
          .receive(3, sn: side.own(0), "42", at: 2), .complete("a", 3, "42", at: 2),
        ]
      ).violating,
    ]
  }
}
