import StrictJSON

/// What a peer asks of a client that it drives in band: the JSON of a one-way message with id 20 (docs/client-driver.md).
struct DriverCommand: Hashable, Sendable {
  /// What to do.
  enum Action: String, Hashable, Sendable {
    case call, send, ping, close, reconnect
  }

  /// Why a command cannot be carried out: the code in the report.
  enum Fault: String, Error {
    /// It is no JSON object of this form.
    case malformed
    /// It asks for what this client does not know.
    case unsupported
  }

  /// The protocolId of commands, and of the reports about them.
  static let protocolId: Int64 = 20
  static let reportId: Int64 = 21

  /// How long a call waits where the command does not say, in milliseconds.
  static let defaultTimeout: Int64 = 10_000

  /// The largest payload that a command can ask for by its size, in bytes.
  static let largestPayload = 1 << 24

  /// Its number, which the report repeats.
  let seq: Int64

  /// What to do.
  let action: Action

  /// The protocolId of what is sent.
  let id: Int64

  /// The payload: bytes, or text in the charset of the connection.
  let payload: Payload

  /// How long a call waits, in milliseconds.
  let timeout: Int64

  /// The serial number to go on from, for a call.
  let sn: UInt32?

  /// The close code.
  let code: UInt16

  /// What is sent.
  enum Payload: Hashable, Sendable {
    case bytes([UInt8])
    case text(String)
  }

  /// The number in a command, so that one which cannot be carried out can be answered.
  static func number(in json: JSONValue) -> Int64 { json["seq"]?.intValue ?? 0 }

  /// Reads a command.
  init(_ json: JSONValue) throws(Fault) {
    guard json.objectValue != nil, let seq = json["seq"]?.intValue, let name = json["do"]?.stringValue else {
      throw .malformed
    }
    guard let action = Action(rawValue: name) else { throw .unsupported }
    self.seq = seq
    self.action = action
    id = try Self.integer("id", in: json, within: Int64(Int32.min)...Int64(UInt32.max)) ?? 2
    timeout = try Self.integer("timeoutMs", in: json, within: 0...Int64(Int32.max)) ?? Self.defaultTimeout
    sn = try Self.integer("sn", in: json, within: 0...Int64(UInt32.max)).map { UInt32($0) }
    code = UInt16(try Self.integer("code", in: json, within: 0...Int64(UInt16.max)) ?? 1000)
    if let text = json["text"] {
      guard let text = text.stringValue else { throw .malformed }
      payload = .text(text)
      return
    }
    guard let bytes = Bytes(hex: json["payload"].map { $0.stringValue ?? "?" } ?? "") else { throw .malformed }
    guard let size = try Self.integer("size", in: json, within: 0...Int64(Self.largestPayload)) else {
      payload = .bytes(bytes.array)
      return
    }
    let pattern = bytes.isEmpty ? [0x61] : bytes.array
    payload = .bytes((0..<Int(size)).map { pattern[$0 % pattern.count] })
  }

  /// A member that is an integer in a range; nil: there is none.
  private static func integer(
    _ name: String, in json: JSONValue, within range: ClosedRange<Int64>
  ) throws(Fault) -> Int64? {
    guard let value = json[name] else { return nil }
    guard let number = value.intValue, range.contains(number) else { throw .malformed }
    return number
  }
}
