import FoundationEssentials
import GoldenVectors
package import Specification
package import StrictJSON

/// What a resilience matrix came to, for people and as a result file.
package struct MatrixReport: Sendable {
  /// The cells.
  package let cells: [MatrixCell]

  /// The client's command, in one line.
  package let command: String

  /// How long it took, in seconds.
  package let seconds: Double

  private let version: String
  private let hash: String
  private let catalogue: RequirementCatalogue

  /// A report.
  ///
  /// - Parameters:
  ///   - cells: What the client made of each fault.
  ///   - command: The client's command.
  ///   - suite: The suite, for its version and its catalogue.
  ///   - seconds: How long it took.
  package init(_ cells: [MatrixCell], command: [String], suite: ProbeSuite, seconds: Double) {
    self.cells = cells
    self.command = command.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
    self.seconds = seconds
    version = suite.version
    hash = suite.hash
    catalogue = suite.catalogue
  }

  /// A fault in a list.
  package static func entry(_ fault: Mutant) -> String {
    let rules = fault.requirements.map(\.rawValue).joined(separator: ", ")
    return "\(fault.name)\n  \(fault.fault)" + (rules.isEmpty ? "" : "\n  breaks \(rules)")
  }

  /// The area of a fault: the first part of the rule that it breaks.
  package static func area(of fault: Mutant) -> String {
    fault.name.hasPrefix("wire-") ? "wire" : String(fault.requirements.first?.rawValue.prefix { $0 != "." } ?? "other")
  }

  /// The areas in the order of the faults, with their cells.
  package var areas: [(name: String, cells: [MatrixCell])] {
    var names: [String] = []
    for cell in cells where !names.contains(Self.area(of: cell.fault)) { names.append(Self.area(of: cell.fault)) }
    return names.map { name in (name, cells.filter { Self.area(of: $0.fault) == name }) }
  }

  /// How many cells have a reaction.
  package func count(_ reaction: ClientReaction, in cells: [MatrixCell]) -> Int {
    cells.count { $0.reaction == reaction }
  }

  /// The reactions that there are, in their order.
  package var reactions: [ClientReaction] {
    ClientReaction.allCases.filter { reaction in cells.contains { $0.reaction == reaction } }
  }

  /// The level of the rule behind a cell, as a word.
  package func level(of cell: MatrixCell) -> String? {
    cell.requirement.flatMap { catalogue[$0] }?.level.rawValue
  }

  /// The text of the rule behind a cell.
  package func ruleText(of cell: MatrixCell) -> String? { cell.requirement.flatMap { catalogue[$0] }?.text }

  /// The exit code: 1 where the client did what a rule forbids, 3 where nothing is known of a fault.
  package var status: CommandStatus {
    CommandStatus([
      .incomplete: cells.isEmpty || cells.contains { $0.reaction == .unknown },
      .failures: cells.contains { $0.reaction.isBad },
    ])
  }

  /// The text: what is bad, and a table.
  package var text: String {
    var lines: [String] = []
    for cell in cells where cell.reaction.isBad || cell.reaction == .unknown {
      lines += [
        "\(cell.reaction.rawValue.uppercased())  \(cell.fault.name): \(cell.fault.fault)",
        "  saw      \(InertText.whole(cell.observation))",
      ]
      if let rule = cell.requirement, let text = ruleText(of: cell) {
        lines.append(LineFolding.fold("  rule     \(rule): \(text)", hanging: 11))
      }
      lines.append("")
    }
    let columns = reactions
    let width = max(10, areas.map(\.name.count).max() ?? 0)
    func row(_ name: String, _ cells: [MatrixCell]) -> String {
      name + String(repeating: " ", count: width - name.count)
        + columns.map { column in
          let count = count(column, in: cells)
          return Self.right(count == 0 ? "-" : String(count), column.rawValue.count + 2)
        }.joined()
    }
    lines.append(
      "area" + String(repeating: " ", count: width - 4)
        + columns.map { Self.right($0.rawValue, $0.rawValue.count + 2) }.joined())
    lines += areas.map { row($0.name, $0.cells) }
    lines.append(row("all", cells))
    let bad = cells.count { $0.reaction.isBad }
    lines.append(
      "\(cells.count) broken servers in \(Int(seconds.rounded())) s: \(bad == 0 ? "no" : String(bad)) "
        + "\(bad == 1 ? "reaction" : "reactions") that a rule forbids")
    return lines.joined(separator: "\n")
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// Writes a result file: a case a fault.
  package func write(to path: String, arguments: String, isInterrupted: Bool = false) throws(DataFaults) {
    let header = ResultHeader(
      suite: version, suiteHash: hash, command: arguments,
      implementation: ImplementationDescription(name: command, language: "", version: "", capabilities: []),
      profile: "matrix", seed: 0, startedAt: Date())
    var writer = try ResultWriter(path: path, header: header)
    for cell in cells { try writer.append(record(of: cell)) }
    try writer.finish(isInterrupted: isInterrupted)
  }

  private func record(of cell: MatrixCell) -> CaseRecord {
    let verdict: Verdict =
      switch cell.reaction {
      case .untouched, .noticed: .pass
      case .tolerated: .informational
      case .unknown: .couldNotRun
      case .crashed: .errored
      case .delivered, .mixedUp, .lost, .hung, .stormed: .fail
      }
    let requirement = cell.requirement.flatMap { catalogue[$0] }
    return CaseRecord(
      id: "matrix.\(cell.fault.name)", requirements: cell.requirement.map { [$0] } ?? [],
      level: requirement?.level ?? .must, conformanceClass: requirement?.conformanceClass ?? .core, verdict: verdict,
      seconds: cell.seconds, expected: .string("a client that notices or may tolerate that \(cell.fault.fault)"),
      actual: .string("\(cell.reaction.rawValue): \(InertText.whole(cell.observation))"),
      reason: cell.reaction.isBad || cell.reaction == .unknown ? InertText.whole(cell.observation) : nil,
      transcript: [])
  }
}
