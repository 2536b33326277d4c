import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import WireproofPeer

/// The servers that are measured side by side.
enum ServerKind: String, CaseIterable {
  /// Ours: id 2 is echoed with id 3.
  case peer
  /// The same, with permessage-deflate accepted.
  case peerDeflate = "peer-deflate"
  /// NIO's own WebSocket pipeline that sends each message back: no frames, no calls, no hub.
  case websocket
  /// Ours: each id 10 is answered by 100 messages of id 11, by the handler of the reference application.
  case peerPush = "peer-push"
  /// The same by a handler in the concurrency pool that waits until each message was handed to the socket.
  case peerPushWaiting = "peer-push-waiting"
  /// NIO's own WebSocket pipeline that answers each message by 100: bytes made beforehand, one flush a read.
  case websocketPush = "websocket-push"
  /// A channel with one handler that does nothing.
  case channel

  /// Starts the server and gives its port.
  func start(on group: any EventLoopGroup) async throws -> Int {
    switch self {
    case .peer, .peerDeflate:
      var configuration = ServerConfiguration()
      configuration.options.compression = self == .peerDeflate ? CompressionOptions() : nil
      configuration.handlers.on(2) { message, connection in
        connection.answer(message, 3, message.payload, completion: nil)
      }
      let server = try await Server.listen(configuration, on: group)
      Self.kept.append(server)
      return server.port
    case .peerPush, .peerPushWaiting:
      var configuration = ServerConfiguration()
      configuration.handlers = ReferenceApplication.serverHandlers()
      if self == .peerPushWaiting {
        configuration.handlers.onAsync(10) { message, connection in
          for _ in 0..<ReferenceApplication.burstCount {
            try await withCheckedThrowingContinuation { continuation in
              connection.send(11, message.payload) { continuation.resume(with: $0) }
            }
          }
        }
      }
      let server = try await Server.listen(configuration, on: group)
      Self.kept.append(server)
      return server.port
    case .websocket: return try await Self.listenForWebSocket(group) { EchoHandler() }
    case .websocketPush: return try await Self.listenForWebSocket(group) { PushHandler() }
    case .channel:
      return try await Self.listen(group) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(UpgradeOnlyHandler())
        }
      }
    }
  }

  nonisolated(unsafe) private static var kept: [Any] = []

  private static func listenForWebSocket(
    _ group: any EventLoopGroup, _ handler: @escaping @Sendable () -> some ChannelHandler
  ) async throws -> Int {
    try await listen(group) { channel in
      let upgrader = NIOWebSocketServerUpgrader(
        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
        upgradePipelineHandler: { channel, _ in
          channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler()) }
        })
      return channel.pipeline.configureHTTPServerPipeline(
        withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
    }
  }

  private static func listen(
    _ group: any EventLoopGroup, _ initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) async throws -> Int {
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer(initializer)
      .bind(host: "127.0.0.1", port: 0).get()
    kept.append(channel)
    return channel.localAddress?.port ?? 0
  }
}

/// Sends each message back; one flush for all of a read.
private final class EchoHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    guard frame.opcode == .binary else { return }
    context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .binary, data: frame.unmaskedData)), promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
}

/// Answers each message by 100 frames of id 11; one flush for all of a read.
private final class PushHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    guard frame.opcode == .binary else { return }
    var message = frame.unmaskedData
    message.setInteger(11, at: message.readerIndex + 6, endianness: .little, as: UInt32.self)
    for _ in 0..<ReferenceApplication.burstCount {
      context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .binary, data: message)), promise: nil)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
}

/// Answers the first bytes with something that looks like a 101, so that the same load can open idle connections.
private final class UpgradeOnlyHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.writeAndFlush(
      wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\n\r\n")), promise: nil)
  }
}
