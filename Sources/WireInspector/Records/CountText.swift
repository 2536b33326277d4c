extension SummaryRecord {
  /// What of an interface's packets was lost, behind their number; empty where nothing was, or others captured them.
  package var lossText: String { lost.map { $0 == 0 ? "" : " (and \($0) lost)" } ?? "" }
}

/// Counts for people.
package enum CountText {
  /// "1 call", "2 calls".
  package static func of(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
