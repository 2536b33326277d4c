import Conformance
import GoldenVectors
import Specification
import StrictJSON

/// A report as JUnit XML, for Jenkins, GitLab and GitHub. A suite is an area of a run; a `fail` is a failure, an `errored`
/// case or one that could not be run is an error, what does not apply or fails as expected is skipped. Weaker outcomes pass
/// and say so in `system-out`, unless they count as failures. A stale expectation is an error.
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
    let all = report.runs.flatMap { run in run.cases.map { CaseOutcome($0, run: run, isStrict: isStrict) } }
    let unknown = report.runs.reduce(0) { $0 + $1.unknownExpectations.count }
    text += "<testsuites name=\"wireproof\"\(figures(all, unknown: unknown))>\n"
    for subject in report.subjects {
      for run in subject.runs {
        let groups = Dictionary(grouping: run.cases) { String($0.id.prefix { $0 != "." }) }
        var seen: Set<String> = []
        for record in run.cases {
          let area = String(record.id.prefix { $0 != "." })
          guard seen.insert(area).inserted, let records = groups[area] else { continue }
          text += suite(area, records, run: run, subject: subject, report: report, isStrict: isStrict)
        }
        text += unknownExpectations(of: run, subject: subject, report: report)
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
    let outcomes = records.map { CaseOutcome($0, run: run, isStrict: isStrict) }
    text += "\(figures(outcomes))\(attribute("timestamp", timestamp(run.header.startedAt)))>\n"
    text += "    <properties>\n"
    let properties = [
      ("implementation", subject.title), ("suite", run.header.suite), ("suiteHash", run.header.suiteHash),
      ("command", run.header.command), ("profile", run.header.profile ?? ""), ("seed", run.header.seed ?? ""),
    ]
    for (name, value) in properties where !value.isEmpty {
      text += "      <property name=\"\(name)\"\(attribute("value", value))/>\n"
    }
    text += "    </properties>\n"
    for outcome in outcomes { text += testcase(outcome, classname: classname, run: run, report: report) }
    return text + "  </testsuite>\n"
  }

  /// A suite of the ids that were expected to fail and that no case has; empty where there are none.
  private static func unknownExpectations(of run: ReportRun, subject: ReportSubject, report: Report) -> String {
    let count = run.unknownExpectations.count
    guard count > 0 else { return "" }
    let name = (report.isMatrix ? subject.title + " · " : "") + "expected-failures"
    var text =
      "  <testsuite\(attribute("name", name)) tests=\"\(count)\" failures=\"0\" errors=\"\(count)\" skipped=\"0\""
    text += " time=\"0.000000\"\(attribute("timestamp", timestamp(run.header.startedAt)))>\n"
    for id in run.unknownExpectations {
      let reason = "no case has this id; remove it from the expected failures"
      text += "    <testcase\(attribute("name", id))\(attribute("classname", "\(run.kind.rawValue).expected-failures"))"
      text += " time=\"0.000000\">\n      <error\(attribute("message", reason)) type=\"staleExpectation\"/>\n"
      text += "    </testcase>\n"
    }
    return text + "  </testsuite>\n"
  }

  private static func testcase(_ outcome: CaseOutcome, classname: String, run: ReportRun, report: Report) -> String {
    let record = outcome.record
    let time = ReportFigures.decimal(max(0, record.seconds.isFinite ? record.seconds : 0), digits: 6)
    var text = "    <testcase\(attribute("name", record.id))\(attribute("classname", classname)) time=\"\(time)\""
    var body = ""
    let message = attribute("message", outcome.reason)
    let type = " type=\"\(record.verdict.rawValue)\""
    switch outcome.kind {
    case .failed:
      body += "      <failure\(message)\(type)>\(escaped(details(outcome, report)))</failure>\n"
    case .error:
      body += "      <error\(message)\(type)>\(escaped(details(outcome, report)))</error>\n"
    case .skipped, .expected: body += "      <skipped\(message)/>\n"
    case .stale: body += "      <error\(message) type=\"staleExpectation\"/>\n"
    case .passed: break
    }
    let output = output(record, run: run)
    if !output.isEmpty { body += "      <system-out>\(escaped(output))</system-out>\n" }
    text += body.isEmpty ? "/>\n" : ">\n\(body)    </testcase>\n"
    return text
  }

  private static func details(_ outcome: CaseOutcome, _ report: Report) -> String {
    outcome.details(report).joined(separator: "\n")
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

  private static func figures(_ outcomes: [CaseOutcome], unknown: Int = 0) -> String {
    var (failures, errors, skipped, seconds) = (0, unknown, 0, 0.0)
    for outcome in outcomes {
      if outcome.record.seconds.isFinite { seconds += max(0, outcome.record.seconds) }
      switch outcome.kind {
      case .failed: failures += 1
      case .error, .stale: errors += 1
      case .skipped, .expected: skipped += 1
      case .passed: break
      }
    }
    return " tests=\"\(outcomes.count + unknown)\" failures=\"\(failures)\" errors=\"\(errors)\""
      + " skipped=\"\(skipped)\" time=\"\(ReportFigures.decimal(seconds, digits: 6))\""
  }

  /// The schema of Jenkins and others has a time without a zone.
  private static func timestamp(_ text: String) -> String { text.hasSuffix("Z") ? String(text.dropLast()) : text }

  private static func attribute(_ name: String, _ value: String) -> String {
    " \(name)=\"\(escaped(InertText.visible(value)))\""
  }

  /// What is left after ``InertText`` has no character that XML 1.0 forbids; the five that have a meaning get entities.
  private static func escaped(_ text: String) -> String { XMLEscaping.escaped(text) }
}
