package import Specification

extension ScriptCase {
  /// The requirements that the case lists and that none of its steps, and no observation of what it makes the peer send, can
  /// fail for: listing them says more than the case can show.
  package var unshown: [RequirementID] {
    let able = exercisable
    return requirements.filter { !able.contains($0) }
  }

  /// The requirements that a step, an alternative or an observation can fail for.
  package var exercisable: Set<RequirementID> {
    let isOpened = connect != nil || accept != nil
    var able = Set(isOpened ? connectDuty.all : [])
    let opening: ObservedTraffic = role == .client ? .answer : .request
    var traffic: Set<ObservedTraffic> = isOpened ? [opening] : []
    var offers = [connect].compactMap { $0?.offered }
    if let deflate = accept?.deflate, deflate.literal != "false" { offers.append("permessage-deflate") }
    for step in steps.flattened {
      able.formUnion(step.duty.all)
      if case .alive(_, let new) = step.verb, new, role == .client { able.insert(DutyResolver.others) }
      if case .accept(let spec) = step.verb {
        traffic.insert(.request)
        if let deflate = spec.deflate, deflate.literal != "false" { offers.append("permessage-deflate") }
      }
      traffic.formUnion(step.verb.seen)
      if case .connect(let spec) = step.verb {
        if !spec.isTransportOnly { traffic.insert(.answer) }
        if let offer = spec.offered { offers.append(offer) }
      }
    }
    if traffic.contains(.message), !offers.isEmpty { traffic.insert(.compressed) }
    for kind in traffic { able.formUnion(kind.requirements) }
    // Which parameters a row of a table offers is seen when it runs.
    if role == .client { able.formUnion(offers.isEmpty ? ["deflate.offer.none"] : ObservedTraffic.offer) }
    return able
  }
}

extension ConnectSpec {
  /// What is offered of extensions, as far as it is known before the case runs.
  fileprivate var offered: String? {
    if let offer { return offer.literal ?? "" }
    guard let deflate, deflate.literal != "false" else { return nil }
    return "permessage-deflate"
  }
}

extension [ScriptStep] {
  /// Whether any of them is about what the server holds of the machine.
  var hasResources: Bool { flattened.contains(where: \.isAboutResources) }

  /// The requirements that steps and alternatives are said to be about, with the places of the steps.
  var named: [(id: RequirementID, place: SourcePlace)] {
    flattened.flatMap { step -> [(id: RequirementID, place: SourcePlace)] in
      var ids = step.named
      if case .any(let alternatives) = step.verb { ids += alternatives.flatMap(\.named) }
      return ids.map { ($0, step.place) }
    }
  }

  /// The steps with all that stand inside of them.
  var flattened: [ScriptStep] {
    flatMap { step -> [ScriptStep] in
      switch step.verb {
      case .any(let alternatives): [step] + alternatives.flatMap(\.steps.flattened)
      case .tally(_, _, let steps), .group(let steps): [step] + steps.flattened
      case .repeated(let loop), .parallel(let loop): [step] + loop.steps.flattened
      case .branches(let branches): [step] + branches.flatMap(\.flattened)
      default: [step]
      }
    }
  }
}

extension ScriptVerb {
  /// What traffic of the peer it waits for.
  fileprivate var seen: Set<ObservedTraffic> {
    switch self {
    case .call, .exchange: [.frame, .message, .call]
    case .ping: [.frame, .control]
    case .alive: [.frame, .message, .control, .call]
    case .silence(let spec): spec.probes ? [.frame, .message, .control, .call] : []
    case .failed, .unopened: [.frame, .control, .close]
    case .expect(let spec): spec.patterns.reduce(into: []) { $0.formUnion($1.traffic) }
    default: []
    }
  }
}

extension ScriptPattern {
  fileprivate var traffic: Set<ObservedTraffic> {
    switch self {
    case .frame, .displacement, .message, .report: [.frame, .message, .call]
    case .ping, .pong: [.frame, .control]
    case .close, .closed, .clean: [.frame, .control, .close]
    case .end, .violation: []
    }
  }
}
