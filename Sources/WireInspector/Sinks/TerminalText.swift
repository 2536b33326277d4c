import Specification

/// Text for people: unseen characters escaped, cut to a number of columns.
enum TerminalText {
  /// The text with its unseen characters (``Swift/Unicode/Scalar/isUnseen``) escaped, and backslashes, so that what was sent
  /// can be told from what was escaped.
  static func escaped(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x5C }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar == "\\" {
        result += "\\\\"
      } else if scalar.isUnseen {
        result += InertText.escape(scalar)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// How many columns a character takes.
  static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x0300...0x036F: 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      2
    default: 1
    }
  }

  /// How many columns a text takes.
  static func width(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + width($1) } }

  /// The beginning of a text that fits, with `…` if something was cut.
  static func cut(_ text: String, to columns: Int) -> String {
    if text.utf8.count <= columns || width(text) <= columns { return text }
    var used = 0
    var result = ""
    for scalar in text.unicodeScalars {
      let next = width(scalar)
      if used + next > columns - 1 { break }
      used += next
      result.unicodeScalars.append(scalar)
    }
    return result + "…"
  }

  /// The text in lines of at most so many columns, broken anywhere; those behind the first begin with some spaces.
  ///
  /// - Parameters:
  ///   - columns: At least two more than the spaces.
  ///   - line: Takes the lines; none of an empty text.
  static func fold(_ text: String, to columns: Int, indentation: Int = 0, _ line: (String) -> Void) {
    var current = ""
    var used = 0
    for scalar in text.unicodeScalars {
      let width = Self.width(scalar)
      if used + width > columns {
        line(current)
        current = String(repeating: " ", count: indentation)
        used = indentation
      }
      current.unicodeScalars.append(scalar)
      used += width
    }
    if used > 0 { line(current) }
  }

  /// The text in lines of at most so many columns, broken between words.
  static func wrap(_ text: String, to columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var used = 0
    for word in text.split(separator: " ") {
      var word = String(word)
      if used > 0, used + 1 + width(word) > columns {
        lines.append(line)
        line = ""
        used = 0
      }
      while width(word) > columns {
        let part = String(word.prefix(columns / 2))
        lines.append(part)
        word.removeFirst(part.count)
      }
      line += used > 0 ? " " + word : word
      used += (used > 0 ? 1 : 0) + width(word)
    }
    if used > 0 || lines.isEmpty { lines.append(line) }
    return lines
  }
}
