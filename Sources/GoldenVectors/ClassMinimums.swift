package import Specification
package import StrictJSON

/// The declared minimum of each conformance class, `classes.json`: what has to have been shown of it, for a server and for a
/// client, before the class can count as met. Nobody gets a class by offering less.
package struct ClassMinimums: Hashable, Sendable {
  /// The name of the file, in the folder of the vectors.
  package static let fileName = "classes.json"

  private var ids: [ConformanceClass: [PeerRole: [RequirementID]]] = [:]

  /// No class asks for anything.
  package init() {}

  /// What has to have been shown of a class: by a side, or by both where vectors alone were run.
  package subscript(conformanceClass: ConformanceClass, role: PeerRole?) -> [RequirementID] {
    let sides = ids[conformanceClass] ?? [:]
    if let role { return sides[role] ?? [] }
    let client = Set(sides[.client] ?? [])
    return (sides[.server] ?? []).filter(client.contains)
  }

  private static let side = Shape.object([
    .required("server", .array(.text)), .required("client", .array(.text)),
  ])

  static let shape = Shape.object(ConformanceClass.allCases.map { .required($0.rawValue, side) })

  /// Reads the file strictly.
  ///
  /// - Throws: What is wrong with it; also ids that the catalogue lacks, that are no MUSTs of their class, or that do not bind
  ///   the side.
  package static func load(
    _ bytes: [UInt8], file: String, catalogue: RequirementCatalogue
  ) throws(DataFaults) -> ClassMinimums {
    let value = try JSONValue.strict(bytes, shape: shape, file: file)
    var minimums = ClassMinimums()
    var faults: [DataFault] = []
    for conformanceClass in ConformanceClass.allCases {
      for role in PeerRole.allCases {
        let place = "\(conformanceClass.rawValue).\(role.rawValue)"
        var ids: [RequirementID] = []
        for entry in value[conformanceClass.rawValue]?[role.rawValue]?.arrayValue ?? [] {
          let id = RequirementID(rawValue: entry.stringValue ?? "")
          guard let requirement = catalogue[id], requirement.level == .must, requirement.role.binds(role),
            requirement.conformanceClass == conformanceClass, !ids.contains(id)
          else {
            faults.append(
              DataFault(
                file: file, place: place,
                reason: "\"\(id)\" is no MUST of \(conformanceClass) for a \(role), or is there twice",
                remedy: "name one of requirements.json"))
            continue
          }
          ids.append(id)
        }
        minimums.ids[conformanceClass, default: [:]][role] = ids
      }
    }
    guard faults.isEmpty else { throw DataFaults(faults) }
    return minimums
  }
}
