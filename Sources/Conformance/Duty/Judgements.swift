package import Specification
package import StrictJSON

/// What a case came to for each requirement that it exercised. A requirement that the case lists and that is not here was
/// not exercised: no step that can fail for it was reached.
package struct Judgements: Hashable, Sendable {
  /// The verdicts by requirement: `pass`, `informational`, `nonStrict` or `fail`.
  package private(set) var verdicts: [RequirementID: Verdict] = [:]

  /// Nothing exercised.
  package init() {}

  /// One verdict for some requirements.
  package init(_ verdict: Verdict, _ requirements: some Sequence<RequirementID>) {
    add(verdict, requirements)
  }

  /// The verdict for a requirement; nil: it was not exercised.
  package subscript(id: RequirementID) -> Verdict? { verdicts[id] }

  /// The requirements that were exercised, in the order of their ids.
  package var exercised: [RequirementID] { verdicts.keys.sorted() }

  /// The requirements that failed, in the order of their ids.
  package var failed: [RequirementID] { requirements(.fail) }

  /// The requirements that came out in a certain way, in the order of their ids.
  package func requirements(_ verdict: Verdict) -> [RequirementID] {
    verdicts.filter { $0.value == verdict }.keys.sorted()
  }

  /// Takes note of a verdict; of several for one requirement the worst counts.
  package mutating func add(_ verdict: Verdict, _ requirements: some Sequence<RequirementID>) {
    for id in requirements where verdicts[id].map({ verdict.isWorse(than: $0) }) ?? true { verdicts[id] = verdict }
  }

  /// Takes over everything that another says.
  package mutating func add(_ other: Judgements) {
    for (id, verdict) in other.verdicts { add(verdict, CollectionOfOne(id)) }
  }

  /// The same without what is not among some requirements.
  package func limited(to requirements: [RequirementID]) -> Judgements {
    var limited = self
    limited.verdicts = verdicts.filter { requirements.contains($0.key) }
    return limited
  }

  /// Forgets some requirements.
  package mutating func remove(_ requirements: some Sequence<RequirementID>) {
    for id in requirements { verdicts[id] = nil }
  }

  /// The member `judged` of a record: verdicts by requirement, in the order of their ids.
  package var json: JSONValue {
    var object = JSONObject()
    for id in exercised { object[id.rawValue] = .text(verdicts[id]?.rawValue) }
    return .object(object)
  }

  /// What a member `judged` says; nil if it makes no sense.
  package init?(_ value: JSONValue) {
    guard let object = value.objectValue else { return nil }
    for name in object.names {
      guard let verdict = object[name]?.stringValue.flatMap(Verdict.init(rawValue:)),
        [.pass, .informational, .nonStrict, .fail].contains(verdict)
      else { return nil }
      verdicts[RequirementID(rawValue: name)] = verdict
    }
  }
}
