import FoundationEssentials
import FrameCodec
import Specification
import SystemFiles

/// A script file, read strictly.
package enum ScriptFile: Sendable {
  /// A list of cases.
  case probes(ProbeFile)

  /// One case.
  case single(ScriptCase)

  /// A mock server.
  case mockServer(MockServerScript)

  /// How large a script file may be, in bytes.
  private static let maximumSize = 16 << 20

  /// Reads a file from the disk.
  ///
  /// - Throws: Everything that is wrong with it, with lines and columns.
  package static func load(path: String) throws(ScriptFaults) -> ScriptFile {
    try parse(try content(of: path), file: path)
  }

  /// The content of a file as text.
  static func content(of path: String) throws(ScriptFaults) -> String {
    func failure(_ reason: String, _ remedy: String) -> ScriptFaults {
      ScriptFaults([ScriptFault(file: path, place: .start, reason: reason, remedy: remedy)])
    }
    do throws(FileFault) {
      return try InputFile.text(path, limit: maximumSize)
    } catch {
      throw failure("the file \(error.reason)", "name one that exists and is UTF-8; bytes are written as {hex: …}")
    }
  }

  /// Reads the content of a file.
  ///
  /// - Parameters:
  ///   - text: The content.
  ///   - file: How errors name the file.
  /// - Throws: Everything that is wrong with it, with lines and columns.
  package static func parse(_ text: String, file: String) throws(ScriptFaults) -> ScriptFile {
    let root = try ScriptNode.parse(text, file: file)
    let shape: ScriptGrammar.Name
    if root["cases"] != nil {
      shape = .probeFile
    } else if root["rules"] != nil {
      shape = .mockServer
    } else if root["steps"] != nil {
      shape = .singleCase
    } else {
      throw ScriptFaults([
        ScriptFault(
          file: file, place: root.place, reason: "this is no script",
          remedy: "write a mapping with cases (probes), rules (a mock server) or steps (one case)")
      ])
    }
    let faults = ScriptGrammar.shape(shape).faults(of: root, file: file)
    guard faults.isEmpty else { throw ScriptFaults(faults) }
    switch shape {
    case .probeFile: return .probes(try CaseReader(file: file).probes(root))
    case .mockServer: return .mockServer(try MockServerReader(file: file).server(root))
    default: return .single(try CaseReader(file: file).single(root))
    }
  }
}

/// Reads cases, and expands their tables.
struct CaseReader {
  private let file: String
  private let builder: ScriptBuilder

  /// How many rows a table may have.
  private static let maximumRows = 100_000

  /// A reader for a file.
  init(file: String) {
    self.file = file
    builder = ScriptBuilder(file: file)
  }

  /// Reads a probe file whose shape was checked.
  func probes(_ root: ScriptNode) throws(ScriptFaults) -> ProbeFile {
    var faults: [ScriptFault] = []
    var cases: [ScriptCase] = []
    var seen: [String: SourcePlace] = [:]
    let role = root["role"]?.text.flatMap(PeerRole.init(rawValue:)) ?? .client
    for node in root["cases"]?.list ?? [] {
      do throws(ScriptFault) {
        for row in try self.cases(node, defaults: root["defaults"], role: role, isSingle: false) {
          if let first = seen[row.id] {
            throw builder.fault(
              node["id"]?.place ?? node.place, "the id \(row.id) is there twice, first at \(first)",
              "give each case, and each row of a table, an id of its own")
          }
          seen[row.id] = node.place
          cases.append(row)
        }
        faults += builder.unknownVariables()
      } catch {
        faults.append(error)
      }
    }
    guard faults.isEmpty else { throw ScriptFaults(faults) }
    return ProbeFile(file: file, suite: root["suite"]?.text ?? "", title: root["title"]?.text ?? "", cases: cases)
  }

  /// Reads a file of one case whose shape was checked.
  func single(_ root: ScriptNode) throws(ScriptFaults) -> ScriptCase {
    let role = root["role"]?.text.flatMap(PeerRole.init(rawValue:)) ?? .client
    let cases: [ScriptCase]
    do throws(ScriptFault) {
      cases = try self.cases(root, defaults: nil, role: role, isSingle: true)
    } catch {
      throw ScriptFaults([error])
    }
    let faults = builder.unknownVariables()
    guard faults.isEmpty, let first = cases.first else { throw ScriptFaults(faults) }
    return first
  }

  /// The cases of an entry, one for each row of its table.
  private func cases(
    _ node: ScriptNode, defaults: ScriptNode?, role: PeerRole, isSingle: Bool
  ) throws(ScriptFault) -> [ScriptCase] {
    builder.beginCase()
    let rows = try rows(node["each"])
    var fixed: [String: ScriptValue] = [:]
    for source in [defaults?["vars"], node["vars"]] {
      for entry in source?.entries ?? [] {
        fixed[try builder.variableName(entry.key, at: entry.place)] = try value(entry.value)
      }
    }
    for row in rows { for name in row.keys { builder.define(name) } }
    let steps = try builder.steps(node["steps"])
    let connect = try connect(node["connect"] ?? defaults?["connect"], role: role)
    let accept = try accept(node["accept"] ?? defaults?["accept"], role: role, steps)
    let needs = try texts(defaults?["needs"]) + texts(node["needs"])
    let revisionText = (node["revision"] ?? defaults?["revision"])?.text
    let revision = revisionText.flatMap(Revision.init(rawValue:)) ?? .current
    let level = (node["level"] ?? defaults?["level"])?.text.flatMap(RequirementLevel.init(rawValue:))
    let conformanceClass = (node["class"] ?? defaults?["class"])?.text.flatMap(ConformanceClass.init(rawValue:))
    let timeout = (node["timeout"] ?? defaults?["timeout"])?.text.flatMap(ScriptDuration.init)
    let requirements = try requirements(node, defaults, isSingle: isSingle)
    let controls = try builder.requirements(node["controls"])
    let blind = try builder.requirements(node["blind"])
    let tags = try texts(defaults?["tags"]) + texts(node["tags"])
    var cases: [ScriptCase] = []
    for row in rows {
      let values = fixed.merging(row) { _, new in new }
      let scope = ScriptScope(values)
      cases.append(
        ScriptCase(
          id: try id(node["id"], scope, isSingle: isSingle), title: try filled(node["title"], scope), file: file,
          place: node.place, requirements: requirements, controls: controls, blind: blind,
          level: level,
          conformanceClass: conformanceClass,
          tags: Set(tags), needs: needs + (revision == .current ? [] : ["revision:\(revision.rawValue)"]), role: role,
          revision: revision,
          timeout: timeout?.duration(roundTrip: .zero) ?? .seconds(60), variables: values, connect: connect,
          accept: accept, steps: steps))
    }
    return cases
  }

  private func connect(_ node: ScriptNode?, role: PeerRole) throws(ScriptFault) -> ConnectSpec? {
    guard let node else { return role == .client ? ConnectSpec() : nil }
    if node.text == "none" { return nil }
    if role == .server {
      throw builder.fault(node.place, "a server does not connect", "use the step accept")
    }
    return try builder.connect(node)
  }

  /// How the default connection is accepted. Steps that accept for themselves leave nothing to be done before them.
  private func accept(
    _ node: ScriptNode?, role: PeerRole, _ steps: [ScriptStep]
  ) throws(ScriptFault) -> AcceptSpec? {
    guard let node else {
      let all = steps.flattened
      let isOwn = all.first?.accepted != nil || all.contains { $0.accepted == "main" }
      return role == .client || isOwn ? nil : AcceptSpec()
    }
    if node.text == "none" { return nil }
    if role == .client {
      throw builder.fault(node.place, "a client does not accept", "use connect, or role: server")
    }
    return try builder.accept(node)
  }

  private func requirements(
    _ node: ScriptNode, _ defaults: ScriptNode?, isSingle: Bool
  ) throws(ScriptFault) -> [RequirementID] {
    var ids: [RequirementID] = []
    for source in [node["requirements"], defaults?["requirements"]] {
      for id in try builder.requirements(source) where !ids.contains(id) { ids.append(id) }
    }
    if ids.isEmpty, !isSingle {
      throw builder.fault(node.place, "the case names no requirement", "add requirements")
    }
    return ids
  }

  private func texts(_ node: ScriptNode?) throws(ScriptFault) -> [String] {
    var texts: [String] = []
    for element in node?.elements ?? [] { texts.append(try builder.literal(element)) }
    return texts
  }

  private func id(_ node: ScriptNode?, _ scope: ScriptScope, isSingle: Bool) throws(ScriptFault) -> String {
    guard let node else { return isSingle ? "script.single" : "" }
    let id = try filled(node, scope)
    guard RequirementID(rawValue: id).isWellFormed else {
      throw builder.fault(
        node.place, "\"\(InertText.whole(id))\" has not the form of an id",
        "write lowercase words joined by dots and hyphens, at least two")
    }
    return id
  }

  /// A text with the variables of the row filled in; only they are known when a file is read.
  private func filled(_ node: ScriptNode?, _ scope: ScriptScope) throws(ScriptFault) -> String {
    guard let node else { return "" }
    let template = try builder.template(node)
    do throws(ScriptRuntimeError) {
      return try template.text(in: scope)
    } catch {
      throw builder.fault(node.place, error.reason, "use variables of each and vars")
    }
  }

  /// A value that is known when the file is read: a text, an integer, or bytes in hexadecimal digits.
  private func value(_ node: ScriptNode) throws(ScriptFault) -> ScriptValue {
    if let text = node.text {
      let template = try builder.template(node)
      guard let literal = template.literal else {
        throw builder.fault(node.place, "a table holds no references", "write the value, or compute it with set")
      }
      _ = text
      return ScriptValue.parseInteger(literal).map { .integer($0) } ?? .text(literal)
    }
    if node.isNull { return .text("") }
    if let digits = node["hex"]?.text, let bytes = HexDigits.bytes(of: digits) { return .bytes(bytes) }
    throw builder.fault(node.place, "this is no value of a table", "write a text, an integer or {hex: …}")
  }

  /// The rows of a table; one without variables when there is none.
  private func rows(_ node: ScriptNode?) throws(ScriptFault) -> [[String: ScriptValue]] {
    guard let node else { return [[:]] }
    var rows: [[String: ScriptValue]] = []
    if let elements = node.list {
      for element in elements {
        var row: [String: ScriptValue] = [:]
        for entry in element.entries ?? [] {
          row[try builder.variableName(entry.key, at: entry.place)] = try value(entry.value)
        }
        rows.append(row)
      }
    } else {
      rows = [[:]]
      for entry in node.entries ?? [] {
        let name = try builder.variableName(entry.key, at: entry.place)
        let values = try column(entry.value)
        guard rows.count * values.count <= Self.maximumRows else {
          throw builder.fault(node.place, "the table has more than \(Self.maximumRows) rows", "make it smaller")
        }
        rows = rows.flatMap { row in values.map { row.merging([name: $0]) { _, new in new } } }
      }
    }
    guard !rows.isEmpty else { throw builder.fault(node.place, "the table is empty", "add a row") }
    return rows
  }

  private func column(_ node: ScriptNode) throws(ScriptFault) -> [ScriptValue] {
    if let elements = node.list {
      var values: [ScriptValue] = []
      for element in elements { values.append(try value(element)) }
      return values
    }
    let bounds = (node.text ?? "").split(separator: ".").compactMap { ScriptValue.parseInteger(String($0)) }
    guard bounds.count == 2, bounds[0] <= bounds[1],
      bounds[1].subtractingReportingOverflow(bounds[0]).overflow == false,
      bounds[1] - bounds[0] < Int64(Self.maximumRows)
    else { throw builder.fault(node.place, "this is no range of at most \(Self.maximumRows)", "write first..last") }
    return (bounds[0]...bounds[1]).map { .integer($0) }
  }
}

extension ScriptStep {
  /// The name of the connection that it takes; nil: it takes none.
  fileprivate var accepted: String? {
    if case .accept(let spec) = verb { spec.name.map { $0.literal ?? "" } ?? "main" } else { nil }
  }
}
