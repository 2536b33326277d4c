import Conformance
import Specification
package import StrictJSON

extension JSONReport {
  /// The JSON Schema (draft 2020-12) of the document: `vectors/reports/report.schema.json`.
  package static var schema: JSONValue {
    [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "A conformance report of wireproof as JSON",
      "description":
        "results and verdicts have one element for each implementation, in their order; null: the case was not among its own.",
      "type": "object",
      "properties": [
        "format": ["const": 1], "implementations": list(implementation), "requirements": list(requirement),
        "cases": list(item),
      ],
      "required": ["format", "implementations", "requirements", "cases"], "additionalProperties": false,
    ]
  }

  private static let text: JSONValue = ["type": "string"]
  private static let count: JSONValue = ["type": "integer", "minimum": 0]
  private static let optionalText: JSONValue = ["type": ["string", "null"]]

  private static func list(_ element: JSONValue) -> JSONValue { ["type": "array", "items": element] }

  private static func oneOf(_ values: [String], orNull: Bool = false) -> JSONValue {
    ["enum": .array(values.map { .string($0) } + (orNull ? [.null] : []))]
  }

  private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
    var properties = JSONObject()
    for (name, schema) in members { properties[name] = schema }
    return [
      "type": "object", "properties": .object(properties), "required": .array(members.map { .string($0.0) }),
      "additionalProperties": false,
    ]
  }

  private static var counts: JSONValue { object(Verdict.allCases.map { ($0.rawValue, count) }) }
  private static var verdicts: [String] { Verdict.allCases.map(\.rawValue) }
  private static var levels: JSONValue { oneOf(RequirementLevel.allCases.map(\.rawValue), orNull: true) }
  private static var classes: JSONValue { oneOf(ConformanceClass.allCases.map(\.rawValue), orNull: true) }

  private static var implementation: JSONValue {
    object([
      ("title", text), ("counts", counts), ("expectedFailures", count),
      ("staleExpectations", list(object([("id", text), ("verdict", oneOf(verdicts, orNull: true))]))),
      (
        "classes",
        list(
          object([
            ("class", classes), ("role", oneOf(PeerRole.allCases.map(\.rawValue), orNull: true)),
            ("state", oneOf(ClassStatus.State.allCases.map(\.rawValue))), ("cases", count), ("applicable", count),
            ("failed", count), ("notRun", count), ("shown", count), ("total", count), ("notOffered", count),
            ("missing", list(text)), ("weaker", list(text)), ("lacks", list(text)), ("remark", text),
          ]))
      ),
      (
        "runs",
        list(
          object([
            ("file", text), ("kind", oneOf(RunKind.allCases.map(\.rawValue))), ("suite", text), ("suiteHash", text),
            ("command", text), ("profile", optionalText), ("seed", optionalText), ("startedAt", text),
            ("counts", counts),
          ]))
      ),
    ])
  }

  private static var requirement: JSONValue {
    object([
      ("id", text), ("level", levels), ("class", classes), ("clause", optionalText),
      ("verdicts", list(oneOf(verdicts, orNull: true))), ("failures", list(count)), ("cases", list(text)),
      ("failing", list(text)), ("notExercised", optionalText),
    ])
  }

  private static var item: JSONValue {
    let runs: JSONValue = ["anyOf": [["type": "null"], object([("total", count), ("failed", count)])]]
    let result = object([
      ("verdict", oneOf(verdicts)), ("duration", ["type": "number", "minimum": 0]), ("expected", [:]), ("actual", [:]),
      ("reason", optionalText), ("step", optionalText),
      (
        "judged", ["type": "object", "additionalProperties": ["enum": ["pass", "informational", "nonStrict", "fail"]]]
      ),
      ("lacks", optionalText), ("repeat", text), ("runs", runs),
      (
        "expectedFailure",
        ["anyOf": [["type": "null"], object([("reason", text), ("mayPass", ["type": "boolean"])])]]
      ),
    ])
    return object([
      ("id", text), ("title", optionalText), ("requirements", list(text)), ("level", levels), ("class", classes),
      ("results", list(["anyOf": [["type": "null"], result]])),
    ])
  }
}
