import NIOCore

/// The end of a channel's pipeline: hands what happens on the socket to the connection.
final class SocketReceiver: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let connection: ScriptConnection

  /// A receiver for a connection.
  init(_ connection: ScriptConnection) {
    self.connection = connection
  }

  func channelActive(context: ChannelHandlerContext) {
    connection.becameActive()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    connection.received(buffer.readBytes(length: buffer.readableBytes) ?? [])
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { connection.peerEnded() }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    connection.failed(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    connection.becameInactive()
    context.fireChannelInactive()
  }
}
