import Conversation
import ReferencePeer
import StrictJSON
import SystemCrypto

/// What a driven client says about a command: the JSON of a one-way message with id 21 (docs/client-driver.md).
struct DriverReport: Hashable, Sendable {
  /// What came of it.
  enum Outcome: Hashable, Sendable {
    /// It is done, and nothing has to be said about it.
    case done
    /// The call was answered.
    case answered(id: Int64, sn: UInt32, payload: [UInt8], text: String?)
    /// It came to nothing, for this reason.
    case failed(String)
  }

  /// The longest payload that is written out, in bytes; of a longer one only the length and the SHA-256.
  static let longestPayload = 1 << 17

  /// The number of the command.
  let seq: Int64

  /// What came of it.
  let outcome: Outcome

  /// How long the command took, in milliseconds; nil: it took no time.
  var elapsed: Int64?

  /// The report as the payload of its message.
  var line: String {
    var json: JSONObject = ["seq": .int(seq)]
    switch outcome {
    case .done: json["ok"] = true
    case .answered(let id, let sn, let payload, let text):
      json["ok"] = true
      json["sn"] = .number(sn)
      json["id"] = .int(id)
      if payload.count > Self.longestPayload {
        json["length"] = .number(payload.count)
        json["sha256"] = .hex(SHA256.digest(of: payload))
      } else {
        json["payload"] = .hex(payload)
      }
      if let text { json["text"] = .string(text) }
    case .failed(let error):
      json["ok"] = false
      json["error"] = .string(error)
    }
    if let elapsed { json["elapsedMs"] = .int(elapsed) }
    return JSONValue.object(json).line
  }

  /// The word for a failure in reports.
  static func word(for error: any Error) -> String {
    switch error as? ConnectionError {
    case .callFailed(.timeout): "timeout"
    case .callFailed(.cancelled): "cancelled"
    case .callFailed(.closed), .callFailed(.stopped), .stopped, .notSent: "closed"
    case .callFailed(.queueFull), .queueFull: "queue-full"
    case .notEncodable: "not-encodable"
    case .dialFailed: "dial"
    case nil: "failed"
    }
  }
}
