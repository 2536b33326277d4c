import Deflate
import NIOCore
import Negotiation
import Testing
import WebSocketCodec

@testable import ReferencePeer

/// An answer to a client's upgrade request that it must not take for a connection.
struct UpgradeAnswerRule: CustomTestStringConvertible, Sendable {
  let name: String
  let requirements: [String]
  /// Part of what the user is told.
  let reason: String
  /// What kind of failure the program is told.
  let kind: DialFailure.Kind
  /// What the client offers.
  let offer: DeflateOffer?
  let subprotocols: [String]
  /// The answer, for the request's value of `Sec-WebSocket-Accept`.
  let answer: @Sendable (_ accept: String) -> String

  var testDescription: String { name }

  private init(
    _ name: String, _ requirements: [String], _ reason: String, kind: DialFailure.Kind = .badAnswer,
    offer: DeflateOffer? = nil, subprotocols: [String] = [], _ answer: @escaping @Sendable (String) -> String
  ) {
    self.name = name
    self.requirements = requirements
    self.reason = reason
    self.kind = kind
    self.offer = offer
    self.subprotocols = subprotocols
    self.answer = answer
  }

  private static func head(
    _ accept: String, status: String = "HTTP/1.1 101 Switching Protocols", without: String? = nil,
    adding: [String] = []
  ) -> String {
    let fields = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: \(accept)"]
      .filter { field in without.map { !field.hasPrefix($0) } ?? true }
    return ([status] + fields + adding).map { $0 + "\r\n" }.joined() + "\r\n"
  }

  private static func extensions(
    _ name: String, _ requirement: String, _ reason: String, offer: DeflateOffer?, _ value: String...
  ) -> UpgradeAnswerRule {
    UpgradeAnswerRule(name, [requirement], reason, offer: offer) { accept in
      head(accept, adding: value.map { "Sec-WebSocket-Extensions: \($0)" })
    }
  }

  static let all = head + extensions

  private static let head = [
    UpgradeAnswerRule("a wrong accept", ["handshake.client.accept"], "Sec-WebSocket-Accept is not") { _ in
      head("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    },
    UpgradeAnswerRule("no accept", ["handshake.client.accept"], "Sec-WebSocket-Accept is missing") {
      head($0, without: "Sec-WebSocket-Accept")
    },
    UpgradeAnswerRule("two accepts", ["handshake.client.accept"], "Sec-WebSocket-Accept is not") {
      head($0, adding: ["Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
    },
    UpgradeAnswerRule("no Upgrade", ["handshake.client.upgrade"], "Upgrade does not name") {
      head($0, without: "Upgrade")
    },
    UpgradeAnswerRule("an Upgrade to something else", ["handshake.client.upgrade"], "Upgrade does not name") {
      head($0, without: "Upgrade", adding: ["Upgrade: h2c"])
    },
    UpgradeAnswerRule("no Connection", ["handshake.client.connection"], "Connection does not name") {
      head($0, without: "Connection")
    },
    UpgradeAnswerRule("a Connection without Upgrade", ["handshake.client.connection"], "Connection does not name") {
      head($0, without: "Connection", adding: ["Connection: close"])
    },
    UpgradeAnswerRule("status 200", ["handshake.client.status"], "HTTP 200 OK", kind: .refused(status: 200)) {
      head($0, status: "HTTP/1.1 200 OK")
    },
    UpgradeAnswerRule(
      "status 302", ["handshake.client.status", "handshake.client.redirect"], "HTTP 302 Found to /join",
      kind: .refused(status: 302)
    ) {
      head($0, status: "HTTP/1.1 302 Found", adding: ["Location: /join"])
    },
    UpgradeAnswerRule("status 403", ["handshake.client.status"], "HTTP 403 Forbidden", kind: .refused(status: 403)) {
      head($0, status: "HTTP/1.1 403 Forbidden")
    },
    UpgradeAnswerRule("HTTP/1.0", ["handshake.client.syntax"], "the first line is not") {
      head($0, status: "HTTP/1.0 101 Switching Protocols")
    },
    UpgradeAnswerRule("no HTTP at all", ["handshake.client.syntax"], "an SSH server answers", kind: .notHTTP) {
      head($0, status: "SSH-2.0-OpenSSH")
    },
    UpgradeAnswerRule("a line that is no field", ["handshake.client.syntax"], "is no header field") {
      head($0, adding: ["Nonsense"])
    },
    UpgradeAnswerRule("a head of 20 KiB", ["handshake.read.limit"], "takes more than") {
      head($0, adding: ["Name: " + String(repeating: "a", count: 20_480)])
    },
    UpgradeAnswerRule("a subprotocol that was not offered", ["handshake.client.protocol"], "not offered") {
      head($0, adding: ["Sec-WebSocket-Protocol: ws.v3.c1"])
    },
    UpgradeAnswerRule(
      "another subprotocol than the offered", ["handshake.client.protocol"], "not offered",
      subprotocols: ["ws.v3.c1"]
    ) {
      head($0, adding: ["Sec-WebSocket-Protocol: ws.v3.c0"])
    },
    UpgradeAnswerRule(
      "two subprotocols", ["handshake.client.protocol"], "not offered", subprotocols: ["ws.v3.c1", "ws.v3.c0"]
    ) {
      head($0, adding: ["Sec-WebSocket-Protocol: ws.v3.c1", "Sec-WebSocket-Protocol: ws.v3.c0"])
    },
  ]

  private static let plain = DeflateOffer()
  private static let window = DeflateOffer(serverMaxWindowBits: 10, clientMaxWindowBits: .bits(10))
  private static let noTakeover = DeflateOffer(serverNoContextTakeover: true)

  private static let extensions: [UpgradeAnswerRule] = [
    .extensions(
      "an extension that was not offered", "handshake.client.extension", "not offered", offer: nil, "x-unknown"),
    .extensions(
      "permessage-deflate that was not offered", "deflate.answer.unoffered", "not offered", offer: nil,
      "permessage-deflate"),
    .extensions(
      "another extension than the offered", "handshake.client.extension", "not offered", offer: plain,
      "permessage-deflate, x-unknown"),
    .extensions(
      "a broken list", "deflate.answer.grammar", "does not follow", offer: plain, "permessage-deflate;;"),
    .extensions(
      "permessage-deflate twice", "deflate.answer.repeated", "does not follow", offer: plain, "permessage-deflate",
      "permessage-deflate"),
    .extensions(
      "an unknown parameter", "deflate.answer.unknown-parameter", "does not follow", offer: plain,
      "permessage-deflate; level=9"),
    .extensions(
      "a parameter twice", "deflate.answer.repeated-parameter", "does not follow", offer: plain,
      "permessage-deflate; server_no_context_takeover; server_no_context_takeover"),
    .extensions(
      "a window out of range", "deflate.answer.invalid-value", "does not follow", offer: plain,
      "permessage-deflate; server_max_window_bits=16"),
    .extensions(
      "a window without bits", "deflate.answer.invalid-value", "does not follow", offer: plain,
      "permessage-deflate; server_max_window_bits"),
    .extensions(
      "a value where none is allowed", "deflate.answer.invalid-value", "does not follow", offer: plain,
      "permessage-deflate; server_no_context_takeover=1"),
    .extensions(
      "a server's window above the offer", "deflate.answer.window", "does not follow", offer: window,
      "permessage-deflate; server_max_window_bits=11"),
    .extensions(
      "a client's window above the offer", "deflate.answer.window", "does not follow", offer: window,
      "permessage-deflate; server_max_window_bits=10; client_max_window_bits=11"),
    .extensions(
      "a client's window that was not offered", "deflate.answer.unoffered-window", "does not follow", offer: plain,
      "permessage-deflate; client_max_window_bits=12"),
    .extensions(
      "an answer that passes over server_no_context_takeover", "deflate.answer.missing", "does not follow",
      offer: noTakeover, "permessage-deflate"),
    .extensions(
      "an answer that passes over server_max_window_bits", "deflate.answer.missing", "does not follow", offer: window,
      "permessage-deflate"),
  ]
}

@Suite("What a client makes of answers to its upgrade request", .timeLimit(.minutes(10)))
struct UpgradeAnswerRuleTests {
  @Test("It fails the connection, and sends nothing more", arguments: UpgradeAnswerRule.all)
  func refused(rule: UpgradeAnswerRule) async throws {
    try await withRawServer { server in
      let client = try server.client { configuration in
        configuration.options.compression = rule.offer.map { CompressionOptions(offer: $0) }
        configuration.subprotocols = rule.subprotocols
      }
      let dialling = Task { try await client.connect() }
      let socket = try await server.next()
      socket.write(Array(rule.answer(RawServer.accept(await socket.requestHead())).utf8))
      let error = await #expect(throws: ConnectionError.self) { _ = try await dialling.value }
      #expect("\(error.map(String.init(describing:)) ?? "")".contains(rule.reason), "\(String(describing: error))")
      #expect(error?.dialFailure?.kind == rule.kind)
      #expect(await socket.lines.next(1) == ["end"])
    }
  }

  @Test("It is told what the server answered", arguments: ["", "closed"])
  func unanswered(how: String) async throws {
    try await withRawServer { server in
      let client = try server.client()
      let dialling = Task { try await client.connect() }
      let socket = try await server.next()
      _ = await socket.requestHead()
      if how == "closed" { socket.write(Array("HTTP/1.1 101 Switching Protocols\r\n".utf8)) }
      socket.close()
      let error = await #expect(throws: ConnectionError.self) { _ = try await dialling.value }
      #expect(error?.dialFailure?.kind == .closed)
    }
  }

  @Test("It sends a request that keeps all rules, with a fresh key each time")
  func request() async throws {
    try await withRawServer { server in
      let client = try server.client { configuration in
        configuration.fields = [.init("Authorization", "Bearer abc")]
        configuration.metadata = .init(uid: "a b", typed: 2, deviceId: "d", source: "web", version: 3, charset: 1)
        configuration.subprotocols = ["ws.v3.c1", "ws.v2.c0"]
        configuration.options.compression = CompressionOptions()
      }
      let first = try await requestLines(of: client, at: server)
      #expect(first.first == "GET /join?uid=a%20b&typed=2&deviceId=d&source=web&version=3&charset=1 HTTP/1.1")
      #expect(Set(Self.requestFields).subtracting(first).isEmpty, "\(first)")
      #expect(first.contains { $0.hasPrefix("Host: 127.0.0.1:") })
      let second = try await requestLines(of: client, at: server)
      let keys = Set((first + second).filter { $0.hasPrefix("Sec-WebSocket-Key: ") })
      #expect(keys.count == 2)
    }
  }

  private static let requestFields = [
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Authorization: Bearer abc",
    "Sec-WebSocket-Protocol: ws.v3.c1, ws.v2.c0",
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover",
  ]

  /// The lines of the request that a client sends when it dials.
  private func requestLines(of client: Client, at server: RawServer) async throws -> [String] {
    let dialling = Task { try await client.connect() }
    let socket = try await server.next()
    let head = await socket.requestHead()
    socket.close()
    _ = try? await dialling.value
    return head.split(separator: "\r\n").map(String.init)
  }

  /// handshake.early.server
  @Test("Frames in the same segment as the 101 are served")
  func early() async throws {
    try await withRawServer { server in
      let client = try server.client { $0.handlers = echoing }
      let dialling = Task { try await client.connect() }
      let socket = try await server.next()
      let answer = RawServer.granting(await socket.requestHead())
      socket.write(
        answer + Wire.webSocket(.binary, Wire.frame(2, sn: 3, [1]), masked: false)
          + Wire.webSocket(.binary, Wire.frame(2, sn: 5, [2]), masked: false))
      #expect(
        await socket.lines.next(2)
          == [
            "binary " + RawSocket.hex(Wire.frame(3, sn: 3, [1])), "binary " + RawSocket.hex(Wire.frame(3, sn: 5, [2])),
          ])
      _ = try await dialling.value
      socket.close()
    }
  }

  @Test("An answer that comes byte by byte is taken, fields that nobody knows and all")
  func pieces() async throws {
    try await withRawServer { server in
      let client = try server.client()
      let dialling = Task { try await client.connect() }
      let socket = try await server.next()
      for byte in RawServer.granting(await socket.requestHead(), fields: "server: x\r\nDate: y\r\n") {
        socket.write([byte])
      }
      #expect(try await dialling.value.details.deflate == nil)
      socket.close()
    }
  }
}

/// Answers id 2 with id 3, as the reference application of a server does; for a client.
let echoing: Handlers = {
  var handlers = Handlers()
  handlers.on(2) { message, connection in connection.answer(message, 3, message.payload, completion: nil) }
  return handlers
}()
