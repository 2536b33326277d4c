import GoldenVectors
import Specification
import StrictJSON

/// The requirements that a step can fail for, by how it can: what a verdict falls on.
struct StepDuty: Hashable, Sendable {
  /// How a step came out that did not pass strictly.
  enum Shortfall: Hashable, Sendable {
    /// It was not met.
    case unmet

    /// It was not met because something was delivered, or answered, that must not be.
    case delivered

    /// It was not met because the payload is another one.
    case payload

    /// A permitted but weaker outcome.
    case weaker

    /// The connection was failed, but not promptly: no rule sets a time.
    case late

    /// The connection was failed with another close code.
    case code

    /// An outcome that says nothing for or against the peer.
    case informational
  }

  /// MUSTs.
  var must: [RequirementID] = []

  /// MUSTs that only a delivery breaks.
  var delivery: [RequirementID] = []

  /// MUSTs that only a payload breaks that is not the one that was sent, or is not there.
  var payload: [RequirementID] = []

  /// SHOULDs.
  var should: [RequirementID] = []

  /// SHOULDs about the code of a close frame.
  var codes: [RequirementID] = []

  /// MAYs.
  var may: [RequirementID] = []

  /// The SHOULD about close codes that holds for every violation without a code of its own.
  private static let anyCode: RequirementID = "ws.violation.code"

  /// No requirement.
  init() {}

  /// Some MUSTs.
  init(must: [RequirementID] = [], payload: [RequirementID]) {
    self.must = must
    self.payload = payload
  }

  /// Some MUSTs.
  init(must: [RequirementID]) { self.must = must }

  /// Requirements by their levels; what the catalogue does not have counts as a MUST.
  init(_ ids: [RequirementID], _ catalogue: RequirementCatalogue) {
    for id in ids {
      switch catalogue[id]?.level ?? .must {
      case .must: must.append(id)
      case .should where id.rawValue.hasSuffix(".code"): codes.append(id)
      case .should: should.append(id)
      case .may: may.append(id)
      }
    }
  }

  /// All of them.
  var all: [RequirementID] { must + delivery + payload + should + codes + may }

  /// Whether there is none: then a verdict falls on the case alone.
  var isEmpty: Bool { all.isEmpty }

  /// The strongest level among them; nil: there is none.
  var level: RequirementLevel? {
    if !(must + delivery + payload).isEmpty { return .must }
    return !(should + codes).isEmpty ? .should : may.isEmpty ? nil : .may
  }

  /// What a shortfall means for the requirements. No SHOULD ever fails, and no MAY is ever `nonStrict`.
  func judgements(_ shortfall: Shortfall) -> Judgements {
    let (verdict, ids): (Verdict, [RequirementID]) =
      switch shortfall {
      case .payload where !payload.isEmpty: (.fail, payload)
      case .delivered where !(must + delivery).isEmpty: (.fail, must + delivery)
      case .unmet where !must.isEmpty, .payload where !must.isEmpty: (.fail, must)
      case .unmet where !(payload + delivery).isEmpty: (.fail, payload.isEmpty ? delivery : payload)
      case .unmet, .delivered, .payload, .weaker:
        !should.isEmpty
          ? (.nonStrict, should)
          : !must.isEmpty ? (.nonStrict, must) : !may.isEmpty ? (.informational, may) : (.nonStrict, codes)
      case .late: (.pass, must)
      case .code: (.nonStrict, !codes.isEmpty ? codes : !should.isEmpty ? should : [Self.anyCode])
      case .informational: (.informational, may.isEmpty ? must + should : may)
      }
    return Judgements(verdict, ids)
  }

  /// Both.
  func union(_ other: StepDuty) -> StepDuty {
    let paths: [WritableKeyPath<StepDuty, [RequirementID]>] = [
      \.must, \.delivery, \.payload, \.should, \.codes, \.may,
    ]
    var both = self
    for path in paths {
      let own = self[keyPath: path]
      both[keyPath: path] = own + other[keyPath: path].filter { !own.contains($0) }
    }
    return both
  }
}
