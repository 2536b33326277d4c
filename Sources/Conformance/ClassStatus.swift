package import GoldenVectors
package import Specification
import StrictJSON

/// Whether a conformance class is met, as far as some records can tell.
///
/// A class is judged by its own cases, and by those of Core, RPC and Hub that are about its MUSTs. It is met when they were all run, none fails, every one that an application can be made
/// to show does apply, and what the class declares as its minimum was shown; a MUST that came out weaker was not shown.
package struct ClassStatus: Hashable, Sendable {
  /// What they tell.
  package enum State: String, CaseIterable, Hashable, Sendable {
    /// Every MUST that applies passed, and the declared minimum was shown.
    case met

    /// A MUST failed.
    case notMet = "not met"

    /// Nothing failed, but some cases could not be run, or the run left some out.
    case notKnown = "not known"

    /// Nothing failed, but less than the declared minimum was shown.
    case notShown = "not shown"
  }

  /// Classes whose cases also count for another one where they are about its MUSTs. What fails with compression, negotiation or
  /// an earlier revision alone is a matter of that class.
  private static let common: Set<ConformanceClass> = [.core, .rpc, .hub]

  /// The class.
  package let conformanceClass: ConformanceClass

  /// What is known.
  package let state: State

  /// How many cases of level MUST the records have in the class.
  package let cases: Int

  /// How many of them apply.
  package let applicable: Int

  /// How many of these failed or errored.
  package let failed: Int

  /// How many of these could not be run.
  package let notRun: Int

  /// How many MUSTs of the class, for the side, any of the cases is about.
  package let total: Int

  /// How many of them passed.
  package let shown: Int

  /// How many of them were judged in no case.
  package let notOffered: Int

  /// MUSTs that came out weaker than a strict peer does.
  package let weaker: [RequirementID]

  /// MUSTs of the declared minimum that were not shown.
  package let missing: [RequirementID]

  /// What the profile would have to offer for the rest of the cases, as `needs` writes it.
  package let lacks: [String]

  /// What records of one implementation say about a class.
  ///
  /// - Parameters:
  ///   - records: All cases of its runs.
  ///   - role: The side of the peer that was probed; nil where vectors were run, which show both.
  ///   - isPartial: Whether a run was asked for a part of the suite only.
  package init(
    _ conformanceClass: ConformanceClass, records: [CaseRecord], catalogue: RequirementCatalogue, role: PeerRole?,
    isPartial: Bool
  ) {
    let musts = catalogue.requirements.filter { requirement in
      requirement.conformanceClass == conformanceClass && requirement.level == .must && requirement.excluded == nil
        && (role.map(requirement.role.binds) ?? true)
    }
    let ids = Set(musts.map(\.id))
    let own = records.filter {
      $0.conformanceClass == conformanceClass && ($0.level == .must || $0.verdict.isFailure)
    }
    let beside = records.filter { record in
      record.conformanceClass != conformanceClass && Self.common.contains(record.conformanceClass)
        && (record.requirements.contains(where: ids.contains) || record.judgements.failed.contains(where: ids.contains))
    }
    let all = own + beside
    // What is only informational says nothing beside a case that passed.
    let order: [Verdict] = [.informational, .pass, .nonStrict, .fail]
    var verdicts: [RequirementID: Verdict] = [:]
    func rank(_ verdict: Verdict?) -> Int { verdict.flatMap { order.firstIndex(of: $0) } ?? -1 }
    for record in all {
      for (id, verdict) in record.judgements.verdicts where rank(verdict) > rank(verdicts[id]) {
        verdicts[id] = verdict
      }
    }
    let means: Requirement.Means = role == nil ? .vector : .probe
    let bound = musts.filter { $0.testedBy.contains(means) || verdicts[$0.id] != nil }.map(\.id)
    let listed = Set(all.flatMap(\.requirements))
    let asked = bound.filter(listed.contains)
    let broken = beside.count { $0.judgements.failed.contains(where: ids.contains) }
    self.conformanceClass = conformanceClass
    cases = own.count
    applicable = own.count { $0.verdict != .notApplicable }
    failed = own.count { $0.verdict.isFailure } + broken
    notRun = own.count { $0.verdict == .couldNotRun }
    total = asked.count
    shown = asked.count { verdicts[$0] == .pass }
    notOffered = asked.count { verdicts[$0] == nil }
    weaker = asked.filter { verdicts[$0] == .nonStrict }
    missing = catalogue.minimums[conformanceClass, role].filter { bound.contains($0) && verdicts[$0] != .pass }
    lacks = Set(all.filter { $0.verdict == .notApplicable }.compactMap(\.lacks)).sorted()
    if failed > 0 {
      state = .notMet
    } else if applicable == 0 {
      state = .notShown
    } else if notRun > 0 || isPartial {
      state = .notKnown
    } else {
      state = weaker.isEmpty && missing.isEmpty && lacks.isEmpty ? .met : .notShown
    }
  }

  /// The statements about all classes.
  package static func all(
    _ records: [CaseRecord], catalogue: RequirementCatalogue, role: PeerRole?, isPartial: Bool
  ) -> [ClassStatus] {
    ConformanceClass.allCases.map {
      ClassStatus($0, records: records, catalogue: catalogue, role: role, isPartial: isPartial)
    }
  }

  /// The class with its figures: `RPC 24 of 26, 2 not offered`.
  package var figures: String {
    total == 0
      ? conformanceClass.rawValue
      : "\(conformanceClass) \(shown) of \(total)" + (notOffered > 0 ? ", \(notOffered) not offered" : "")
  }

  /// What lies behind the state, in a few words.
  package var remark: String {
    let figures = "\(shown) of \(total) MUSTs" + (notOffered > 0 ? ", \(notOffered) not offered" : "")
    switch state {
    case .met: return figures
    case .notMet: return "\(failed) of \(max(applicable, failed)) MUST cases fail"
    case .notKnown:
      return notRun > 0 ? "\(notRun) MUST cases could not be run" : "only a part of the cases was run"
    case .notShown:
      if cases == 0 { return "no MUST case" }
      if applicable == 0 { return "none of \(cases) MUST cases applies" }
      var parts: [String] = []
      if !lacks.isEmpty { parts.append("it offers no \(lacks.joined(separator: ", "))") }
      if !missing.isEmpty { parts.append(Self.told(missing, "not shown")) }
      if !weaker.isEmpty { parts.append(Self.told(weaker, "only in a weaker form")) }
      return ([figures] + parts).joined(separator: "; ")
    }
  }

  private static func told(_ ids: [RequirementID], _ what: String) -> String {
    "\(what): " + ids.prefix(3).map(\.rawValue).joined(separator: ", ")
      + (ids.count > 3 ? " and \(ids.count - 3) more" : "")
  }
}

extension CaseRecord {
  /// What the case came to for its requirements. A file of a suite that did not tell says it for the first one alone, which is
  /// the one that the case is about, unless the case passed.
  package var judgements: Judgements {
    if let judged { return judged }
    switch verdict {
    case .notApplicable, .couldNotRun: return Judgements()
    case .pass: return Judgements(.pass, requirements)
    case .errored: return Judgements(.fail, requirements.prefix(1))
    case .fail, .nonStrict, .informational: return Judgements(verdict, requirements.prefix(1))
    }
  }

  /// The requirements that the verdict falls on: those that came out as the case did; all that are listed where none is named.
  package var accused: [RequirementID] {
    let judged = judgements
    let named = judged.requirements(verdict == .errored ? .fail : verdict)
    return named.isEmpty ? requirements : named
  }
}
