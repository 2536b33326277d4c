import NIOCore
import NIOPosix
import Testing

/// An upgrade request with every line free, and the whole of what a server answers to it.
struct HTTPExchange {
  /// The sample key of RFC 6455 section 1.3, and what follows from it.
  static let key = "dGhlIHNhbXBsZSBub25jZQ=="
  static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

  static let fields = [
    "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: \(key)",
    "Sec-WebSocket-Version: 13",
  ]

  /// The bytes of a request.
  ///
  /// - Parameters:
  ///   - line: the request line.
  ///   - without: the beginning of a field that is left out.
  ///   - adding: further lines.
  static func request(
    _ line: String = "GET /join?uid=http HTTP/1.1", without: String? = nil, adding: [String] = []
  ) -> [UInt8] {
    let kept = fields.filter { field in without.map { !field.hasPrefix($0) } ?? true }
    return Array(([line] + kept + adding).map { $0 + "\r\n" }.joined().utf8) + Array("\r\n".utf8)
  }

  /// The status; 0 if there was no answer.
  let status: Int

  /// The lines of the head after the first.
  let fields: [String]

  /// What follows the head.
  let body: String

  /// Sends a request to a port of this machine, and reads until the server ends the connection.
  ///
  /// - Parameter thenEnds: sends a FIN behind the request.
  init(port: Int, sending request: [UInt8], thenEnds: Bool = false) async throws {
    let collector = Collector(request, thenEnds: thenEnds)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { $0.pipeline.addHandler(collector) }
      .connect(host: "127.0.0.1", port: port).get()
    try await channel.closeFuture.get()
    let text = String(decoding: collector.received, as: UTF8.self)
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    let lines = (parts.first ?? "").split(separator: "\r\n").map(String.init)
    status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
    fields = Array(lines.dropFirst())
    body = parts.count > 1 ? String(parts[1]) : ""
  }

  /// Written and read on the event loop, and read by the test after the channel has closed.
  private final class Collector: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var received: [UInt8] = []
    private let request: [UInt8]
    private let thenEnds: Bool

    init(_ request: [UInt8], thenEnds: Bool) {
      self.request = request
      self.thenEnds = thenEnds
    }

    func channelActive(context: ChannelHandlerContext) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: request)), promise: nil)
      if thenEnds { context.close(mode: .output, promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      received += unwrapInboundIn(data).readableBytesView
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
