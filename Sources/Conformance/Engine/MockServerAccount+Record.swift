package import StrictJSON

extension MockServerAccount.Event {
  /// The event as JSON: `time` in seconds, `connection`, `event`, and what belongs to it. Bytes are hexadecimal; `text` stands
  /// beside them where they are UTF-8.
  package var json: JSONObject {
    let (seconds, attoseconds) = time.components
    let digits = String(attoseconds / 1_000_000_000)
    let time = "\(seconds).\(String(repeating: "0", count: max(0, 9 - digits.utf8.count)))\(digits)"
    var object: JSONObject = ["time": .decimal(time), "connection": .number(connection)]
    func add(_ name: String, _ payload: [UInt8]) {
      object["event"] = .string(name)
      object["payload"] = .hex(payload)
      object["text"] = String(validating: payload, as: UTF8.self).map { .string($0) } ?? .null
    }
    switch content {
    case .opened(let path): (object["event"], object["path"]) = ("opened", .string(path))
    case .frame(let id, let sn, let payload):
      add("frame", payload)
      object["id"] = .int(id)
      object["sn"] = sn.map { .number($0) } ?? .null
    case .message(let bytes, let isText): add(isText ? "text" : "message", bytes)
    case .ping(let payload): add("ping", payload)
    case .pong(let payload): add("pong", payload)
    case .close(let code, let reason):
      object["event"] = "close"
      object["code"] = code.map { .number($0) } ?? .null
      object["reason"] = .string(reason)
    case .ended(let isReset): (object["event"], object["reset"]) = ("ended", .bool(isReset))
    case .violation(let reason): (object["event"], object["reason"]) = ("violation", .string(reason))
    }
    return object
  }
}

extension MockServerAccount.Fault {
  /// The fault as JSON; `place` is null where a rule of the protocol, and not the script, expects it.
  package var json: JSONObject {
    [
      "event": "fault", "place": place.map { .string($0.description) } ?? .null, "connection": .number(connection),
      "expected": .string(expected), "actual": .string(actual),
    ]
  }
}
