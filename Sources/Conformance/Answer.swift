import GoldenVectors
package import StrictJSON

/// What an implementation answered when it was asked to run an operation.
package enum Answer: Hashable, Sendable {
  /// `{"output": …}`.
  case output(JSONValue)

  /// `{"error": code}`, with the location where it was given.
  case error(code: String, offset: Int64?, index: Int64?)

  /// `{"unsupported": why}`.
  case unsupported(String)

  /// The answer with those integers as strings that the operation wants so; an implementation may answer with numbers.
  func written(for operation: Operation) -> Answer {
    guard case .output(let output) = self else { return self }
    return .output(operation.writtenOutput(output))
  }

  /// The answer as an adapter writes it, without `seq`.
  package var json: JSONValue {
    switch self {
    case .output(let output): return ["output": output]
    case .error(let code, let offset, let index):
      return .object(Expectation.error(code: code, offset: offset, index: index).json)
    case .unsupported(let why): return ["unsupported": .string(why)]
    }
  }
}

/// What an implementation says about itself.
package struct ImplementationDescription: Hashable, Sendable {
  /// Its name.
  package let name: String

  /// The language that it is written in.
  package let language: String

  /// Its version.
  package let version: String

  /// The capabilities that it claims. A requirement that needs another one does not bind it.
  package let capabilities: [String]

  /// A description from its parts.
  package init(name: String, language: String, version: String, capabilities: [String]) {
    self.name = name
    self.language = language
    self.version = version
    self.capabilities = capabilities
  }

  /// The member `iut` of a result file's header.
  package var json: JSONValue {
    [
      "name": .string(name), "language": .string(language), "version": .string(version),
      "capabilities": .array(capabilities.map { .string($0) }),
    ]
  }
}
