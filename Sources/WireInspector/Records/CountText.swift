/// Counts for people.
package enum CountText {
  /// "1 call", "2 calls".
  package static func of(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
