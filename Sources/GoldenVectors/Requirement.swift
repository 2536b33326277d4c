package import Specification
package import StrictJSON

/// One entry of the catalogue `vectors/requirements.json`: a clause of the specification that can be judged.
package struct Requirement: Hashable, Sendable {
  /// What kind of case can exercise a requirement.
  package enum Means: String, CaseIterable, Hashable, Sendable {
    /// A golden vector.
    case vector

    /// A probe against a running peer.
    case probe
  }

  /// The id.
  package let id: RequirementID

  /// How binding it is.
  package let level: RequirementLevel

  /// Whom it binds.
  package let role: RequirementRole

  /// The conformance class that it belongs to.
  package let conformanceClass: ConformanceClass

  /// The number of its clause in `docs/specification.md`.
  package let clause: String

  /// The sentence.
  package let text: String

  /// Where the rule comes from: `original`, `ours`, or a section of an RFC.
  package let source: String

  /// The capability without which the requirement does not bind an implementation.
  package let capability: String?

  /// How the requirement can be tested.
  package let testedBy: [Means]

  /// Whether an input can violate it. A requirement to accept something has no violating input, only accepting ones.
  package let isViolable: Bool

  /// Why no case exercises it, where none does.
  package let excluded: String?

  /// Why the rule matters.
  package let why: String

  /// What right looks like on the wire.
  package let right: String

  /// What wrong looks like on the wire.
  package let wrong: String

  /// Whether vectors have to exercise it.
  package var isTestedByVectors: Bool { testedBy.contains(.vector) && excluded == nil }
}

/// The catalogue of requirements.
package struct RequirementCatalogue: Sendable {
  /// The name of the file.
  package static let fileName = "requirements.json"

  /// All requirements, in the order of the specification.
  package let requirements: [Requirement]

  /// What each class asks to be shown.
  package var minimums = ClassMinimums()

  private let positions: [RequirementID: Int]

  /// A catalogue; of an id that is there twice the first counts.
  package init(_ requirements: [Requirement]) {
    self.requirements = requirements
    positions = Dictionary(requirements.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The requirement of that id.
  package subscript(id: RequirementID) -> Requirement? { positions[id].map { requirements[$0] } }
}

extension RequirementCatalogue {
  /// The shape of the file.
  static let shape = Shape.object([
    .required(
      "requirements",
      .array(
        .object([
          .required("id", .text), .required("level", .oneOf(RequirementLevel.allCases.map(\.rawValue))),
          .required("role", .oneOf(RequirementRole.allCases.map(\.rawValue))),
          .required("class", .oneOf(ConformanceClass.allCases.map(\.rawValue))), .required("clause", .text),
          .required("text", .text), .required("source", .text), .optional("capability", .text),
          .required("testedBy", .array(.oneOf(Requirement.Means.allCases.map(\.rawValue)))),
          .optional("violable", .boolean), .optional("excluded", .text), .required("why", .text),
          .required("right", .text), .required("wrong", .text),
        ])))
  ])

  /// Reads the catalogue strictly.
  ///
  /// - Parameters:
  ///   - bytes: The content of the file.
  ///   - file: How messages name the file.
  package static func load(_ bytes: [UInt8], file: String) throws(DataFaults) -> RequirementCatalogue {
    let value = try JSONValue.strict(bytes, shape: shape, file: file)
    var faults: [DataFault] = []
    var seen: Set<RequirementID> = []
    var requirements: [Requirement] = []
    for (index, entry) in (value["requirements"]?.arrayValue ?? []).enumerated() {
      guard let requirement = Requirement(entry) else { continue }
      let place = "requirements[\(index)].id"
      if !requirement.id.isWellFormed {
        faults.append(
          DataFault(
            file: file, place: place, reason: "\"\(requirement.id)\" has not the form of an id",
            remedy: "write lowercase words joined by dots and hyphens"))
      }
      if !seen.insert(requirement.id).inserted {
        faults.append(
          DataFault(
            file: file, place: place, reason: "the id \"\(requirement.id)\" is there twice",
            remedy: "give each requirement an id of its own"))
      }
      requirements.append(requirement)
    }
    guard faults.isEmpty else { throw DataFaults(faults) }
    return RequirementCatalogue(requirements)
  }
}

extension Requirement {
  /// A requirement from an entry that has the shape of one; nil otherwise.
  fileprivate init?(_ entry: JSONValue) {
    guard let id = entry["id"]?.stringValue,
      let level = entry["level"]?.stringValue.flatMap(RequirementLevel.init(rawValue:)),
      let role = entry["role"]?.stringValue.flatMap(RequirementRole.init(rawValue:)),
      let conformanceClass = entry["class"]?.stringValue.flatMap(ConformanceClass.init(rawValue:)),
      let clause = entry["clause"]?.stringValue, let text = entry["text"]?.stringValue,
      let source = entry["source"]?.stringValue, let why = entry["why"]?.stringValue,
      let right = entry["right"]?.stringValue, let wrong = entry["wrong"]?.stringValue
    else { return nil }
    self.id = RequirementID(rawValue: id)
    self.level = level
    self.role = role
    self.conformanceClass = conformanceClass
    self.clause = clause
    self.text = text
    self.source = source
    capability = entry["capability"]?.stringValue
    testedBy = (entry["testedBy"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(Means.init(rawValue:)) }
    isViolable = entry["violable"]?.boolValue ?? true
    excluded = entry["excluded"]?.stringValue
    self.why = why
    self.right = right
    self.wrong = wrong
  }
}
