import FoundationEssentials
import NIOCore
import Negotiation
import Testing

@testable import ReferencePeer

/// A request for a version and a charset, and what a server of versions 2 to 5 in UTF-8 makes of it.
struct NegotiationRule: CustomTestStringConvertible, Sendable {
  enum Outcome: Sendable {
    case selected(version: Int, charset: Int, subprotocol: String?)
    case refused(status: Int, detail: String)
  }

  let requirements: [String]
  let query: String
  let protocols: String?
  let outcome: Outcome

  var testDescription: String { [query, protocols ?? ""].joined(separator: " ") }

  private init(_ query: String, offering protocols: String? = nil, _ requirements: [String], _ outcome: Outcome) {
    self.requirements = requirements
    self.query = query
    self.protocols = protocols
    self.outcome = outcome
  }

  static let all = [
    NegotiationRule(
      "version=3", ["negotiation.version.select", "negotiation.response.version", "negotiation.response.charset"],
      .selected(version: 3, charset: 0, subprotocol: nil)),
    NegotiationRule("version=9", ["negotiation.version.select"], .selected(version: 5, charset: 0, subprotocol: nil)),
    NegotiationRule("uid=1", ["negotiation.version.missing"], .selected(version: 2, charset: 0, subprotocol: nil)),
    NegotiationRule("version=0", ["negotiation.version.missing"], .selected(version: 2, charset: 0, subprotocol: nil)),
    NegotiationRule(
      "version=1", ["negotiation.version.minimum", "negotiation.version.upgrade"],
      .refused(status: 426, detail: "version 1")),
    NegotiationRule("version=-3", ["negotiation.version.minimum"], .refused(status: 426, detail: "version -3")),
    NegotiationRule(
      "version=3&charset=1", ["negotiation.charset.unsupported"], .refused(status: 406, detail: "charset 1")),
    NegotiationRule("version=0x3", ["negotiation.parameter.invalid"], .refused(status: 400, detail: "version")),
    NegotiationRule("charset=utf8", ["negotiation.refusal.parameter"], .refused(status: 400, detail: "charset")),
    NegotiationRule(
      "version=9", offering: "ws.v3.c0", ["negotiation.protocol.precedence"],
      .selected(version: 3, charset: 0, subprotocol: "ws.v3.c0")),
    NegotiationRule(
      "version=x&charset=7", offering: "ws.v9.c0, ws.v3.c1, ws.v04.c0, ws.v4.c0, ws.v5.c0",
      ["negotiation.protocol.select", "negotiation.protocol.token"],
      .selected(version: 4, charset: 0, subprotocol: "ws.v4.c0")),
    NegotiationRule(
      "version=3", offering: "ws.v9.c0, chat", ["negotiation.protocol.none"],
      .refused(status: 406, detail: "ws.v9.c0, chat")),
  ]
}

/// The body of a refusal (RFC 9457).
private struct Problem: Codable, Equatable {
  struct Supported: Codable, Equatable {
    struct Versions: Codable, Equatable {
      var min: Int
      var max: Int
    }
    var versions: Versions
    var charsets: [Int]
  }
  var type: String
  var title: String
  var status: Int
  var detail: String
  var supported: Supported
}

@Suite("Version and charset, negotiated over sockets", .timeLimit(.minutes(10)))
struct VersionNegotiationTests {
  private static let policy = HandshakePolicy(
    path: "/join", negotiation: NegotiationPolicy(versions: VersionRange(min: 2, max: 5), charsets: [0]))

  @Test("A server decides before it answers with 101", arguments: NegotiationRule.all)
  func server(rule: NegotiationRule) async throws {
    try await withServer({ $0.policy = Self.policy }) { server in
      let request = HTTPExchange.request(
        "GET /join?\(rule.query) HTTP/1.1", adding: rule.protocols.map { ["Sec-WebSocket-Protocol: \($0)"] } ?? [])
      switch rule.outcome {
      case .selected(let version, let charset, let subprotocol):
        let socket = try await RawSocket.connect(port: server.server.port)
        socket.write(request)
        let lines = await socket.requestHead().split(separator: "\r\n").map(String.init)
        #expect(lines.first == "HTTP/1.1 101 Switching Protocols")
        #expect(lines.filter { $0.hasPrefix("X-Ws-") } == ["X-Ws-Version: \(version)", "X-Ws-Charset: \(charset)"])
        #expect(
          lines.filter { $0.hasPrefix("Sec-WebSocket-Protocol") }
            == (subprotocol.map { ["Sec-WebSocket-Protocol: \($0)"] } ?? []))
        socket.close()
      case .refused(let status, let detail):
        let exchange = try await HTTPExchange(port: server.server.port, sending: request)
        #expect(exchange.status == status)
        #expect(exchange.fields.contains("Upgrade: websocket") == (status == 426))
        #expect(exchange.fields.contains("Content-Type: application/problem+json"))
        #expect(exchange.fields.contains("Content-Length: \(exchange.body.utf8.count)"))
        let problem = try JSONDecoder().decode(Problem.self, from: Data(exchange.body.utf8))
        #expect(problem.type == "about:blank")
        #expect(problem.status == status)
        #expect(problem.detail.contains(detail))
        #expect(problem.supported == Problem.Supported(versions: .init(min: 2, max: 5), charsets: [0]))
        #expect(server.server.hub.count == 0)
      }
    }
  }

  @Test("Client and server agree, by query and by subprotocol", arguments: [[], ["ws.v8.c1", "ws.v4.c1", "ws.v3.c0"]])
  func both(protocols: [String]) async throws {
    let seen = Inbox<NegotiatedSelection>()
    let policy = HandshakePolicy(
      path: "/join", negotiation: NegotiationPolicy(versions: VersionRange(min: 2, max: 5), charsets: [0, 1]))
    try await withServer({
      $0.policy = policy
      $0.callbacks.established = { seen.put($0.details.selection) }
    }) { server in
      let client = try await server.connect("uid=1&version=8&charset=1") { $0.subprotocols = protocols }
      let expected = NegotiatedSelection(
        version: protocols.isEmpty ? 5 : 4, charset: 1, selectedProtocol: protocols.isEmpty ? nil : "ws.v4.c1")
      #expect(client.details.selection == expected)
      #expect(await seen.next(1) == [expected])
      // Text goes in the charset that was agreed on, and comes back the same (charset.text).
      let payload = try client.payload(text: "你好 €")
      #expect(Array(payload.readableBytesView) == [0xC4, 0xE3, 0xBA, 0xC3, 0x20, 0x80])
      #expect(try client.text(of: try await client.call(2, payload).payload) == "你好 €")
      let error = #expect(throws: CharsetError.self) { _ = try client.payload(text: "ab🙂") }
      #expect("\(error.map(String.init(describing:)) ?? "")".contains("2"))
    }
  }

  @Test(
    "A client says what it was refused for", arguments: [("version=1", 426), ("charset=1", 406), ("charset=x", 400)])
  func refused(query: String, status: Int) async throws {
    try await withServer({ $0.policy = Self.policy }) { server in
      let error = await #expect(throws: ConnectionError.self) { _ = try await server.connect(query) }
      #expect(error?.dialFailure?.kind == .refused(status: status))
    }
  }

  /// negotiation.declare: what the client says is kept, and nothing is answered.
  @Test("A server that only declares keeps whatever the client says")
  func declared() async throws {
    let seen = Inbox<NegotiatedSelection>()
    try await withServer({ $0.callbacks.established = { seen.put($0.details.selection) } }) { server in
      let client = try await server.connect("uid=1&version=-7&charset=99")
      #expect(client.details.selection == NegotiatedSelection(version: -7, charset: 99))
      #expect(await seen.next(1) == [NegotiatedSelection(version: -7, charset: 99)])
    }
  }

  @Test("A program decides about a request, and says who the client is")
  func admission() async throws {
    let identities = Inbox<String>()
    try await withServer({
      $0.admission = { request in
        request.head.joined("authorization") == Array("Bearer good".utf8)
          ? .accepted(ConnectionMetadata(uid: "known", source: "token"))
          : .refused(status: 401, detail: "who are you?")
      }
      $0.callbacks.established = { identities.put($0.details.identityText) }
    }) { server in
      let exchange = try await HTTPExchange(port: server.server.port, sending: HTTPExchange.request())
      #expect(exchange.status == 401)
      #expect(exchange.body.contains("who are you?"))
      _ = try await server.connect("uid=forged") { $0.fields = [HTTPField("Authorization", "Bearer good")] }
      #expect(await identities.next(1) == ["known-0--token"])
    }
  }
}
