package import GoldenVectors
import Specification

/// What `list probes` prints: every case of a suite, in the order of its runs.
package struct ProbeList: Sendable {
  private let cases: [ScriptCase]

  /// The list of a suite.
  package init(_ suite: ProbeSuite) { cases = suite.cases }

  /// A line each: id, level, title, and the tag of those that only `--all` runs.
  package var text: String {
    let width = cases.map(\.id.count).max() ?? 0
    return cases.map { test in
      let reserved = test.tags.intersection(ProbeSuite.reservedTags).sorted()
      return "\(padded(test.id, width)) \(padded(test.level?.rawValue ?? "", 6)) \(InertText.whole(test.title))"
        + (reserved.isEmpty ? "" : " (\(reserved.joined(separator: ", ")): --all)")
    }.joined(separator: "\n")
  }

  /// The list as JSON.
  package var json: JSONValue {
    .array(
      cases.map {
        [
          "id": .string($0.id), "title": .string($0.title), "level": .text($0.level?.rawValue),
          "class": .text($0.conformanceClass?.rawValue),
          "requirements": .array($0.requirements.map { .string($0.rawValue) }),
          "tags": .array($0.tags.sorted().map { .string($0) }), "needs": .array($0.needs.map { .string($0) }),
        ]
      })
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
