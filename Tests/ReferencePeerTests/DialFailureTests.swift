import Testing

@testable import ReferencePeer

@Suite("Why a connection could not be made", .timeLimit(.minutes(10)))
struct DialFailureTests {
  private static func opening(_ text: String) -> AnswerOpening {
    var opening = AnswerOpening()
    opening.append(Array(text.utf8))
    return opening
  }

  @Test("What may still become HTTP is no stranger", arguments: ["", "H", "HTTP/", "HTTP/1.1 200 OK\r\n"])
  func http(text: String) { #expect(Self.opening(text).stranger == nil) }

  @Test(
    "Who answers instead is told by the first bytes",
    arguments: [
      ("SSH-2.0-OpenSSH_9.6\r\n", "an SSH server answers: \"SSH-2.0-OpenSSH_9.6\""),
      ("220 mail \u{1B}[31m\r\n", "what answers does not speak HTTP: \"220 mail \\x1b[31m\""),
      ("HTTX", "what answers does not speak HTTP: \"HTTX\""),
      // The signature of the PROXY protocol: its first lines are empty.
      ("\r\n\r\n\0\r\nQUIT\n", "what answers does not speak HTTP: \"\\r\\n\\r\\n\\x00\\r\\nQUIT\\n\""),
      (
        String(repeating: "x", count: 500),
        "what answers does not speak HTTP: \"\(String(repeating: "x", count: 64))\"…"
      ),
    ])
  func stranger(text: String, reason: String) {
    #expect(Self.opening(text).stranger == DialFailure(.notHTTP, reason))
  }

  @Test("A TLS record is known")
  func tls() {
    var opening = AnswerOpening()
    opening.append([0x15, 3, 1, 0, 2, 2, 40])
    #expect(opening.stranger?.kind == .peerWantsTLS)
  }

  /// What a server says, how often it is dialled in three tries, and what is told.
  struct Answer: Sendable, CustomTestStringConvertible {
    let text: String
    let dials: Int
    let kind: DialFailure.Kind
    let reason: String

    var testDescription: String { reason }
  }

  @Test(
    "What cannot pass by itself is dialled once, anything else as often as it may",
    arguments: [
      Answer(
        text: "HTTP/1.1 404 Not Found\r\n\r\n", dials: 1, kind: .refused(status: 404),
        reason: "the server refused the upgrade with HTTP 404 Not Found"),
      Answer(
        text: "HTTP/1.0 200 OK\r\n\r\n", dials: 1, kind: .refused(status: 200),
        reason: "the server answers in HTTP/1.0, which has no upgrade, with 200 OK"),
      Answer(
        text: "HTTP/1.1 302 Found\r\nBad Field\r\n\r\n", dials: 1, kind: .refused(status: 302),
        reason: "the server refused the upgrade with HTTP 302 Found"),
      Answer(
        text: "HTTP/1.1 301 Moved\r\nLocation: https://x/y\r\n\r\n", dials: 1, kind: .refused(status: 301),
        reason: "the server refused the upgrade with HTTP 301 Moved to https://x/y"),
      Answer(
        text: "HTTP/1.1 503 Later\r\n\r\n", dials: 3, kind: .refused(status: 503),
        reason: "the server refused the upgrade with HTTP 503 Later"),
      Answer(
        text: "SSH-2.0-x\r\n", dials: 1, kind: .notHTTP, reason: "an SSH server answers: \"SSH-2.0-x\""),
      Answer(
        text: "", dials: 3, kind: .closed,
        reason: "the server ended the connection without an answer to the upgrade request"),
      Answer(
        text: "HTTP/1.1 101 Sw", dials: 3, kind: .closed,
        reason: "the server ended the connection in the middle of its answer, after 15 bytes"),
    ])
  func dials(answer: Answer) async throws {
    try await withRawServer { server in
      let client = try server.client {
        $0.attempts = 3
        $0.retryDelay = .zero
      }
      let dialling = Task { try await client.connect() }
      for _ in 0..<answer.dials {
        let socket = try await server.next()
        _ = await socket.requestHead()
        socket.write(Array(answer.text.utf8))
        socket.close()
      }
      let error = await #expect(throws: ConnectionError.self) { _ = try await dialling.value }
      #expect(error?.dialFailure == DialFailure(answer.kind, answer.reason))
    }
  }

  @Test("TLS that does not come about is told by its cause")
  func secure() async throws {
    try await withRawServer { server in
      var configuration = try ClientConfiguration("wss://127.0.0.1:\(server.port)/join")
      configuration.attempts = 1
      let client = try Client(configuration)
      let dialling = Task { try await client.connect() }
      let socket = try await server.next()
      socket.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
      let error = await #expect(throws: ConnectionError.self) { _ = try await dialling.value }
      #expect(error?.dialFailure?.kind == .peerLacksTLS)
      socket.close()
    }
  }

  @Test("A TLS handshake that nobody answers is not taken for a missing answer to the request")
  func mute() async throws {
    try await withRawServer { server in
      var configuration = try ClientConfiguration("wss://127.0.0.1:\(server.port)/join")
      configuration.attempts = 1
      configuration.options.handshakeWait = .seconds(1)
      let client = try Client(configuration)
      let dialling = Task { try await client.connect() }
      let socket = try await server.next()
      let error = await #expect(throws: ConnectionError.self) { _ = try await dialling.value }
      #expect(error?.dialFailure?.kind == .peerLacksTLS)
      socket.close()
    }
  }
}
