import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import ReferencePeer
import StrictJSON

/// What pages ask for, beside the files. Every request has shown the token when it comes here.
struct ConsoleAPI: Sendable {
  /// The mock server as it is now.
  struct Choice: Sendable {
    var behavior: String
    var compress: Bool
  }

  let mock: any ConsoleMock
  let connections: ServedConnections
  let feed: TrafficFeed
  let events: EventStream
  let choice: NIOLockedValueBox<Choice>

  /// How many bytes of content a path may be sent.
  static func contentLimit(of path: String) -> Int { path == "/api/conversation" ? 64 << 20 : 2 << 20 }

  /// Answers a request.
  ///
  /// - Parameters:
  ///   - method: Its method.
  ///   - path: Its path, without the query.
  ///   - body: Its content; an action has a JSON object.
  func answer(_ method: HTTPMethod, _ path: String, _ body: [UInt8]) async -> ConsoleAnswer {
    switch (method, path) {
    case (.GET, "/api/events"): return .events
    case (.GET, "/api/server"): return .json(server)
    case (.GET, "/api/capture"): return .capture(feed.capture, name: "server.pcapng")
    case (.POST, _):
      do {
        return try await act(path, JSONParser.parse(body))
      } catch let error as JSONSyntaxError {
        return .refusal(.badRequest, "the content is no JSON: \(error)")
      } catch let error as BadRequest {
        return .refusal(error.status, error.reason)
      } catch {
        return .refusal(.badRequest, "\(error)")
      }
    default: return .refusal(.notFound, "there is nothing at \(path)")
    }
  }

  /// What tells a page of everything that is there, when it begins to listen.
  var known: [JSONObject] { [current] + feed.known + connections.known }

  private var current: JSONObject {
    let choice = choice.withLockedValue { $0 }
    return ["type": "server", "behavior": .string(choice.behavior), "compress": .bool(choice.compress)]
  }

  private var server: JSONObject {
    var object = current
    object["url"] = .string(mock.url)
    object["behaviors"] = .array(
      mock.behaviors.map {
        .object(["name": .string($0.name), "title": .string($0.title), "group": .string($0.group)])
      })
    return object
  }

  private func act(_ path: String, _ content: JSONValue) async throws -> ConsoleAnswer {
    switch path {
    case "/api/behavior":
      let name = try content.text("behavior")
      let compress = content["compress"]?.boolValue ?? choice.withLockedValue { $0.compress }
      try mock.select(name, compress: compress)
      choice.withLockedValue { $0 = Choice(behavior: name, compress: compress) }
      events.publish(current)
      return .json(current)
    case "/api/conversation":
      return .capture(try ConversationCapture.pcapng(of: content), name: "conversation.pcapng")
    case "/api/kick":
      let connection = try connection(of: content)
      return .json(["done": .bool(mock.hub.kick(connection))])
    case "/api/displace":
      let connection = try connection(of: content)
      return .json(["done": .bool(mock.hub.displace(connection, newAddress: try content.text("newAddress")))])
    case "/api/send":
      try await connection(of: content).send(content.protocolId, content.payload)
      return .json([:])
    case "/api/call":
      return try await call(connection(of: content), content)
    default: throw BadRequest("there is nothing at \(path)", .notFound)
    }
  }

  private func call(_ connection: Connection, _ content: JSONValue) async throws -> ConsoleAnswer {
    let (id, payload) = (try content.protocolId, try content.payload)
    let began = ContinuousClock.now
    let answer = try await connection.call(id, payload, timeout: .seconds(10))
    let (seconds, attoseconds) = (ContinuousClock.now - began).components
    return .json([
      "id": .number(answer.protocolId), "sn": .number(answer.sn),
      "payload": .hex(Array(answer.payload.readableBytesView)),
      "microseconds": .number(seconds * 1_000_000 + attoseconds / 1_000_000_000_000),
    ])
  }

  private func connection(of content: JSONValue) throws -> Connection {
    guard let number = content["connection"]?.intValue.flatMap({ UInt64(exactly: $0) }) else {
      throw BadRequest("connection is missing: the number of a connection of the server")
    }
    guard let connection = connections.connection(number) else {
      throw BadRequest("connection \(number) has ended", .notFound)
    }
    return connection
  }
}

/// A request that cannot be carried out.
struct BadRequest: Error {
  let reason: String
  let status: HTTPResponseStatus

  init(_ reason: String, _ status: HTTPResponseStatus = .badRequest) {
    self.reason = reason
    self.status = status
  }
}

extension JSONValue {
  /// A member that has to be a string.
  func text(_ name: String) throws(BadRequest) -> String {
    guard let text = self[name]?.stringValue else { throw BadRequest("\(name) is missing, or no string") }
    return text
  }

  /// A member that has to be bytes in hexadecimal digits.
  func bytes(_ name: String) throws(BadRequest) -> [UInt8] {
    guard let bytes = Bytes(hex: try text(name)) else { throw BadRequest("\(name) is not in hexadecimal digits") }
    return bytes.array
  }

  fileprivate var protocolId: Int64 {
    get throws(BadRequest) {
      guard let id = self["id"]?.intValue else { throw BadRequest("id is missing, or no integer") }
      return id
    }
  }

  fileprivate var payload: ByteBuffer { get throws(BadRequest) { ByteBuffer(bytes: try bytes("payload")) } }
}
