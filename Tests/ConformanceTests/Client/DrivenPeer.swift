import NIOCore
import StrictJSON
import Testing

@testable import Conformance
@testable import ReferencePeer

/// A server that drives a client: sends it commands, and keeps its reports to be awaited.
actor DrivenPeer {
  private let server: Server
  private var reportIterator: AsyncStream<JSONValue>.Iterator
  private var connectionIterator: AsyncStream<Connection>.Iterator
  private var lastSeq: Int64 = 0

  /// The URL to dial.
  nonisolated var url: String { "\(server.url)?uid=driven" }

  /// Starts to listen.
  static func start(_ change: (inout ServerConfiguration) -> Void = { _ in }) async throws -> DrivenPeer {
    let (reports, reportSink) = AsyncStream.makeStream(of: JSONValue.self)
    let (connections, connectionSink) = AsyncStream.makeStream(of: Connection.self)
    var configuration = ServerConfiguration()
    configuration.handlers = ReferenceApplication.serverHandlers(slowDelay: .milliseconds(50))
    configuration.handlers.on(DriverCommand.reportId) { message, _ in
      if let json = try? JSONParser.parse(Array(message.payload.readableBytesView)) { reportSink.yield(json) }
    }
    configuration.callbacks.established = { connectionSink.yield($0) }
    change(&configuration)
    return DrivenPeer(
      server: try await Server.listen(configuration), reports: reports, connections: connections)
  }

  private init(server: Server, reports: AsyncStream<JSONValue>, connections: AsyncStream<Connection>) {
    self.server = server
    reportIterator = reports.makeAsyncIterator()
    connectionIterator = connections.makeAsyncIterator()
  }

  /// The next connection.
  func connection() async throws -> Connection {
    var iterator = connectionIterator
    defer { connectionIterator = iterator }
    guard let connection = await iterator.next(isolation: #isolation) else { throw CancellationError() }
    return connection
  }

  /// The next report.
  func report() async throws -> JSONValue {
    var iterator = reportIterator
    defer { reportIterator = iterator }
    guard let report = await iterator.next(isolation: #isolation) else { throw CancellationError() }
    return report
  }

  /// Sends a command with the next number, and gives the number.
  func command(_ members: JSONObject, to connection: Connection) -> Int64 {
    lastSeq += 1
    var command = members
    command["seq"] = .int(lastSeq)
    connection.send(DriverCommand.protocolId, ByteBuffer(string: JSONValue.object(command).line), completion: nil)
    return lastSeq
  }

  /// Sends a command and awaits the next report.
  func drive(_ members: JSONObject, _ connection: Connection) async throws -> JSONValue {
    let seq = command(members, to: connection)
    let answer = try await report()
    #expect(answer["seq"] == .int(seq))
    return answer
  }

  func stop() async { await server.shutDown(deadline: .seconds(1)) }
}
