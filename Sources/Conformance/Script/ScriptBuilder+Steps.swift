import Specification

extension ScriptBuilder {
  /// Steps; a single one counts as a list.
  func steps(_ node: ScriptNode?) throws(ScriptFault) -> [ScriptStep] {
    var steps: [ScriptStep] = []
    for element in node?.elements ?? [] { steps.append(try step(element)) }
    return steps
  }

  private static let verbs = [
    "connect", "accept", "response", "close", "send", "call", "expect", "failed", "silence", "rejected", "alive",
    "any", "tally", "repeat", "parallel", "set", "stop", "reply", "displace", "wait", "ping", "pong", "assert", "note",
    "end", "half-close", "reset", "stall", "resume", "measure", "resources", "resident", "steps", "drive", "exchange",
    "report", "dials", "unopened",
  ]

  /// Verbs whose value, where there is one, is the name of the connection.
  private static let connectionVerbs: Set<String> = [
    "end", "half-close", "reset", "stall", "resume", "measure", "unopened",
  ]

  private static let companions: [String: Set<String>] = ScriptGrammar.companions.mapValues(Set.init)

  /// One step.
  func step(_ node: ScriptNode) throws(ScriptFault) -> ScriptStep {
    let word = node.text
    let name: String
    if let word {
      name = word
    } else {
      name = try only(node, of: Self.verbs, companions: Self.companions, common: ScriptGrammar.modifiers)
    }
    let value = node[name] ?? ScriptNode(place: node.place, content: .null)
    var step = ScriptStep(
      place: node.place, source: try source(of: node), verb: try verb(name, value, in: node),
      on: try template(node, "on"), within: try template(node, "within"), after: try template(node, "after"),
      why: try template(node, "why"))
    if Self.connectionVerbs.contains(name), !value.isNull { step.on = try template(value) }
    if let level = node["level"] { step.level = RequirementLevel(rawValue: try literal(level)) }
    step.named = try requirements(node["for"])
    return step
  }

  /// How a step is written, with its references kept for messages.
  private func source(of node: ScriptNode) throws(ScriptFault) -> ScriptTemplate {
    let nested = ["steps", "any", "strict", "lenient", "informational", "forbidden", "for"]
    var shown = node
    if let entries = node.entries {
      shown = ScriptNode(place: node.place, content: .mapping(entries.filter { !nested.contains($0.key) }))
    }
    let text = node.text ?? String(shown.flow.dropFirst().dropLast())
    return (try? ScriptTemplate(text, at: node.place)) ?? ScriptTemplate(literal: text, at: node.place)
  }

  /// Ids of requirements; a single one counts as a list.
  func requirements(_ node: ScriptNode?) throws(ScriptFault) -> [RequirementID] {
    var ids: [RequirementID] = []
    for element in node?.elements ?? [] {
      let id = RequirementID(rawValue: try literal(element))
      guard id.isWellFormed else {
        throw fault(
          element.place, "\"\(InertText.whole(id.rawValue))\" has not the form of a requirement's id",
          "see wireproof list requirements")
      }
      if !ids.contains(id) { ids.append(id) }
    }
    return ids
  }

  private func verb(_ name: String, _ value: ScriptNode, in node: ScriptNode) throws(ScriptFault) -> ScriptVerb {
    switch name {
    case "connect": return .connect(try connect(value))
    case "accept": return .accept(try accept(value))
    case "response": return .response(try response(value))
    case "close": return .close(try close(value))
    case "end": return .end
    case "half-close": return .halfClose
    case "reset": return .reset
    case "stall": return .stall
    case "resume": return .resume
    case "send": return .send(try sends(value))
    case "call": return .call(try call(value))
    case "ping": return .ping(try bytes(value))
    case "pong": return .pong(try bytes(value))
    case "expect": return .expect(try expect(value, in: node))
    case "failed": return .failed(try codes(value))
    case "silence": return .silence(try silence(value))
    case "rejected": return try rejected(value, in: node)
    case "alive": return .alive(thisConnection: value.text != "new", newConnection: value.text != "this")
    case "any": return .any(try alternatives(value))
    case "assert": return .assert(try assertion(value))
    case "tally": return try tally(value)
    case "repeat": return .repeated(try loop(value, in: node))
    case "parallel": return try parallel(value, in: node)
    case "wait": return .wait(try template(value))
    case "set": return .set(try assignments(value))
    case "measure": return .measure
    case "resources":
      if value.text != nil { return .resources(.mark) }
      return .resources(
        .bound(
          memory: try template(value, "memory"), peak: try template(value, "peak"),
          threads: try template(value, "threads"), files: try template(value, "files")))
    case "resident": return .resident(try variableName(value))
    case "note": return .note(try template(value))
    case "stop": return .stop(Verdict(rawValue: try literal(value)) ?? .pass)
    case "steps": return .group(try steps(value))
    case "drive": return .drive(try order(value), options: try options(value, content: .message(.joined([]))))
    case "exchange": return .exchange(try exchange(value))
    case "report": return .expect(ExpectSpec(patterns: [.report(try report(value))]))
    case "unopened": return .unopened
    case "dials": return .dials(try dials(value))
    case "reply": return .reply(try send(value, isReply: true))
    default:
      return .displace(
        old: try template(value, "old"), new: try template(value, "new"), timestamp: try template(value, "ts"))
    }
  }

  private func close(_ node: ScriptNode) throws(ScriptFault) -> CloseSpec {
    if node.isNull { return CloseSpec() }
    if node.text != nil { return CloseSpec(code: try template(node)) }
    return CloseSpec(
      code: try template(node, "code"), reason: try template(node, "reason"), body: try bytes(node, "body"))
  }

  private func call(_ node: ScriptNode) throws(ScriptFault) -> CallSpec {
    CallSpec(
      id: try template(node, "id"), sn: try template(node, "sn"), payload: try bytes(node, "payload"),
      answer: try node["answer"].map { (node) throws(ScriptFault) in try framePattern(node) },
      options: try options(node, content: .message(.joined([]))))
  }

  private func expect(_ node: ScriptNode, in step: ScriptNode) throws(ScriptFault) -> ExpectSpec {
    var spec = ExpectSpec(patterns: try patterns(node))
    spec.isOrdered = boolean(step, "ordered", default: false)
    spec.count = try template(step, "count")
    if spec.count != nil, spec.patterns.count != 1 {
      throw fault(step.place(of: "count"), "count belongs to a single pattern", "write one pattern, or no count")
    }
    spec.save = try saved(step)
    return spec
  }

  private func saved(_ step: ScriptNode) throws(ScriptFault) -> [ExpectSpec.Saved] {
    var saved: [ExpectSpec.Saved] = []
    for entry in step["save"]?.entries ?? [] {
      let name = try variableName(entry.key, at: entry.place)
      guard let part = ExpectSpec.Saved.Part(rawValue: try literal(entry.value)) else { continue }
      saved.append(ExpectSpec.Saved(name: name, part: part))
    }
    return saved
  }

  private func codes(_ node: ScriptNode) throws(ScriptFault) -> [ScriptTemplate?] {
    if node.entries != nil { return try node["code"].map { (node) throws(ScriptFault) in try codes(node) } ?? [] }
    return try closeCodes(node) ?? []
  }

  private func silence(_ node: ScriptNode) throws(ScriptFault) -> SilenceSpec {
    SilenceSpec(
      duration: try template(node, "for"),
      except: try node["except"].map { (node) throws(ScriptFault) in try patterns(node) } ?? [],
      probes: boolean(node, "probe", default: true))
  }

  /// `any: [{strict: failed}, {lenient: silence}]`.
  private func rejected(_ node: ScriptNode, in step: ScriptNode) throws(ScriptFault) -> ScriptVerb {
    func part(_ name: String, _ verb: ScriptVerb) -> ScriptStep {
      ScriptStep(place: step.place, source: ScriptTemplate(literal: name, at: step.place), verb: verb)
    }
    return .any([
      ScriptAlternative(grade: .strict, steps: [part("failed", .failed(try codes(node)))], why: nil),
      ScriptAlternative(grade: .lenient, steps: [part("silence", .silence(SilenceSpec()))], why: nil),
    ])
  }

  private func alternatives(_ node: ScriptNode) throws(ScriptFault) -> [ScriptAlternative] {
    var alternatives: [ScriptAlternative] = []
    for element in node.elements {
      let name = try only(
        element, of: ScriptAlternative.Grade.allCases.map(\.rawValue), common: ["why", "for"])
      guard let grade = ScriptAlternative.Grade(rawValue: name) else { continue }
      alternatives.append(
        ScriptAlternative(
          grade: grade, steps: try steps(element[name]), why: try template(element, "why"),
          named: try requirements(element["for"])))
    }
    if alternatives.isEmpty { throw fault(node.place, "there are no alternatives", "write at least one") }
    return alternatives
  }

  private func assertion(_ node: ScriptNode) throws(ScriptFault) -> ScriptTemplate {
    guard let text = node.text else { throw fault(node.place, "this is no expression", "write one") }
    return try template(ScriptNode(place: node.place, content: .text(text.hasPrefix("$(") ? text : "$(\(text))")))
  }

  private func tally(_ node: ScriptNode) throws(ScriptFault) -> ScriptVerb {
    guard let on = node["on"], let count = node["is"] else {
      throw fault(node.place, "on and is are missing", "add them")
    }
    return .tally(on: try templates(on), is: try number(count), steps: try steps(node["steps"]))
  }

  private func loop(_ node: ScriptNode, in step: ScriptNode) throws(ScriptFault) -> LoopSpec {
    let name = try step["as"].map { (node) throws(ScriptFault) in try variableName(node) }
    guard let body = step["steps"] else { throw fault(step.place, "steps is missing", "add it") }
    let values: LoopSpec.Values
    if node.list != nil {
      values = .list(try templates(node))
    } else if let text = node.text, let dots = text.firstRange(of: "..") {
      let first = ScriptNode(place: node.place, content: .text(String(text[..<dots.lowerBound])))
      let last = ScriptNode(place: node.place, content: .text(String(text[dots.upperBound...])))
      values = .range(try template(first), try template(last))
    } else {
      values = .count(try template(node))
    }
    return LoopSpec(values: values, name: name, steps: try steps(body))
  }

  private func parallel(_ node: ScriptNode, in step: ScriptNode) throws(ScriptFault) -> ScriptVerb {
    guard let elements = node.list, step["steps"] == nil else { return .parallel(try loop(node, in: step)) }
    let stepsShape = ScriptGrammar.shape(.steps)
    var branches: [[ScriptStep]] = []
    for element in elements {
      if let fault = stepsShape.faults(of: element, file: file).first { throw fault }
      branches.append(try steps(element))
    }
    return .branches(branches)
  }

  private func assignments(_ node: ScriptNode) throws(ScriptFault) -> [ScriptVerb.Assignment] {
    var assignments: [ScriptVerb.Assignment] = []
    for entry in node.entries ?? [] {
      let name = try variableName(entry.key, at: entry.place)
      assignments.append(ScriptVerb.Assignment(name: name, value: try bytes(entry.value)))
    }
    return assignments
  }

  /// How a connection is opened.
  func connect(_ node: ScriptNode) throws(ScriptFault) -> ConnectSpec {
    var spec = ConnectSpec()
    spec.name = try template(node, "as")
    defineConnection(spec.name)
    spec.uid = try template(node, "uid")
    if let query = node["query"] {
      if query.text != nil {
        spec.query = .verbatim(try template(query))
        if spec.uid != nil {
          throw fault(node.place(of: "uid"), "the query is a text, so uid is not used", "write the uid into it")
        }
      } else {
        var pairs: [ConnectSpec.Query.Pair] = []
        for entry in query.entries ?? [] {
          let key = ScriptNode(place: entry.place, content: .text(entry.key))
          pairs.append(ConnectSpec.Query.Pair(name: try template(key), value: try template(entry.value)))
        }
        spec.query = .pairs(pairs)
      }
    }
    spec.path = try template(node, "path")
    spec.headers = try headers(node["headers"])
    spec.method = try template(node, "method")
    spec.http = try template(node, "http")
    spec.offer = try template(node, "offer")
    spec.deflate = try template(node, "deflate")
    if spec.offer != nil, spec.deflate != nil {
      throw fault(node.place(of: "deflate"), "offer and deflate exclude each other", "use one of them")
    }
    spec.protocols = try node["protocols"].map { (node) throws(ScriptFault) in try templates(node) } ?? []
    spec.key = try template(node, "key")
    spec.request = try bytes(node, "request")
    spec.segments = try cuts(node["segments"])
    spec.pause = try template(node, "pause")
    spec.with = try sends(node["with"])
    switch (node["answer"]?.text, node["answer"]) {
    case ("refused", _): spec.answer = .refused
    case ("any", _): spec.answer = .any
    case (nil, let pattern?): spec.answer = .response(try response(pattern))
    default: spec.answer = .granted
    }
    spec.isTransportOnly = boolean(node, "tcp", default: false)
    spec.answersPings = boolean(node, "pong", default: true)
    spec.answersClose = boolean(node, "close", default: true)
    spec.revision = try template(node, "revision")
    spec.receiveBuffer = try template(node, "receiveBuffer")
    return spec
  }

  /// How a connection is accepted.
  func accept(_ node: ScriptNode) throws(ScriptFault) -> AcceptSpec {
    var spec = AcceptSpec()
    spec.name = try template(node, "as")
    defineConnection(spec.name)
    spec.request = try requestPattern(node["request"])
    spec.status = try template(node, "status")
    spec.headers = try headers(node["headers"])
    spec.deflate = try template(node, "deflate")
    spec.body = try bytes(node, "body")
    spec.interim = try bytes(node, "interim")
    spec.delay = try template(node, "delay")
    spec.offered = try textPattern(node, "offered")
    spec.response = try bytes(node, "response")
    spec.segments = try cuts(node["segments"])
    spec.pause = try template(node, "pause")
    spec.with = try sends(node["with"])
    spec.answersPings = boolean(node, "pong", default: true)
    spec.answersClose = boolean(node, "close", default: true)
    spec.revision = try template(node, "revision")
    return spec
  }
}
