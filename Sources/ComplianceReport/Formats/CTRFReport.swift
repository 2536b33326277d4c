import Conformance
import Specification
package import StrictJSON

/// A report in the Common Test Report Format (ctrf.io): one list of tests for all implementations, each with its suite.
package enum CTRFReport {
  /// The version of the format.
  private static let specification = "0.0.0"

  /// The document.
  ///
  /// - Parameters:
  ///   - report: What it is about.
  ///   - isStrict: Whether a `nonStrict` verdict is a failure.
  package static func json(_ report: Report, isStrict: Bool = false) -> JSONValue {
    var tests: [JSONValue] = []
    var counts: [Status: Int] = [:]
    var milliseconds: Int64 = 0
    func add(_ status: Status, _ test: JSONObject) {
      counts[status, default: 0] += 1
      tests.append(.object(test))
    }
    for (column, subject) in report.subjects.enumerated() {
      for item in report.cases {
        guard let result = item.results[column] else { continue }
        let outcome = CaseOutcome(result.record, run: result.run, isStrict: isStrict)
        milliseconds += outcome.milliseconds
        add(Status(outcome.kind), test(outcome, result.run, subject, report))
      }
      for run in subject.runs {
        for id in run.unknownExpectations {
          add(
            .failed,
            [
              "name": name(id), "status": .string(Status.failed.rawValue), "duration": 0,
              "suite": [.string(InertText.visible(subject.title)), "expected-failures"],
              "message": "no case has this id; remove it from the expected failures",
            ])
        }
      }
    }
    let start = report.runs.compactMap { UTCTime.milliseconds($0.header.startedAt) }.min() ?? 0
    var summary: JSONObject = ["tests": .number(tests.count)]
    for status in Status.allCases { summary[status.rawValue] = .number(counts[status, default: 0]) }
    summary["start"] = .int(start)
    summary["stop"] = .int(start + milliseconds)
    let version = report.runs.first.map { InertText.visible($0.header.suite, limit: 100) } ?? ""
    return [
      "reportFormat": "CTRF", "specVersion": .string(specification), "generatedBy": "wireproof",
      "results": [
        "tool": ["name": "wireproof", "version": .string(version)], "summary": .object(summary),
        "tests": .array(tests),
      ],
    ]
  }

  /// What a test comes to; `pending` is what is known to fail.
  private enum Status: String, CaseIterable {
    case passed
    case failed
    case skipped
    case pending
    case other

    init(_ kind: CaseOutcome.Kind) {
      self =
        switch kind {
        case .passed: .passed
        case .failed, .error, .stale: .failed
        case .skipped: .skipped
        case .expected: .pending
        }
    }
  }

  private static func test(
    _ outcome: CaseOutcome, _ run: ReportRun, _ subject: ReportSubject, _ report: Report
  ) -> JSONObject {
    let record = outcome.record
    let area = String(record.id.prefix { $0 != "." })
    var test: JSONObject = [
      "name": name(record.id), "status": .string(Status(outcome.kind).rawValue),
      "duration": .int(outcome.milliseconds), "rawStatus": .string(record.verdict.rawValue),
      "suite": .array([subject.title, run.kind.rawValue, area].map { .string(InertText.visible($0)) }),
      "type": "conformance", "tags": [.string(record.level.rawValue), .string(record.conformanceClass.rawValue)],
    ]
    if let place = report.places[record.id] {
      test["filePath"] = .string(place.file)
      test["line"] = .number(place.line)
    }
    if case .passed = outcome.kind { return test }
    test["message"] = .string(InertText.visible(outcome.reason))
    if case .skipped = outcome.kind { return test }
    test["trace"] = .string(outcome.details(report).joined(separator: "\n"))
    test["extra"] = ["repeat": .string(InertText.visible(run.command.repeating(record.id)))]
    return test
  }

  /// A name has at least one character.
  private static func name(_ id: String) -> JSONValue { .string(id.isEmpty ? "(no id)" : InertText.visible(id)) }
}
