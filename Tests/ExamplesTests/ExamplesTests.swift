import NIOCore
import Testing
import WireproofPeer

@testable import Examples

@Suite("The steps of the library guide, run over loopback", .timeLimit(.minutes(10)))
struct ExamplesTests {
  @Test("The whole program")
  func wholeProgram() async throws {
    #expect(try await greetOverLoopback() == "hello")
  }

  @Test("Listening, connecting with callbacks, sending, closing")
  func listenConnectSendClose() async throws {
    let seen = Lines()
    let server = try await listen(port: 0, handlers: handlers(seen), log: seen.add)
    let connection = try await connect(url: server.url, log: seen.add)
    try await send(on: connection, log: seen.add)
    await seen.wait(for: "client received: server response", count: 2)
    let end = await leave(connection)
    #expect(end.cause == .closed(code: 1000))
    await seen.wait(forPrefix: "server closed: 100-1-phone-ios, ")
    await drain(server)

    #expect(seen.all.first == "listening on \(server.url)")
    #expect(seen.all.filter { $0 == "server received: client request" }.count == 2)
    #expect(seen.all.filter { $0 == "sent" }.count == 1)
    #expect(
      seen.all.filter { $0.hasPrefix("client") && !$0.contains("received") }.map { $0.prefix(18) }
        == ["client established", "client closing", "client closed: clo"])
    #expect(
      seen.all.filter { $0.hasPrefix("server") && !$0.contains("received") }.map { $0.prefix(13) }
        == ["server establ", "server closin", "server closed"])
  }

  @Test("A call, many at once, a deadline that passes, a call that is cancelled")
  func calls() async throws {
    let seen = Lines()
    let silence = AsyncStream.makeStream(of: Void.self)
    let handlers = serverHandlers(log: seen.add) { name in
      guard name == "Ada" else { return "found \(name)" }
      // The first answers, the others never come.
      if seen.addOnce("looked up Ada") { return "Lovelace" }
      for await _ in silence.stream {}
      throw CancellationError()
    }
    try await withServer({ $0.handlers = handlers }) { server in
      let connection = try await client(of: server).connect()
      #expect(try await call(on: connection) == "Lovelace")
      let names = (0..<50).map(String.init)
      #expect(try await callSideBySide(on: connection, names: names).count == 50)
      try await callWithDeadline(on: connection, log: seen.add)
      #expect(seen.all.last == "no answer in time")
      await #expect(throws: CancellationError.self) { _ = try await cancelCall(on: connection) }
      #expect(try await connection.call(ProtocolId.request).protocolId == ProtocolId.response)
      connection.close()
      _ = await connection.ended()
      try await callWithDeadline(on: connection, log: seen.add)
      #expect(seen.all.last == "the connection has ended")
    }
  }

  @Test("A call with a deadline that is answered")
  func callInTime() async throws {
    let seen = Lines()
    try await withServer({ $0.handlers = serverHandlers(log: seen.add) { "\($0) Lovelace" } }) { server in
      let connection = try await client(of: server).connect()
      try await callWithDeadline(on: connection, log: seen.add)
      #expect(seen.all == ["found: Ada Lovelace"])
    }
  }

  @Test("The server calls a client that it finds in the hub")
  func serverCalls() async throws {
    try await withServer { server in
      _ = try await client(of: server, change: answerQuestions).connect()
      let identity = await server.established.next()
      #expect(try await ask(server.server, identity: identity) == "yes")
      #expect(try await ask(server.server, identity: "nobody") == nil)
    }
  }

  @Test("Compression, without and with context takeover", arguments: [false, true])
  func compression(takeover: Bool) async throws {
    var placeholder = try ClientConfiguration("ws://127.0.0.1/join")
    try await withServer({ configuration in
      if takeover {
        compressWithTakeover(&configuration, &placeholder)
      } else {
        compress(&configuration, &placeholder)
      }
    }) { server in
      let options = placeholder.options
      let connection = try await client(of: server) { $0.options = options }.connect()
      #expect(connection.details.deflate?.serverNoContextTakeover == !takeover)
      #expect(connection.details.deflate?.clientNoContextTakeover == !takeover)
      for _ in 0..<3 {
        #expect(try await connection.call(ProtocolId.request, ByteBuffer(repeating: 7, count: 5000)).sn != 0)
      }
    }
  }

  @Test("TLS with an authority of its own, and without verification")
  func tls() async throws {
    let certificate = fixture("certificate.pem")
    try await withServer({ try secure(&$0, certificate: certificate, key: fixture("key.pem")) }) { server in
      #expect(server.server.url.hasPrefix("wss://"))
      let trusting = try await client(of: server) { try trust(certificate, &$0) }.connect()
      #expect(try await trusting.call(ProtocolId.request).protocolId == ProtocolId.response)
      let careless = try await client(of: server, query: "uid=2") { try trustAnything(&$0) }.connect()
      #expect(try await careless.call(ProtocolId.request).protocolId == ProtocolId.response)
      await #expect(throws: ConnectionError.self) { _ = try await client(of: server).connect() }
    }
  }

  @Test("Typed messages")
  func typed() async throws {
    try await withServer({ greet(&$0.handlers, log: { _ in }) }) { server in
      let connection = try await client(of: server).connect()
      #expect(try await askForGreeting(on: connection) == "Hello, Ada")
    }
  }

  @Test("Negotiation by query and by subprotocol, and text in what was agreed")
  func negotiation() async throws {
    try await withServer(negotiate) { server in
      let declared = try await client(of: server, change: declare).connect()
      let seen = Lines()
      try await callWithText(on: declared, log: seen.add)
      #expect(seen.all == ["version 3, charset gbk", "server response"])
      // GBK, not UTF-8, went over the wire.
      #expect(try declared.payload(text: "你好").readableBytes == 4)
      #expect(throws: CharsetError.self) { _ = try declared.payload(text: "🙂") }

      let offered = try await client(of: server, query: "uid=2", change: offer).connect()
      #expect(offered.details.selection.selectedProtocol == "ws.v3.c1")

      await #expect(throws: ConnectionError.self) {
        _ = try await client(of: server, query: "uid=3&version=1&charset=7").connect()
      }
    }
  }

  @Test("The hub: looking, displacing, kicking")
  func hub() async throws {
    try await withServer { server in
      let displacements = Lines()
      let first = try await client(of: server, query: "uid=1&source=web") {
        $0.callbacks.displaced = { _ in displacements.add("displaced") }
      }.connect()
      let identity = await server.established.next()
      let seen = Lines()
      look(at: server.server, for: identity, log: seen.add)
      #expect(seen.all == ["1 connections", "1-0--web comes from web", "1: 1-0--web"])

      #expect(displace(identity, at: server.server, newAddress: "10.0.0.7:40000"))
      #expect(await first.ended().cause == .displaced)
      #expect(displacements.all == ["displaced"])
      #expect(!displace(identity, at: server.server, newAddress: "10.0.0.7:40000"))

      let second = try await client(of: server, query: "uid=2").connect()
      #expect(kick(await server.established.next(), from: server.server))
      #expect(await second.ended().cause == .peerClosed(code: nil))
      #expect(server.server.hub.count == 0)
    }
  }

  @Test("The store of a connection")
  func store() async throws {
    try await withServer { server in
      let connection = try await client(of: server).connect()
      #expect(remember(on: connection) == ("Ada", 1))
      #expect(remember(on: connection) == ("Ada", 2))
    }
  }

  @Test("A puller sends what is there, once for many signals")
  func puller() async throws {
    try await withServer { server in
      let news = Lines()
      _ = try await client(of: server) {
        $0.handlers.on(ProtocolId.news) { message, _ in news.add(String(buffer: message.payload)) }
      }.connect()
      let identity = await server.established.next()
      let connection = try #require(server.server.hub.connection(identity: identity))
      let mailbox = Mailbox()
      for number in 0..<10 { deliver("\(number)", by: mailbox, to: connection) }
      await news.wait(for: "9")
      #expect(news.all == (0..<10).map(String.init))
    }
  }

  @Test("Redialling goes on after a loss and stops after a displacement")
  func redial() async throws {
    try await withServer { server in
      let seen = Lines()
      let client = try client(of: server)
      async let reason = stayConnected(
        client,
        schedule: RedialSchedule(
          initialDelay: .milliseconds(1), maximumDelay: .milliseconds(1), maximumFailures: 2),
        log: seen.add)
      #expect(kick(await server.established.next(), from: server.server))
      let identity = await server.established.next()
      #expect(displace(identity, at: server.server, newAddress: "10.0.0.7:40000"))
      #expect(try await reason == .displaced)
      #expect(seen.all == ["connected, number 1", "connected, number 2"])
    }
  }

  @Test("A drain lets a handler finish, then closes with 1001")
  func draining() async throws {
    let started = Lines()
    let goOn = AsyncStream.makeStream(of: Void.self)
    let handlers = serverHandlers(log: { _ in }) { name in
      started.add(name)
      for await _ in goOn.stream {}
      return "late"
    }
    let server = try await listen(port: 0, handlers: handlers, log: { _ in })
    let connection = try await Client(ClientConfiguration(server.url)).connect()
    async let answer = call(on: connection)
    await started.wait(for: "Ada")
    async let drained: Void = drain(server)
    goOn.continuation.finish()
    #expect(try await answer == "late")
    #expect(await connection.ended().cause == .peerClosed(code: 1001))
    await drained
  }

  @Test("A payload that is copied out")
  func copying() async throws {
    let kept = Lines()
    try await withServer({ keepLast(&$0.handlers) { kept.add(String(decoding: $0, as: UTF8.self)) } }) { server in
      let connection = try await client(of: server).connect()
      try await connection.send(ProtocolId.request, ByteBuffer(string: "kept"))
      await kept.wait(for: "kept")
    }
  }

  @Test("Old and new clients at one server")
  func revisions() async throws {
    var old = try ClientConfiguration("ws://127.0.0.1/join")
    try await withServer({ speakRevisions(&$0, &old) }) { server in
      let answers = Lines()
      let options = old.options
      let oldClient = try await client(of: server) {
        $0.options = options
        $0.handlers.on(ProtocolId.response) { message, _ in answers.add(String(buffer: message.payload)) }
      }.connect()
      try await oldClient.send(ProtocolId.request)
      await answers.wait(for: "server response")
      await #expect(throws: ConnectionError.self) { _ = try await oldClient.call(ProtocolId.request) }
      let newClient = try await client(of: server, query: "uid=2").connect()
      #expect(try await newClient.call(ProtocolId.request).protocolId == ProtocolId.response)
    }
  }

  @Test("A frame above the limit ends the connection with 1009, a foreign origin is not let in")
  func limits() async throws {
    try await withServer(limit) { server in
      let connection = try await client(of: server).connect()
      try await connection.send(ProtocolId.request, ByteBuffer(repeating: 0, count: 64 * 1024))
      #expect(await connection.ended().cause == .peerClosed(code: 1009))
      await #expect(throws: ConnectionError.self) {
        _ = try await client(of: server) { $0.fields = [HTTPField("Origin", "https://example.org")] }.connect()
      }
    }
  }

  @Test("The defaults that the guide names")
  func defaults() throws {
    let options = ConnectionOptions()
    #expect(options.maxFrameLength == 524_288)
    #expect(options.readWait == .seconds(60))
    #expect(options.writeWait == .seconds(60))
    #expect(options.handshakeWait == .seconds(10))
    #expect(options.closeWait == .seconds(1))
    #expect(options.sendQueueLimit == 256)
    #expect(options.fragmentSize == nil)
    #expect(options.compression == nil)
    let client = try ClientConfiguration("ws://127.0.0.1")
    #expect(client.attempts == 3)
    #expect(client.retryDelay == .seconds(1))
    let server = ServerConfiguration()
    #expect(server.host == "127.0.0.1")
    #expect(server.shards == 16)
    #expect(server.policy.path == "/join")
    #expect(!server.trustsProxyFields)
    let schedule = RedialSchedule()
    #expect(schedule.initialDelay == .milliseconds(500))
    #expect(schedule.maximumDelay == .seconds(30))
    #expect(schedule.multiplier == 2)
    #expect(schedule.steadyTime == .seconds(5))
  }
}
