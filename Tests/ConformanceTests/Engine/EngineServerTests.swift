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
}
