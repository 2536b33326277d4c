package import GoldenVectors
import Specification
package import StrictJSON

/// Selects cases by patterns over their ids: `*` stands for any characters, also dots; `?` for one; everything else for
/// itself. A pattern without `*` and `?` also selects what begins with it and a dot.
package struct CaseFilter: Sendable {
  /// The patterns; a case is selected when one of them matches.
  package let patterns: [String]

  /// A filter; without patterns it selects everything.
  package init(_ patterns: [String]) {
    self.patterns = patterns
  }

  /// Whether the filter selects a case of that id.
  package func selects(_ id: String) -> Bool {
    patterns.isEmpty || patterns.contains { Self.matches(id, $0) }
  }

  /// The patterns that match none of these ids.
  package func idle(among ids: [String]) -> [String] {
    patterns.filter { pattern in !ids.contains { Self.matches($0, pattern) } }
  }

  /// The vectors that are selected: those with an id like a pattern; where no id is, those whose operation is; where no
  /// operation is, those that exercise a requirement like it. A pattern that selects none is a fault, as is an empty
  /// selection.
  package func select(_ cases: [VectorSuite.Case]) throws(DataFaults) -> [VectorSuite.Case] {
    var chosen = Set<Int>()
    var faults: [DataFault] = []
    for pattern in patterns {
      let found = Self.names.lazy.map { names in
        cases.indices.filter { index in names(cases[index]).contains { Self.matches($0, pattern) } }
      }.first { !$0.isEmpty }
      guard let found else {
        faults.append(
          DataFault(
            file: "--filter", place: pattern, reason: "no vector has an id, an operation or a requirement like this",
            remedy: "see wireproof list vectors; * stands for any characters"))
        continue
      }
      chosen.formUnion(found)
    }
    guard faults.isEmpty else { throw DataFaults(faults) }
    let selected = patterns.isEmpty ? cases : cases.indices.filter(chosen.contains).map { cases[$0] }
    guard !selected.isEmpty else {
      throw DataFaults([
        DataFault(
          file: "vectors", place: "", reason: "there are no vectors to run", remedy: "run wireproof vectors lint")
      ])
    }
    return selected
  }

  /// What a pattern is held against, in turn.
  private static let names: [@Sendable (VectorSuite.Case) -> [String]] = [
    { [$0.test.id] }, { [$0.operation.rawValue] }, { $0.test.requirements.map(\.rawValue) },
  ]

  private static func matches(_ id: String, _ pattern: String) -> Bool {
    if matchesGlob(Array(id.utf8), Array(pattern.utf8)) { return true }
    return !pattern.contains("*") && !pattern.contains("?") && id.hasPrefix(pattern + ".")
  }

  /// Goes back to the last star only, so that no pattern takes more than the product of the lengths.
  private static func matchesGlob(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    var position = 0
    var index = 0
    var star: (index: Int, position: Int)?
    while position < text.count {
      if index < pattern.count, pattern[index] == UInt8(ascii: "*") {
        star = (index, position)
        index += 1
      } else if index < pattern.count, pattern[index] == UInt8(ascii: "?") || pattern[index] == text[position] {
        index += 1
        position += 1
      } else if let last = star {
        star = (last.index, last.position + 1)
        index = last.index + 1
        position = last.position + 1
      } else {
        return false
      }
    }
    return pattern[index...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
