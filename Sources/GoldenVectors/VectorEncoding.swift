import Specification
package import StrictJSON

/// Vectors as JSON, with the members in the order of the schema.
extension VectorFile {
  /// The content of the file.
  package var json: JSONValue {
    var explained = JSONObject()
    for (flag, note) in notes.sorted(by: { $0.key < $1.key }) { explained[flag] = .string(note) }
    return ["area": .string(area), "notes": .object(explained), "groups": .array(groups.map(\.json))]
  }

  /// The file byte for byte: canonical layout, so that a change of one vector is a change of its lines only.
  package var canonicalText: String { json.canonicalText }
}

extension VectorGroup {
  fileprivate var json: JSONValue {
    [
      "operation": .string(operation.rawValue), "comment": .string(comment),
      "tests": .array(tests.map { .object($0.json) }),
    ]
  }
}

extension VectorTest {
  /// The test as it stands in its file.
  package var json: JSONObject {
    var object: JSONObject = [
      "id": .string(id), "comment": .string(comment),
      "requirements": .array(requirements.map { .string($0.rawValue) }),
      "flags": .array(flags.map { .string($0) }), "result": .string(result.rawValue),
    ]
    if let capture { object["capture"] = .string(capture) }
    object["input"] = input
    for member in expectation.json.members { object[member.name] = member.value }
    if !alternatives.isEmpty {
      object["alternatives"] = .array(
        alternatives.map { alternative in
          var json: JSONObject = ["verdict": .string(alternative.verdict.rawValue)]
          for member in alternative.expectation.json.members { json[member.name] = member.value }
          return .object(json)
        })
    }
    return object
  }
}

extension Expectation {
  /// The answer as an adapter writes it, without `seq`.
  package var json: JSONObject {
    switch self {
    case .output(let output): return ["output": output]
    case .error(let code, let offset, let index):
      var object: JSONObject = ["error": .string(code)]
      if let offset { object["offset"] = .int(offset) }
      if let index { object["index"] = .int(index) }
      return object
    }
  }
}
