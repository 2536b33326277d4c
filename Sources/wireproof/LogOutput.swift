import ArgumentParser
import Conformance
import FoundationEssentials
import Logging
import ReferencePeer
import Specification
import StrictJSON
import SystemFiles

/// How a command logs to standard error.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json

  /// A logger of this format; frames are logged at level debug.
  func logger(level: Logger.Level = .info) -> Logger {
    var logger = Logger(label: "wireproof") { _ in LineLogHandler(format: self) }
    logger.logLevel = level
    return logger
  }
}

/// Writes each event as one line: the message is constant, what varies is in the metadata.
private struct LineLogHandler: LogHandler {
  let format: LogFormat
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// A value with spaces or quotes in quotes, those in it behind a backslash, so that a line can be read by programs, and no value
  /// can pass for another.
  private static func quoted(_ value: String) -> String {
    guard value.isEmpty || value.utf8.contains(where: { [UInt8(ascii: " "), UInt8(ascii: "\"")].contains($0) }) else {
      return value
    }
    return "\"" + value.replacing("\"", with: "\\\"") + "\""
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
    let time = Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true)) + "Z"
    switch format {
    case .text:
      let tail = fields.map { " \($0.key)=\(Self.quoted(InertText.whole("\($0.value)")))" }.joined()
      writeToStandardError("\(time) \(event.level) \(event.message)\(tail)")
    case .json:
      var object = JSONObject()
      object["time"] = .string(time)
      object["level"] = .string(event.level.rawValue)
      object["message"] = .string("\(event.message)")
      for (key, value) in fields { object[key] = .string("\(value)") }
      writeToStandardError(JSONValue.object(object).line)
    }
  }
}

extension ConnectionCallbacks {
  /// Logs the coming and going of connections.
  static func logging(to logger: Logger) -> ConnectionCallbacks {
    var callbacks = ConnectionCallbacks()
    callbacks.established = { connection in
      logger.info(
        "connected",
        metadata: [
          "connection": "\(connection.number)", "identity": "\(connection.details.identityText)",
          "address": "\(connection.details.addressText)",
        ])
    }
    callbacks.closed = { connection, end in
      logger.info("closed", metadata: ["connection": "\(connection.number)", "reason": "\(end)"])
    }
    return callbacks
  }
}
