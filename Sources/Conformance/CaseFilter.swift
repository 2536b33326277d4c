package import GoldenVectors

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

  /// The cases that are selected. A pattern that selects none is a fault, as is an empty selection.
  package func select(_ cases: [VectorSuite.Case]) throws(DataFaults) -> [VectorSuite.Case] {
    let idle = idle(among: cases.map(\.test.id))
    guard idle.isEmpty else {
      throw DataFaults(
        idle.map {
          DataFault(
            file: "--filter", place: $0, reason: "no vector has an id like this",
            remedy: "see wireproof list vectors; * stands for any characters")
        })
    }
    let selected = cases.filter { selects($0.test.id) }
    guard !selected.isEmpty else {
      throw DataFaults([
        DataFault(
          file: "vectors", place: "", reason: "there are no vectors to run", remedy: "run wireproof vectors lint")
      ])
    }
    return selected
  }

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
