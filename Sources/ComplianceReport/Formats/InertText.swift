/// Text from outside, made fit to be shown: what it cannot do any more is move a cursor, change the direction of what
/// stands around it, hide, or fill a page.
package enum InertText {
  /// How many characters of one text are shown where nothing else is said.
  package static let limit = 4096

  /// The text with everything unseen written as `\u{…}`: control characters, marks of direction, zero-width characters,
  /// tags, private-use and noncharacters. What is longer than the limit is cut, and the text says so.
  ///
  /// - Parameters:
  ///   - text: The text, of any origin and length.
  ///   - limit: How many Unicode scalars are kept.
  ///   - keepsLines: Whether line feeds and tabs stay as they are.
  package static func visible(_ text: String, limit: Int = limit, keepsLines: Bool = false) -> String {
    let scalars = text.unicodeScalars
    var shown = ""
    shown.reserveCapacity(min(text.utf8.count, limit * 2))
    var count = 0
    for scalar in scalars {
      guard count < limit else { return shown + "… (cut here: \(text.utf8.count) bytes in all)" }
      count += 1
      if keepsLines, scalar == "\n" || scalar == "\t" {
        shown.unicodeScalars.append(scalar)
      } else if isUnseen(scalar) {
        shown += escape(scalar)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// The characters that people know by a name keep it; the others show their number.
  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16))}"
    }
  }

  /// Whether a character has no glyph of its own, or changes how its neighbours look. Combining marks are left to their
  /// letters: a chain of them is bounded by the limit only.
  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E: false
    case 0..<0x20, 0x7F...0xA0, 0xAD, 0x034F, 0x061C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F,
      0x200B...0x200F, 0x2028...0x202F, 0x205F...0x206F, 0x3164, 0xE000...0xF8FF, 0xFDD0...0xFDEF, 0xFE00...0xFE0F,
      0xFEFF, 0xFFA0, 0xFFF0...0xFFFB, 0xE0000...0x10FFFF:
      true
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }
}
