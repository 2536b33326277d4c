import Conformance
import GoldenVectors
import Specification
package import StrictJSON

/// A report for programs: `vectors/reports/report.schema.json` describes it.
package enum JSONReport {
  /// The version of the layout.
  private static let format: Int64 = 1

  /// The document.
  package static func json(_ report: Report) -> JSONValue {
    [
      "format": .int(format), "implementations": .array(report.subjects.indices.map { implementation(report, $0) }),
      "requirements": .array(report.requirementRows.map(requirement)),
      "cases": .array(report.cases.map { item(report, $0) }),
    ]
  }

  private static func implementation(_ report: Report, _ column: Int) -> JSONValue {
    let subject = report.subjects[column]
    let classes: [JSONValue] = subject.roles.flatMap { role in
      subject.classes(as: role).map { status -> JSONValue in
        [
          "class": .string(status.conformanceClass.rawValue), "role": .text(role?.rawValue),
          "state": .string(status.state.rawValue), "cases": .number(status.cases),
          "applicable": .number(status.applicable), "failed": .number(status.failed), "notRun": .number(status.notRun),
          "shown": .number(status.shown), "total": .number(status.total), "notOffered": .number(status.notOffered),
          "missing": .array(status.missing.map { .string($0.rawValue) }),
          "weaker": .array(status.weaker.map { .string($0.rawValue) }),
          "lacks": .array(status.lacks.map { .string($0) }), "remark": .string(status.remark),
        ]
      }
    }
    return [
      "title": .string(subject.title), "counts": report.counts(of: column).json,
      "expectedFailures": .number(report.records(of: column).count { $0.isExpectedFailure(isStrict: false) }),
      "staleExpectations": .array(
        report.staleExpectations(of: column).map {
          ["id": .string($0.id), "verdict": .text($0.verdict?.rawValue)]
        }), "classes": .array(classes),
      "runs": .array(
        subject.runs.map { run in
          [
            "file": .string(run.file), "kind": .string(run.kind.rawValue), "suite": .string(run.header.suite),
            "suiteHash": .string(run.header.suiteHash), "command": .string(run.header.command),
            "profile": .text(run.header.profile), "seed": .text(run.header.seed),
            "startedAt": .string(run.header.startedAt), "counts": VerdictCounts(run.cases).json,
          ]
        }),
    ]
  }

  private static func requirement(_ row: RequirementRow) -> JSONValue {
    [
      "id": .string(row.id.rawValue), "level": .text(row.requirement?.level.rawValue),
      "class": .text(row.requirement?.conformanceClass.rawValue), "clause": .text(row.requirement?.clause),
      "verdicts": .array(row.verdicts.map { .text($0?.rawValue) }),
      "failures": .array(row.failures.map { .number($0) }),
      "cases": .array(row.cases.map { .string($0.id) }),
      "failing": .array(row.failing.map { .string($0.id) }), "notExercised": .text(row.whyNotExercised),
    ]
  }

  private static func item(_ report: Report, _ item: ReportCase) -> JSONValue {
    [
      "id": .string(item.id), "title": .text(report.titles[item.id]),
      "requirements": .array(item.requirements.map { .string($0.rawValue) }),
      "level": .text(item.records.first?.level.rawValue), "class": .text(item.records.first?.conformanceClass.rawValue),
      "results": .array(
        item.results.map { result in
          guard let result else { return .null }
          let record = result.record
          var object: JSONObject = [
            "verdict": .string(record.verdict.rawValue), "duration": record.json["duration"] ?? .null,
            "expected": record.expected, "actual": record.actual, "reason": .text(record.reason),
            "step": .text(record.step), "judged": record.judgements.json, "lacks": .text(record.lacks),
            "repeat": .string(result.run.command.repeating(record.id)),
          ]
          object["expectedFailure"] =
            record.expectedFailure.map { ["reason": .string($0.reason), "mayPass": .bool($0.mayPass)] } ?? .null
          object["runs"] = record.runs.map { ["total": .number($0.total), "failed": .number($0.failed)] } ?? .null
          return .object(object)
        }),
    ]
  }
}
