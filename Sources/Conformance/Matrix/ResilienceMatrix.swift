import FoundationEssentials
package import GoldenVectors
package import StrictJSON

/// Plays every broken server to a client, and says what the client made of each.
package struct ResilienceMatrix: Sendable {
  /// The faults, in the order of the cells.
  package let faults: [Mutant]

  /// The client's command and its arguments, in which `{url}` stands for where to connect to.
  package let command: [String]

  /// How many servers are played at once.
  package var jobs = 8

  private let catalogue: RequirementCatalogue
  private let folder: String

  /// All faults that there are: the mutants of the server, and what can befall its bytes.
  package static let allFaults = Mutant.servers + Mutant.wire

  /// A matrix.
  ///
  /// - Parameters:
  ///   - command: The client's command and its arguments.
  ///   - faults: The faults.
  ///   - catalogue: The requirements.
  ///   - folder: For what running clients write; it is made.
  package init(command: [String], faults: [Mutant], catalogue: RequirementCatalogue, folder: String) {
    self.command = command
    self.faults = faults
    self.catalogue = catalogue
    self.folder = folder
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// The faults whose names match; without patterns all of them.
  ///
  /// - Throws: where a pattern matches none.
  package static func select(_ patterns: [String]) throws(DataFaults) -> [Mutant] {
    try CaseFilter(patterns).select(
      allFaults, by: \.name, orSay: "no fault of a server has a name like this", see: "mutate client --list")
  }

  /// Runs it; the cells are in the order of the faults. What an interruption has left out is missing.
  ///
  /// - Parameter progress: Is told how many are done.
  package func run(_ progress: @escaping @Sendable (Int) -> Void) async -> [MatrixCell] {
    await withTaskGroup(of: (Int, MatrixCell).self) { group in
      var next = faults.indices.makeIterator()
      func add() {
        guard !Task.isCancelled, let index = next.next() else { return }
        group.addTask { (index, await cell(of: faults[index])) }
      }
      for _ in 0..<max(1, jobs) { add() }
      var cells: [MatrixCell?] = Array(repeating: nil, count: faults.count)
      var done = 0
      for await (index, cell) in group {
        if !Task.isCancelled { cells[index] = cell }
        done += 1
        progress(done)
        add()
      }
      return cells.compactMap { $0 }
    }
  }

  /// What the client makes of a fault. A bad reaction has to come about twice, the second time with four times as long for its
  /// calls: a machine under load delays what is right.
  private func cell(of fault: Mutant) async -> MatrixCell {
    let first = await attempt(fault)
    guard first.reaction.isBad, !Task.isCancelled else { return first }
    return await attempt(fault, patience: 4)
  }

  private func attempt(_ fault: Mutant, patience: Int64 = 1) async -> MatrixCell {
    let start = ContinuousClock.now
    func cell(_ finding: MatrixJudge.Finding) -> MatrixCell {
      MatrixCell(
        fault: fault, reaction: finding.reaction, requirement: finding.requirement, observation: finding.observation,
        seconds: (ContinuousClock.now - start) / .seconds(1))
    }
    do {
      let log = "\(folder)/\(fault.name)-\(UInt32.random(in: .min ... .max)).log"
      guard let seen = try await MatrixConversation(fault, patience: patience).play(command, log: log) else {
        return cell((.unknown, nil, "the client never connected"))
      }
      return cell(MatrixJudge(catalogue: catalogue, fault: fault, seen: seen).finding)
    } catch {
      return cell((.unknown, nil, "the server could not be started: \(error)"))
    }
  }
}
