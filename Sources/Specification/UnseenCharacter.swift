extension Unicode.Scalar {
  /// Whether the character has no glyph of its own, or changes how its neighbours look: controls of C0, DEL and C1, marks
  /// of direction, zero-width and other format characters, separators of lines and paragraphs, blanks other than the
  /// space, variation selectors, tags, private use and noncharacters. Whatever shows text from outside, to a terminal, on a
  /// page or as JSON, writes these as escapes.
  ///
  /// Combining marks are left to their letters, and so are the format characters that are drawn, as the Arabic number
  /// sign is. The list is written out so that every platform has the same, whatever its version of Unicode.
  package var isUnseen: Bool {
    switch value {
    case 0x20...0x7E: false
    case 0..<0x20, 0x7F...0xA0, 0xAD, 0x034F, 0x061C, 0x115F...0x1160, 0x1680, 0x17B4...0x17B5, 0x180B...0x180F,
      0x2000...0x200F, 0x2028...0x202F, 0x205F...0x206F, 0x2800, 0x3164, 0xE000...0xF8FF, 0xFDD0...0xFDEF,
      0xFE00...0xFE0F, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB, 0x1_3430...0x1_345F, 0x1_BCA0...0x1_BCA3, 0x1_D159,
      0x1_D173...0x1_D17A, 0xE_0000...0x10_FFFF:
      true
    default: value & 0xFFFE == 0xFFFE
    }
  }
}
