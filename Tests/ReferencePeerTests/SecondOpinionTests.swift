import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Testing

@testable import ReferencePeer

/// NIO's own WebSocket implementation at the other end: a reading of RFC 6455 that is not ours.
@Suite("A second opinion: NIOWebSocket")
struct SecondOpinionTests {
  @Test("Our client calls a server of NIOWebSocket", arguments: [0, 100, 70_000])
  func client(size: Int) async throws {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        let upgrader = NIOWebSocketServerUpgrader(
          maxFrameSize: 1 << 20, shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
          upgradePipelineHandler: { channel, _ in channel.pipeline.addHandler(EchoHandler()) })
        return channel.pipeline.configureHTTPServerPipeline(
          withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let client = try await Client(try ClientConfiguration("ws://127.0.0.1:\(channel.localAddress?.port ?? 0)/join"))
      .connect()
    let payload = ByteBuffer(repeating: 0x42, count: size)
    // The echo has the call's sn, so it is its answer.
    let answer = try await client.call(2, payload)
    #expect(answer.protocolId == 2)
    #expect(answer.payload == payload)
    client.close(code: 1000)
    #expect(await client.ended().cause == .closed(code: 1000))
    try await channel.close()
  }

  @Test("A client of NIOWebSocket is answered by our server", arguments: [0, 100, 70_000])
  func server(size: Int) async throws {
    try await withServer { server in
      let frames = Inbox<[UInt8]>()
      let upgrader = NIOWebSocketClientUpgrader(
        maxFrameSize: 1 << 20,
        upgradePipelineHandler: { channel, _ in
          channel.pipeline.addHandler(
            CallingHandler(call: Wire.frame(2, sn: 8, [UInt8](repeating: 0x42, count: size)), frames: frames))
        })
      let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelInitializer { channel in
          channel.pipeline.addHTTPClientHandlers(
            withClientUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
        }
        .connect(host: "127.0.0.1", port: server.server.port).get()
      var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/join?uid=nio")
      head.headers.add(name: "Host", value: "127.0.0.1")
      // Both in one go: the upgrade may come before the second is seen to be written.
      channel.write(HTTPClientRequestPart.head(head), promise: nil)
      channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
      #expect(await frames.next(1) == [Wire.frame(3, sn: 8, [UInt8](repeating: 0x42, count: size))])
      try await channel.close()
    }
  }
}

/// Sends each message back, and answers a close frame.
private final class EchoHandler: ChannelInboundHandler, Sendable {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    context.writeAndFlush(
      wrapOutboundOut(WebSocketFrame(fin: true, opcode: frame.opcode, data: frame.unmaskedData)), promise: nil)
    if frame.opcode == .connectionClose { context.close(promise: nil) }
  }
}

/// Makes one call and hands on what comes back.
private final class CallingHandler: ChannelInboundHandler, Sendable {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let call: [UInt8]
  private let frames: Inbox<[UInt8]>

  init(call: [UInt8], frames: Inbox<[UInt8]>) {
    self.call = call
    self.frames = frames
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let frame = WebSocketFrame(fin: true, opcode: .binary, maskKey: .random(), data: ByteBuffer(bytes: call))
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    frames.put(Array(unwrapInboundIn(data).unmaskedData.readableBytesView))
  }
}
