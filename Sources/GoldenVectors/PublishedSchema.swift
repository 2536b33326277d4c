package import StrictJSON

/// The JSON Schemas that stand beside the vectors. They are made from the shapes that the strict loader uses.
package enum PublishedSchema: String, CaseIterable, Sendable {
  /// Vector files.
  case vectors = "schema.json"

  /// The lines of the adapter protocol, in both directions.
  case adapter = "adapter.schema.json"

  /// The catalogue of requirements.
  case requirements = "requirements.schema.json"

  /// The content of the schema file.
  package var json: JSONValue {
    let (title, schema): (JSONValue, JSONValue) =
      switch self {
      case .vectors: ("A file of golden vectors of wireproof", VectorFile.shape.schema)
      case .adapter: ("One line of the adapter protocol of wireproof", Self.adapterSchema)
      case .requirements: ("The catalogue of requirements of wireproof", RequirementCatalogue.shape.schema)
      }
    var object: JSONObject = ["$schema": "https://json-schema.org/draft/2020-12/schema", "title": title]
    for member in schema.objectValue?.members ?? [] { object[member.name] = member.value }
    return .object(object)
  }

  /// What the runner writes, and what the adapter answers. Answers may have further members in `hello`, nowhere else.
  private static var adapterSchema: JSONValue {
    let sequence = Shape.Field.required("seq", .natural)
    let run = Operation.allCases.map { operation -> JSONValue in
      Shape.object([
        .required("cmd", .oneOf(["run"])), sequence, .required("operation", .oneOf([operation.rawValue])),
        .required("input", operation.input),
      ]).schema
    }
    let requests: [JSONValue] =
      [
        Shape.object([
          .required("cmd", .oneOf(["hello"])), sequence, .required("protocol", .integer(1...1)),
        ]).schema
      ] + run + [Shape.object([.required("cmd", .oneOf(["stop"]))]).schema]
    let outputs = Operation.allCases.map { Shape.object([sequence, .required("output", $0.output)]).schema }
    let answers: [JSONValue] =
      [
        Shape.object([
          sequence, .required("name", .text), .required("language", .text), .required("version", .text),
          .required("capabilities", .array(.text)),
        ]).schema
      ] + outputs + [
        Shape.object([
          sequence, .required("error", .text), .optional("offset", .natural), .optional("index", .natural),
        ]).schema,
        Shape.object([sequence, .required("unsupported", .text)]).schema,
      ]
    return [
      "description":
        "request: from the runner, on standard input. answer: from the adapter, on standard output. One object a line.",
      "anyOf": [["$ref": "#/$defs/request"], ["$ref": "#/$defs/answer"]],
      "$defs": ["request": ["anyOf": .array(requests)], "answer": ["anyOf": .array(answers)]],
    ]
  }
}
