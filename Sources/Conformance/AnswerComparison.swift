import GoldenVectors
import Specification
import StrictJSON

/// How an answer relates to an expectation, by the rules of `docs/operations.md`.
enum AnswerComparison: Hashable, Sendable {
  /// They are the same.
  case equal

  /// They are the same but for a location: an `offset`, `closeCode` or `index` that was given and differs.
  case otherLocation(String)

  /// Both refuse, for different reasons.
  case otherReason(String)

  /// They differ; the text says where.
  case different(String)

  /// Members that a violation or an error may leave out, and that only weaken the verdict when they differ.
  private static let locations: Set<String> = ["offset", "closeCode", "index"]

  /// Compares an answer with an expectation of an operation.
  static func compare(_ answer: Answer, with expectation: Expectation, of operation: Operation) -> AnswerComparison {
    switch (expectation, answer) {
    case (.error(let expected, let offset, let index), .error(let code, let answeredOffset, let answeredIndex)):
      if expected != code { return .otherReason("the error is \(code) instead of \(expected)") }
      if let offset, let answeredOffset, offset != answeredOffset {
        return .otherLocation("the offset is \(answeredOffset) instead of \(offset)")
      }
      if let index, let answeredIndex, index != answeredIndex {
        return .otherLocation("the index is \(answeredIndex) instead of \(index)")
      }
      return .equal
    case (.output(let expected), .output(let output)):
      if operation == .handshakeRespond { return compareResponse(expected, output) }
      return compareOutput(expected, output)
    case (.error(let expected, _, _), .output): return .different("there is an output instead of the error \(expected)")
    case (.output, .error(let code, _, _)): return .different("there is the error \(code) instead of an output")
    case (_, .unsupported): return .different("the operation is not supported")
    }
  }

  /// Compares outputs; the member `violation` is compared like an error.
  private static func compareOutput(_ expected: JSONValue, _ output: JSONValue) -> AnswerComparison {
    guard let expectedViolation = expected["violation"]?.objectValue, let object = output.objectValue,
      let violation = object["violation"]?.objectValue
    else { return difference(expected, output, at: "").map { .different($0) } ?? .equal }
    var expectedRest = expected.objectValue ?? [:]
    var rest = object
    expectedRest["violation"] = nil
    rest["violation"] = nil
    if let found = difference(.object(expectedRest), .object(rest), at: "") { return .different(found) }
    for name in violation.names where expectedViolation[name] == nil {
      return .different("violation.\(name) is not known")
    }
    let code = violation["code"] ?? .null
    let expectedCode = expectedViolation["code"] ?? .null
    if code != expectedCode {
      guard code.stringValue != nil else { return .different("violation.code is \(code.line)") }
      return .otherReason("violation.code is \(code.line) instead of \(expectedCode.line)")
    }
    for name in locations {
      guard let expected = expectedViolation[name], let answered = violation[name], expected != answered else {
        continue
      }
      return .otherLocation("violation.\(name) is \(answered.line) instead of \(expected.line)")
    }
    return .equal
  }

  /// Compares responses to an upgrade: the status, and the headers that are expected; others may be there, and the reason
  /// of a refusal is not compared. A refusal with another status is a refusal for another reason.
  private static func compareResponse(_ expected: JSONValue, _ output: JSONValue) -> AnswerComparison {
    if let wanted = expected["status"]?.intValue, let status = output["status"]?.intValue, status != wanted,
      (400...599).contains(wanted), (400...599).contains(status)
    {
      return .otherReason("the status is \(status) instead of \(wanted)")
    }
    if let found = difference(expected["status"] ?? .null, output["status"] ?? .null, at: "status") {
      return .different(found)
    }
    guard let headers = output["headers"]?.objectValue else { return .different("headers are missing") }
    for member in expected["headers"]?.objectValue?.members ?? [] {
      guard let value = headers[member.name] else { return .different("headers.\(member.name) is missing") }
      // Both are lists of tokens that are compared without regard to case (RFC 6455 section 4.1, RFC 9110 section 7.8).
      if ["connection", "upgrade"].contains(member.name.lowercased()), let expected = member.value.stringValue,
        let actual = value.stringValue, Self.tokens(expected).isSubset(of: Self.tokens(actual))
      {
        continue
      }
      if let found = difference(member.value, value, at: "headers.\(member.name)") { return .different(found) }
    }
    let interim = expected["interim"] ?? []
    return difference(interim, output["interim"] ?? [], at: "interim").map { .different($0) } ?? .equal
  }

  private static func tokens(_ list: String) -> Set<String> {
    Set(
      list.lowercased().split(separator: ",").map {
        String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      })
  }

  /// The first place in which two values differ, with what stands there; nil when they are equal.
  static func difference(_ expected: JSONValue, _ actual: JSONValue, at place: String) -> String? {
    if expected == actual { return nil }
    let prefix = place.isEmpty ? "" : "\(place)."
    switch (expected, actual) {
    case (.object(let expected), .object(let actual)):
      for member in expected.members {
        guard let value = actual[member.name] else { return "\(prefix)\(member.name) is missing" }
        if let found = difference(member.value, value, at: prefix + member.name) { return found }
      }
      let known = Set(expected.names)
      return actual.names.first { !known.contains($0) }.map { "\(prefix)\($0) is not expected" }
    case (.array(let expected), .array(let actual)):
      for (index, pair) in zip(expected, actual).enumerated() {
        if let found = difference(pair.0, pair.1, at: "\(place)[\(index)]") { return found }
      }
      return "\(place.isEmpty ? "the array" : place) has \(actual.count) elements instead of \(expected.count)"
    default:
      let subject = place.isEmpty ? "the value" : place
      return "\(subject) is \(abridged(actual)) instead of \(abridged(expected))"
    }
  }

  private static func abridged(_ value: JSONValue) -> String {
    InertText.abridged(value.line, to: 160)
  }
}
