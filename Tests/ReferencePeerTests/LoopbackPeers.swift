import NIOCore
import NIOPosix

@testable import ReferencePeer

/// A server on loopback, and clients of it, for a test.
struct LoopbackServer {
  let server: Server

  /// Starts a server with the reference application.
  static func start(
    _ change: (inout ServerConfiguration) -> Void = { _ in }
  ) async throws -> LoopbackServer {
    var configuration = ServerConfiguration()
    configuration.handlers = ReferenceApplication.serverHandlers(slowDelay: .milliseconds(50))
    change(&configuration)
    return LoopbackServer(server: try await Server.listen(configuration))
  }

  /// Connects a client of the reference application.
  func connect(
    _ query: String = "uid=1", _ change: (inout ClientConfiguration) -> Void = { _ in }
  ) async throws -> Connection {
    var configuration = try ClientConfiguration("\(server.url)?\(query)")
    configuration.handlers = ReferenceApplication.clientHandlers()
    configuration.attempts = 1
    change(&configuration)
    return try await Client(configuration).connect()
  }

  /// Connects a client that dials again until it is in time: of a server that gives little time on a busy machine.
  func connectPatiently(_ change: (inout ClientConfiguration) -> Void = { _ in }) async throws -> Connection {
    try await connect {
      $0.attempts = .max
      $0.retryDelay = .zero
      change(&$0)
    }
  }

  func stop() async { await server.shutDown() }
}

/// Runs a test with a server that is shut down whatever happens.
func withServer(
  _ change: (inout ServerConfiguration) -> Void = { _ in }, _ body: (LoopbackServer) async throws -> Void
) async throws {
  let server = try await LoopbackServer.start(change)
  do {
    try await body(server)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}

/// What came in, to be awaited by a test.
final class Inbox<Element: Sendable>: Sendable {
  let stream: AsyncStream<Element>
  private let continuation: AsyncStream<Element>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream(of: Element.self)
  }

  func put(_ element: Element) { continuation.yield(element) }

  func finish() { continuation.finish() }

  /// The next `count` elements.
  func next(_ count: Int) async -> [Element] {
    var elements: [Element] = []
    guard count > 0 else { return [] }
    for await element in stream {
      elements.append(element)
      if elements.count == count { break }
    }
    return elements
  }
}

extension ByteBuffer {
  var text: String { String(buffer: self) }
}
