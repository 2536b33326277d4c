import NIOCore
import NIOPosix
import Negotiation
import Specification
import Testing
import WebSocketCodec

@testable import ReferencePeer

@Suite("What receivers do with bad input, over sockets")
struct ReceiverRuleTests {
  private static let echo = Wire.frame(2, sn: 4242, Array("alive".utf8))
  private static let echoed = "binary " + RawSocket.hex(Wire.frame(3, sn: 4242, Array("alive".utf8)))

  @Test("The server", arguments: ReceiverRule.all)
  func server(rule: ReceiverRule) async throws {
    try await withServer({ $0.options.compression = rule.needsDeflate ? CompressionOptions(minimumLength: 1000) : nil })
    {
      server in
      let socket = try await RawSocket.upgraded(port: server.server.port, deflate: rule.needsDeflate)
      socket.write(rule.bytes(true))
      switch rule.outcome {
      case .failed(let codes):
        let lines = await socket.lines.next(2)
        #expect(codes.map { "close \($0)" }.contains(lines.first ?? ""), "\(lines)")
        #expect(lines.last == "end")
      case .ignored:
        socket.write(Wire.webSocket(.binary, Self.echo, masked: true))
        #expect(await socket.lines.next(1) == [Self.echoed])
      case .answered(let line):
        socket.write(Wire.webSocket(.binary, Self.echo, masked: true))
        #expect(await socket.lines.next(2) == [line, Self.echoed])
      }
      socket.close()
      // Others are served.
      #expect(try await server.connect("uid=other").call(2).protocolId == 3)
    }
  }

  @Test("The client", arguments: ReceiverRule.all)
  func client(rule: ReceiverRule) async throws {
    try await withRawServer(deflate: rule.needsDeflate) { url, accepted in
      var configuration = try ClientConfiguration(url)
      configuration.attempts = 1
      configuration.handlers.on(2) { message, connection in
        connection.answer(message, 3, message.payload, completion: nil)
      }
      configuration.options.compression = rule.needsDeflate ? CompressionOptions(minimumLength: 1000) : nil
      let client = try await Client(configuration).connect()
      let socket = try await accepted.get()
      _ = await socket.lines.next(1)
      socket.write(rule.bytes(false))
      let echo = Wire.frame(2, sn: 4243, Array("alive".utf8))
      let echoed = "binary " + RawSocket.hex(Wire.frame(3, sn: 4243, Array("alive".utf8)))
      switch rule.outcome {
      case .failed(let codes):
        let lines = await socket.lines.next(1)
        #expect(codes.map { "close \($0)" }.contains(lines.first ?? ""), "\(lines)")
      case .ignored:
        socket.write(Wire.webSocket(.binary, echo, masked: false))
        #expect(await socket.lines.next(1) == [echoed])
      case .answered(let line):
        socket.write(Wire.webSocket(.binary, echo, masked: false))
        #expect(await socket.lines.next(2) == [line, echoed])
      }
      socket.close()
      _ = await client.ended()
    }
  }

  @Test("Any sn of a request comes back in its answer", arguments: [1, 2, 3, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF])
  func anySn(sn: UInt32) async throws {
    try await withServer { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      socket.write(Wire.webSocket(.binary, Wire.frame(2, sn: sn, [9]), masked: true))
      #expect(await socket.lines.next(1) == ["binary " + RawSocket.hex(Wire.frame(3, sn: sn, [9]))])
      socket.close()
    }
  }

  @Test("The largest frame is served, however it is fragmented", arguments: [nil, 1000, 65_536])
  func largestFrame(fragment: Int?) async throws {
    try await withServer { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      let frame = Wire.frame(2, sn: 6, [UInt8](repeating: 3, count: 524_280))
      var bytes: [UInt8] = []
      try WebSocketEncoder(role: .client).encodeMessage(
        .binary, payload: frame, fragmentSize: fragment, maskingKey: { 7 }, into: &bytes)
      socket.write(bytes)
      #expect(await socket.lines.next(1).first?.utf8.count == 7 + 2 * (524_280 + 14))
      socket.close()
    }
  }

  @Test("A frame is served in fragments of one byte, with pings and empty continuations between")
  func smallFragments() async throws {
    try await withServer { server in
      let socket = try await RawSocket.upgraded(port: server.server.port)
      let frame = Self.echo
      for (index, byte) in frame.enumerated() {
        socket.write(
          Wire.webSocket(index == 0 ? .binary : .continuation, [byte], masked: true, fin: false)
            + Wire.webSocket(.continuation, [], masked: true, fin: false))
        if index == 7 { socket.write(Wire.webSocket(.ping, [UInt8(index)], masked: true)) }
      }
      socket.write(Wire.webSocket(.continuation, [], masked: true))
      #expect(await socket.lines.next(2) == ["pong 07", Self.echoed])
      socket.close()
    }
  }

  /// A server for one connection that upgrades and then does what the test says.
  private func withRawServer(
    deflate: Bool, _ body: (String, EventLoopFuture<RawSocket>) async throws -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let promise = group.next().makePromise(of: RawSocket.self)
    let channel = try await ServerBootstrap(group: group)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        let socket = RawSocket(role: .server, allowsCompression: deflate, promise: promise, upgrades: true)
        return channel.pipeline.addHandler(socket)
      }
      .bind(host: "127.0.0.1", port: 0).get()
    do {
      try await body("ws://127.0.0.1:\(channel.localAddress?.port ?? 0)/join?uid=1", promise.futureResult)
    } catch {
      try? await channel.close()
      throw error
    }
    try await channel.close()
  }
}
