import Testing
import WebSocketCodec

@testable import ReferencePeer

@Suite("Content, targets and expectations of upgrade requests, on the wire", .timeLimit(.minutes(10)))
struct RequestContentTests {
  /// A call of the reference application, as a client would send it behind its request.
  private static let call = Wire.webSocket(.binary, Wire.frame(2, sn: 2, [1]), masked: true)

  @Test(
    "A request with content is refused, and what follows is no frame",
    arguments: [
      ["Content-Length: 21"], ["Transfer-Encoding: chunked"], ["Content-Length: 5", "Expect: 100-continue"],
      ["Content-Length: x"], ["Content-Length: 1, 2"], ["Transfer-Encoding: gzip"],
    ])
  func content(fields: [String]) async throws {
    try await withServer { server in
      let answer = try await HTTPExchange(
        port: server.server.port, sending: HTTPExchange.request(adding: fields) + Self.call, thenEnds: true)
      #expect(answer.status == 400)
      // The refusal and nothing else: no 100, no answer to the call, no close frame.
      #expect(answer.body.hasPrefix("{") && answer.body.hasSuffix("}"))
      #expect(server.server.hub.count == 0)
    }
  }

  @Test("A Content-Length of 0 is no content")
  func empty() async throws {
    try await withServer { server in
      let socket = try await RawSocket.connect(port: server.server.port)
      socket.write(HTTPExchange.request(adding: ["Content-Length: 0"]) + Self.call)
      #expect(await socket.lines.next(2).last == "binary " + RawSocket.hex(Wire.frame(3, sn: 2, [1])))
      socket.close()
    }
  }

  @Test(
    "A target in absolute form is that of its path and query",
    arguments: ["http://example.com/join?uid=7", "ws://example.com:8003/join?uid=7"])
  func absolute(target: String) async throws {
    try await withServer { server in
      let socket = try await RawSocket.connect(port: server.server.port)
      socket.write(HTTPExchange.request("GET \(target) HTTP/1.1") + Self.call)
      #expect(await socket.lines.next(2).last == "binary " + RawSocket.hex(Wire.frame(3, sn: 2, [1])))
      #expect(server.server.hub.connection(identity: "7-0--") != nil)
      socket.close()
    }
  }

  @Test("Who waits for a 100 gets it before the 101")
  func expectation() async throws {
    try await withServer { server in
      let answer = try await HTTPExchange(
        port: server.server.port, sending: HTTPExchange.request(adding: ["Expect: 100-continue"]), thenEnds: true)
      #expect(answer.status == 100)
      #expect(answer.body.hasPrefix("HTTP/1.1 101 "))
    }
  }

  @Test("A client reads over what comes before the 101")
  func interim() async throws {
    try await withRawServer { server in
      let client = try server.client()
      let dialling = Task { try await client.connect() }
      let socket = try await server.next()
      let granted = RawServer.granting(await socket.requestHead())
      let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      socket.write(Array(early.utf8) + granted)
      let connection = try await dialling.value
      #expect(connection.number == 1)
      connection.close()
    }
  }
}
