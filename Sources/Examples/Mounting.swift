import NIOCore
import NIOHTTP1
import NIOPosix
import WireproofPeer
import WireproofUpgrade

/// An HTTP server of NIO that hands WebSocket connections at `/join` to the library and answers everything else itself.
func serveHTTP(with server: MountedServer) async throws -> any Channel {
  // snippet: mount
  let upgrader = WireproofUpgrader(server)
  let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
          withServerUpgrade: (
            upgraders: [upgrader],
            completionHandler: { context in
              let pipeline = context.pipeline.syncOperations
              if let pages = try? pipeline.handler(type: PageHandler.self) {
                pipeline.removeHandler(pages, promise: nil)
              }
            }
          ))
        try pipeline.addHandler(PageHandler())
      }
    }
    .bind(host: "127.0.0.1", port: 0).get()
  // end
  return channel
}

/// What the HTTP server did before: it answers every request with its path.
private final class PageHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    let body = ByteBuffer(string: "page \(head.uri)")
    let fields = HTTPHeaders([("Content-Length", "\(body.readableBytes)")])
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: fields))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}
