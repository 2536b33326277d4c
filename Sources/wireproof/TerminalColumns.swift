import Specification

/// How text stands on a terminal: what of it may be shown, and how many columns it takes.
enum TerminalColumns {
  /// A character as it is shown, and its columns. What could move the cursor, change the terminal's state, or reorder or hide
  /// text is shown as its code points.
  static func shown(_ character: Character) -> (text: String, width: Int) {
    let scalars = character.unicodeScalars
    if scalars.allSatisfy({ !$0.isUnseen }) {
      return (String(character), scalars.map(width).max() ?? 0)
    }
    let text = scalars.map { $0.isUnseen ? InertText.escape($0) : String($0) }.joined()
    return (text, scalars.reduce(0) { $0 + ($1.isUnseen ? InertText.escape($1).utf8.count : width($1)) })
  }

  /// The columns of a text that holds nothing hostile.
  static func width(_ text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + shown($1).width }
  }

  /// 0 for a mark on the character before it, 2 for what East Asian typography sets wide, else 1.
  private static func width(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x1B2FF, 0x20000...0x3FFFD:
      return 2
    default: return scalar.properties.isEmojiPresentation ? 2 : 1
    }
  }
}
