import Conformance
package import Specification

/// Whether a conformance class is met, as far as some runs can tell.
package struct ClassStatus: Hashable, Sendable {
  /// What they tell.
  package enum State: String, CaseIterable, Hashable, Sendable {
    /// Every MUST that applies passed.
    case met

    /// A MUST failed.
    case notMet = "not met"

    /// Nothing failed, but some cases could not be run, or the run left some out.
    case notKnown = "not known"

    /// No MUST of the class was judged.
    case notTested = "not tested"
  }

  /// The class.
  package let conformanceClass: ConformanceClass

  /// What is known.
  package let state: State

  /// How many cases of level MUST the runs have in the class.
  package let cases: Int

  /// How many of them apply.
  package let applicable: Int

  /// How many of these failed or errored.
  package let failed: Int

  /// How many of these could not be run.
  package let notRun: Int

  /// What some runs of one implementation say about a class.
  package init(_ conformanceClass: ConformanceClass, runs: [ReportRun]) {
    let runs = runs.filter(\.kind.judgesClasses)
    let all = runs.flatMap(\.cases).filter { $0.conformanceClass == conformanceClass && $0.level == .must }
    let own = all.filter { $0.verdict != .notApplicable }
    self.conformanceClass = conformanceClass
    cases = all.count
    applicable = own.count
    failed = own.count { $0.verdict.isFailure }
    notRun = own.count { $0.verdict == .couldNotRun }
    state =
      own.isEmpty
      ? .notTested
      : failed > 0 ? .notMet : notRun > 0 || runs.contains(where: \.command.isPartial) ? .notKnown : .met
  }

  /// What lies behind the state, in a few words.
  package var remark: String {
    func count(_ number: Int) -> String { ReportFigures.grouped(number) }
    return switch state {
    case .met:
      applicable < cases ? "\(count(applicable)) of \(count(cases)) MUST cases apply" : "\(count(cases)) MUST cases"
    case .notMet: "\(count(failed)) of \(count(applicable)) MUST cases fail"
    case .notKnown:
      notRun > 0 ? "\(count(notRun)) MUST cases could not be run" : "only a part of the cases was run"
    case .notTested: cases == 0 ? "no MUST case" : "none of \(count(cases)) MUST cases applies"
    }
  }

  /// The statements about all classes.
  package static func all(_ runs: [ReportRun]) -> [ClassStatus] {
    ConformanceClass.allCases.map { ClassStatus($0, runs: runs) }
  }
}
