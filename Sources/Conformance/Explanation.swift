package import GoldenVectors
import Specification

/// What `explain` and `list` print about requirements and vectors.
package struct Explanation: Sendable {
  /// How many vectors of each kind are named.
  private static let examples = 3

  private let suite: VectorSuite
  private let cases: [VectorSuite.Case]

  /// Explanations of a suite.
  package init(_ suite: VectorSuite) {
    self.suite = suite
    cases = suite.cases
  }

  /// The text about a requirement or a vector; nil if the suite has no such id.
  package func text(of id: String) -> String? {
    if let requirement = suite.catalogue[RequirementID(rawValue: id)] { return text(of: requirement) }
    return cases.first { $0.test.id == id }.map(text(of:))
  }

  /// Ids that resemble one that is not known, the nearest first, at most five.
  package func suggestions(for id: String) -> [String] {
    let known = suite.catalogue.requirements.map(\.id.rawValue) + cases.map(\.test.id)
    // What is longer than any id resembles none.
    guard id.utf8.count <= 128 else { return [] }
    let wanted = Array(id.utf8)
    let near = known.map { (id: $0, distance: Self.distance(Array($0.utf8), wanted)) }
      .filter { $0.distance <= 2 + wanted.count / 4 || $0.id.hasPrefix(id) }
    return near.sorted { $0.distance < $1.distance }.prefix(5).map(\.id)
  }

  /// How many bytes have to be put in, taken out or replaced to make one of the other.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in right.enumerated() {
        let replaced = diagonal + (byte == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }

  private func text(of requirement: Requirement) -> String {
    var lines = [
      "\(requirement.id)",
      "\(requirement.level) · clause \(requirement.clause) of docs/specification.md · binds the \(requirement.role)"
        + " · class \(requirement.conformanceClass) · source: \(requirement.source)",
      "", requirement.text,
    ]
    if let capability = requirement.capability {
      lines += ["", "Binds an implementation only if it claims the capability \(capability)."]
    }
    for (title, text) in [("Why", requirement.why), ("Right", requirement.right), ("Wrong", requirement.wrong)]
    where !text.isEmpty {
      lines += ["", title, indented(text)]
    }
    lines += ["", "Exercised by"] + exercising(requirement)
    return lines.map { LineFolding.fold($0, hanging: 2) }.joined(separator: "\n")
  }

  private func exercising(_ requirement: Requirement) -> [String] {
    let cases = cases.filter { $0.test.requirements.contains(requirement.id) }
    var lines: [String] = []
    for (title, kind) in [
      ("accepting", cases.filter { !$0.test.violates }), ("violating", cases.filter(\.test.violates)),
    ] where !kind.isEmpty {
      lines.append("  \(kind.count) \(title) \(kind.count == 1 ? "vector" : "vectors"), for example")
      lines += kind.prefix(Self.examples).map { "    \($0.test.id): \(InertText.whole($0.test.comment))" }
    }
    if requirement.testedBy.contains(.probe) {
      lines.append(requirement.isTestedByVectors ? "  probes of a running peer" : "  probes of a running peer only")
    }
    if let excluded = requirement.excluded { lines.append("  nothing: \(excluded)") }
    return lines.isEmpty ? ["  nothing yet"] : lines
  }

  private func text(of vector: VectorSuite.Case) -> String {
    let test = vector.test
    var lines = [
      test.id, "\(vector.operation.rawValue) · \(test.result.rawValue) · vectors/\(vector.area).json", "",
      LineFolding.fold(InertText.whole(test.comment)),
    ]
    if let capture = test.capture { lines.append("The bytes are those of captures/\(capture).") }
    let notes = suite.files.first { $0.area == vector.area }?.notes ?? [:]
    lines += test.flags.map { LineFolding.fold("Flag \($0): \(notes[$0] ?? "")", hanging: 2) }
    lines += ["", "Input", indented(test.input.canonicalText), "Expected"]
    lines.append(indented(JSONValue.object(test.expectation.json).canonicalText))
    for alternative in test.alternatives {
      lines.append("Permitted, \(alternative.verdict.rawValue)")
      lines.append(indented(JSONValue.object(alternative.expectation.json).canonicalText))
    }
    lines.append("Requirements")
    for id in test.requirements {
      guard let requirement = suite.catalogue[id] else { continue }
      let line = "  \(id) (\(requirement.level), clause \(requirement.clause)): \(requirement.text)"
      lines.append(LineFolding.fold(line, hanging: 2))
    }
    return lines.joined(separator: "\n")
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0)
      .map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
  }

  /// The list of requirements, a line each.
  package var requirementsText: String {
    suite.catalogue.requirements.map {
      "\(padded($0.id.rawValue, 44)) \(padded($0.level.rawValue, 6)) \(padded($0.clause, 7)) \($0.text)"
    }.joined(separator: "\n")
  }

  /// The list of vectors, a line each.
  package var vectorsText: String {
    cases.map {
      "\(padded($0.test.id, 60)) \(padded($0.test.result.rawValue, 10)) "
        + InertText.whole($0.test.comment)
    }.joined(separator: "\n")
  }

  /// The list of requirements as JSON.
  package var requirementsJSON: JSONValue {
    .array(
      suite.catalogue.requirements.map {
        [
          "id": .string($0.id.rawValue), "level": .string($0.level.rawValue), "role": .string($0.role.rawValue),
          "class": .string($0.conformanceClass.rawValue), "clause": .string($0.clause), "text": .string($0.text),
          "source": .string($0.source), "capability": .text($0.capability),
          "testedBy": .array($0.testedBy.map { .string($0.rawValue) }),
        ]
      })
  }

  /// The list of vectors as JSON.
  package var vectorsJSON: JSONValue {
    .array(
      cases.map {
        [
          "id": .string($0.test.id), "area": .string($0.area), "operation": .string($0.operation.rawValue),
          "result": .string($0.test.result.rawValue), "comment": .string($0.test.comment),
          "requirements": .array($0.test.requirements.map { .string($0.rawValue) }),
          "flags": .array($0.test.flags.map { .string($0) }),
        ]
      })
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
