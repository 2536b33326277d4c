import Specification
import Testing

@testable import Conformance

/// The steps by which a client is driven, against a client that is a script itself.
@Suite("Driving a client")
struct DrivingTests {
  /// Plays a case of a client against a scripted one; gives what the case came to.
  private func play(
    server: String, client: String, header: String = "", clientHeader: String = "",
    profile: PeerProfile = .referenceClient
  ) async throws -> CaseOutcome {
    let serverScript = try ScriptedPeers.script(server, header: "role: server" + (header.isEmpty ? "" : "\n" + header))
    let clientScript = try ScriptedPeers.script(client, header: clientHeader)
    let listener = try await ScriptListener.listen()
    defer { listener.close() }
    let engine = ScriptEngine(settings: EngineSettings(profile: profile, run: "test"))
    async let served = engine.run(serverScript, on: listener)
    _ = await ScriptEngine(settings: EngineSettings(profile: .reference, run: "client")).run(
      clientScript, against: ScriptTarget(host: "127.0.0.1", port: listener.port))
    return await served
  }

  @Test("An order goes out with its number, and its report is found by it")
  func driveAndReport() async throws {
    let outcome = try await play(
      server: """
        - drive: {do: send, id: 30, payload: hello, as: first}
        - expect: {id: 30, sn: 0, payload: hello}
        - report: {of: first, ok: true}
        """,
      client: """
        - expect: {id: 20, sn: 0, payload: {json: {seq: 1, do: send, id: 30, payload: "68656c6c6f"}}}
        - send: {id: 30, payload: hello}
        - send: {id: 21, payload: '{"seq":1,"ok":true}'}
        - expect: closed
        """)
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test(
    "An exchange is a call, its answer and its report",
    arguments: [
      (#"{"seq":1,"ok":true,"sn":2,"payload":"68656C6C6F","more":[1]}"#, Verdict.pass),
      (#"{"seq":1,"ok":true,"payload":"68656c6c6f"}"#, .pass),
      (
        #"{"seq":1,"ok":true,"length":5,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}"#,
        .pass
      ),
      (#"{"seq":1,"ok":true,"sn":2,"payload":"68656c6c"}"#, .fail), (#"{"seq":1,"ok":true,"sn":2}"#, .fail),
      (#"{"seq":1,"ok":false,"error":"timeout"}"#, .fail), (#"{"seq":2,"ok":true,"payload":"68656c6c6f"}"#, .fail),
      (#"{"seq":1,"ok":true,"sn":4,"payload":"68656c6c6f"}"#, .fail), ("nonsense", .fail),
    ])
  func exchange(report: String, verdict: Verdict) async throws {
    let outcome = try await play(
      server: """
        - exchange: {payload: hello}
          within: \(verdict == .pass ? "30s" : "300ms")
        """,
      client: """
        - expect: {id: 20}
        - send: {id: 2, sn: 2, payload: hello}
        - expect: {id: 3, sn: 2, payload: hello}
        - send: {id: 21, payload: '\(report)'}
        - expect: closed
        """)
    #expect(outcome.verdict == verdict, outcome.explanation)
  }

  @Test("A call of odd number breaks the parity, and is no answer that nobody asked for")
  func parity() async throws {
    let outcome = try await play(
      server: "- exchange: {payload: hello}",
      client: """
        - expect: {id: 20}
        - send: {id: 2, sn: 3, payload: hello}
        - expect: {id: 3}
        - send: {id: 21, payload: '{"seq":1,"ok":true,"payload":"68656c6c6f"}'}
        - expect: closed
        """)
    #expect(outcome.observations.compactMap(\.requirement) == ["rpc.sn.parity"], outcome.explanation)
  }

  @Test(
    "The report of a call that failed is no delivery; any other is one, and so is that of an order that was never given",
    arguments: [(1, false, Verdict.pass), (1, true, .fail), (0, false, .fail), (2, false, .fail)])
  func failedReports(number: Int, isDone: Bool, verdict: Verdict) async throws {
    let outcome = try await play(
      server: """
        - drive: {do: call, payload: hello}
        - send: {message: hello, opcode: 3}
        - failed
        """,
      client: """
        - expect: {id: 20}
        - send: {id: 21, payload: '{"seq":\(number),"ok":\(isDone),"payload":""}'}
        - close: 1002
        - expect: closed
        """)
    #expect(outcome.verdict == verdict, outcome.explanation)
  }

  @Test(
    "A client that takes a wrong answer for a connection is seen by a pong, a frame or an order that it carries out",
    arguments: [
      ("- {expect: {ping: any}}\n- end", Verdict.pass),
      ("- {expect: {ping: any}, save: {p: payload}}\n- {pong: $p}", .fail),
      ("- {expect: {id: 7}}\n- {send: {id: 17, sn: 3}}\n- {expect: closed}", .fail),
      ("- {expect: {id: 20}}\n- {send: {id: 2}}\n- {expect: closed}", .fail),
    ])
  func unopened(client: String, verdict: Verdict) async throws {
    let outcome = try await play(
      server: "- unopened", client: client, header: "accept: {headers: {Sec-WebSocket-Accept: wrong}}",
      clientHeader: "connect: {answer: any, pong: false}")
    #expect(outcome.verdict == verdict, outcome.explanation)
  }

  @Test("Connections are counted, and bounded", arguments: [(0, Verdict.pass), (2, .fail)])
  func dials(count: Int, verdict: Verdict) async throws {
    let dial = "- {connect: {as: more$n, tcp: true}}\n- {send: {raw: \"GET /join\"}, on: more$n}"
    let outcome = try await play(
      server: "- {dials: {is: {max: 1}, for: \(count == 0 ? "400ms" : "3s")}}",
      client: "- {wait: 50ms}\n"
        + (0..<count).map { dial.replacing("$n", with: "\($0)") }.joined(separator: "\n") + "\n- {wait: 500ms}")
    #expect(outcome.verdict == verdict, outcome.explanation)
  }

  @Test("Frames before the answer are noticed", arguments: [true, false])
  func early(isEarly: Bool) async throws {
    let more = isEarly ? ", with: {message: early, opcode: ping}" : ""
    let outcome = try await play(
      server: "- ping", client: "- expect: closed", header: "accept: {delay: 100ms}",
      clientHeader: "connect: {uid: early\(more)}")
    #expect(outcome.observations.contains { $0.requirement == "handshake.early.client" } == isEarly)
    // The pong stands behind the answer, where the client can read it.
    #expect(outcome.verdict == .pass, outcome.explanation)
  }

  @Test("Masking keys that repeat or count on are noticed", arguments: ["same", "counting", "random"])
  func masks(kind: String) async throws {
    let keys =
      switch kind {
      case "same": ["01020304", "01020304"]
      case "counting": ["01000000", "02000000", "03000000", "04000000", "05000000"]
      default: ["a1b2c3d4", "19283746", "0badcafe", "77777777", "12345678"]
      }
    let sends = keys.map { "- {send: {message: x, opcode: pong, mask: \"\($0)\"}}" }.joined(separator: "\n")
    let outcome = try await play(
      server: "- {expect: {id: 9}}", client: sends + "\n- {send: {id: 9}}\n- {expect: closed}")
    #expect(outcome.observations.contains { $0.requirement == "ws.mask.key" } == (kind != "random"))
  }

  @Test("Two frames in one message are seen as that, and taken both")
  func twoFrames() async throws {
    let outcome = try await play(
      server: "- {expect: [{id: 30, payload: one}, {id: 31, payload: two}]}",
      client: """
        - send: {message: [{frame: {id: 30, sn: 0, payload: one}}, {frame: {id: 31, sn: 0, payload: two}}]}
        - expect: closed
        """)
    #expect(outcome.verdict == .pass, outcome.explanation)
    #expect(outcome.observations.compactMap(\.requirement) == ["frame.message.one"])
  }

  @Test("A one-way message that the client was told to send, with a number, is no call")
  func numberedMessage() async throws {
    let outcome = try await play(
      server: """
        - drive: {do: send, id: 30, payload: hello}
        - expect: {id: 30}
        """,
      client: """
        - expect: {id: 20}
        - send: {id: 30, sn: 2, payload: hello}
        - expect: closed
        """)
    #expect(outcome.observations.compactMap(\.requirement) == ["frame.sn.one-way"], outcome.explanation)
  }

  @Test("Compressed data without RSV1 is told for what it is, and read")
  func unmarked() async throws {
    let outcome = try await play(
      server: "- {expect: {id: 30, payload: hello}}",
      client: """
        - send: {message: {deflated: {frame: {id: 30, sn: 0, payload: hello}}}}
        - expect: closed
        """, header: "accept: {deflate: true}", clientHeader: "connect: {deflate: true}")
    #expect(outcome.verdict == .pass, outcome.explanation)
    #expect(outcome.observations.compactMap(\.requirement) == ["deflate.rsv1"])
  }

  @Test("An answer that does not follow from the offer makes the case not applicable")
  func otherOffer() async throws {
    let outcome = try await play(
      server: "- ping", client: "- expect: closed", header: "accept: {deflate: client_max_window_bits=10}",
      clientHeader: "connect: {deflate: true}")
    #expect(outcome.verdict == .notApplicable, outcome.explanation)
    #expect(outcome.reason?.contains("client_max_window_bits=10, does not follow from that") == true)
  }

  @Test("A client that offers no compression does not fail a case about it")
  func noOffer() async throws {
    let outcome = try await play(server: "- ping", client: "- expect: closed", header: "accept: {deflate: true}")
    #expect(outcome.verdict == .notApplicable)
    #expect(outcome.lacks == "compression")
  }

  @Test("A client that cannot be driven lacks the driver")
  func passive() async throws {
    let outcome = try await play(
      server: "- {drive: {do: send, payload: x}}", client: "- expect: closed", profile: PeerProfile())
    #expect(outcome.verdict == .notApplicable)
    #expect(outcome.reason?.contains("client.driver") == true)
  }
}
