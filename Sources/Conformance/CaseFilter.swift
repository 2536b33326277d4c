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

  /// What is selected of a list by its names, in its order.
  ///
  /// - Parameters:
  ///   - items: The list.
  ///   - name: The name of each.
  ///   - reason: What is said of a pattern that matches none of them.
  ///   - list: The command that lists them.
  /// - Throws: A fault for each pattern that matches none.
  package func select<Item>(
    _ items: [Item], by name: (Item) -> String, orSay reason: String, see list: String
  ) throws(DataFaults) -> [Item] {
    let names = items.map(name)
    let idle = patterns.filter { pattern in !names.contains { Self.matches($0, pattern) } }
    guard idle.isEmpty else { throw DataFaults(idle.map { Self.fault($0, reason, see: list) }) }
    return items.filter { selects(name($0)) }
  }

  private static func fault(_ pattern: String, _ reason: String, see list: String) -> DataFault {
    DataFault(
      file: "--filter", place: pattern, reason: reason, remedy: "see wireproof \(list); * stands for any characters")
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
        let reason = "no vector has an id, an operation or a requirement like this"
        faults.append(Self.fault(pattern, reason, see: "list vectors"))
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
