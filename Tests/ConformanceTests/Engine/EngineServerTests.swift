import NIOCore
import NIOPosix
import Specification
import Testing

@testable import Conformance

@Suite("The engine as a server")
struct EngineServerTests {
  /// Plays a case of each role against the other; gives the outcomes of server and client.
  private func play(server: String, client: String, clientHeader: String = "") async throws -> (
    CaseOutcome, CaseOutcome
  ) {
    let serverScript = try ScriptedPeers.script(server, header: "role: server")
    let clientScript = try ScriptedPeers.script(client, header: clientHeader)
    let listener = try await ScriptListener.listen()
    defer { listener.close() }
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    async let served = engine.run(serverScript, on: listener)
    let played = await engine.run(clientScript, against: ScriptTarget(host: "127.0.0.1", port: listener.port))
    return (await served, played)
  }

  @Test("A server accepts, calls, and is answered")
  func call() async throws {
    let (server, client) = try await play(
      server: """
        - accept: {request: {path: /join, query: {typed: "2"}, headers: {Host: any}}, headers: {X-Test: "1"}}
        - send: {id: 7, sn: next, payload: hello}
        - expect: {id: 17, sn: $sn, payload: hello}
        - expect: {id: 20, sn: 0}
        - close: 1000
        - expect: clean
        """,
      client: """
        - response: {headers: {X-Test: "1", Server: none}, extensions: none, protocol: none}
        - expect: {id: 7, sn: odd}
          save: {number: sn, data: payload}
        - send: {id: 17, sn: $number, payload: $data}
        - send: {id: 20}
        - expect: {close: 1000}
        """, clientHeader: "connect: {query: {typed: 2}}")
    #expect(server.verdict == .pass, server.explanation)
    #expect(client.verdict == .pass, client.explanation)
  }

  @Test("A first frame in the segment of the 101, an answer in pieces")
  func pieces() async throws {
    let (server, client) = try await play(
      server: """
        - accept: {with: {id: 9, payload: first}, segments: {size: 20}}
        - expect: closed
        """,
      client: """
        - expect: {id: 9, payload: first}
        - close
        - expect: {close: none}
        """)
    #expect(server.verdict == .pass, server.explanation)
    #expect(client.verdict == .pass, client.explanation)
  }

  @Test("A server may answer an upgrade wrongly, and refuse it")
  func wrong() async throws {
    let (_, unaccepted) = try await play(
      server: "- accept: {headers: {Upgrade: null}}\n- {expect: closed, level: MAY}",
      client: "- connect: {answer: any}\n- response: {status: 101, headers: {Upgrade: none}}",
      clientHeader: "connect: none")
    #expect(unaccepted.verdict == .pass, unaccepted.explanation)
    let (_, refused) = try await play(
      server: "- accept: {status: 403, body: go away}",
      client: "- connect: {answer: {status: 403, body: go away}}", clientHeader: "connect: none")
    #expect(refused.verdict == .pass, refused.explanation)
  }

  @Test("What is not an upgrade request is told")
  func noRequest() async throws {
    let (server, _) = try await play(
      server: "- accept", client: "- connect: {headers: {Upgrade: null}, answer: refused}",
      clientHeader: "connect: none")
    #expect(server.verdict == .fail)
    #expect(server.actual.contains("Upgrade"), server.explanation)
  }

  @Test(
    "An answer that follows from one of several offers is no wrong one",
    arguments: [
      ("permessage-deflate; server_no_context_takeover, permessage-deflate", Verdict.notApplicable),
      ("permessage-deflate; server_no_context_takeover", .pass),
    ])
  func reserve(offers: String, verdict: Verdict) async throws {
    let (server, _) = try await play(
      server: """
        - accept: {deflate: true, offered: {contains: server_no_context_takeover}, headers: {Sec-WebSocket-Extensions: permessage-deflate}}
        - expect: closed
        """,
      client: "- connect: {headers: {Sec-WebSocket-Extensions: '\(offers)'}, answer: any}",
      clientHeader: "connect: none")
    #expect(server.verdict == verdict, server.explanation)
  }

  @Test("A server that nobody connects to does not wait for ever")
  func nobody() async throws {
    let listener = try await ScriptListener.listen()
    defer { listener.close() }
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let script = try ScriptedPeers.script("- {accept: {}, within: 50ms}", header: "role: server")
    let outcome = await engine.run(script, on: listener)
    #expect(outcome.verdict == .fail)
    #expect(outcome.actual == "it did not connect in time")
  }

  /// What a client may do before its upgrade: each is bytes on a connection of its own, which then ends.
  @Test(
    "What asks for no upgrade is passed over",
    arguments: ["", "GET /join HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD / HTTP/1.0\r\nHost: h\r\nConnection: close\r\n\r\n"])
  func ahead(first: String) async throws {
    let listener = try await ScriptListener.listen()
    defer { listener.close() }
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let server = try ScriptedPeers.script("- accept\n- expect: {id: 2, payload: here}", header: "role: server")
    async let served = engine.run(server, on: listener)
    let target = ScriptTarget(host: "127.0.0.1", port: listener.port)
    let silent = try await Knock(first, at: listener.port, ends: true)
    let held = try await Knock("", at: listener.port, ends: false)
    let client = try ScriptedPeers.script("- send: {id: 2, payload: here}\n- wait: 50ms")
    let played = await engine.run(client, against: target)
    let outcome = await served
    #expect(outcome.verdict == .pass, outcome.explanation)
    #expect(played.verdict == .pass, played.explanation)
    silent.close()
    held.close()
  }

  @Test("Who connects and sends nothing is told from who does not connect")
  func silence() async throws {
    let listener = try await ScriptListener.listen()
    defer { listener.close() }
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let script = try ScriptedPeers.script("- {accept: {}, within: 1s}", header: "role: server")
    let knock = try await Knock("", at: listener.port, ends: false)
    let outcome = await engine.run(script, on: listener)
    #expect(outcome.actual == "it connected and sent nothing", outcome.explanation)
    knock.close()
  }

  @Test("A mock server does not count who connects and leaves")
  func port() async throws {
    let script = try ScriptedPeers.server("role: server\naccept: {}\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]")
    let server = try await MockServer.start(script)
    try await Knock("", at: server.port, ends: true).gone()
    let client = try ScriptedPeers.script("- call: {}")
    let engine = ScriptEngine(settings: EngineSettings(profile: .reference, run: "test"))
    let played = await engine.run(client, against: ScriptTarget(host: "127.0.0.1", port: server.port))
    await server.shutdown()
    #expect(played.verdict == .pass, played.explanation)
    #expect(server.account.faults.isEmpty)
    #expect(server.account.events.first?.connection == 1)
  }
}

/// A bare connection.
private struct Knock {
  private let channel: any Channel

  /// Connects and sends a text.
  ///
  /// - Parameter ends: Whether its side of the connection ends behind that.
  init(_ text: String, at port: Int, ends: Bool) async throws {
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
      .connect(host: "127.0.0.1", port: port).get()
    if !text.isEmpty { try await channel.writeAndFlush(ByteBuffer(string: text)) }
    if ends { try? await channel.close(mode: .output) }
  }

  /// Ends it.
  func close() { channel.close(promise: nil) }

  /// Ends it, and waits until that is done.
  func gone() async throws {
    channel.close(promise: nil)
    try await channel.closeFuture.get()
  }
}
