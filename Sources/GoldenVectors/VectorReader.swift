import Specification
package import StrictJSON

/// Reads one vector file strictly: its shape, and what a shape cannot say.
extension VectorFile {
  /// The shape of a vector file.
  static let shape = Shape.object([
    .required("area", .text), .required("notes", .map(.text)),
    .required(
      "groups",
      .array(
        .tagged(
          tag: "operation",
          variants: Operation.allCases.map { operation in
            .init(
              operation.rawValue,
              [.required("comment", .text), .required("tests", .array(VectorTest.shape(operation)))])
          }))),
  ])

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - file: How messages name the file.
  ///   - area: The area that the name of the file promises.
  ///   - catalogue: The requirements that tests may name; nil leaves the names unchecked.
  package static func load(
    _ bytes: [UInt8], file: String, area: String, catalogue: RequirementCatalogue?
  ) throws(DataFaults) -> VectorFile {
    let value = try JSONValue.strict(bytes, shape: shape, file: file)
    var check = VectorFileCheck(file: file, catalogue: catalogue)
    let vectors = check.read(value, area: area)
    guard check.faults.isEmpty else { throw DataFaults(check.faults) }
    return vectors
  }
}

extension VectorTest {
  /// The shape of a test of an operation.
  fileprivate static func shape(_ operation: Operation) -> Shape {
    var answer: [Shape.Field] = [.optional("output", operation.output)]
    if !operation.errorCodes.isEmpty {
      answer += [
        .optional("error", .oneOf(operation.errorCodes)), .optional("offset", .natural), .optional("index", .natural),
      ]
    }
    let verdicts: [Verdict] = [.pass, .nonStrict, .informational]
    return .object(
      [
        .required("id", .text), .required("comment", .text), .required("requirements", .array(.text)),
        .required("flags", .array(.text)), .required("result", .oneOf(VectorResult.allCases.map(\.rawValue))),
        .optional("capture", .text), .required("input", operation.input),
      ] + answer + [
        .optional(
          "alternatives", .array(.object([.required("verdict", .oneOf(verdicts.map(\.rawValue)))] + answer)))
      ])
  }
}

/// Goes through a file of the right shape and collects what is wrong with its meaning.
private struct VectorFileCheck {
  let file: String
  let catalogue: RequirementCatalogue?
  var faults: [DataFault] = []
  var ids: Set<String> = []
  var notes: Set<String> = []
  var usedFlags: Set<String> = []

  init(file: String, catalogue: RequirementCatalogue?) {
    self.file = file
    self.catalogue = catalogue
  }

  private mutating func fault(_ place: String, _ reason: String, _ remedy: String) {
    faults.append(DataFault(file: file, place: place, reason: reason, remedy: remedy))
  }

  mutating func read(_ value: JSONValue, area: String) -> VectorFile {
    if value["area"]?.stringValue != area {
      fault("area", "it is not the name of the file", "write \"\(area)\", or rename the file")
    }
    var explained: [String: String] = [:]
    for member in value["notes"]?.objectValue?.members ?? [] { explained[member.name] = member.value.stringValue }
    notes = Set(explained.keys)
    let groups = (value["groups"]?.arrayValue ?? []).enumerated().compactMap { readGroup($1, "groups[\($0)]", area) }
    for flag in notes.subtracting(usedFlags).sorted() {
      fault("notes.\(flag)", "no test has this flag", "remove the note")
    }
    return VectorFile(area: area, notes: explained, groups: groups)
  }

  private mutating func readGroup(_ value: JSONValue, _ place: String, _ area: String) -> VectorGroup? {
    guard let operation = value["operation"]?.stringValue.flatMap(Operation.init(rawValue:)),
      let comment = value["comment"]?.stringValue, let tests = value["tests"]?.arrayValue
    else { return nil }
    if tests.isEmpty { fault("\(place).tests", "the group has no tests", "add one, or remove the group") }
    return VectorGroup(
      operation, comment: comment,
      tests: tests.enumerated().compactMap { readTest($1, "\(place).tests[\($0)]", area) })
  }

  private mutating func readTest(_ value: JSONValue, _ place: String, _ area: String) -> VectorTest? {
    guard let id = value["id"]?.stringValue, let comment = value["comment"]?.stringValue, let input = value["input"],
      let result = value["result"]?.stringValue.flatMap(VectorResult.init(rawValue:))
    else { return nil }
    if !RequirementID(rawValue: id).isWellFormed || !id.hasPrefix(area + ".") {
      fault(
        "\(place).id", "\"\(id)\" is no id of this file", "write lowercase words joined by dots, the first \"\(area)\"")
    }
    if !ids.insert(id).inserted { fault("\(place).id", "the id \"\(id)\" is there twice", "rename one of the tests") }
    let requirements = readNames(value["requirements"], "\(place).requirements").map(RequirementID.init(rawValue:))
    if requirements.isEmpty {
      fault("\(place).requirements", "the test exercises nothing", "name at least one requirement")
    }
    if let catalogue {
      for (index, requirement) in requirements.enumerated() where catalogue[requirement] == nil {
        fault(
          "\(place).requirements[\(index)]", "\"\(requirement)\" is not in the catalogue",
          "use an id of requirements.json, or add it there and to the specification")
      }
    }
    let flags = readNames(value["flags"], "\(place).flags")
    usedFlags.formUnion(flags)
    for (index, flag) in flags.enumerated() where !notes.contains(flag) {
      fault("\(place).flags[\(index)]", "\"\(flag)\" has no note", "say in notes why the flag exists")
    }
    guard let expectation = readAnswer(value, place) else { return nil }
    let alternatives = readAlternatives(value["alternatives"]?.arrayValue, result: result, place)
    return VectorTest(
      id: id, comment: comment, requirements: requirements, flags: flags, result: result,
      capture: value["capture"]?.stringValue, input: input, expectation: expectation, alternatives: alternatives)
  }

  private mutating func readNames(_ value: JSONValue?, _ place: String) -> [String] {
    let names = (value?.arrayValue ?? []).compactMap(\.stringValue)
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      fault("\(place)[\(index)]", "\"\(name)\" is there twice", "remove one")
    }
    return names
  }

  private mutating func readAlternatives(
    _ values: [JSONValue]?, result: VectorResult, _ place: String
  ) -> [VectorAlternative] {
    let alternatives = (values ?? []).enumerated().compactMap { index, value -> VectorAlternative? in
      guard let verdict = value["verdict"]?.stringValue.flatMap(Verdict.init(rawValue:)),
        let expectation = readAnswer(value, "\(place).alternatives[\(index)]")
      else { return nil }
      return VectorAlternative(verdict: verdict, expectation: expectation)
    }
    switch (result, values) {
    case (.acceptable, nil), (.acceptable, []):
      fault(place, "an acceptable test has no alternatives", "say what else is permitted, or make it valid or invalid")
    case (.valid, _?), (.invalid, _?):
      fault("\(place).alternatives", "only an acceptable test has alternatives", "remove them, or make it acceptable")
    default: break
    }
    return alternatives
  }

  private mutating func readAnswer(_ value: JSONValue, _ place: String) -> Expectation? {
    let offset = value["offset"]?.intValue
    let index = value["index"]?.intValue
    switch (value["output"], value["error"]?.stringValue) {
    case (let output?, nil):
      if offset != nil || index != nil {
        fault(place, "an output has neither offset nor index", "remove them, or expect an error")
      }
      return .output(output)
    case (nil, let code?): return .error(code: code, offset: offset, index: index)
    default:
      fault(place, "a test expects either an output or an error", "write exactly one of the two")
      return nil
    }
  }
}
