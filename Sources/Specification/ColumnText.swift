/// Text in the columns of a table. What is too long stays whole.
package enum ColumnText {
  /// A text at the left of a column of so many characters.
  package static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// A text at the right of a column of so many characters; what is before it is filled up.
  package static func right(_ text: String, _ width: Int, filler: Character = " ") -> String {
    String(repeating: filler, count: max(0, width - text.count)) + text
  }
}
