import Conversation
import NIOCore
import NIOPosix
import Testing
import WebSocketCodec

@testable import ReferencePeer

/// A raw peer is the clock's other hand: what it sends again and again comes from its event loop, and the test awaits what
/// the deadline does.
@Suite("Deadlines", .timeLimit(.minutes(10)))
struct DeadlineTests {
  private static let wait: Duration = .milliseconds(150)

  /// Sends bytes again and again until the returned task is cancelled.
  private func repeating(_ socket: RawSocket, _ bytes: @escaping @Sendable (Int) -> [UInt8]) -> RepeatedTask {
    let round = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: MultiThreadedEventLoopGroup.singleton.any())
    return round.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(10)) { _ in
      socket.write(bytes(round.value))
      round.value += 1
    }
  }

  // MARK: - The read wait

  /// keepalive.deadline.close
  @Test("A server closes a connection on which nothing comes")
  func silentClient() async throws {
    let ends = Inbox<ConnectionEnd.Cause>()
    try await withServer({
      $0.options.readWait = Self.wait
      $0.callbacks.closed = { _, end in ends.put(end.cause) }
    }) { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      #expect(await socket.lines.next(2) == ["close 1001", "end"])
      #expect(await ends.next(1) == [.readTimeout])
    }
  }

  /// keepalive.deadline.close
  @Test("A client closes a connection on which nothing comes, and its calls fail")
  func silentServer() async throws {
    try await withRawServer { server in
      let failures = Inbox<ConnectionError?>()
      let (socket, connection) = try await server.connect {
        $0.options.readWait = Self.wait
        // Before the deadline, however busy the machine is.
        $0.callbacks.established = { connection in
          connection.call(2, timeout: nil) { result in
            if case .failure(let error) = result { failures.put(error) } else { failures.put(nil) }
          }
        }
      }
      #expect(await failures.next(1) == [.callFailed(.closed)])
      #expect(await connection.ended().cause == .readTimeout)
      let lines = await socket.lines.next(3)
      #expect(lines.first?.hasPrefix("binary") == true)
      #expect(lines.dropFirst() == ["close 1001", "end"])
    }
  }

  /// keepalive.deadline.slow-sender, keepalive.deadline.fragment
  @Test("A server closes a connection whose peer never ends a message", arguments: ["bytes", "fragments", "header"])
  func slowSender(sends: String) async throws {
    try await withServer({ $0.options.readWait = Self.wait }) { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      let task = repeating(socket) { round in
        switch (sends, round) {
        case ("bytes", 0): Array(Wire.raw(2, [], masked: true, form: .sixteenBits, declared: 10_000))
        case ("bytes", _): [0x5A]
        case ("fragments", 0): Wire.webSocket(.binary, [0xFE], masked: true, fin: false)
        case ("fragments", _): Wire.webSocket(.continuation, [1], masked: true, fin: false)
        case (_, 0): [0x82]
        case (_, 1): [0xFE]
        default: []
        }
      }
      #expect(await socket.lines.next(2) == ["close 1001", "end"])
      task.cancel()
    }
  }

  /// keepalive.deadline.fragment, at a client
  @Test("A client closes a connection whose server never ends a message")
  func slowServer() async throws {
    try await withRawServer { server in
      let (socket, connection) = try await server.connect { $0.options.readWait = Self.wait }
      let task = repeating(socket) { round in
        Wire.webSocket(round == 0 ? .binary : .continuation, [1], masked: false, fin: false)
      }
      #expect(await connection.ended().cause == .readTimeout)
      task.cancel()
      socket.close()
    }
  }

  /// keepalive.deadline.restart: the connection that was made first outlives the silent one.
  @Test("Pings, pongs and messages each restart the deadline")
  func restarted() async throws {
    try await withServer({ $0.options.readWait = .seconds(2) }) { server in
      var busy: [(socket: RawSocket, task: RepeatedTask)] = []
      for opcode in [WebSocketOpcode.ping, .pong, .binary] {
        let socket = try await RawSocket.upgraded(port: server.server.port, query: "uid=\(opcode)")
        let task = repeating(socket) { _ in
          Wire.webSocket(opcode, opcode == .binary ? Wire.frame(999) : [], masked: true)
        }
        busy.append((socket, task))
      }
      let silent = try await RawSocket.upgraded(port: server.server.port, query: "uid=silent")
      #expect(await silent.lines.next(2) == ["close 1001", "end"])
      for (socket, task) in busy {
        task.cancel()
        socket.write(Wire.webSocket(.binary, Wire.frame(2, sn: 2), masked: true))
        let answer = "binary " + RawSocket.hex(Wire.frame(3, sn: 2))
        #expect(await socket.lines.stream.first { $0 != "pong" } == answer)
        socket.close()
      }
    }
  }

  // MARK: - Pings

  /// keepalive.ping.period, keepalive.ping.payload
  @Test("A server pings a client that does nothing, in debug mode with an id", arguments: [false, true])
  func serverPings(debugs: Bool) async throws {
    try await withServer({
      $0.options.writeWait = .milliseconds(50)
      $0.options.isDebugging = debugs
    }) { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      let pings = await socket.lines.next(3)
      guard debugs else {
        #expect(pings == ["ping", "ping", "ping"])
        return socket.close()
      }
      let prefix = "ping " + RawSocket.hex(Array("server".utf8))
      for ping in pings {
        #expect(ping.hasPrefix(prefix))
        #expect(ping.utf8.count == prefix.utf8.count + 2 * 26)
      }
      #expect(Set(pings).count == 3)
      socket.close()
    }
  }

  /// keepalive.ping.period
  @Test("A client pings a server, whatever the traffic")
  func clientPings() async throws {
    try await withRawServer { server in
      let (socket, connection) = try await server.connect { $0.options.writeWait = .milliseconds(50) }
      let task = repeating(socket) { _ in Wire.webSocket(.binary, Wire.frame(999), masked: false) }
      #expect(await socket.lines.next(3) == ["ping", "ping", "ping"])
      task.cancel()
      socket.close()
      _ = await connection.ended()
    }
  }

  // MARK: - The handshake wait

  @Test(
    "A server drops a connection whose request does not come in time", arguments: ["nothing", "a part", "byte by byte"])
  func handshake(sends: String) async throws {
    try await withServer({ $0.options.handshakeWait = Self.wait }) { server in
      let socket = try await RawSocket.connect(port: server.server.port)
      let request = HTTPExchange.request()
      let task = repeating(socket) { round in
        switch (sends, round) {
        case ("a part", 0): Array(request.prefix(40))
        case ("byte by byte", 0..<40): [request[round]]
        default: []
        }
      }
      #expect(await socket.lines.next(1) == ["end"])
      task.cancel()
      #expect(try await server.connectPatiently().call(2).protocolId == 3)
    }
  }

  @Test("A client gives up a server that does not answer in time", arguments: [false, true])
  func unanswered(partly: Bool) async throws {
    try await withRawServer { server in
      // Time enough to connect and to ask, also on a busy machine.
      let client = try server.client { $0.options.handshakeWait = .seconds(1) }
      let dialling = Task { try await client.connect() }
      let socket = try await server.next()
      if partly { socket.write(Array("HTTP/1.1 101 Switching Protocols\r\n".utf8)) }
      let error = await #expect(throws: ConnectionError.self) { _ = try await dialling.value }
      #expect(error?.dialFailure?.kind == .silent)
      #expect(await socket.requestHead().hasPrefix("GET "))
      #expect(await socket.lines.next(1) == ["end"])
    }
  }

  // MARK: - The close wait

  /// close.timeout
  @Test("A client that closed waits for the server for the close wait, no longer")
  func closeWait() async throws {
    try await withRawServer { server in
      let (socket, connection) = try await server.connect { $0.options.closeWait = Self.wait }
      connection.close(code: 4000, reason: "enough")
      #expect(await socket.lines.next(1) == ["close 4000"])
      #expect(await connection.ended().cause == .closed(code: 4000))
      #expect(await socket.lines.next(1) == ["end"])
    }
  }

  /// close.timeout, close.transport.client
  @Test("A client that was closed leaves the end of TCP to the server, for the close wait")
  func closedByServer() async throws {
    try await withRawServer { server in
      let (socket, connection) = try await server.connect { $0.options.closeWait = Self.wait }
      socket.write(Wire.webSocket(.close, [0x03, 0xE9], masked: false))
      #expect(await socket.lines.next(1) == ["close 1001"])
      #expect(await connection.ended().cause == .peerClosed(code: 1001))
    }
  }

  /// close.timeout: the raw client does not answer the close.
  @Test("A server that closed is rid of a client that does nothing")
  func serverClose() async throws {
    let ends = Inbox<ConnectionEnd.Cause>()
    try await withServer({
      $0.options.closeWait = Self.wait
      $0.callbacks.established = { $0.close(code: 4001) }
      $0.callbacks.closed = { _, end in ends.put(end.cause) }
    }) { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      #expect(await socket.lines.next(1) == ["close 4001"])
      #expect(await ends.next(1) == [.closed(code: 4001)])
    }
  }
}
