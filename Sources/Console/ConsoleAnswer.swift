import NIOHTTP1
import StrictJSON

/// What a request gets.
enum ConsoleAnswer: Sendable {
  /// A body of a type; with a name it is for saving.
  case content(HTTPResponseStatus, type: String, bytes: [UInt8], name: String? = nil)

  /// The events, for as long as the page listens.
  case events

  /// A JSON object.
  static func json(_ object: JSONObject, _ status: HTTPResponseStatus = .ok) -> ConsoleAnswer {
    .content(
      status, type: "application/json; charset=utf-8", bytes: Array((JSONValue.object(object).line + "\n").utf8))
  }

  /// Something that cannot be done, for people.
  static func refusal(_ status: HTTPResponseStatus, _ reason: String) -> ConsoleAnswer {
    json(["error": .string(reason)], status)
  }

  /// A capture to save.
  static func capture(_ bytes: [UInt8], name: String) -> ConsoleAnswer {
    .content(.ok, type: "application/x-pcapng", bytes: bytes, name: name)
  }
}
