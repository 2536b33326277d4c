import NIOCore
import NIOSSL
import Negotiation
import Synchronization
import Testing
import WebSocketCodec

@testable import ReferencePeer

@Suite("The client", .timeLimit(.minutes(10)))
struct ClientTests {
  // MARK: - Dialling

  @Test("It dials as often as it may, on any failure")
  func attempts() async throws {
    try await withRawServer { server in
      let client = try server.client {
        $0.attempts = 3
        $0.retryDelay = .zero
      }
      let dialling = Task { try await client.connect() }
      try await server.next().close()
      try await server.next().write(Array("HTTP/1.1 503 Service Unavailable\r\n\r\n".utf8))
      let third = try await server.next()
      third.write(RawServer.granting(await third.requestHead()))
      let connection = try await dialling.value
      #expect(connection.number == 3)
      third.close()
      _ = await connection.ended()
    }
  }

  @Test("It gives up with the reason of the last try, after exactly as many as it may", arguments: [1, 3])
  func givesUp(attempts: Int) async throws {
    try await withRawServer { server in
      let client = try server.client {
        $0.attempts = attempts
        $0.retryDelay = .zero
      }
      let dialling = Task { try await client.connect() }
      for number in 1...attempts {
        let socket = try await server.next()
        socket.write(Array("HTTP/1.1 50\(number) No\r\n\r\n".utf8))
      }
      let error = await #expect(throws: ConnectionError.self) { _ = try await dialling.value }
      #expect(error?.dialFailure?.kind == .refused(status: 500 + attempts))
      // The next to come is that of another client.
      let other = try server.client { $0.fields = [.init("X-Other", "1")] }
      let second = Task { try await other.connect() }
      let socket = try await server.next()
      #expect(await socket.requestHead().contains("X-Other: 1"))
      socket.close()
      _ = try? await second.value
    }
  }

  @Test("Nobody listens: it says so")
  func refused() async throws {
    // A port that no program is given by chance.
    var configuration = try ClientConfiguration("ws://127.0.0.1:1/join?uid=1")
    configuration.attempts = 1
    let client = try Client(configuration)
    for _ in 0..<50 {
      let error = await #expect(throws: ConnectionError.self) { _ = try await client.connect() }
      #expect(error == .dialFailed(DialFailure(.unreachable, "Connection refused")))
    }
  }

  @Test("A task that is cancelled stops dialling")
  func cancelled() async throws {
    try await withRawServer { server in
      let client = try server.client {
        $0.attempts = .max
        $0.retryDelay = .seconds(3600)
      }
      let dialling = Task { try await client.connect() }
      try await server.next().close()
      dialling.cancel()
      await #expect(throws: CancellationError.self) { _ = try await dialling.value }
    }
  }

  @Test("A connection with an own id replaces the older one of that id, and no other")
  func ownId() async throws {
    try await withServer { server in
      let client = try Client(try ClientConfiguration(server.server.url + "?uid=1"))
      let other = try Client(try ClientConfiguration(server.server.url + "?uid=2"))
      let bystander = try await other.connect(id: "mine")
      let first = try await client.connect(id: "mine")
      #expect(client.connection(id: "mine") == first)
      let second = try await client.connect(id: "mine")
      #expect(client.connection(id: "mine") == second)
      // The same identity at the server displaces it as well; one of the two comes first.
      let cause = await first.ended().cause
      #expect(cause == .closed(code: 1000) || cause == .displaced)
      #expect(client.connection(id: "mine") == second)
      #expect(try await second.call(2).protocolId == 3)
      #expect(try await bystander.call(2).protocolId == 3)
      second.close()
      _ = await second.ended()
      #expect(client.connection(id: "mine") == nil)
      #expect(other.connection(id: "mine") == bystander)
    }
  }

  @Test("An own id, another identity: the older one is closed by the client")
  func ownIdAlone() async throws {
    let number = Atomic<Int>(0)
    try await withServer({ configuration in
      configuration.admission = { _ in
        .accepted(.init(uid: "\(number.add(1, ordering: .relaxed).newValue)"))
      }
    }) { server in
      let client = try Client(try ClientConfiguration(server.server.url))
      let first = try await client.connect(id: "mine")
      let second = try await client.connect(id: "mine")
      #expect(await first.ended().cause == .closed(code: 1000))
      #expect(try await second.call(2).protocolId == 3)
    }
  }

  // MARK: - Dialling again

  @Test("It redials after a loss, a failure and a close by the server, until this side closes")
  func redials() async throws {
    try await withRawServer { server in
      let client = try server.client()
      let connections = Inbox<Connection>()
      let redialler = Redialler(
        client, schedule: RedialSchedule(initialDelay: .milliseconds(1), maximumDelay: .milliseconds(1)))
      let running = Task { try await redialler.run { connections.put($0) } }
      for round in 0..<4 {
        let socket = try await server.next()
        guard round != 1 else {
          socket.write(Array("HTTP/1.1 503 Service Unavailable\r\n\r\n".utf8))
          continue
        }
        socket.write(RawServer.granting(await socket.requestHead()))
        let connection = try #require(await connections.next(1).first)
        switch round {
        case 0: socket.close()
        case 2:
          socket.write(Wire.webSocket(.close, [0x03, 0xE9], masked: false))
          _ = await socket.lines.next(1)
          socket.close()
        default:
          connection.close()
          _ = await socket.lines.next(1)
          socket.close()
        }
      }
      #expect(try await running.value == .ended)
    }
  }

  /// hub.displacement.redial
  @Test("It does not redial after a newcomer displaced it")
  func doesNotRedial() async throws {
    try await withServer { server in
      let client = try Client(try ClientConfiguration(server.server.url + "?uid=1"))
      let connections = Inbox<Connection>()
      let redialler = Redialler(client, schedule: RedialSchedule(initialDelay: .zero, maximumDelay: .zero))
      let running = Task { try await redialler.run { connections.put($0) } }
      _ = await connections.next(1)
      let newcomer = try await server.connect("uid=1")
      #expect(try await running.value == .displaced)
      #expect(try await newcomer.call(2).protocolId == 3)
    }
  }

  @Test("Cancelling its task ends a redialler and its connection", arguments: [false, true])
  func redialCancelled(connected: Bool) async throws {
    try await withRawServer { server in
      let client = try server.client()
      let connections = Inbox<Connection>()
      let redialler = Redialler(
        client, schedule: RedialSchedule(initialDelay: .seconds(3600), maximumDelay: .seconds(3600)))
      let running = Task { try await redialler.run { connections.put($0) } }
      let socket = try await server.next()
      if connected {
        socket.write(RawServer.granting(await socket.requestHead()))
        _ = await connections.next(1)
      } else {
        socket.close()
      }
      running.cancel()
      if connected {
        #expect(await socket.lines.next(1) == ["close 1000"])
        socket.close()
      }
      await #expect(throws: CancellationError.self) { _ = try await running.value }
    }
  }
}

@Suite("TLS", .timeLimit(.minutes(10)))
struct TLSTests {
  private func withTLSServer(
    matches: Bool = true, _ change: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (LoopbackServer) async throws -> Void
  ) async throws {
    let tls = try TestCertificates.server(matches: matches)
    try await withServer(
      {
        $0.tls = tls
        change(&$0)
      }, body)
  }

  @Test("A client that trusts the authority calls, with large frames and compression", arguments: [false, true])
  func trusted(compressed: Bool) async throws {
    let tls = try TestCertificates.client()
    let compression = compressed ? CompressionOptions(level: 1) : nil
    try await withTLSServer({ $0.options.compression = compression }) { server in
      #expect(server.server.url.hasPrefix("wss://"))
      let client = try await server.connect {
        $0.tls = tls
        $0.options.compression = compression
      }
      for size in [0, 1000, 524_280] {
        let payload = ByteBuffer(repeating: 0x33, count: size)
        #expect(try await client.call(2, payload).payload == payload)
      }
      client.close()
      #expect(await client.ended().cause == .closed(code: 1000))
    }
  }

  @Test("A client refuses a certificate of another authority, and one for another host")
  func refused() async throws {
    let trusting = try TestCertificates.client()
    let wrong = try TestCertificates.client(other: true)
    try await withTLSServer { server in
      let error = await #expect(throws: ConnectionError.self) { _ = try await server.connect { $0.tls = wrong } }
      #expect(error?.dialFailure?.kind == .untrustedCertificate)
      let client = try await server.connect { $0.tls = trusting }
      #expect(try await client.call(2).protocolId == 3)
    }
    try await withTLSServer(matches: false) { server in
      let error = await #expect(throws: ConnectionError.self) { _ = try await server.connect { $0.tls = trusting } }
      #expect(error?.dialFailure?.kind == .untrustedCertificate)
      #expect(server.server.hub.count == 0)
    }
  }

  @Test("Without verification any certificate will do")
  func unverified() async throws {
    var tls = try TestCertificates.client(other: true)
    tls.certificateVerification = .none
    let careless = tls
    try await withTLSServer(matches: false) { server in
      let client = try await server.connect { $0.tls = careless }
      #expect(try await client.call(2).protocolId == 3)
    }
  }

  @Test("Below TLS 1.2 nobody is served, whatever was configured")
  func versions() async throws {
    var tls = try TestCertificates.client()
    tls.minimumTLSVersion = .tlsv1
    tls.maximumTLSVersion = .tlsv11
    let old = tls
    try await withTLSServer { server in
      await #expect(throws: (any Error).self) { _ = try await server.connect { $0.tls = old } }
      #expect(server.server.hub.count == 0)
    }
  }

  @Test("Who speaks no TLS to a TLS server is dropped, and others are served", arguments: ["GET ", "\u{16}\u{3}", ""])
  func noTLS(bytes: String) async throws {
    let tls = try TestCertificates.client()
    try await withTLSServer({ $0.options.handshakeWait = .milliseconds(300) }) { server in
      let socket = try await RawSocket.connect(port: server.server.port)
      socket.write(Array(bytes.utf8))
      #expect(await socket.lines.stream.first { _ in true } == "end")
      let client = try await server.connectPatiently { $0.tls = tls }
      #expect(try await client.call(2).protocolId == 3)
    }
  }
}
