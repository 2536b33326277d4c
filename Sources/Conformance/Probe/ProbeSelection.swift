package import StrictJSON

/// Which cases of a suite a run is about.
package struct ProbeSelection: Hashable, Sendable {
  /// One of several runs that share the work.
  package struct Shard: Hashable, Sendable {
    /// Which one, from 1.
    package let number: Int

    /// How many there are.
    package let count: Int

    /// Reads `I/N`; nil unless 1 ≤ I ≤ N ≤ 10000.
    package init?(_ text: String) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let number = parts[0], let count = parts[1], (1...10_000).contains(count),
        (1...count).contains(number)
      else { return nil }
      self.number = number
      self.count = count
    }
  }

  /// Patterns of ids, as ``CaseFilter`` has them; empty: all.
  package var patterns: [String] = []

  /// Whether cases tagged `resource` or `slow` are run too.
  package var includesReserved = false

  /// The part of the work that is this run's; nil: all of it.
  package var shard: Shard?

  /// Everything that is in the default run.
  package init() {}

  /// Whether the run leaves out what a whole one would have.
  package var isPartial: Bool { !patterns.isEmpty || shard != nil }

  /// The cases to run, in the order of the suite. Case n of those that the filter and the tags leave belongs to shard
  /// n modulo N.
  ///
  /// - Throws: A pattern that selects nothing, or an empty selection.
  package func select(from suite: ProbeSuite) throws(DataFaults) -> [ScriptCase] {
    var cases = try CaseFilter(patterns).select(
      suite.cases, by: \.id, orSay: "no probe has an id like this", see: "list probes")
    let count = cases.count
    if !includesReserved { cases.removeAll { !$0.tags.isDisjoint(with: ProbeSuite.reservedTags) } }
    guard !cases.isEmpty else {
      throw DataFaults([
        DataFault(
          file: "--filter", place: patterns.joined(separator: ", "),
          reason: "all \(count) cases that match are tagged resource or slow, so none is left", remedy: "add --all")
      ])
    }
    if let shard {
      cases = cases.enumerated().filter { $0.offset % shard.count == shard.number - 1 }.map(\.element)
      guard !cases.isEmpty else {
        throw DataFaults([
          DataFault(
            file: "--shard", place: "\(shard.number)/\(shard.count)", reason: "there are fewer cases than shards",
            remedy: "use fewer shards")
        ])
      }
    }
    return cases
  }
}
