/// Prose folded to the width of a terminal.
package enum LineFolding {
  /// The columns of the terminal that texts are made for where nobody knows better.
  package static let columns = 80

  /// A line in as many lines as it needs: broken at spaces, the later ones indented as the first and by `hanging` more. A
  /// word that is too long for a line has one of its own.
  ///
  /// - Parameters:
  ///   - line: The line, without line breaks.
  ///   - hanging: How much further right the second and all later lines begin.
  ///   - columns: How long a line may be.
  package static func fold(_ line: String, hanging: Int = 0, to columns: Int = LineFolding.columns) -> String {
    guard line.count > columns else { return line }
    let indent = line.prefix { $0 == " " }
    let later = indent + String(repeating: " ", count: hanging)
    var lines: [String] = []
    var current = String(indent)
    var isEmpty = true
    for word in line.dropFirst(indent.count).split(separator: " ", omittingEmptySubsequences: false) {
      if !isEmpty, current.count + 1 + word.count > columns {
        lines.append(current)
        current = String(later)
        isEmpty = true
      }
      current += isEmpty ? String(word) : " " + word
      isEmpty = false
    }
    return (lines + [current]).joined(separator: "\n")
  }
}
