import Conformance
import GoldenVectors
import Specification

/// A report as JUnit XML, for Jenkins, GitLab and GitHub. A suite is an area of a run; a `fail` is a failure, an `errored`
/// case or one that could not be run is an error, what does not apply is skipped. Weaker outcomes pass and say so in
/// `system-out`, unless they count as failures.
package enum JUnitReport {
  /// How much of one transcript is written, in characters: readers keep all of it in memory.
  private static let outputLimit = 32_768

  /// The document.
  ///
  /// - Parameters:
  ///   - report: What it is about.
  ///   - isStrict: Whether a `nonStrict` verdict is a failure.
  package static func xml(_ report: Report, isStrict: Bool = false) -> String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    let all = report.runs.flatMap(\.cases)
    text += "<testsuites name=\"wireproof\"\(figures(all, isStrict: isStrict))>\n"
    for subject in report.subjects {
      for run in subject.runs {
        let groups = Dictionary(grouping: run.cases) { String($0.id.prefix { $0 != "." }) }
        var seen: Set<String> = []
        for record in run.cases {
          let area = String(record.id.prefix { $0 != "." })
          guard seen.insert(area).inserted, let records = groups[area] else { continue }
          text += suite(area, records, run: run, subject: subject, report: report, isStrict: isStrict)
        }
      }
    }
    return text + "</testsuites>\n"
  }

  private static func suite(
    _ area: String, _ records: [CaseRecord], run: ReportRun, subject: ReportSubject, report: Report, isStrict: Bool
  ) -> String {
    // Readers take the dots of a classname for packages, so a title must not bring any of its own.
    let package = subject.title.replacing(".", with: "_").replacing(" ", with: "_")
    let classname = (report.isMatrix ? package + "." : "") + "\(run.kind.rawValue).\(area)"
    var text = "  <testsuite\(attribute("name", (report.isMatrix ? subject.title + " · " : "") + area))"
    text += "\(figures(records, isStrict: isStrict))\(attribute("timestamp", timestamp(run.header.startedAt)))>\n"
    text += "    <properties>\n"
    let properties = [
      ("implementation", subject.title), ("suite", run.header.suite), ("suiteHash", run.header.suiteHash),
      ("command", run.header.command), ("profile", run.header.profile ?? ""), ("seed", run.header.seed ?? ""),
    ]
    for (name, value) in properties where !value.isEmpty {
      text += "      <property name=\"\(name)\"\(attribute("value", value))/>\n"
    }
    text += "    </properties>\n"
    for record in records {
      text += testcase(record, classname: classname, run: run, report: report, isStrict: isStrict)
    }
    return text + "  </testsuite>\n"
  }

  private static func testcase(
    _ record: CaseRecord, classname: String, run: ReportRun, report: Report, isStrict: Bool
  ) -> String {
    let time = ReportFigures.decimal(max(0, record.seconds.isFinite ? record.seconds : 0), digits: 6)
    var text = "    <testcase\(attribute("name", record.id))\(attribute("classname", classname)) time=\"\(time)\""
    var body = ""
    let reason = record.reason ?? record.verdict.title
    if record.verdict == .fail || isStrict && record.verdict == .nonStrict {
      let details = details(record, report: report)
      body += "      <failure\(attribute("message", reason)) type=\"\(record.verdict.rawValue)\">\(escaped(details))"
      body += "</failure>\n"
    } else if record.verdict == .errored || record.verdict == .couldNotRun {
      let details = details(record, report: report)
      body += "      <error\(attribute("message", reason)) type=\"\(record.verdict.rawValue)\">\(escaped(details))"
      body += "</error>\n"
    } else if record.verdict == .notApplicable {
      body += "      <skipped\(attribute("message", reason))/>\n"
    }
    let output = output(record, run: run)
    if !output.isEmpty { body += "      <system-out>\(escaped(output))</system-out>\n" }
    text += body.isEmpty ? "/>\n" : ">\n\(body)    </testcase>\n"
    return text
  }

  private static func details(_ record: CaseRecord, report: Report) -> String {
    var lines: [String] = []
    if let title = report.titles[record.id] { lines.append(title) }
    if let step = record.step { lines.append("step: \(AnswerText.step(step))") }
    if let expected = AnswerText.text(record.expected) { lines.append("expected: \(expected)") }
    if let actual = AnswerText.text(record.actual) { lines.append("actual: \(actual)") }
    if let runs = record.runs { lines.append("\(runs.failed) of \(runs.total) runs failed") }
    for id in record.accused {
      guard let requirement = report.catalogue[id] else { continue }
      lines.append("requires \(id) (\(requirement.level), clause \(requirement.clause)): \(requirement.text)")
    }
    return lines.map { InertText.visible($0) }.joined(separator: "\n")
  }

  private static func output(_ record: CaseRecord, run: ReportRun) -> String {
    if record.verdict == .pass || record.verdict == .notApplicable { return "" }
    var lines = TranscriptLines.lines(record.transcript)
    if !record.verdict.isFailure, let reason = record.reason {
      lines.insert("\(record.verdict.title): \(InertText.visible(reason))", at: 0)
    }
    lines.append("repeat: \(InertText.visible(run.command.repeating(record.id)))")
    return InertText.visible(lines.joined(separator: "\n"), limit: outputLimit, keepsLines: true)
  }

  private static func figures(_ records: [CaseRecord], isStrict: Bool) -> String {
    let counts = VerdictCounts(records)
    let seconds = records.reduce(0) { $0 + ($1.seconds.isFinite ? max(0, $1.seconds) : 0) }
    let failures = counts[.fail] + (isStrict ? counts[.nonStrict] : 0)
    let errors = counts[.errored] + counts[.couldNotRun]
    return " tests=\"\(counts.total)\" failures=\"\(failures)\" errors=\"\(errors)\""
      + " skipped=\"\(counts[.notApplicable])\" time=\"\(ReportFigures.decimal(seconds, digits: 6))\""
  }

  /// The schema of Jenkins and others has a time without a zone.
  private static func timestamp(_ text: String) -> String { text.hasSuffix("Z") ? String(text.dropLast()) : text }

  private static func attribute(_ name: String, _ value: String) -> String {
    " \(name)=\"\(escaped(InertText.visible(value)))\""
  }

  /// What is left after ``InertText`` has no character that XML 1.0 forbids; the five that have a meaning get entities.
  private static func escaped(_ text: String) -> String { XMLText.escaped(text) }
}
