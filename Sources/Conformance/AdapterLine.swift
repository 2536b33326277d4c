import GoldenVectors
import Specification
import StrictJSON

/// The lines of the adapter protocol (`vectors/adapter.schema.json`).
enum AdapterLine {
  /// The version of the protocol.
  static let version: Int64 = 1

  static func hello(_ sequence: Int64) -> JSONValue {
    ["cmd": "hello", "seq": .int(sequence), "protocol": .int(version)]
  }

  static func run(_ sequence: Int64, operation: String, input: JSONValue) -> JSONValue {
    ["cmd": "run", "seq": .int(sequence), "operation": .string(operation), "input": input]
  }

  static let stop: JSONValue = ["cmd": "stop"]

  /// What a line is that the adapter wrote, when the line with `sequence` is awaited.
  static func parse(_ line: [UInt8], sequence: Int64) -> Reply {
    let value: JSONValue
    do {
      value = try JSONParser.parse(line)
    } catch {
      return .malformed(
        "this line on standard output is no JSON (column \(error.column): \(error.reason)): "
          + "\(InertText.ascii(line)); diagnostics belong on standard error")
    }
    guard let object = value.objectValue else {
      return .malformed("this line on standard output is no object: \(InertText.ascii(line))")
    }
    guard value["seq"] == .int(sequence) else {
      return .malformed("seq \(sequence) is awaited, this line has another: \(InertText.ascii(line))")
    }
    return .object(object)
  }

  /// The answer that an object is; the text says why it is none.
  static func answer(_ object: JSONObject) -> Result<Answer, MalformedAnswer> {
    let kinds = ["output", "error", "unsupported"].filter { object[$0] != nil }
    guard kinds.count == 1, let kind = kinds.first, let value = object[kind] else {
      return .failure(MalformedAnswer(reason: "an answer has exactly one of output, error and unsupported"))
    }
    let permitted: Set<String> = kind == "error" ? ["seq", kind, "offset", "index"] : ["seq", kind]
    if let name = object.names.first(where: { !permitted.contains($0) }) {
      return .failure(MalformedAnswer(reason: "an answer with \(kind) has no member \"\(name)\""))
    }
    if kind == "output" {
      guard value.objectValue != nil else { return .failure(MalformedAnswer(reason: "the output is no object")) }
      return .success(.output(value))
    }
    guard let text = value.stringValue else { return .failure(MalformedAnswer(reason: "\(kind) is no string")) }
    if kind == "unsupported" { return .success(.unsupported(text)) }
    for name in ["offset", "index"] {
      if let number = object[name], number.intValue == nil {
        return .failure(MalformedAnswer(reason: "\(name) is no integer"))
      }
    }
    return .success(.error(code: text, offset: object["offset"]?.intValue, index: object["index"]?.intValue))
  }
}

/// Why an object is no answer.
struct MalformedAnswer: Error, Hashable, Sendable {
  let reason: String
}

/// What came back for a line.
enum Reply: Sendable {
  /// An object with the awaited `seq`.
  case object(JSONObject)

  /// A line that is no such object, and why.
  case malformed(String)

  /// Nothing came in time; the process group was killed.
  case timedOut

  /// The process closed its standard output, or does not take input any more.
  case ended
}
