import NIOCore
import NIOPosix
import Negotiation
import Specification
import Testing

@testable import ReferencePeer

/// A TCP server on loopback that does nothing by itself: a test answers each connection as it likes.
struct RawServer {
  /// The connections, in the order in which they came.
  let accepted: Inbox<RawSocket>

  private let channel: any Channel

  /// - Parameter allowsCompression: what comes is decoded as if permessage-deflate was agreed.
  static func start(allowsCompression: Bool = false) async throws -> RawServer {
    let accepted = Inbox<RawSocket>()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        let socket = RawSocket(role: .server, allowsCompression: allowsCompression)
        return channel.pipeline.addHandler(socket).map { accepted.put(socket) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return RawServer(accepted: accepted, channel: channel)
  }

  private init(accepted: Inbox<RawSocket>, channel: any Channel) {
    self.accepted = accepted
    self.channel = channel
  }

  /// Where it listens.
  var port: Int { channel.localAddress?.port ?? 0 }

  /// A client of it that tries once, and calls nobody back.
  func client(_ change: (inout ClientConfiguration) -> Void = { _ in }) throws -> Client {
    var configuration = try ClientConfiguration("ws://127.0.0.1:\(port)/join?uid=1")
    configuration.attempts = 1
    change(&configuration)
    return try Client(configuration)
  }

  /// The next connection.
  func next() async throws -> RawSocket { try #require(await accepted.next(1).first) }

  /// The next connection, upgraded, and the client's end of it.
  func connect(
    fields: String = "", _ change: (inout ClientConfiguration) -> Void = { _ in }
  ) async throws -> (RawSocket, Connection) {
    let client = try client(change)
    let dialling = Task { try await client.connect() }
    let socket = try await next()
    socket.write(RawServer.granting(await socket.requestHead(), fields: fields))
    return (socket, try await dialling.value)
  }

  func stop() async { try? await channel.close() }

  /// The 101 that a request asks for.
  ///
  /// - Parameter fields: further lines, each with its end.
  static func granting(_ head: String, fields: String = "") -> [UInt8] {
    Array(
      """
      HTTP/1.1 101 Switching Protocols\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Accept: \(accept(head))\r
      \(fields)\r

      """.utf8)
  }

  /// The value of `Sec-WebSocket-Accept` for a request.
  static func accept(_ head: String) -> String {
    let name = "Sec-WebSocket-Key: "
    let line = head.split(separator: "\r\n").first { $0.hasPrefix(name) }
    return SecWebSocketAccept.value(forKey: String(line?.dropFirst(name.count) ?? ""))
  }
}

extension RawSocket {
  /// The head that the peer sent first.
  func requestHead() async -> String { String(await lines.next(1).first?.dropFirst("head ".count) ?? "") }
}

/// Runs a test with a server that is stopped whatever happens.
func withRawServer(
  allowsCompression: Bool = false, _ body: (RawServer) async throws -> Void
) async throws {
  let server = try await RawServer.start(allowsCompression: allowsCompression)
  do {
    try await body(server)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}
