import GoldenVectors
import Specification
package import StrictJSON

/// What `list` prints.
extension Explanation {
  /// The list of requirements, a line each.
  package var requirementsText: String {
    suite.catalogue.requirements.map {
      "\(ColumnText.left($0.id.rawValue, 44)) \(ColumnText.left($0.level.rawValue, 6)) \(ColumnText.left($0.clause, 7)) \($0.text)"
    }.joined(separator: "\n")
  }

  /// The list of vectors, a line each.
  package var vectorsText: String {
    cases.map {
      "\(ColumnText.left($0.test.id, 60)) \(ColumnText.left($0.test.result.rawValue, 10)) "
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

  /// The list of mutants, a line each: name, the probe that finds it, fault.
  package var mutantsText: String {
    let width = mutants.map(\.name.count).max() ?? 0
    let checkWidth = mutants.map(\.check.count).max() ?? 0
    return mutants.map { "\(ColumnText.left($0.name, width)) \(ColumnText.left($0.check, checkWidth)) \($0.fault)" }
      .joined(separator: "\n")
  }

  /// The list of mutants as JSON.
  package var mutantsJSON: JSONValue {
    .array(
      mutants.map {
        [
          "name": .string($0.name), "side": .string($0.side.rawValue), "fault": .string($0.fault),
          "probe": .string($0.check),
          "requirements": .array($0.requirements.map { .string($0.rawValue) }),
        ]
      })
  }

  /// The list of findings, a line each.
  package var findingsText: String {
    let width = findings.map(\.id.count).max() ?? 0
    return findings.map { "\(ColumnText.left($0.id, width)) \($0.meaning)" }.joined(separator: "\n")
  }

  /// The list of findings as JSON.
  package var findingsJSON: JSONValue {
    .array(
      findings.map {
        [
          "id": .string($0.id), "meaning": .string($0.meaning),
          "requirements": .array($0.requirements.map { .string($0.rawValue) }),
        ]
      })
  }

  /// The list of probes, a line each: id, level, title, and the tag of those that only `--all` runs.
  package var probesText: String {
    let width = probes.map(\.id.count).max() ?? 0
    return probes.map { test in
      let reserved = test.tags.intersection(ProbeSuite.reservedTags).sorted()
      return
        "\(ColumnText.left(test.id, width)) \(ColumnText.left(test.level?.rawValue ?? "", 6)) \(InertText.whole(test.title))"
        + (reserved.isEmpty ? "" : " (\(reserved.joined(separator: ", ")): --all)")
    }.joined(separator: "\n")
  }

  /// The list of probes as JSON.
  package var probesJSON: JSONValue {
    .array(
      probes.map {
        [
          "id": .string($0.id), "title": .string($0.title), "level": .text($0.level?.rawValue),
          "class": .text($0.conformanceClass?.rawValue),
          "requirements": .array($0.requirements.map { .string($0.rawValue) }),
          "tags": .array($0.tags.sorted().map { .string($0) }), "needs": .array($0.needs.map { .string($0) }),
        ]
      })
  }
}
