import FrameCodec
import NIOCore
import Testing
import WebSocketCodec

@testable import ReferencePeer

@Suite("Displacement, on the wire", .timeLimit(.minutes(10)))
struct DisplacementTests {
  /// The displacement in a line, if it is one.
  private func displacement(in line: String) throws -> Displacement {
    let bytes = stride(from: 7, to: line.utf8.count, by: 2).compactMap { start in
      UInt8(line.dropFirst(start).prefix(2), radix: 16)
    }
    try #require(line.hasPrefix("binary ") && bytes.count > 14)
    #expect(Array(bytes[..<2]) == [0xFE, 0xEF])
    #expect(Array(bytes[2..<6]) == Wire.little(UInt32(bytes.count - 6)))
    #expect(Array(bytes[6..<14]) == [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0])
    return try Displacement(decoding: Array(bytes[14...]).span.bytes)
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// hub.displacement.frame, .addresses, .timestamp, .last, .close
  @Test("The last that the old one gets is the displacement, a close without a body, and the end")
  func frames() async throws {
    try await withServer { server in
      let before = WallClock.nanoseconds
      let old = try await RawSocket.upgraded(port: server.server.port, query: "uid=1")
      let new = try await RawSocket.upgraded(port: server.server.port, query: "uid=1")
      new.write(Wire.webSocket(.binary, Wire.frame(2, sn: 2), masked: true))
      #expect(await new.lines.next(1) == ["binary " + RawSocket.hex(Wire.frame(3, sn: 2))])
      let lines = await old.lines.next(3)
      #expect(lines.dropFirst() == ["close -", "end"])
      let displacement = try displacement(in: lines.first ?? "")
      #expect(text(displacement.oldAddress).hasPrefix("127.0.0.1:"))
      #expect(text(displacement.newAddress).hasPrefix("127.0.0.1:"))
      #expect(displacement.oldAddress != displacement.newAddress)
      #expect((before...WallClock.nanoseconds).contains(displacement.timestampNanoseconds))
      new.close()
    }
  }

  private static let fields = ["X-Real-Ip: 10.1.2.3", "X-Forwarded-For: 10.9.9.9"]

  /// address.real-ip, address.forwarded, address.untrusted
  @Test(
    "The addresses are those of the proxy's fields only where they are trusted",
    arguments: [
      (true, ["X-Real-Ip: 10.1.2.3", "X-Forwarded-For: 10.9.9.9"], "10.1.2.3"),
      (true, ["X-Forwarded-For: 10.9.9.9, 192.168.0.1"], "10.9.9.9, 192.168.0.1"),
      (true, [], nil),
      (false, ["X-Real-Ip: 10.1.2.3", "X-Forwarded-For: 10.9.9.9"], nil),
    ] as [(Bool, [String], String?)])
  func proxyFields(trusts: Bool, fields: [String], address: String?) async throws {
    try await withServer({ $0.trustsProxyFields = trusts }) { server in
      let old = try await RawSocket.connect(port: server.server.port)
      old.write(HTTPExchange.request(adding: fields))
      _ = await old.requestHead()
      _ = try await RawSocket.upgraded(port: server.server.port, query: "uid=http")
      let displacement = try displacement(in: await old.lines.next(1).first ?? "")
      if let address {
        #expect(text(displacement.oldAddress) == address)
      } else {
        #expect(text(displacement.oldAddress).hasPrefix("127.0.0.1:"))
      }
      #expect(text(displacement.newAddress).hasPrefix("127.0.0.1:"))
    }
  }

  /// hub.newcomer, hub.displacement.queue
  @Test("An old one that does not read delays nobody, and what was queued for it is dropped")
  func doesNotRead() async throws {
    let refused = Inbox<ConnectionError?>()
    try await withServer({ configuration in
      configuration.options.writeWait = .seconds(60)
      configuration.options.closeWait = .milliseconds(50)
      configuration.handlers.onAsync(13) { _, connection in
        do {
          while true { try await connection.send(11, ByteBuffer(repeating: 1, count: 100_000)) }
        } catch { refused.put(error as? ConnectionError) }
      }
    }) { server in
      let old = try await server.connect("uid=1")
      old.onLoop { try? $0.context?.channel.syncOptions?.setOption(.autoRead, value: false) }
      try await old.send(13)
      let new = try await server.connect("uid=1")
      #expect(try await new.call(2, ByteBuffer(string: "served")).payload.text == "served")
      #expect(server.server.hub.count == 1)
      // The sender that waited hears of it, whatever became of its frame.
      let failure = await refused.next(1).first ?? nil
      #expect(failure == .stopped || failure == .notSent)
    }
  }

  /// hub.kick
  @Test("One that is kicked gets a close frame only")
  func kick() async throws {
    try await withServer { server in
      let socket = try await RawSocket.upgraded(port: server.server.port, query: "uid=1")
      #expect(server.server.hub.kick(identity: "1-0--"))
      #expect(await socket.lines.next(2) == ["close -", "end"])
    }
  }

  /// hub.displacement.client, hub.displacement.client.open
  @Test("A client takes a displacement for nothing else, and stays open until the server closes")
  func client() async throws {
    try await withRawServer { server in
      let displaced = Inbox<Displacement?>()
      let messages = Inbox<Int64>()
      let (socket, connection) = try await server.connect {
        $0.handlers = echoing
        $0.handlers.on(0x7FFF_FFFF) { message, _ in messages.put(message.protocolId) }
        $0.handlers.on(99) { message, _ in messages.put(message.protocolId) }
        $0.callbacks.displaced = { displaced.put($0.displacement) }
      }
      let call = Task { try await connection.call(5) }
      let request = await socket.lines.next(1)
      #expect(request == ["binary " + RawSocket.hex(Wire.frame(5, sn: 2))])
      let words = Displacement(
        oldAddress: Array("10.0.0.1:1".utf8), newAddress: Array("10.0.0.2:2".utf8), timestampNanoseconds: 5)
      // It has the sn of the call, and is not its answer.
      socket.write(Wire.webSocket(.binary, Wire.frame(0x7FFF_FFFF, sn: 2, words.encoded()), masked: false))
      #expect(await displaced.next(1) == [words])
      socket.write(Wire.webSocket(.binary, Wire.frame(6, sn: 2, [9]), masked: false))
      #expect(try await call.value.payload == ByteBuffer(bytes: [9]))
      socket.write(Wire.webSocket(.binary, Wire.frame(99), masked: false))
      #expect(await messages.next(1) == [99])
      socket.write(Wire.webSocket(.close, [], masked: false))
      #expect(await socket.lines.next(1) == ["close -"])
      socket.close()
      #expect(await connection.ended().cause == .displaced)
    }
  }
}
