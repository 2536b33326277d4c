/// Reads mock servers.
struct MockServerReader {
  private let file: String
  private let builder: ScriptBuilder

  /// A reader for a file.
  init(file: String) {
    self.file = file
    builder = ScriptBuilder(file: file)
  }

  /// Reads a mock server whose shape was checked.
  func server(_ root: ScriptNode) throws(ScriptFaults) -> MockServerScript {
    for name in ["request.id", "request.sn", "request.payload", "request.size"] { builder.define(name) }
    var faults: [ScriptFault] = []
    do throws(ScriptFault) {
      let script = try build(root)
      faults = builder.unknownVariables()
      if faults.isEmpty { return script }
    } catch {
      faults.append(error)
    }
    throw ScriptFaults(faults)
  }

  private func build(_ root: ScriptNode) throws(ScriptFault) -> MockServerScript {
    if let role = root["role"], role.text != "server" {
      throw builder.fault(role.place, "rules belong to a server", "write role: server, or steps in place of rules")
    }
    var accept: [AcceptSpec] = []
    for node in root["accept"]?.elements ?? [] { accept.append(try builder.accept(node)) }
    var rules: [ScriptRule] = []
    for node in root["rules"]?.list ?? [] { rules.append(try rule(node)) }
    var faults: [OutgoingFault] = []
    for node in root["faults"]?.list ?? [] { faults.append(try fault(node)) }
    let seed = try root["seed"].map { (node) throws(ScriptFault) in try builder.integer(node) }
    return MockServerScript(
      file: file, title: root["title"]?.text ?? "", seed: seed.map { UInt64(bitPattern: $0) },
      accept: accept.isEmpty ? [AcceptSpec()] : accept, rules: rules, faults: faults)
  }

  private func rule(_ node: ScriptNode) throws(ScriptFault) -> ScriptRule {
    var triggers: [ScriptPattern?] = []
    for element in node["on"]?.elements ?? [] {
      triggers.append(element.text == "open" ? nil : try trigger(element))
    }
    return ScriptRule(
      on: triggers, steps: try builder.steps(node["do"]), selection: try selection(node),
      isSerial: builder.boolean(node, "serial", default: false), lets: builder.boolean(node, "also", default: false),
      place: node.place, expected: try expected(node["expected"]))
  }

  /// How often a rule has to be run: `2`, or `{min: 1, max: 3}` with one of them or both.
  private func expected(_ node: ScriptNode?) throws(ScriptFault) -> ClosedRange<Int64>? {
    guard let node else { return nil }
    let least: Int64
    let most: Int64
    if node.text != nil {
      least = try builder.integer(node)
      most = least
    } else {
      least = try node["min"].map { (node) throws(ScriptFault) in try builder.integer(node) } ?? 0
      most = try node["max"].map { (node) throws(ScriptFault) in try builder.integer(node) } ?? .max
    }
    guard least >= 0, most >= least else {
      throw builder.fault(node.place, "a rule cannot be run so often", "write 0 or more, min no larger than max")
    }
    return least...most
  }

  private func trigger(_ node: ScriptNode) throws(ScriptFault) -> ScriptPattern {
    node.text == "any" ? .frame(ScriptPattern.FramePattern()) : try builder.pattern(node)
  }

  private func selection(_ node: ScriptNode) throws(ScriptFault) -> RuleSelection {
    var selection = RuleSelection()
    func positive(_ key: String, _ range: ClosedRange<Int64>) throws(ScriptFault) -> Int64? {
      guard let value = node[key] else { return nil }
      let number = try builder.integer(value)
      guard range.contains(number) else {
        throw builder.fault(
          value.place, "\(number) is out of range", "write \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    selection.every = try positive("every", 1...1_000_000_000) ?? 1
    selection.times = try positive("times", 0...1_000_000_000)
    selection.chance = try positive("chance", 0...100) ?? 100
    return selection
  }

  private func fault(_ node: ScriptNode) throws(ScriptFault) -> OutgoingFault {
    let name = try builder.only(
      node, of: OutgoingFault.Kind.allCases.map(\.rawValue), common: ["by", "every", "times", "chance"])
    guard let kind = OutgoingFault.Kind(rawValue: name), let value = node[name] else {
      throw builder.fault(node.place, "this is no fault", "see docs/scripts.md")
    }
    let by = try builder.template(node, "by")
    if kind == .delay, by == nil { throw builder.fault(node.place, "a delay needs by", "add by: 100ms") }
    return OutgoingFault(
      kind: kind, match: kind == .reset ? nil : try trigger(value),
      bytes: kind == .reset ? try builder.template(value) : kind == .truncate ? by : nil,
      delay: kind == .delay ? by : nil, selection: try selection(node))
  }
}
