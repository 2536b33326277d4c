import GoldenVectors
import Specification
import StrictJSON

/// UTF-8, strict.
enum CharsetUTF8Vectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.charsetDecode, comment: "UTF-8 that has to be read.", tests: decoding()),
      VectorGroup(.charsetDecode, comment: "Bytes that are no UTF-8.", tests: malformed()),
      VectorGroup(.charsetEncode, comment: "Text as UTF-8.", tests: encoding()),
    ]
  }

  /// Code points at the ends of the ranges, each with its bytes.
  private static let boundaries: [(String, String, Bytes)] = [
    ("0000", "\u{0}", [0x00]), ("007f", "\u{7F}", [0x7F]), ("0080", "\u{80}", [0xC2, 0x80]),
    ("07ff", "\u{7FF}", [0xDF, 0xBF]), ("0800", "\u{800}", [0xE0, 0xA0, 0x80]),
    ("cfff", "\u{CFFF}", [0xEC, 0xBF, 0xBF]), ("d7ff", "\u{D7FF}", [0xED, 0x9F, 0xBF]),
    ("e000", "\u{E000}", [0xEE, 0x80, 0x80]), ("fffd", "\u{FFFD}", [0xEF, 0xBF, 0xBD]),
    ("ffff", "\u{FFFF}", [0xEF, 0xBF, 0xBF]), ("10000", "\u{10000}", [0xF0, 0x90, 0x80, 0x80]),
    ("3ffff", "\u{3FFFF}", [0xF0, 0xBF, 0xBF, 0xBF]), ("40000", "\u{40000}", [0xF1, 0x80, 0x80, 0x80]),
    ("fffff", "\u{FFFFF}", [0xF3, 0xBF, 0xBF, 0xBF]), ("100000", "\u{100000}", [0xF4, 0x80, 0x80, 0x80]),
    ("10ffff", "\u{10FFFF}", [0xF4, 0x8F, 0xBF, 0xBF]),
  ]

  private static let texts: [(String, String, [String], String, Bytes)] = [
    ("empty", "No text at all.", [], "", []),
    ("ascii", "ASCII.", [], "hello", .hex("68656c6c6f")),
    ("chinese", "Three bytes a character.", [], "你好", .hex("e4bda0e5a5bd")),
    ("emoji", "Four bytes.", [], "😀", .hex("f09f9880")),
    ("emoji-joined", "Several code points that show as one.", [], "👩‍💻", .hex("f09f91a9e2808df09f92bb")),
    ("composed", "One code point for e with an acute accent.", ["canonical"], "\u{E9}", .hex("c3a9")),
    ("decomposed", "Two code points for the same: they are not composed.", ["canonical"], "e\u{301}", .hex("65cc81")),
    (
      "hangul-jamo", "Three code points that could be composed.", ["canonical"], "\u{1112}\u{1161}\u{11AB}",
      .hex("e18492e185a1e186ab")
    ),
    ("line-ends", "CR, LF and tab stay as they are.", [], "a\r\nb\tc\n", .hex("610d0a6209630a")),
    ("right-to-left", "Arabic.", [], "مرحبا", .hex("d985d8b1d8add8a8d8a7")),
    ("bom", "A byte order mark stays.", ["bom"], "\u{FEFF}a", .hex("efbbbf61")),
    ("bom-alone", "Nothing but a byte order mark.", ["bom"], "\u{FEFF}", .hex("efbbbf")),
    ("bom-inside", "U+FEFF in the middle.", ["bom"], "a\u{FEFF}b", .hex("61efbbbf62")),
  ]

  private static func decoding() -> [VectorTest] {
    let rules: [RequirementID] = ["charset.utf8.decode", "charset.codes", "charset.utf8.invalid"]
    return boundaries.map { name, text, bytes in
      CharsetVectors.decoded(
        "utf8.u\(name)", "The code point U+\(name).", rules, flags: ["boundary"], charset: 0, bytes, text)
    }
      + texts.map { name, comment, flags, text, bytes in
        CharsetVectors.decoded(
          "utf8.\(name)", comment,
          rules + ["charset.text"] + (flags.contains("bom") ? ["charset.utf8.bom"] : []), flags: flags, charset: 0,
          bytes, text)
      }
  }

  private static func encoding() -> [VectorTest] {
    let rules: [RequirementID] = ["charset.utf8.encode", "charset.codes", "charset.text"]
    return boundaries.map { name, text, bytes in
      CharsetVectors.encoded(
        "utf8.u\(name)", "The code point U+\(name).", rules, flags: ["boundary"], charset: 0, text, bytes)
    }
      + texts.map { name, comment, flags, text, bytes in
        CharsetVectors.encoded(
          "utf8.\(name)", comment, rules + (flags.contains("bom") ? ["charset.utf8.bom"] : []), flags: flags,
          charset: 0, text, bytes)
      }
  }

  private static func malformed() -> [VectorTest] {
    let sequences: [(String, String, String, Bytes)] = [
      ("stray-80", "A continuation byte without a lead byte.", "out-of-place", [0x80]),
      ("stray-bf", "The last continuation byte without a lead byte.", "out-of-place", [0xBF]),
      ("lead-c0", "A lead byte that can only be overlong.", "overlong", [0xC0, 0x80]),
      ("overlong-slash-2", "A slash in two bytes.", "overlong", [0xC0, 0xAF]),
      ("overlong-7f", "U+007F in two bytes.", "overlong", [0xC1, 0xBF]),
      ("overlong-slash-3", "A slash in three bytes.", "overlong", [0xE0, 0x80, 0xAF]),
      ("overlong-7ff", "U+07FF in three bytes.", "overlong", [0xE0, 0x9F, 0xBF]),
      ("overlong-nul-4", "U+0000 in four bytes.", "overlong", [0xF0, 0x80, 0x80, 0x80]),
      ("overlong-ffff", "U+FFFF in four bytes.", "overlong", [0xF0, 0x8F, 0xBF, 0xBF]),
      ("surrogate-d800", "The first surrogate.", "surrogate", [0xED, 0xA0, 0x80]),
      ("surrogate-dbff", "The last high surrogate.", "surrogate", [0xED, 0xAF, 0xBF]),
      ("surrogate-dc00", "The first low surrogate.", "surrogate", [0xED, 0xB0, 0x80]),
      ("surrogate-dfff", "The last surrogate.", "surrogate", [0xED, 0xBF, 0xBF]),
      ("surrogate-pair", "An emoji as two surrogates.", "surrogate", [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]),
      ("above-10ffff", "One above the last code point.", "boundary", [0xF4, 0x90, 0x80, 0x80]),
      ("lead-f5", "A lead byte above the last one.", "boundary", [0xF5, 0x80, 0x80, 0x80]),
      ("lead-f8", "The lead byte of five bytes.", "boundary", [0xF8, 0x88, 0x80, 0x80, 0x80]),
      ("byte-fe", "FE is never part of UTF-8.", "out-of-place", [0xFE]),
      ("byte-ff", "FF is never part of UTF-8.", "out-of-place", [0xFF]),
      ("gbk", "你 as GBK.", "out-of-place", [0xC4, 0xE3]),
      ("two-then-ascii", "A letter where a continuation byte belongs.", "out-of-place", [0xC3, 0x41]),
      ("three-then-ascii", "A letter where the third byte belongs.", "out-of-place", [0xE4, 0xBD, 0x41]),
      ("four-then-ascii", "A letter where the fourth byte belongs.", "out-of-place", [0xF0, 0x9F, 0x98, 0x41]),
      ("three-then-lead", "A lead byte where the second byte belongs.", "out-of-place", [0xE4, 0xE5, 0xA5, 0xBD]),
      ("second-c0", "C0 where a continuation byte belongs.", "out-of-place", [0xDF, 0xC0]),
      ("second-7f", "7F where a continuation byte belongs.", "out-of-place", [0xDF, 0x7F]),
    ]
    let cut: [(String, Bytes)] = [
      ("2-of-1", [0xC3]), ("3-of-1", [0xE4]), ("3-of-2", [0xE4, 0xBD]), ("4-of-1", [0xF0]), ("4-of-2", [0xF0, 0x9F]),
      ("4-of-3", [0xF0, 0x9F, 0x98]),
    ]
    let rules: [RequirementID] = ["charset.utf8.invalid"]
    let places: [(String, String, Bytes, Bytes)] = [
      ("start", "It is the first.", .empty, .ascii("ab")), ("behind", "你 comes before it.", .utf8("a你"), .empty),
    ]
    return sequences.flatMap { name, comment, flag, bytes in
      places.map { place, position, before, after in
        CharsetVectors.malformed(
          "utf8.\(name)-\(place)", "\(comment) \(position)", rules, flags: [flag], charset: 0, before + bytes + after,
          offset: before.count)
      }
    }
      + cut.map { name, bytes in
        CharsetVectors.malformed(
          "utf8.cut-\(name)", "The bytes end inside the sequence.", rules, flags: ["cut-off"], charset: 0,
          .utf8("ü") + bytes, offset: 2)
      } + [
        CharsetVectors.malformed(
          "utf8.one-continuation-too-many", "The stray byte is a sequence of its own.", rules, flags: ["out-of-place"],
          charset: 0, .utf8("你") + [0xA0], offset: 3),
        CharsetVectors.malformed(
          "utf8.first-of-two", "The first of two faults counts.", rules, flags: ["out-of-place"], charset: 0,
          .ascii("ab") + [0xFF, 0x63, 0xFE], offset: 2),
      ]
  }
}
