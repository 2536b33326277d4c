import CaptureFile
import NIOConcurrencyHelpers
import NIOCore
import SwiftProtobuf
import Testing
import TypedMessages
import WebSocketCodec

@testable import ReferencePeer

@Suite("What programs are told", .timeLimit(.minutes(10)))
struct CallbackTests {
  @Test("Pings and pongs reach the callbacks of both sides, with their payloads")
  func pings() async throws {
    let atServer = Inbox<String>()
    let atClient = Inbox<String>()
    try await withServer({
      $0.callbacks.pingReceived = { connection, payload in
        atServer.put("ping \(payload)")
        connection.ping([7])
      }
      $0.callbacks.pongReceived = { _, payload in atServer.put("pong \(payload)") }
    }) { server in
      let client = try await server.connect {
        $0.callbacks.pingReceived = { _, payload in atClient.put("ping \(payload)") }
        $0.callbacks.pongReceived = { _, payload in atClient.put("pong \(payload)") }
      }
      // What does not fit into a control frame is cut.
      client.ping([UInt8](repeating: 1, count: 200))
      #expect(
        await atServer.next(2) == ["ping \([UInt8](repeating: 1, count: 125))", "pong [7]"])
      #expect(Set(await atClient.next(2)) == ["ping [7]", "pong \([UInt8](repeating: 1, count: 125))"])
    }
  }

  @Test("A send completes when the frame was handed to the socket, and fails when it cannot be")
  func completions() async throws {
    try await withServer { server in
      let client = try await server.connect()
      let outcomes = Inbox<String>()
      let note: @Sendable (Result<Void, any Error>) -> Void = { result in
        switch result {
        case .success: outcomes.put("sent")
        case .failure(let error): outcomes.put("\(error)")
        }
      }
      client.send(999, completion: note)
      #expect(await outcomes.next(1) == ["sent"])
      for refused in [(999, ByteBuffer(repeating: 0, count: 524_281)), (-1, ByteBuffer()), (1 << 32, ByteBuffer())] {
        client.send(Int64(refused.0), refused.1, completion: note)
        #expect(await outcomes.next(1).first?.hasPrefix("the frame cannot be sent") == true)
      }
      client.close()
      client.send(999, completion: note)
      #expect(await outcomes.next(1) == ["the connection is no longer open"])
      _ = await client.ended()
      client.send(999, completion: note)
      #expect(await outcomes.next(1) == ["the connection is no longer open"])
    }
  }

  @Test("A protobuf type arrives decoded; a payload that is none is dropped, and the connection stays")
  func typed() async throws {
    let texts = Inbox<String>()
    try await withServer({
      $0.handlers.on(20, decoding: Google_Protobuf_StringValue.self) { value, message, connection in
        texts.put(value.value)
        value.value += "!"
        if let payload = try? ByteBuffer(encoding: value) {
          connection.answer(message, 21, payload, completion: nil)
        }
      }
    }) { server in
      let client = try await server.connect()
      for text in ["", "one", "two", String(repeating: "long ", count: 20_000)] {
        let payload = try ByteBuffer(encoding: Google_Protobuf_StringValue.with { $0.value = text })
        let answer = try await client.call(20, payload)
        // Each message begins empty, although they are used again.
        #expect(try answer.decode(Google_Protobuf_StringValue.self).value == text + "!")
        #expect(await texts.next(1) == [text])
      }
      try await client.send(20, ByteBuffer(bytes: [0x0A, 0xFF]))
      #expect(try await client.call(2).protocolId == 3)
      let answer = try await client.call(2, ByteBuffer(bytes: [0x0A, 0xFF]))
      #expect(throws: BinaryDecodingError.self) { try answer.decode(Google_Protobuf_StringValue.self) }
    }
  }

  @Test("The callback for messages sees those without a handler too, before the handler runs")
  func received() async throws {
    let events = Inbox<String>()
    try await withServer({
      $0.callbacks.received = { _, message in events.put("received \(message.protocolId), \(message.kind)") }
      $0.handlers.on(2) { message, _ in events.put("handler \(message.protocolId)") }
    }) { server in
      let client = try await server.connect()
      client.send(999, completion: nil)
      client.call(2) { _ in }
      #expect(await events.next(3) == ["received 999, message", "received 2, request", "handler 2"])
    }
  }

  @Test("The end is told once, in order, however it comes about", arguments: ["close", "reset", "violation", "kick"])
  func ends(how: String) async throws {
    let events = Inbox<String>()
    try await withServer({
      $0.callbacks.established = { _ in events.put("established") }
      $0.callbacks.closing = { events.put("closing, \($0.number)") }
      $0.callbacks.closed = { _, end in
        events.put("closed, \(end.cause)")
        events.finish()
      }
    }) { server in
      let socket = try await RawSocket.upgraded(port: server.server.port, query: "uid=1")
      #expect(await events.next(1) == ["established"])
      let cause: ConnectionEnd.Cause
      switch how {
      case "close":
        socket.write(Wire.webSocket(.close, [0x0B, 0xB8], masked: true))
        cause = .peerClosed(code: 3000)
      case "violation":
        socket.write(Wire.raw(3, [], masked: true))
        cause = .violation(code: 1002)
      case "kick":
        server.server.hub.kick(identity: "1-0--")
        cause = .kicked
      default:
        socket.close()
        cause = .transportEnded
      }
      #expect(await events.next(9) == ["closing, 1", "closed, \(cause)"])
      socket.close()
    }
  }

  @Test("A drain takes nobody new, lets handlers end, closes with 1001, and cuts off what is left")
  func drain() async throws {
    let started = Inbox<@Sendable () -> Void>()
    try await withServer({
      $0.handlers.onAsync(4) { message, connection in
        await withCheckedContinuation { continuation in started.put { continuation.resume() } }
        try await connection.answer(message, 5, message.payload)
      }
    }) { server in
      let idle = try await server.connect("uid=idle")
      let busy = try await server.connect("uid=busy")
      let call = Task { try await busy.call(4, ByteBuffer(string: "late"), timeout: nil) }
      let goOn = try #require(await started.next(1).first)
      let stopping = Task { await server.server.shutDown(deadline: .seconds(60)) }
      #expect(await idle.ended().cause == .peerClosed(code: 1001))
      await #expect(throws: ConnectionError.self) { _ = try await server.connect("uid=new") }
      // The busy one is still served.
      #expect(try await busy.call(2).protocolId == 3)
      goOn()
      #expect(try await call.value.payload.text == "late")
      #expect(await busy.ended().cause == .peerClosed(code: 1001))
      await stopping.value
      #expect(server.server.hub.count == 0)
    }
  }

  @Test("A drain awaits the answer to a call of the server")
  func drainOwnCall() async throws {
    let asked = Inbox<ReceivedMessage>()
    let answers = Inbox<String>()
    try await withServer({
      $0.handlers.on(6) { _, connection in
        connection.call(7, timeout: nil) { answers.put((try? $0.get().payload.text) ?? "none") }
      }
    }) { server in
      let client = try await server.connect { $0.handlers.on(7) { message, _ in asked.put(message) } }
      try await client.send(6)
      let question = try #require(await asked.next(1).first)
      let stopping = Task { await server.server.shutDown(deadline: .seconds(60)) }
      await #expect(throws: ConnectionError.self) {
        while true { _ = try await server.connect("uid=new") }
      }
      try await client.answer(question, 17, ByteBuffer(string: "in time"))
      #expect(await answers.next(1) == ["in time"])
      #expect(await client.ended().cause == .peerClosed(code: 1001))
      await stopping.value
    }
  }

  @Test("A drain cuts off at its deadline what does not end")
  func drainDeadline() async throws {
    let ends = Inbox<ConnectionEnd.Cause>()
    try await withServer({
      $0.handlers = ReferenceApplication.serverHandlers(slowDelay: .seconds(3600))
      $0.callbacks.closed = { _, end in ends.put(end.cause) }
    }) { server in
      let client = try await server.connect()
      client.call(4, timeout: nil) { _ in }
      _ = try await client.call(2)
      await server.server.shutDown(deadline: .milliseconds(50))
      #expect(await ends.next(1) == [.transportEnded])
      #expect(await client.ended().cause == .transportEnded)
    }
  }

  @Test("A recording holds what crossed the socket, inside of TLS")
  func recording() async throws {
    let bytes = NIOLockedValueBox<[UInt8]>([])
    let recorder = try CaptureRecorder { piece in bytes.withLockedValue { $0 += piece } }
    let serverTLS = try TestCertificates.server()
    let clientTLS = try TestCertificates.client()
    try await withServer({
      $0.tls = serverTLS
      $0.observer = recorder
    }) { server in
      let client = try await server.connect { $0.tls = clientTLS }
      #expect(try await client.call(2, ByteBuffer(string: "recorded words")).payload.text == "recorded words")
      client.close()
      _ = await client.ended()
    }
    try recorder.finish()
    var reader = CaptureReader()
    let capture = bytes.withLockedValue { $0 }
    reader.feed(capture)
    reader.finish()
    var count = 0
    while let event = reader.next() {
      guard case .record(let record) = event else {
        Issue.record("\(event)")
        continue
      }
      #expect(record.capturedLength > 0)
      count += 1
    }
    // Three of the connection's beginning, at least the request, the 101, the call, the answer and the closes, and the end.
    #expect(count >= 10)
    // The answer goes without a mask.
    #expect(capture.firstRange(of: Array("recorded words".utf8)) != nil)
    #expect(capture.firstRange(of: Array("HTTP/1.1 101 Switching Protocols".utf8)) != nil)
  }
}
