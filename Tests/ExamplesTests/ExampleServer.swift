import NIOConcurrencyHelpers
import NIOCore
import WireproofPeer

@testable import Examples

/// A server on loopback with the handlers of the examples, for a test.
struct ExampleServer {
  let server: Server

  /// The identity of each connection, once the server knows it.
  let established: Events
}

/// The handlers of the examples; everybody is found.
func handlers(_ seen: Lines) -> Handlers { serverHandlers(log: seen.add) { "found \($0)" } }

/// Runs a test with a server that is shut down whatever happens.
func withServer(
  _ change: (inout ServerConfiguration) throws -> Void = { _ in }, _ body: (ExampleServer) async throws -> Void
) async throws {
  let established = Events()
  var configuration = ServerConfiguration()
  configuration.handlers = handlers(Lines())
  configuration.callbacks.established = { established.put($0.details.identityText) }
  try change(&configuration)
  let server = try await Server.listen(configuration)
  do {
    try await body(ExampleServer(server: server, established: established))
  } catch {
    await server.shutDown()
    throw error
  }
  await server.shutDown()
}

/// A client of a server.
func client(
  of server: ExampleServer, query: String = "uid=1", change: (inout ClientConfiguration) throws -> Void = { _ in }
) throws -> Client {
  var configuration = try ClientConfiguration("\(server.server.url)?\(query)")
  configuration.attempts = 1
  try change(&configuration)
  return try Client(configuration)
}

/// Something that happened, to be awaited in its order by one reader.
final class Events: Sendable {
  private let stream: AsyncStream<String>
  private let continuation: AsyncStream<String>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(of: String.self) }

  func put(_ event: String) { continuation.yield(event) }

  /// The next event; empty when the test's task was cancelled.
  func next() async -> String {
    for await event in stream { return event }
    return ""
  }
}

/// Lines that an example logs, to be looked at and to be awaited.
final class Lines: Sendable {
  private struct State {
    var lines: [String] = []
    var waiting: [(isMet: @Sendable ([String]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = NIOLockedValueBox(State())

  var all: [String] { state.withLockedValue { $0.lines } }

  @Sendable func add(_ line: String) {
    let met = state.withLockedValue { state in
      state.lines.append(line)
      let lines = state.lines
      let met = state.waiting.filter { $0.isMet(lines) }
      state.waiting.removeAll { $0.isMet(lines) }
      return met.map(\.continuation)
    }
    for continuation in met { continuation.resume() }
  }

  /// Adds a line that is not there yet; false if it is.
  func addOnce(_ line: String) -> Bool {
    let isNew = state.withLockedValue { !$0.lines.contains(line) }
    if isNew { add(line) }
    return isNew
  }

  /// Waits until a line was logged so often.
  func wait(for line: String, count: Int = 1) async {
    await wait { lines in lines.filter { $0 == line }.count >= count }
  }

  /// Waits until a line with this beginning was logged.
  func wait(forPrefix prefix: String) async {
    await wait { lines in lines.contains { $0.hasPrefix(prefix) } }
  }

  private func wait(until isMet: @escaping @Sendable ([String]) -> Bool) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isMetNow = state.withLockedValue { state in
          if isMet(state.lines) || Task.isCancelled { return true }
          state.waiting.append((isMet, continuation))
          return false
        }
        if isMetNow { continuation.resume() }
      }
    } onCancel: {
      let waiting = state.withLockedValue { state in
        defer { state.waiting = [] }
        return state.waiting.map(\.continuation)
      }
      for continuation in waiting { continuation.resume() }
    }
  }
}

/// The folder of these tests.
let testFolder = #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }

/// The path of a fixture.
func fixture(_ name: String) -> String { "\(testFolder)/Fixtures/\(name)" }
