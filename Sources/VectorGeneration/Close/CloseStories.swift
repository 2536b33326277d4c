import GoldenVectors
import Specification
import StrictJSON

/// Both ends of the closing handshake.
enum CloseStories {
  static var groups: [VectorGroup] { [closing, closeWait, answering, waiting, violations, pending, afterwards] }

  private static func name(_ code: Int64?) -> String { code.map { String($0) } ?? "none" }

  private static let closing = VectorGroup.timelines("Whoever closes sends its code and awaits the other's close.") {
    side in
    let codes: [Int64?] = [nil, 1000, 1001, 3000, 4999]
    return codes.map { code in
      CloseVectors.story(
        side, "close-\(name(code))", "The close frame goes out, the peer's comes, the transport is closed.",
        ["close.code", "close.echo", "close.transport.server"],
        flags: code == nil ? ["no-code"] : code.map { $0 >= 3000 } == true ? ["private-code"] : [],
        [
          .close(code, at: 10), .sendClose(code, at: 10), .peerClose(code, at: 15), .closeTransport(at: 15),
          .transportClosed(at: 16), .tick(at: 5000),
        ]
      ).valid
    } + [
      CloseVectors.story(
        side, "close-other-answer", "The peer answers with another code than it got.", ["close.echo.code"],
        [.close(1001, at: 10), .sendClose(1001, at: 10), .peerClose(1000, at: 15), .closeTransport(at: 15)]
      ).valid,
      CloseVectors.story(
        side, "close-empty-answer", "The peer answers with an empty body.", ["close.echo.code", "close.body.empty"],
        flags: ["no-code"],
        [.close(1000, at: 10), .sendClose(1000, at: 10), .peerClose(nil, at: 15), .closeTransport(at: 15)]
      ).valid,
      CloseVectors.story(
        side, "close-crossing", "The peer closed at the same time: its frame counts as the answer.",
        ["close.echo", "close.after"], flags: ["crossing"],
        [.close(1000, at: 10), .sendClose(1000, at: 10), .peerClose(1001, at: 10), .closeTransport(at: 10)]
      ).valid,
      CloseVectors.story(
        side, "close-twice", "A connection is closed once.", ["close.after"], flags: ["stopped"],
        [
          .close(1000, at: 10), .sendClose(1000, at: 10), .close(1001, at: 11), .peerClose(1000, at: 12),
          .closeTransport(at: 12), .close(1000, at: 13),
        ]
      ).valid,
      CloseVectors.story(
        side, "close-transport-ends", "The peer ends the transport instead of answering.",
        ["close.await", "close.echo"],
        flags: ["no-close-back"],
        [.close(1000, at: 10), .sendClose(1000, at: 10), .transportClosed(at: 15), .tick(at: 5000)]
      ).valid,
      CloseVectors.story(
        side, "transport-ends", "The transport ends without any close frame.", ["close.echo", "rpc.close.call"],
        flags: ["no-close-back"],
        [.transportClosed(at: 15), .send(2, at: 16), .refuse("stopped", at: 16), .tick(at: 5000)]
      ).violating,
    ]
  }

  private static let closeWait = VectorGroup.timelines("The peer's close is awaited for a bounded time.") { side in
    [
      CloseVectors.story(
        side, "close-wait-default", "After a second without an answer the transport is closed.", ["close.timeout"],
        flags: ["no-close-back"],
        [.close(1000, at: 10), .sendClose(1000, at: 10), .tick(at: 1009), .tick(at: 1010), .closeTransport(at: 1010)]
      ).violating,
      CloseVectors.story(
        side, "close-wait-configured", "The time can be configured.", ["close.timeout"], flags: ["no-close-back"],
        config: ["closeWait": 250],
        [
          .close(nil, at: 10), .sendClose(nil, at: 10), .tick(at: 259), .tick(at: 400), .closeTransport(at: 260),
          .peerClose(nil, at: 500), .transportClosed(at: 501),
        ]
      ).violating,
      CloseVectors.story(
        side, "close-wait-zero", "A wait of 0 is over before the next event.", ["close.timeout", "close.await"],
        flags: ["exact-deadline"], config: ["closeWait": 0],
        [.close(1000, at: 10), .sendClose(1000, at: 10), .peerClose(1000, at: 10), .closeTransport(at: 10)]
      ).valid,
      CloseVectors.story(
        side, "close-wait-exact", "A close frame at the very end of the wait changes nothing.", ["close.timeout"],
        flags: ["exact-deadline"],
        [.close(1000, at: 0), .sendClose(1000, at: 0), .peerClose(1000, at: 1000), .closeTransport(at: 1000)]
      ).valid,
      CloseVectors.story(
        side, "close-wait-in-time", "A close frame a millisecond before the end of the wait ends it.",
        ["close.timeout"],
        [
          .close(1000, at: 0), .sendClose(1000, at: 0), .peerClose(1000, at: 999), .closeTransport(at: 999),
          .tick(at: 2000),
        ]
      ).valid,
    ]
  }

  private static let answering = VectorGroup.timelines("The peer's close frame is answered, here with its code.") {
    side in
    let registered: [Int64] = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
    let codes: [Int64?] = [nil] + registered.map { $0 } + [3000, 3999, 4000, 4999]
    return codes.map { code in
      let ending: [StoryStep] =
        side.role == .server
        ? [.closeTransport(at: 20), .tick(at: 5000)] : [.transportClosed(at: 21), .tick(at: 5000)]
      let requirement: RequirementID = side.role == .server ? "close.transport.server" : "close.transport.client"
      let story = CloseVectors.story(
        side, "peer-close-\(name(code))",
        side.role == .server
          ? "The server answers and closes the transport."
          : "The client answers and leaves the transport to the server.",
        ["close.echo", "close.echo.code", code == nil ? "close.body.empty" : "close.code.accept", requirement],
        flags: code == nil ? ["no-code"] : code.map { $0 >= 3000 } == true ? ["private-code"] : [],
        [.peerClose(code, at: 20), .sendClose(code, at: 20)] + ending)
      if code == nil { return story.valid }
      return story.acceptable(otherwise: [.sendClose(nil, at: 20)] + ending)
    }
  }

  private static let waiting = VectorGroup.timelines(
    "A client waits for the server to end the transport.", sides: [.client]
  ) {
    side in
    [
      CloseVectors.story(
        side, "await-transport-default", "After a second the client ends it itself.",
        ["close.timeout", "close.transport.client"], flags: ["no-close-back"],
        [
          .peerClose(nil, at: 20), .sendClose(nil, at: 20), .tick(at: 1019), .tick(at: 1020),
          .closeTransport(at: 1020),
        ]
      ).violating,
      CloseVectors.story(
        side, "await-transport-configured", "The time can be configured.", ["close.timeout"], flags: ["no-close-back"],
        config: ["closeWait": 30],
        [.peerClose(nil, at: 20), .sendClose(nil, at: 20), .tick(at: 2000), .closeTransport(at: 50)]
      ).violating,
      CloseVectors.story(
        side, "second-peer-close", "A second close frame of the server changes nothing.",
        ["close.after.receive", "close.echo"], flags: ["stopped"],
        [
          .peerClose(1000, at: 20), .sendClose(1000, at: 20), .peerClose(1001, at: 21), .tick(at: 500),
          .transportClosed(at: 600), .tick(at: 5000),
        ]
      ).violating,
      CloseVectors.story(
        side, "violation-while-waiting", "A violation after the server's close frame ends the wait.",
        ["close.after.receive", "malformed.websocket"], flags: ["violation", "stopped"],
        [
          .peerClose(nil, at: 20), .sendClose(nil, at: 20), .violation(1002, at: 30), .closeTransport(at: 30),
          .tick(at: 5000),
        ]
      ).violating,
      CloseVectors.story(
        side, "frames-while-waiting", "Frames after the server's close frame are not delivered, calls not made.",
        ["close.after.receive", "close.after", "rpc.close.call"], flags: ["stopped"], config: ["handlers": [2]],
        [
          .peerClose(nil, at: 20), .sendClose(nil, at: 20), .receive(2, sn: 3, "70", at: 21), .ping("70", at: 22),
          .call("a", 2, at: 23), .failCall("a", "stopped", at: 23), .close(1001, at: 24), .transportClosed(at: 25),
        ]
      ).violating,
    ]
  }

  private static let violations = VectorGroup.timelines("A violation fails the connection with the code of its kind.") {
    side in
    [Int64(1002), 1003, 1007, 1009].map { code in
      CloseVectors.story(
        side, "violation-\(code)", "Close frame \(code), and the transport is closed without waiting.",
        ["close.violation", "malformed.websocket", "malformed.delivery", "close.await"], flags: ["violation"],
        config: ["handlers": [2]],
        [
          .receive(2, sn: 0, "70", at: 1), .deliver(2, sn: 0, "70", "message", at: 1), .violation(code, at: 5),
          .sendClose(code, at: 5), .closeTransport(at: 5), .receive(2, sn: 0, "71", at: 6), .peerClose(code, at: 7),
          .transportClosed(at: 8), .tick(at: 5000),
        ]
      ).violating
    } + [
      CloseVectors.story(
        side, "violation-while-closing",
        "A violation after our close frame ends the transport; there is no second one.",
        ["close.after", "malformed.websocket"], flags: ["violation", "stopped"],
        [
          .close(1000, at: 0), .sendClose(1000, at: 0), .violation(1002, at: 5), .closeTransport(at: 5),
          .violation(1002, at: 6), .tick(at: 5000),
        ]
      ).violating,
      CloseVectors.story(
        side, "violation-after-end", "After the end a violation means nothing.", ["close.after"],
        flags: ["violation", "stopped"],
        [.transportClosed(at: 0), .violation(1002, at: 5), .tick(at: 5000)]
      ).violating,
      CloseVectors.story(
        side, "violation-twice", "Only the first violation counts.", ["close.violation", "ws.violation.stop"],
        flags: ["violation"],
        [
          .violation(1007, at: 5), .sendClose(1007, at: 5), .closeTransport(at: 5), .violation(1002, at: 6),
          .ping("70", at: 7),
        ]
      ).violating,
    ]
  }

  private static let pending = VectorGroup.timelines("Waiting calls fail as soon as the connection is no longer open.")
  { side in
    let calls: [StoryStep] = [
      .call("c", 2, "63", timeout: 400, at: 0), .sendFrame(2, sn: side.own(0), "63", at: 0),
      .call("a", 2, "61", timeout: nil, at: 0), .sendFrame(2, sn: side.own(1), "61", at: 0),
      .call("b", 2, "62", timeout: 100, at: 0), .sendFrame(2, sn: side.own(2), "62", at: 0),
    ]
    let fail: [StoryStep] = [
      .failCall("c", "closed", at: 50), .failCall("a", "closed", at: 50), .failCall("b", "closed", at: 50),
    ]
    let serverEnd: [StoryStep] = side.role == .server ? [.closeTransport(at: 50)] : []
    return [
      CloseVectors.story(
        side, "close-fails-calls", "At our own close: an answer that still comes completes nothing.",
        ["rpc.close.pending", "close.after.receive"], flags: ["pending-at-end"],
        calls + [.close(1000, at: 50), .sendClose(1000, at: 50)] + fail + [
          .receive(3, sn: side.own(0), "43", at: 51), .tick(at: 800), .peerClose(1000, at: 900),
          .closeTransport(at: 900),
        ]
      ).valid,
      CloseVectors.story(
        side, "peer-close-fails-calls", "At the peer's close.", ["rpc.close.pending", "close.echo"],
        flags: ["pending-at-end"],
        calls + [.peerClose(nil, at: 50), .sendClose(nil, at: 50)] + fail + serverEnd + [.tick(at: 800)]
      ).valid,
      CloseVectors.story(
        side, "violation-fails-calls", "At a violation.", ["rpc.close.pending", "close.violation"],
        flags: ["pending-at-end", "violation"],
        calls + [.violation(1002, at: 50), .sendClose(1002, at: 50)] + fail + [.closeTransport(at: 50), .tick(at: 800)]
      ).violating,
      CloseVectors.story(
        side, "transport-end-fails-calls", "At the end of the transport.", ["rpc.close.pending"],
        flags: ["pending-at-end"],
        calls + [.transportClosed(at: 50)] + fail + [.tick(at: 800)]
      ).violating,
      CloseVectors.story(
        side, "close-at-limit", "A limit that passes when the application closes comes first.",
        ["rpc.close.pending", "rpc.timeout"], flags: ["exact-deadline", "pending-at-end"],
        [
          .call("a", 2, timeout: 50, at: 0), .sendFrame(2, sn: side.own(0), at: 0), .call("b", 2, timeout: 51, at: 0),
          .sendFrame(2, sn: side.own(1), at: 0), .close(1000, at: 50), .failCall("a", "timeout", at: 50),
          .sendClose(1000, at: 50), .failCall("b", "closed", at: 50),
        ]
      ).valid,
    ]
  }

  private static let afterwards = VectorGroup.timelines("After a close frame nothing is delivered, and nothing sent.") {
    side in
    [
      CloseVectors.story(
        side, "nothing-while-closing", "While the peer's close is awaited its frames are dropped.",
        ["close.after.receive", "close.after"], flags: ["stopped"], config: ["handlers": [2]],
        [
          .close(1000, at: 0), .sendClose(1000, at: 0), .receive(2, sn: 0, "70", at: 1),
          .receive(2, sn: side.peer(0), "71", at: 2), .messageStart(at: 3), .fragment(at: 4), .ping("70", at: 5),
          .pong("70", at: 6), .answer(3, sn: side.peer(0), "50", at: 7), .refuse("stopped", at: 7),
          .peerClose(1000, at: 8),
          .closeTransport(at: 8),
        ]
      ).valid,
      CloseVectors.story(
        side, "nothing-after-close-transport", "After the transport was closed only refusals follow.",
        ["close.after.receive", "close.after", "rpc.close.call"], flags: ["stopped"],
        config: ["handlers": [2], "readWait": 100, "writeWait": 100],
        [
          .violation(1002, at: 0), .sendClose(1002, at: 0), .closeTransport(at: 0), .receive(2, sn: 0, "70", at: 1),
          .messageStart(at: 2), .ping("70", at: 3), .pong("70", at: 4), .peerClose(1000, at: 5), .close(1000, at: 6),
          .call("a", 2, timeout: 10, at: 7), .failCall("a", "stopped", at: 7), .cancel("a", at: 8), .send(2, at: 9),
          .refuse("stopped", at: 9), .answer(3, sn: side.peer(0), at: 10), .refuse("stopped", at: 10),
          .written(1, at: 11), .transportClosed(at: 12), .transportClosed(at: 13), .tick(at: 10_000),
        ]
      ).violating,
      CloseVectors.story(
        side, "nothing-after-transport-end", "After the transport ended only refusals follow.",
        ["close.after", "rpc.close.call"], flags: ["stopped"], config: ["handlers": [2]],
        [
          .transportClosed(at: 0), .receive(2, sn: side.peer(0), "70", at: 1), .peerClose(1000, at: 2),
          .close(1000, at: 3), .ping("70", at: 4), .call("a", 2, at: 5), .failCall("a", "stopped", at: 5),
          .answer(3, sn: side.peer(0), at: 6), .refuse("stopped", at: 6), .tick(at: 10_000),
        ]
      ).valid,
    ]
  }
}
