package import Specification
package import StrictJSON

/// Constructors that read well in a generator:
///
///     .valid(
///       id: "frame.decode.v1_3_3.empty-payload", comment: "The smallest frame.",
///       requirements: ["frame.payload.empty"],
///       input: ["revision": "1.3.3", "message": .hex(message)],
///       output: ["protocolId": 2, "sn": 0, "length": 8, "payload": ""])
///
///     .invalid(
///       id: "frame.decode.v1_3_3.magic-swapped", comment: "…", requirements: ["frame.magic"], flags: ["bad-magic"],
///       input: …, error: "bad-magic", offset: 0)
///
///     .acceptable(
///       id: …, comment: …, requirements: …, flags: …, input: …, error: "trailing-bytes", offset: 14,
///       alternatives: [.nonStrict(output: …)])
extension VectorTest {
  /// A good input that has to be taken, and what comes of it.
  package static func valid(
    id: String, comment: String, requirements: [RequirementID], flags: [String] = [], capture: String? = nil,
    input: JSONValue, output: JSONValue
  ) -> VectorTest {
    VectorTest(
      id: id, comment: comment, requirements: requirements, flags: flags, result: .valid, capture: capture,
      input: input,
      expectation: .output(output), alternatives: [])
  }

  /// A violation that has to be noticed by an error.
  package static func invalid(
    id: String, comment: String, requirements: [RequirementID], flags: [String] = [], capture: String? = nil,
    input: JSONValue, error code: String, offset: Int? = nil, index: Int? = nil
  ) -> VectorTest {
    VectorTest(
      id: id, comment: comment, requirements: requirements, flags: flags, result: .invalid, capture: capture,
      input: input,
      expectation: .error(code: code, offset: offset.map(Int64.init), index: index.map(Int64.init)), alternatives: [])
  }

  /// A violation that has to be noticed in the output: a `violation`, a refusal, a closed connection.
  package static func invalid(
    id: String, comment: String, requirements: [RequirementID], flags: [String] = [], capture: String? = nil,
    input: JSONValue, output: JSONValue
  ) -> VectorTest {
    VectorTest(
      id: id, comment: comment, requirements: requirements, flags: flags, result: .invalid, capture: capture,
      input: input,
      expectation: .output(output), alternatives: [])
  }

  /// An input with more than one permitted answer, of which the strict one is an error.
  package static func acceptable(
    id: String, comment: String, requirements: [RequirementID], flags: [String] = [], capture: String? = nil,
    input: JSONValue, error code: String, offset: Int? = nil, index: Int? = nil, alternatives: [VectorAlternative]
  ) -> VectorTest {
    VectorTest(
      id: id, comment: comment, requirements: requirements, flags: flags, result: .acceptable, capture: capture,
      input: input, expectation: .error(code: code, offset: offset.map(Int64.init), index: index.map(Int64.init)),
      alternatives: alternatives)
  }

  /// An input with more than one permitted answer, of which the strict one is an output.
  package static func acceptable(
    id: String, comment: String, requirements: [RequirementID], flags: [String] = [], capture: String? = nil,
    input: JSONValue, output: JSONValue, alternatives: [VectorAlternative]
  ) -> VectorTest {
    VectorTest(
      id: id, comment: comment, requirements: requirements, flags: flags, result: .acceptable, capture: capture,
      input: input, expectation: .output(output), alternatives: alternatives)
  }
}

extension VectorAlternative {
  /// Another answer that is just as good.
  package static func pass(output: JSONValue) -> VectorAlternative {
    VectorAlternative(verdict: .pass, expectation: .output(output))
  }

  /// Another error that is just as good.
  package static func pass(error code: String, offset: Int? = nil, index: Int? = nil) -> VectorAlternative {
    VectorAlternative(verdict: .pass, expectation: .error(code, offset, index))
  }

  /// A permitted but weaker answer.
  package static func nonStrict(output: JSONValue) -> VectorAlternative {
    VectorAlternative(verdict: .nonStrict, expectation: .output(output))
  }

  /// A permitted but weaker refusal.
  package static func nonStrict(error code: String, offset: Int? = nil, index: Int? = nil) -> VectorAlternative {
    VectorAlternative(verdict: .nonStrict, expectation: .error(code, offset, index))
  }

  /// An answer that is only reported.
  package static func informational(output: JSONValue) -> VectorAlternative {
    VectorAlternative(verdict: .informational, expectation: .output(output))
  }

  /// A refusal that is only reported.
  package static func informational(error code: String, offset: Int? = nil, index: Int? = nil) -> VectorAlternative {
    VectorAlternative(verdict: .informational, expectation: .error(code, offset, index))
  }
}

extension Expectation {
  fileprivate static func error(_ code: String, _ offset: Int?, _ index: Int?) -> Expectation {
    .error(code: code, offset: offset.map(Int64.init), index: index.map(Int64.init))
  }
}
