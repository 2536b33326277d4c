package import StrictJSON

/// What the first line of a result file says about its run.
package struct RunHeader: Hashable, Sendable {
  /// The version of the suite.
  package let suite: String

  /// The hash of the suite.
  package let suiteHash: String

  /// The command line.
  package let command: String

  /// What was tested: its name, language and version, the latter two empty where nobody said.
  package let name: String
  package let language: String
  package let version: String

  /// The capabilities that it claims.
  package let capabilities: [String]

  /// The profile of the peer.
  package let profile: String?

  /// The seed of what was generated.
  package let seed: String?

  /// Ids in the run's file of expected failures that no case of the suite has.
  package let unknownExpectations: [String]

  /// When the run began, in UTC, as ISO 8601 writes it.
  package let startedAt: String

  /// Reads the line.
  ///
  /// - Parameters:
  ///   - value: The line.
  ///   - file: How messages name the file.
  /// - Throws: The first member that is missing or has another type.
  package init(_ value: JSONValue, file: String) throws(DataFaults) {
    func text(_ name: String, of value: JSONValue?, place: String) throws(DataFaults) -> String {
      guard let text = value?[name]?.stringValue else {
        throw DataFaults([
          DataFault(
            file: file, place: "line 1", reason: "the header has no text \(place)\(name)",
            remedy: "take a result file as wireproof wrote it")
        ])
      }
      return text
    }
    suite = try text("suite", of: value, place: "")
    suiteHash = try text("suiteHash", of: value, place: "")
    command = try text("command", of: value, place: "")
    startedAt = try text("startedAt", of: value, place: "")
    let implementation = value["iut"]
    name = try text("name", of: implementation, place: "iut.")
    language = implementation?["language"]?.stringValue ?? ""
    version = implementation?["version"]?.stringValue ?? ""
    capabilities = (implementation?["capabilities"]?.arrayValue ?? []).compactMap(\.stringValue)
    profile = value["profile"]?.stringValue
    unknownExpectations = (value["unknownExpectations"]?.arrayValue ?? []).compactMap(\.stringValue)
    seed =
      switch value["seed"] {
      case .int(let number): String(number)
      case .string(let text): text
      default: nil
      }
  }

  /// The name as people say it: with version and language where they are known.
  package var title: String {
    let versioned = version.isEmpty ? name : "\(name) \(version)"
    return language.isEmpty ? versioned : "\(versioned) (\(language))"
  }
}
