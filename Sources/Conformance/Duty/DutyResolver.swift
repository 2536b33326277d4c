import GoldenVectors
import Specification
import StrictJSON

/// Finds out which requirements each step of a case can fail for.
///
/// A step with `for`, or inside of one, is about what that names. Any other is about the first requirement of each level that
/// the case lists and that such a step can show; what a verb stands for by itself (`alive`: others are served, `ping`: a pong
/// comes) needs no word. Rules that all traffic is held against are left to the observations.
struct DutyResolver {
  private let catalogue: RequirementCatalogue
  private let listed: [RequirementID]
  private let level: RequirementLevel

  /// The side that the engine plays.
  private let role: PeerRole

  /// What steps are about that do not say.
  private let pool: [RequirementID]

  static let others: RequirementID = "malformed.others"
  /// What no listed rule covers: a right message has to reach its handler.
  private static let carried: RequirementID = "frame.payload.opaque"

  private static let failing: RequirementID = "malformed.fail"
  private static let pings: Set<RequirementID> = ["ws.ping.answer", "ws.pong.payload"]

  /// Rules about payloads: where an answer comes with another payload, one of these is broken.
  private static let payloads: Set<RequirementID> = ["frame.payload.opaque", "charset.untouched"]

  private static let pairing: RequirementID = "rpc.answer.pairing"

  /// Rules that hold beside the one of the kind of input.
  private static let general: Set<RequirementID> = ["malformed.delivery", failing, "malformed.websocket"]

  private static let upgrade = [
    "handshake.", "origin.", "negotiation.", "deflate.offer.", "deflate.answer.", "metadata.", "charset.codes",
  ]

  private func isAboutUpgrade(_ id: RequirementID) -> Bool {
    Self.upgrade.contains { id.rawValue.hasPrefix($0) }
  }

  /// A resolver for a case.
  init(
    _ catalogue: RequirementCatalogue, listed: [RequirementID], level: RequirementLevel, role: PeerRole = .client
  ) {
    self.catalogue = catalogue
    self.role = role
    self.listed = listed
    self.level = level
    // A step sees that an answer is not the one to its request as well as an observation does.
    let left = ObservedTraffic.all.subtracting(ObservedTraffic.call.requirements)
    let candidates = listed.filter { !left.contains($0) && $0 != Self.others }
    pool = candidates.isEmpty ? listed.filter { $0 == Self.others } : candidates
  }

  /// Steps with their duties.
  ///
  /// - Parameter named: What is said around them.
  func resolve(_ steps: [ScriptStep], named: [RequirementID] = []) -> [ScriptStep] {
    steps.map { resolve($0, named: named) }
  }

  private func resolve(_ original: ScriptStep, named outer: [RequirementID]) -> ScriptStep {
    var step = original
    let named = step.named.isEmpty ? outer : step.named
    if step.level == nil, !named.isEmpty { step.level = StepDuty(named, catalogue).level }
    switch step.verb {
    case .any(let alternatives):
      let own = duty(of: alternatives, named)
      let resolved = alternatives.map { alternative -> ScriptAlternative in
        var alternative = alternative
        let inner = alternative.named.isEmpty ? named : alternative.named
        alternative.duty = alternative.named.isEmpty ? own : StepDuty(alternative.named, catalogue)
        alternative.steps = resolve(alternative.steps, named: inner)
        return alternative
      }
      step.verb = .any(resolved)
      step.duty = trimmed(own, step)
      for alternative in resolved where !alternative.named.isEmpty {
        step.duty = step.duty.union(alternative.duty)
      }
      return step
    case .tally(let names, let pattern, let steps):
      step.verb = .tally(on: names, is: pattern, steps: resolve(steps, named: named))
    case .repeated(var loop):
      loop.steps = resolve(loop.steps, named: named)
      step.verb = .repeated(loop)
      return step
    case .parallel(var loop):
      loop.steps = resolve(loop.steps, named: named)
      step.verb = .parallel(loop)
      return step
    case .branches(let branches):
      step.verb = .branches(branches.map { resolve($0, named: named) })
      return step
    case .group(let steps):
      step.verb = .group(resolve(steps, named: named))
      return step
    default: break
    }
    guard step.isJudging else { return step }
    // A connection that is not granted says nothing of what is to be done on it.
    let isAside = step.verb.isOpening && step.named.isEmpty && !named.contains(where: isAboutUpgrade)
    step.duty = trimmed(named.isEmpty || isAside ? implicit(step.verb) : explicit(named, step.verb), step)
    return step
  }

  /// The duty of the default connection.
  func connect(isOwn: Bool) -> StepDuty { isOwn ? implicit(.connect(ConnectSpec())) : granted }

  /// What opens a connection: the server's answer, or the client's request.
  private var granted: StepDuty {
    StepDuty(must: [role == .client ? "handshake.answer.status" : "handshake.request.get"])
  }

  /// What is said about a step. Of an exchange, another payload than the right one breaks what is about payloads and whose
  /// answer it is, and nothing else that is named.
  private func explicit(_ named: [RequirementID], _ verb: ScriptVerb) -> StepDuty {
    var duty = StepDuty(named, catalogue)
    guard case .exchange = verb else { return duty }
    duty.payload = duty.must.filter { Self.payloads.contains($0) || $0 == Self.pairing }
    duty.must.removeAll(where: duty.payload.contains)
    return duty
  }

  private func implicit(_ verb: ScriptVerb) -> StepDuty {
    switch verb {
    case .connect, .accept:
      let own = pool.filter(isAboutUpgrade)
      return own.isEmpty ? granted : primary(own, verb)
    case .response:
      let own = pool.filter(isAboutUpgrade)
      return own.isEmpty && pool.isEmpty ? granted : primary(own.isEmpty ? pool : own, verb)
    case .ping:
      let own = listed.filter(Self.pings.contains)
      return own.isEmpty ? primary(pool, verb) : StepDuty(own, catalogue)
    case .alive(let this, _): return this ? primary(pool, verb) : StepDuty()
    case .expect(let spec) where spec.patterns.allSatisfy(\.isAboutClosing):
      let own = pool.filter { $0.rawValue.hasPrefix("close.") }
      return primary(own.isEmpty ? pool : own, verb)
    default: return primary(pool, verb)
    }
  }

  /// The first requirement of each level, and those that hold beside it.
  private func primary(_ ids: [RequirementID], _ verb: ScriptVerb) -> StepDuty {
    let seesPayload =
      switch verb {
      case .call, .expect, .exchange, .any, .tally: true
      default: false
      }
    let payload = seesPayload ? ids.filter(Self.payloads.contains) : []
    let all = StepDuty(ids.filter { !payload.contains($0) && !Self.general.contains($0) }, catalogue)
    var duty = StepDuty()
    duty.must = Array(all.must.prefix(1))
    duty.should = Array(all.should.prefix(1))
    duty.may = Array(all.may.prefix(1))
    duty.codes = all.codes
    duty.payload = payload
    if case .failed = verb {
      duty.delivery = ids.filter { $0 == "malformed.delivery" }
      let more = StepDuty(ids.filter { $0 == "malformed.websocket" }, catalogue)
      duty.must += more.must
    }
    if case .alive = verb, duty.level != .must { return StepDuty(payload: [Self.carried]) }
    guard duty.isEmpty, level == .must else { return duty }
    switch verb {
    case .call, .expect, .exchange: duty.payload = [Self.carried]
    case .ping: duty.must = ["ws.ping.answer"]
    default: break
    }
    return duty
  }

  /// The duty of alternatives. Where one of them is that the connection is failed, what is refused must not be delivered, and
  /// the connection should be failed: not to do so breaks no MUST.
  private func duty(of alternatives: [ScriptAlternative], _ named: [RequirementID]) -> StepDuty {
    let isRefusal = alternatives.contains(where: \.isRefusal)
    var duty = StepDuty(named, catalogue)
    if named.isEmpty {
      duty = primary(pool, isRefusal ? .failed([]) : .any(alternatives))
      if isRefusal { duty.should += pool.filter { $0 == Self.failing } }
    }
    if isRefusal, duty.should.isEmpty, !duty.must.isEmpty { duty.should = [Self.failing] }
    return duty
  }

  /// Without what the step has no way to fail for.
  private func trimmed(_ duty: StepDuty, _ step: ScriptStep) -> StepDuty {
    var result = duty
    let level = step.level ?? self.level
    switch step.verb {
    case .any(let alternatives):
      let grades = Set(alternatives.map(\.grade))
      if level != .should, !grades.contains(.lenient) { result.should = [] }
      if level != .may, !grades.contains(.informational) { result.may = [] }
      if !alternatives.contains(where: \.hasCodes) { result.codes = [] }
    case .failed(let codes):
      if level == .must, codes.isEmpty { result.should = [] }
      if codes.isEmpty { result.codes = [] }
      if level != .may { result.may = [] }
    case .alive: (result.should, result.codes, result.may) = ([], [], [])
    default:
      result.codes = []
      let musts = duty.must + duty.delivery + duty.payload
      switch level {
      case .must where !musts.isEmpty: (result.should, result.may) = ([], [])
      case .should where !duty.should.isEmpty:
        (result.must, result.delivery, result.payload, result.may) = ([], [], [], [])
      case .may where !duty.may.isEmpty:
        (result.must, result.delivery, result.payload, result.should) = ([], [], [], [])
      default: break
      }
    }
    return result
  }
}

extension ScriptStep {
  /// Whether it says something about the peer.
  var isJudging: Bool {
    switch verb {
    case .connect, .accept, .response, .call, .ping, .expect, .failed, .silence, .alive, .any, .assert, .tally,
      .exchange, .dials, .unopened, .resources(.bound):
      true
    default: false
    }
  }
}

extension ScriptVerb {
  /// Whether it opens a connection.
  fileprivate var isOpening: Bool {
    switch self {
    case .connect, .accept: true
    default: false
    }
  }
}

extension ScriptAlternative {
  /// Whether it is that the connection is failed.
  var isRefusal: Bool {
    guard grade == .strict, let first = steps.first, case .failed = first.verb else { return false }
    return true
  }

  /// Whether the code of a close frame is looked at.
  var hasCodes: Bool {
    steps.contains { step in
      if case .failed(let codes) = step.verb { !codes.isEmpty } else { false }
    }
  }
}

extension ScriptPattern {
  /// Whether it is about the end of a connection.
  var isAboutClosing: Bool {
    switch self {
    case .close, .end, .closed, .clean: true
    default: false
    }
  }
}
