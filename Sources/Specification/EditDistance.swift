/// How unlike two words are, for saying which one was probably meant.
package enum EditDistance {
  /// What lies behind so many characters of a word resembles nothing any more.
  private static let limit = 128

  /// How many letters have to be put in, taken out, replaced or exchanged with the next to make one word of another. Capital and
  /// small letters are the same.
  package static func between(_ left: String, _ right: String) -> Int {
    let a = Array(left.unicodeScalars.prefix(limit).map(\.properties.lowercaseMapping))
    let b = Array(right.unicodeScalars.prefix(limit).map(\.properties.lowercaseMapping))
    // The last two rows of the table of all beginnings of one word against all of the other.
    var before: [Int] = []
    var above = Array(0...b.count)
    for (row, letter) in a.enumerated() {
      var current = [row + 1]
      for (column, other) in b.enumerated() {
        var best = min(above[column + 1] + 1, current[column] + 1, above[column] + (letter == other ? 0 : 1))
        if row > 0, column > 0, letter == b[column - 1], a[row - 1] == other {
          best = min(best, before[column - 1] + 1)
        }
        current.append(best)
      }
      (before, above) = (above, current)
    }
    return above[b.count]
  }
}
