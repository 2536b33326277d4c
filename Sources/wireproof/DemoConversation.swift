import NIOCore
import ReferencePeer

/// The conversation of the demo: a server with the reference application, a client that uses each of its abilities, and one
/// that takes its place.
enum DemoConversation {
  /// Holds the conversation and records it into a file.
  static func record(into path: String) async throws {
    let recording = try Recording.start(path)
    var configuration = ServerConfiguration()
    configuration.handlers = ReferenceApplication.serverHandlers(slowDelay: .milliseconds(50))
    configuration.options.compression = CompressionOptions()
    configuration.observer = recording.recorder
    let server = try await Server.listen(configuration)
    let first = try await client(of: server, compressed: false)
    _ = try await first.call(2, first.payload(text: "hello"))
    _ = try await first.call(4, first.payload(text: "slow"))
    try await first.send(6, first.payload(text: "call me"))
    _ = try await first.call(2, first.payload(text: "still here"))
    let second = try await client(of: server, compressed: true)
    _ = await first.ended()
    _ = try await second.call(2, second.payload(text: "the newcomer, compressed"))
    second.close()
    _ = await second.ended()
    await server.shutDown()
    try recording.finish()
  }

  private static func client(of server: Server, compressed: Bool) async throws -> Connection {
    var configuration = try ClientConfiguration("\(server.url)?uid=100&deviceId=demo")
    configuration.handlers = ReferenceApplication.clientHandlers()
    configuration.options.compression = compressed ? CompressionOptions() : nil
    return try await Client(configuration).connect()
  }
}
