import GoldenVectors
import Specification
import StrictJSON

/// `keepalive.json`: pings, pongs and the read deadline of one connection in virtual time.
enum KeepAliveVectors {
  /// The file.
  static func file() -> VectorFile {
    VectorFile(area: "keepalive", notes: notes, groups: [pings, answers] + KeepAliveDeadlineStories.groups)
  }

  private static let notes = [
    "exact-deadline": "Something happens at the very time at which a deadline passes; the deadline comes first.",
    "pending-at-end": "Calls are waiting when the connection ends.",
    "rounding": "0.4 of the write wait is no whole number of milliseconds.",
    "silent-peer": "The peer sends nothing that restarts the read deadline.",
    "slow-sender": "The peer trickles one message, so bytes keep coming but nothing new does.",
    "stopped": "The connection is closing or has ended.",
    "unasked-pong": "A pong that answers no ping.",
  ]

  /// A story of this file.
  static func story(
    _ side: StorySide, _ what: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = [],
    config: JSONObject = [:], _ steps: [StoryStep]
  ) -> Story {
    Story(
      area: "keepalive", side: side, what: what, comment: comment, requirements: requirements, flags: flags,
      config: config, steps: steps)
  }

  private static let pings = VectorGroup.timelines("A ping every 0.4 times the write wait.") { side in
    let waits: [(Int64, Int64)] = [(60_000, 24_000), (1000, 400), (2500, 1000), (999, 399), (7, 2), (3, 1)]
    return waits.map { wait, interval in
      story(
        side, "ping-every-\(interval)-of-\(wait)",
        "With a write wait of \(wait) ms there is a ping every \(interval) ms.",
        ["keepalive.ping.period", "keepalive.ping.payload"], flags: wait * 2 % 5 == 0 ? [] : ["rounding"],
        config: ["writeWait": .int(wait)],
        [
          .tick(at: interval - 1), .tick(at: interval * 3), .sendPing(at: interval), .sendPing(at: interval * 2),
          .sendPing(at: interval * 3), .tick(at: interval * 4 - 1),
        ]
      ).valid
    } + [
      story(
        side, "ping-whatever-the-traffic", "Traffic in either direction does not put a ping off.",
        ["keepalive.ping.period"], config: ["writeWait": 1000, "handlers": [3]],
        [
          .send(2, "68", at: 399), .sendFrame(2, sn: 0, "68", at: 399), .receive(3, sn: 0, "69", at: 400),
          .sendPing(at: 400), .deliver(3, sn: 0, "69", "message", at: 400), .pong(at: 401), .ping("70", at: 500),
          .sendPong("70", at: 500), .send(2, "68", at: 799), .sendFrame(2, sn: 0, "68", at: 799), .tick(at: 800),
          .sendPing(at: 800),
        ]
      ).valid,
      story(
        side, "ping-without-pong", "A missing pong stops neither the pings nor, without a read wait, the connection.",
        ["keepalive.ping.period"], config: ["writeWait": 1000, "readWait": nil],
        [
          .tick(at: 1300), .sendPing(at: 400), .sendPing(at: 800), .sendPing(at: 1200), .send(2, at: 1301),
          .sendFrame(2, sn: 0, at: 1301),
        ]
      ).valid,
      story(
        side, "no-write-wait", "Without a write wait there are no pings.", ["keepalive.ping.period"],
        config: ["writeWait": nil], [.tick(at: 600_000), .send(2, at: 600_001), .sendFrame(2, sn: 0, at: 600_001)]
      ).valid,
      story(
        side, "no-ping-after-close", "Pings stop with the close frame.", ["close.after", "keepalive.ping.period"],
        flags: ["stopped"], config: ["writeWait": 1000, "closeWait": 5000],
        [
          .tick(at: 400), .sendPing(at: 400), .close(1000, at: 500), .sendClose(1000, at: 500), .tick(at: 5499),
          .tick(at: 5500), .closeTransport(at: 5500), .tick(at: 9000),
        ]
      ).valid,
      story(
        side, "no-ping-after-end", "Pings stop with the transport.", ["close.after", "keepalive.ping.period"],
        flags: ["stopped"], config: ["writeWait": 1000], [.transportClosed(at: 100), .tick(at: 5000)]
      ).valid,
      story(
        side, "ping-at-close", "A ping that is due when the application closes goes out first.",
        ["keepalive.ping.period"], flags: ["exact-deadline"], config: ["writeWait": 1000],
        [.close(1000, at: 400), .sendPing(at: 400), .sendClose(1000, at: 400)]
      ).valid,
      story(
        side, "ping-full-queue", "A full queue does not hold up a ping.", ["keepalive.ping.period"],
        config: ["writeWait": 1000, "queueLimit": 1],
        [.send(2, at: 0), .sendFrame(2, sn: 0, at: 0), .tick(at: 400), .sendPing(at: 400)]
      ).valid,
    ]
  }

  private static let answers = VectorGroup.timelines("A ping is answered with its payload, a pong with nothing.") {
    side in
    let payloads: [(String, String)] = [
      ("empty", ""), ("role", "736572766572"), ("bytes", "00ff80c328"), ("longest", Bytes.counting(125).hex),
    ]
    return payloads.map { name, payload in
      story(
        side, "pong-\(name)", "The pong has the payload of the ping.", ["ws.ping.answer", "ws.pong.payload"],
        [.ping(payload, at: 7), .sendPong(payload, at: 7)]
      ).valid
    } + [
      story(
        side, "pong-each", "Each ping gets its pong, in order.", ["ws.ping.answer", "ws.pong.payload"],
        [
          .ping("01", at: 1), .sendPong("01", at: 1), .ping("02", at: 1), .sendPong("02", at: 1), .ping("", at: 2),
          .sendPong("", at: 2),
        ]
      ).valid,
      story(
        side, "unasked-pong", "A pong that answers nothing is taken without an answer.", ["ws.pong.unsolicited"],
        flags: ["unasked-pong"], [.pong("70", at: 1), .pong(at: 2), .send(2, at: 3), .sendFrame(2, sn: 0, at: 3)]
      ).valid,
      story(
        side, "no-pong-while-closing", "After the close frame no pong is sent.", ["close.after"], flags: ["stopped"],
        [
          .close(1000, at: 0), .sendClose(1000, at: 0), .ping("70", at: 1), .peerClose(1000, at: 2),
          .closeTransport(at: 2), .ping("71", at: 3),
        ]
      ).valid,
      story(
        side, "ping-within-message", "A ping between the fragments of a message is answered at once.",
        ["ws.ping.answer", "frame.message.fragmented"], config: ["handlers": [2]],
        [
          .messageStart(at: 0), .ping("70", at: 1), .sendPong("70", at: 1), .fragment(at: 2),
          .receive(2, sn: 0, "71", fragmented: true, at: 3), .deliver(2, sn: 0, "71", "message", at: 3),
        ]
      ).valid,
    ]
  }
}
