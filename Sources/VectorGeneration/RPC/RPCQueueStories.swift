import GoldenVectors
import Specification
import StrictJSON

/// The bound of the send queue, and what is asked of a connection that has ended.
enum RPCQueueStories {
  static var groups: [VectorGroup] { [full, ended] }

  private static let full = VectorGroup.timelines("A full queue is told to whoever wants to send.") { side in
    let (first, second) = (side.own(0), side.own(1))
    return [
      RPCVectors.story(
        side, "queue-full-send", "The ninth message finds the queue of eight full.", ["send.queue.full"],
        flags: ["full-queue"], config: ["queueLimit": 8],
        (0..<8 as Range<Int64>).flatMap { index -> [StoryStep] in
          let payload = Bytes.byte(UInt8(index)).hex
          return [.send(11, payload, at: index), .sendFrame(11, sn: 0, payload, at: index)]
        } + [
          .send(11, "ff", at: 9), .refuse("queue-full", at: 9), .written(1, at: 10), .send(11, "fe", at: 11),
          .sendFrame(11, sn: 0, "fe", at: 11), .send(11, "fd", at: 12), .refuse("queue-full", at: 12),
        ]
      ).valid,
      RPCVectors.story(
        side, "queue-full-call", "A call that finds the queue full fails, and its number is not used up.",
        ["send.queue.full", "rpc.sn.step"], flags: ["full-queue"], config: ["queueLimit": 1],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0), .call("b", 2, "62", timeout: 100, at: 1),
          .failCall("b", "queue-full", at: 1), .written(1, at: 2), .call("c", 2, "63", at: 3),
          .sendFrame(2, sn: second, "63", at: 3), .tick(at: 500),
        ]
      ).valid,
      RPCVectors.story(
        side, "queue-full-answer", "An answer that finds the queue full is refused, and can be given again.",
        ["send.queue.full"], flags: ["full-queue"], config: ["queueLimit": 1, "handlers": [2]],
        [
          .receive(2, sn: side.peer(0), "70", at: 0), .deliver(2, sn: side.peer(0), "70", "request", at: 0),
          .send(11, "01", at: 1), .sendFrame(11, sn: 0, "01", at: 1), .answer(3, sn: side.peer(0), "50", at: 2),
          .refuse("queue-full", at: 2), .written(1, at: 3), .answer(3, sn: side.peer(0), "50", at: 4),
          .sendFrame(3, sn: side.peer(0), "50", at: 4),
        ]
      ).valid,
      RPCVectors.story(
        side, "queue-full-receives", "A full queue does not stop what comes in.",
        ["send.queue.full", "rpc.answer.pairing"],
        flags: ["full-queue"], config: ["queueLimit": 1, "handlers": [2]],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0),
          .receive(2, sn: 0, "70", at: 1), .deliver(2, sn: 0, "70", "message", at: 1),
          .receive(3, sn: first, "41", at: 2), .complete("a", 3, "41", at: 2),
        ]
      ).valid,
      RPCVectors.story(
        side, "queue-full-control", "Pongs and close frames need no room.", ["send.queue.full", "ws.ping.answer"],
        flags: ["full-queue"], config: ["queueLimit": 1],
        [
          .send(11, "01", at: 0), .sendFrame(11, sn: 0, "01", at: 0), .ping("70", at: 1), .sendPong("70", at: 1),
          .send(11, "02", at: 2), .refuse("queue-full", at: 2), .close(1000, at: 3), .sendClose(1000, at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "queue-full-timeout", "A call in a full queue times out like any other.",
        ["rpc.timeout", "send.queue.full"],
        flags: ["full-queue", "timeout"], config: ["queueLimit": 1],
        [
          .call("a", 2, "61", timeout: 50, at: 0), .sendFrame(2, sn: first, "61", at: 0), .send(11, "01", at: 50),
          .failCall("a", "timeout", at: 50), .refuse("queue-full", at: 50),
        ]
      ).valid,
      RPCVectors.story(
        side, "queue-limit-zero", "A queue without room takes nothing.", ["send.queue.full"], flags: ["full-queue"],
        config: ["queueLimit": 0],
        [
          .send(11, "01", at: 0), .refuse("queue-full", at: 0), .call("a", 2, "61", at: 1),
          .failCall("a", "queue-full", at: 1), .written(1, at: 2), .send(11, "01", at: 3), .refuse("queue-full", at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "queue-unbounded", "Without a limit every message goes.", ["send.queue.full"],
        (0..<20 as Range<Int64>).flatMap { index -> [StoryStep] in
          [.send(11, at: index), .sendFrame(11, sn: 0, at: index)]
        }
      ).valid,
      RPCVectors.story(
        side, "queue-written-at-once", "Several frames leave the queue at once.", ["send.queue.full"],
        flags: ["full-queue"], config: ["queueLimit": 2],
        [
          .send(11, "01", at: 0), .sendFrame(11, sn: 0, "01", at: 0), .send(11, "02", at: 0),
          .sendFrame(11, sn: 0, "02", at: 0), .written(2, at: 1), .send(11, "03", at: 2),
          .sendFrame(11, sn: 0, "03", at: 2), .send(11, "04", at: 2), .sendFrame(11, sn: 0, "04", at: 2),
          .send(11, "05", at: 2), .refuse("queue-full", at: 2),
        ]
      ).valid,
    ]
  }

  private static let ended = VectorGroup.timelines("The end of the connection ends its calls.") { side in
    let (first, second, third) = (side.own(0), side.own(1), side.own(2))
    return [
      RPCVectors.story(
        side, "end-fails-pending", "Every pending call fails at once, in the order of the calls.",
        ["rpc.close.pending"], flags: ["pending-at-end"],
        [
          .call("c", 2, "63", timeout: 10_000, at: 0), .sendFrame(2, sn: first, "63", at: 0),
          .call("a", 2, "61", timeout: 500, at: 0), .sendFrame(2, sn: second, "61", at: 0),
          .call("b", 2, "62", timeout: nil, at: 0), .sendFrame(2, sn: third, "62", at: 0),
          .transportClosed(at: 20), .failCall("c", "closed", at: 20), .failCall("a", "closed", at: 20),
          .failCall("b", "closed", at: 20), .tick(at: 60_000),
        ]
      ).valid,
      RPCVectors.story(
        side, "end-fails-only-pending", "Calls that are answered, cancelled or timed out do not fail again.",
        ["rpc.close.pending"], flags: ["pending-at-end"],
        [
          .call("answered", 2, at: 0), .sendFrame(2, sn: first, at: 0), .call("timed out", 2, timeout: 5, at: 0),
          .sendFrame(2, sn: second, at: 0), .call("cancelled", 2, at: 0), .sendFrame(2, sn: third, at: 0),
          .call("waiting", 2, at: 0), .sendFrame(2, sn: side.own(3), at: 0), .receive(3, sn: first, at: 1),
          .complete("answered", 3, at: 1), .cancel("cancelled", at: 2), .failCall("cancelled", "cancelled", at: 2),
          .transportClosed(at: 9), .failCall("timed out", "timeout", at: 5), .failCall("waiting", "closed", at: 9),
        ]
      ).valid,
      RPCVectors.story(
        side, "end-at-limit", "A limit that passes when the connection ends comes first.",
        ["rpc.close.pending", "rpc.timeout"], flags: ["exact-deadline", "pending-at-end"],
        [
          .call("a", 2, timeout: 20, at: 0), .sendFrame(2, sn: first, at: 0), .call("b", 2, timeout: 21, at: 0),
          .sendFrame(2, sn: second, at: 0), .transportClosed(at: 20), .failCall("a", "timeout", at: 20),
          .failCall("b", "closed", at: 20),
        ]
      ).valid,
      RPCVectors.story(
        side, "call-after-end", "A call after the end fails at once; nothing is sent.", ["rpc.close.call"],
        flags: ["stopped"],
        [
          .transportClosed(at: 0), .call("a", 2, "61", timeout: 100, at: 5), .failCall("a", "stopped", at: 5),
          .tick(at: 500),
        ]
      ).valid,
      RPCVectors.story(
        side, "send-after-end", "Messages and answers after the end are refused.", ["rpc.close.call", "close.after"],
        flags: ["stopped"], config: ["handlers": [2]],
        [
          .receive(2, sn: side.peer(0), "70", at: 0), .deliver(2, sn: side.peer(0), "70", "request", at: 0),
          .transportClosed(at: 1), .answer(3, sn: side.peer(0), "50", at: 2), .refuse("stopped", at: 2),
          .send(2, "68", at: 3), .refuse("stopped", at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "call-while-closing", "A call while the connection is closing fails the same way.",
        ["rpc.close.call", "close.after"], flags: ["stopped"],
        [
          .close(1000, at: 0), .sendClose(1000, at: 0), .call("a", 2, "61", at: 1), .failCall("a", "stopped", at: 1),
          .send(2, "68", at: 2), .refuse("stopped", at: 2), .peerClose(1000, at: 3), .closeTransport(at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "stopped-before-full", "An ended connection says so, also when its queue is full.",
        ["rpc.close.call", "send.queue.full"], flags: ["stopped", "full-queue"], config: ["queueLimit": 1],
        [
          .send(11, "01", at: 0), .sendFrame(11, sn: 0, "01", at: 0), .transportClosed(at: 1),
          .call("a", 2, "61", at: 2), .failCall("a", "stopped", at: 2), .send(11, "02", at: 3),
          .refuse("stopped", at: 3),
        ]
      ).valid,
      RPCVectors.story(
        side, "cancel-after-end", "Cancelling a call that the end has failed does nothing.", ["rpc.close.pending"],
        flags: ["cancelled", "pending-at-end"],
        [
          .call("a", 2, "61", at: 0), .sendFrame(2, sn: first, "61", at: 0), .transportClosed(at: 1),
          .failCall("a", "closed", at: 1), .cancel("a", at: 2), .transportClosed(at: 3),
        ]
      ).valid,
    ]
  }
}
