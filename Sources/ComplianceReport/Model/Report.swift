package import Conformance
package import GoldenVectors
package import Specification
import StrictJSON

/// Everything that a report shows, put together from result files. No verdict is made here: what is shown for a
/// requirement is the weightiest verdict of its cases.
package struct Report: Sendable {
  /// The implementations, in the order of the files.
  package let subjects: [ReportSubject]

  /// The requirements.
  package let catalogue: RequirementCatalogue

  /// What each case is about, by id, where that is known.
  package let titles: [String: String]

  /// Where each case is written, by id, where that is known.
  package let places: [String: CasePlace]

  /// The cases of all runs, in the order in which they first appear.
  package let cases: [ReportCase]

  /// The areas of the cases, in the order in which they first appear.
  package let areas: [String]

  /// A report on some runs.
  ///
  /// - Parameters:
  ///   - runs: The result files.
  ///   - catalogue: The requirements.
  ///   - titles: What cases are about, by id.
  ///   - places: Where cases are written, by id.
  package init(
    _ runs: [ReportRun], catalogue: RequirementCatalogue, titles: [String: String] = [:],
    places: [String: CasePlace] = [:]
  ) {
    subjects = ReportSubject.grouping(runs, catalogue: catalogue)
    self.catalogue = catalogue
    self.titles = titles
    self.places = places
    var order: [String] = []
    var results: [String: [ReportCase.Result?]] = [:]
    for (column, subject) in subjects.enumerated() {
      for run in subject.runs {
        for record in run.cases {
          var row = results[record.id] ?? Array(repeating: nil, count: subjects.count)
          if results[record.id] == nil { order.append(record.id) }
          row[column] = ReportCase.Result(record: record, run: run)
          results[record.id] = row
        }
      }
    }
    cases = order.compactMap { id in results[id].map { ReportCase(id: id, results: $0) } }
    var areas: [String] = []
    var seen: Set<String> = []
    for item in cases where seen.insert(item.area).inserted { areas.append(item.area) }
    self.areas = areas
  }

  /// All runs, in the order of the implementations.
  package var runs: [ReportRun] { subjects.flatMap(\.runs) }

  /// Whether the report compares implementations.
  package var isMatrix: Bool { subjects.count > 1 }

  /// The verdicts of one implementation.
  package func counts(of column: Int) -> VerdictCounts {
    VerdictCounts(cases.compactMap { $0.results[column]?.record })
  }

  /// The verdicts of one implementation in each area, in the order of ``areas``; an area without cases has none.
  package func countsByArea(of column: Int) -> [(area: String, counts: VerdictCounts)] {
    var counts: [String: VerdictCounts] = [:]
    for item in cases {
      if let record = item.results[column]?.record { counts[item.area, default: VerdictCounts()].add(record.verdict) }
    }
    return areas.map { ($0, counts[$0] ?? VerdictCounts()) }
  }

  /// The requirements in the order of the catalogue, each with its cases; then those that results name and the catalogue
  /// lacks.
  package var requirementRows: [RequirementRow] {
    var byRequirement: [RequirementID: [Int]] = [:]
    var unknown: [RequirementID] = []
    for (index, item) in cases.enumerated() {
      for id in item.requirements + item.records.flatMap(\.judgements.exercised)
      where byRequirement[id]?.last != index {
        if byRequirement[id] == nil, catalogue[id] == nil { unknown.append(id) }
        byRequirement[id, default: []].append(index)
      }
    }
    let columns = subjects.count
    let known = catalogue.requirements.map { requirement in
      RequirementRow(
        id: requirement.id, requirement: requirement, cases: (byRequirement[requirement.id] ?? []).map { cases[$0] },
        columns: columns)
    }
    return known
      + unknown.sorted().map { id in
        RequirementRow(id: id, requirement: nil, cases: (byRequirement[id] ?? []).map { cases[$0] }, columns: columns)
      }
  }
}

/// A case in a report, with what came of it for each implementation.
package struct ReportCase: Sendable {
  /// What came of a case in one run.
  package struct Result: Sendable {
    /// The record.
    package let record: CaseRecord

    /// The run.
    package let run: ReportRun
  }

  /// The id.
  package let id: String

  /// What came of it, one element an implementation; nil: it was not among its cases.
  package let results: [Result?]

  /// The first part of the id.
  package var area: String { String(id.prefix { $0 != "." }) }

  /// The records that there are.
  package var records: [CaseRecord] { results.compactMap { $0?.record } }

  /// The requirements that any run names for it, in order.
  package var requirements: [RequirementID] {
    var ids = records.first?.requirements ?? []
    for record in records.dropFirst() where record.requirements != ids {
      ids += record.requirements.filter { !ids.contains($0) }
    }
    return ids
  }

  /// The weightiest verdict.
  package var worst: Verdict? { records.map(\.verdict).max { $0.weight < $1.weight } }

  /// The implementation that alone fails where at least one other passes; nil: there is none.
  package var onlyFailure: Int? { ReportCase.only(results.map { $0?.record.verdict }) }

  /// Whether implementations that were judged came to different verdicts.
  package var isDivided: Bool {
    Set(records.map(\.verdict).filter { $0 != .notApplicable && $0 != .couldNotRun }).count > 1
  }

  /// The one of several that alone fails where at least one other passes.
  static func only(_ verdicts: [Verdict?]) -> Int? {
    let failing = verdicts.indices.filter { verdicts[$0]?.isFailure == true }
    return failing.count == 1 && verdicts.contains(.pass) ? failing[0] : nil
  }
}

/// A requirement in a report.
package struct RequirementRow: Sendable {
  /// The id.
  package let id: RequirementID

  /// The entry of the catalogue; nil: it has none of that id.
  package let requirement: Requirement?

  /// The cases that exercise it.
  package let cases: [ReportCase]

  /// The weightiest verdict that these came to for the requirement, for each implementation; nil: it had none of them, or none
  /// exercised it.
  package let verdicts: [Verdict?]

  /// How many of them failed it for each implementation.
  package let failures: [Int]

  /// Those of the cases that failed it, for any implementation.
  package let failing: [ReportCase]

  init(id: RequirementID, requirement: Requirement?, cases: [ReportCase], columns: Int) {
    self.id = id
    self.requirement = requirement
    self.cases = cases
    verdicts = (0..<columns).map { column in
      cases.compactMap { $0.results[column]?.record.verdict(for: id) }.max { $0.weight < $1.weight }
    }
    failures = (0..<columns).map { column in
      cases.count { $0.results[column]?.record.judgements[id] == .fail }
    }
    failing = cases.filter { item in item.records.contains { $0.judgements[id] == .fail } }
  }

  /// Whether any case was judged.
  package var isExercised: Bool {
    verdicts.contains { $0 != nil && $0 != .notApplicable && $0 != .couldNotRun }
  }

  /// The implementation that alone fails; nil: there is none.
  package var onlyFailure: Int? { ReportCase.only(verdicts) }

  /// Why nothing exercises it, for people; nil where something does.
  package var whyNotExercised: String? {
    if isExercised { return nil }
    if let excluded = requirement?.excluded { return excluded }
    if cases.isEmpty {
      let means = requirement?.testedBy ?? []
      if means == [.probe] { return "only probes of a running peer exercise it; none of these runs did" }
      return "no case of these runs exercises it"
    }
    let verdicts = Set(cases.flatMap(\.records).map(\.verdict))
    if verdicts == [.notApplicable] { return "its cases do not apply" }
    return verdicts.isSubset(of: [.notApplicable, .couldNotRun])
      ? "its cases could not be run" : "its cases ended before the step that shows it, or could not see it"
  }
}

extension CaseRecord {
  /// What the case came to for a requirement: where it was not judged, or did not reach the step that shows it, only that; nil:
  /// it says nothing.
  package func verdict(for id: RequirementID) -> Verdict? {
    if verdict == .notApplicable || verdict == .couldNotRun { return requirements.contains(id) ? verdict : nil }
    return judgements[id]
  }
}

extension Verdict {
  /// How much a verdict weighs where one has to stand for several.
  package var weight: Int {
    switch self {
    case .notApplicable: 0
    case .informational: 1
    case .pass: 2
    case .nonStrict: 3
    case .couldNotRun: 4
    case .errored: 5
    case .fail: 6
    }
  }

  /// What it is called in a report.
  package var title: String {
    switch self {
    case .pass: "pass"
    case .nonStrict: "non-strict"
    case .informational: "informational"
    case .fail: "fail"
    case .errored: "errored"
    case .notApplicable: "not applicable"
    case .couldNotRun: "could not run"
    }
  }
}
