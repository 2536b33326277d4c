package import Specification
package import StrictJSON

/// What came of one case: a line of a result file.
package struct CaseRecord: Hashable, Sendable {
  /// The id of the case.
  package let id: String

  /// The requirements that it exercises.
  package let requirements: [RequirementID]

  /// The strongest level among them.
  package let level: RequirementLevel

  /// The conformance class of the first of them.
  package let conformanceClass: ConformanceClass

  /// The verdict.
  package let verdict: Verdict

  /// How long it took, in seconds.
  package let seconds: Double

  /// What a strict implementation answers.
  package let expected: JSONValue

  /// What was answered; null where nothing came.
  package let actual: JSONValue

  /// Why the verdict is none better.
  package let reason: String?

  /// The lines that went to and fro, and what the implementation wrote on standard error; empty for a pass.
  package let transcript: [JSONValue]

  /// The step of a probe that was not met, with its file, line and column; nil: there is none.
  package let step: String?

  /// How often the case was run, where that was more than once.
  package let runs: CaseRuns?

  /// What it came to for each requirement that was exercised; nil: the file is of a suite that did not tell.
  package let judged: Judgements?

  /// What the profile would have to offer for the case to apply; nil: it applies, or does not for another reason.
  package let lacks: String?
  /// That it was expected to fail, and why; nil: it was not.
  package var expectedFailure: ExpectedFailure?

  /// A record from its parts.
  package init(
    id: String, requirements: [RequirementID], level: RequirementLevel, conformanceClass: ConformanceClass,
    verdict: Verdict, seconds: Double, expected: JSONValue, actual: JSONValue, reason: String?, transcript: [JSONValue],
    step: String? = nil, runs: CaseRuns? = nil, judged: Judgements? = nil, lacks: String? = nil,
    expectedFailure: ExpectedFailure? = nil
  ) {
    self.id = id
    self.requirements = requirements
    self.level = level
    self.conformanceClass = conformanceClass
    self.verdict = verdict
    self.seconds = seconds
    self.expected = expected
    self.actual = actual
    self.reason = reason
    self.transcript = transcript
    self.step = step
    self.runs = runs
    self.judged = judged
    self.lacks = lacks
    self.expectedFailure = expectedFailure
  }

  /// The line of the result file.
  package var json: JSONValue {
    var object: JSONObject = [
      "type": "case", "id": .string(id), "requirements": .array(requirements.map { .string($0.rawValue) }),
      "level": .string(level.rawValue), "class": .string(conformanceClass.rawValue),
      "verdict": .string(verdict.rawValue), "duration": .decimal(Self.decimal(seconds)), "expected": expected,
      "actual": actual, "reason": .text(reason), "transcript": .array(transcript),
    ]
    if let step { object["step"] = .string(step) }
    if let runs { object["runs"] = runs.json }
    if let judged { object["judged"] = judged.json }
    if let lacks { object["lacks"] = .string(lacks) }
    if let expectedFailure { object["expectedFailure"] = expectedFailure.json }
    return .object(object)
  }

  /// Seconds with six decimals.
  private static func decimal(_ seconds: Double) -> String {
    let microseconds = Int64(exactly: (max(0, seconds) * 1_000_000).rounded()) ?? 0
    let fraction = String(microseconds % 1_000_000)
    return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.utf8.count))\(fraction)"
  }
}

/// How often a case was run to see whether it comes out the same, and how often it failed.
package struct CaseRuns: Hashable, Sendable {
  /// All runs, at least 2.
  package let total: Int

  /// Those that failed or errored.
  package let failed: Int

  /// Whether the case came out one way and the other.
  package var isFlaky: Bool { failed > 0 && failed < total }

  /// Numbers of runs.
  package init(total: Int, failed: Int) {
    self.total = total
    self.failed = failed
  }

  /// The member `runs` of a record.
  var json: JSONValue { ["total": .number(total), "failed": .number(failed)] }

  /// What a member `runs` says; nil if it makes no sense.
  init?(_ value: JSONValue) {
    guard let total = value["total"]?.intValue, let failed = value["failed"]?.intValue,
      value.objectValue?.names.count == 2, (2...1_000_000).contains(total), (0...total).contains(failed)
    else { return nil }
    self.init(total: Int(total), failed: Int(failed))
  }
}

/// How many cases had each verdict.
package struct VerdictCounts: Hashable, Sendable {
  private var counts: [Verdict: Int] = [:]

  /// No cases.
  package init() {}

  /// The counts of some records.
  package init(_ records: [CaseRecord]) {
    for record in records { add(record.verdict) }
  }

  /// Counts one more.
  package mutating func add(_ verdict: Verdict) {
    counts[verdict, default: 0] += 1
  }

  /// How many had the verdict.
  package subscript(verdict: Verdict) -> Int { counts[verdict] ?? 0 }

  /// How many cases there are.
  package var total: Int { counts.values.reduce(0, +) }

  /// The member `counts` of a footer: every verdict, also those that no case had.
  package var json: JSONValue {
    var object = JSONObject()
    for verdict in Verdict.allCases { object[verdict.rawValue] = .number(self[verdict]) }
    return .object(object)
  }
}

extension CommandStatus {
  /// The status of a run that came to these verdicts.
  ///
  /// - Parameters:
  ///   - counts: The verdicts.
  ///   - isStrict: Whether a `nonStrict` verdict is a failure as well.
  package init(_ counts: VerdictCounts, isStrict: Bool) {
    self.init([
      .incomplete: counts[.couldNotRun] > 0,
      .failures: counts[.fail] + counts[.errored] + (isStrict ? counts[.nonStrict] : 0) > 0,
    ])
  }
}
