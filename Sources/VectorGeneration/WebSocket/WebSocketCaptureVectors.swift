import GoldenVectors
import Specification
import StrictJSON

/// `ws.decode` of streams as they were seen on the wire between the original's programs.
enum WebSocketCaptureVectors {
  private typealias Layout = WebSocketLayout

  static func groups() -> [VectorGroup] {
    [VectorGroup(.webSocketDecode, comment: "Streams from captures of the original.", tests: tests())]
  }

  private static func test(
    _ name: String, _ capture: String, _ comment: String, from sender: PeerRole, _ hex: String, _ events: [JSONValue],
    deflate: Bool = false, _ requirements: [RequirementID], flags: [String] = []
  ) -> VectorTest {
    .valid(
      id: "websocket.decode.capture.\(name)", comment: comment, requirements: requirements,
      flags: ["real-capture"] + flags,
      capture: capture, input: Layout.input(from: sender, [.hex(hex)], deflate: deflate), output: Layout.output(events))
  }

  private static func answer(sn: UInt32, _ text: String) -> JSONValue {
    Layout.message(FrameLayout.current(id: 3, sn: sn, payload: .ascii(text)))
  }

  private static func tests() -> [VectorTest] {
    let pings = (0..<3).map { _ in Layout.control("ping") }
    return [
      test(
        "go-server", "go-client-rpc.pcap", "Five answers of the Go server, then its empty close.", from: .server,
        """
        8216feef100000000300000002000000676f20727063203082\
        16feef100000000300000004000000676f20727063203182\
        16feef100000000300000006000000676f20727063203282\
        16feef100000000300000008000000676f20727063203382\
        16feef10000000030000000a000000676f2072706320348800
        """,
        (0..<5).map { answer(sn: UInt32(2 + 2 * $0), "go rpc \($0)") } + [Layout.close(nil)],
        ["ws.mask.server", "ws.length.minimal", "close.body.empty", "malformed.websocket"]),
      test(
        "go-client", "go-client-rpc.pcap", "The first call of the Go client, masked.", from: .client,
        "82961d8603b3e36913b31d8601b31d8601b31d8664dc3df473d03db6",
        [Layout.message(FrameLayout.current(id: 2, sn: 2, payload: .ascii("go rpc 0")))],
        ["ws.mask.client", "ws.mask.apply", "malformed.websocket"],
        flags: ["masked"]),
      test(
        "go-client-pings", "pings.pcap", "Pings and a pong of the Go client: empty, and masked all the same.",
        from: .client,
        "8980c97a0d558a80f3ead07b8a80eb03b1d8898092ae253f8980c0e07f87",
        [
          Layout.control("ping"), Layout.control("pong"), Layout.control("pong"), Layout.control("ping"),
          Layout.control("ping"),
        ], ["ws.mask.client"], flags: ["masked", "control", "empty"]),
      test(
        "go-server-pings", "pings.pcap", "Pings and pongs of the Go server.", from: .server, "89008a0089008a008a008900",
        [pings[0], Layout.control("pong"), pings[1], Layout.control("pong"), Layout.control("pong"), pings[2]],
        ["ws.mask.server"], flags: ["control", "empty"]),
      test(
        "fragmented", "fragmented.pcap", "One frame of the protocol in four fragments, a ping before the last.",
        from: .client,
        """
        028511223344efcd294411008511223344112033441100831122334413223389911122334\
        47c4b5769775052237c475d3031525a2a7680931122334411444125764f562a6547576461434a287e4357
        """,
        [
          Layout.control("ping", .ascii("mid-fragment ping")),
          Layout.message(
            FrameLayout.current(id: 2, sn: 2, payload: .ascii("fragmented payload")), fragments: 4),
        ], ["ws.fragment.control", "ws.fragment.assemble", "frame.message.fragmented"], flags: ["fragmented", "masked"]),
      test(
        "go-server-deflate", "go-deflate-level2.pcap", "A compressed message of the Go server, its bytes as they came.",
        from: .server, "c216faf75e88818181990102d2f315128b2bf392150c0000",
        [Layout.message(.hex("faf75e88818181990102d2f315128b2bf392150c0000"), compressed: true)], deflate: true,
        ["ws.rsv"], flags: ["compressed"]),
      test(
        "js-server-close", "js-client.pcap", "The last message to a displaced client's successor, then an empty close.",
        from: .server, "8214feef0e00000003000000000000007365636f6e648800",
        [answer(sn: 0, "second"), Layout.close(nil)], ["close.body.empty", "ws.mask.server"]),
    ]
  }
}
