import GoldenVectors
import Specification
import StrictJSON

/// GBK by the index, with 80 as the euro sign.
enum CharsetGBKVectors {
  static func groups() -> [VectorGroup] {
    [
      VectorGroup(.charsetDecode, comment: "GBK that has to be read.", tests: decoding()),
      VectorGroup(.charsetDecode, comment: "Bytes that are no GBK.", tests: malformed()),
      VectorGroup(.charsetEncode, comment: "Text as GBK.", tests: encoding()),
      VectorGroup(.charsetEncode, comment: "Characters that GBK does not have.", tests: unencodable()),
    ]
  }

  /// Pairs at the ends of rows and at the edges of holes, with the code points that the index gives them.
  private static let pairs: [(UInt8, UInt8, String)] = [
    (0x81, 0x40, "\u{4E02}"), (0x81, 0x7E, "\u{4E8A}"), (0x81, 0x80, "\u{4E90}"), (0x81, 0xFE, "\u{4FA2}"),
    (0x82, 0x40, "\u{4FA4}"), (0x82, 0xFE, "\u{50BC}"), (0xA0, 0x40, "\u{71D6}"), (0xA0, 0x7E, "\u{721A}"),
    (0xA0, 0x80, "\u{721B}"), (0xA0, 0xFE, "\u{72DB}"), (0xA1, 0xA2, "\u{3001}"), (0xA1, 0xFE, "\u{3013}"),
    (0xA2, 0xA1, "\u{2170}"), (0xA2, 0xFA, "\u{2169}"), (0xA3, 0xA1, "\u{FF01}"), (0xA3, 0xFE, "\u{FFE3}"),
    (0xA6, 0xA1, "\u{391}"), (0xA8, 0x40, "\u{2CA}"), (0xA8, 0x7E, "\u{2587}"), (0xA8, 0x80, "\u{2588}"),
    (0xA8, 0xA1, "\u{101}"), (0xA8, 0xBF, "\u{1F9}"), (0xA9, 0x40, "\u{3021}"), (0xA9, 0x96, "\u{3007}"),
    (0xAA, 0x40, "\u{72DC}"), (0xAA, 0xA0, "\u{7371}"), (0xAF, 0xA0, "\u{7644}"), (0xB0, 0xA1, "\u{554A}"),
    (0xC4, 0xE3, "\u{4F60}"), (0xD7, 0xF9, "\u{5EA7}"), (0xF7, 0xFE, "\u{9F44}"), (0xF8, 0xA0, "\u{9D42}"),
    (0xFD, 0x9B, "\u{9FA5}"), (0xFD, 0xA0, "\u{F9F1}"), (0xFE, 0x40, "\u{FA0C}"), (0xFE, 0x4F, "\u{FA29}"),
    (0xFE, 0x50, "\u{2E81}"), (0xFE, 0x9F, "\u{4DAE}"),
  ]

  private static let texts: [(String, String, [String], String, Bytes)] = [
    ("empty", "No text at all.", [], "", []),
    (
      "ascii-all", "All of ASCII, controls included.", ["boundary"], String(decoding: 0..<128, as: UTF8.self),
      .counting(128)
    ),
    ("hello", "你好.", [], "你好", .hex("c4e3bac3")),
    ("mixed", "One and two bytes mixed.", [], "a你b好c", .hex("61c4e362bac363")),
    ("punctuation", "Punctuation of both widths.", [], "“中文”,世界—…", .hex("a1b0d6d0cec4a1b12ccac0bde7a1aaa1ad")),
    ("trail-is-ascii", "A trail byte that alone would be ASCII.", ["boundary"], "丂@", .hex("814040")),
    ("trail-is-backslash", "A trail byte that alone would be a backslash.", ["boundary"], "乗\\", .hex("815c5c")),
  ]

  private static func decoding() -> [VectorTest] {
    let rules: [RequirementID] = ["charset.gbk.decode", "charset.codes", "charset.gbk.invalid"]
    return pairs.map { lead, trail, text in
      CharsetVectors.decoded(
        "gbk.pair-\(Bytes([lead, trail]).hex)", "The pair alone.", rules, flags: ["boundary"], charset: 1,
        [lead, trail], text)
    }
      + texts.map { name, comment, flags, text, bytes in
        CharsetVectors.decoded(
          "gbk.\(name)", comment,
          ["charset.gbk.decode", "charset.gbk.ascii", "charset.text", "charset.gbk.four-byte"], flags: flags,
          charset: 1, bytes, text)
      } + [
        CharsetVectors.decoded(
          "gbk.euro-80", "The one byte of the euro sign.", ["charset.gbk.euro"], flags: ["euro"], charset: 1, [0x80],
          "\u{20AC}"),
        CharsetVectors.decoded(
          "gbk.euro-a2e3", "The pair that the index also has for it.", ["charset.gbk.euro", "charset.gbk.decode"],
          flags: ["euro", "repeated-pair"], charset: 1, [0xA2, 0xE3], "\u{20AC}"),
        CharsetVectors.decoded(
          "gbk.euro-thrice", "80 is no lead byte.", ["charset.gbk.euro"], flags: ["euro"], charset: 1,
          [0x80, 0x80, 0x40], "\u{20AC}\u{20AC}@"),
        CharsetVectors.decoded(
          "gbk.space-a1a1", "The lower pair of U+3000.", ["charset.gbk.decode"], flags: ["repeated-pair"], charset: 1,
          [0xA1, 0xA1], "\u{3000}"),
        CharsetVectors.decoded(
          "gbk.space-a3a0", "The higher pair of U+3000.", ["charset.gbk.decode"], flags: ["repeated-pair"], charset: 1,
          [0xA3, 0xA0], "\u{3000}"),
      ]
  }

  private static func malformed() -> [VectorTest] {
    let sequences: [(String, String, String, RequirementID, Bytes)] = [
      ("ff", "FF is no lead byte.", "out-of-place", "charset.gbk.invalid", [0xFF]),
      ("ff-trail", "FF before what would be a trail byte.", "out-of-place", "charset.gbk.invalid", [0xFF, 0x41]),
      ("trail-00", "A lead byte before 00.", "out-of-place", "charset.gbk.invalid", [0x81, 0x00]),
      ("trail-39", "A lead byte before a digit.", "out-of-place", "charset.gbk.invalid", [0x81, 0x39]),
      (
        "trail-3f", "A lead byte before the byte below the first trail byte.", "boundary", "charset.gbk.invalid",
        [0x81, 0x3F]
      ),
      ("trail-7f", "A lead byte before 7F, between the two ranges.", "boundary", "charset.gbk.invalid", [0x81, 0x7F]),
      ("trail-ff", "A lead byte before FF.", "boundary", "charset.gbk.invalid", [0xFE, 0xFF]),
      ("trail-newline", "A lead byte before a line feed.", "out-of-place", "charset.gbk.invalid", [0xC4, 0x0A]),
      ("hole-a140", "A hole at the start of a row.", "hole", "charset.gbk.invalid", [0xA1, 0x40]),
      ("hole-a1a0", "The last hole before U+3000.", "hole", "charset.gbk.invalid", [0xA1, 0xA0]),
      ("hole-a2ab", "A hole amid numerals.", "hole", "charset.gbk.invalid", [0xA2, 0xAB]),
      ("hole-a39f", "The hole before the higher pair of U+3000.", "hole", "charset.gbk.invalid", [0xA3, 0x9F]),
      ("hole-a6b9", "A hole behind the Greek capitals.", "hole", "charset.gbk.invalid", [0xA6, 0xB9]),
      ("hole-aaa1", "A place for private characters.", "hole", "charset.gbk.invalid", [0xAA, 0xA1]),
      ("hole-affe", "The last of the first private rows.", "hole", "charset.gbk.invalid", [0xAF, 0xFE]),
      ("hole-d7fa", "The first hole of the row D7.", "hole", "charset.gbk.invalid", [0xD7, 0xFA]),
      ("hole-d7fe", "The last hole of the row D7.", "hole", "charset.gbk.invalid", [0xD7, 0xFE]),
      ("hole-f8a1", "The first of the last private rows.", "hole", "charset.gbk.invalid", [0xF8, 0xA1]),
      ("hole-fe51", "A hole amid the last row.", "hole", "charset.gbk.invalid", [0xFE, 0x51]),
      ("hole-fefe", "The last pair of all.", "hole", "charset.gbk.invalid", [0xFE, 0xFE]),
      ("four-byte-first", "U+0080 as GB18030.", "four-byte", "charset.gbk.four-byte", [0x81, 0x30, 0x81, 0x30]),
      ("four-byte-emoji", "U+1F600 as GB18030.", "four-byte", "charset.gbk.four-byte", [0x94, 0x39, 0xFC, 0x36]),
      ("four-byte-last", "U+10FFFF as GB18030.", "four-byte", "charset.gbk.four-byte", [0xE3, 0x32, 0x9A, 0x35]),
    ]
    let ends: [UInt8] = [0x81, 0xA0, 0xC4, 0xFE]
    let places: [(String, String, Bytes, Bytes)] = [
      ("start", "It is the first.", .empty, .ascii("A")),
      ("behind", "Three characters come before it.", .hex("61c4e380"), .empty),
    ]
    return sequences.flatMap { name, comment, flag, requirement, bytes in
      places.map { place, position, before, after in
        CharsetVectors.malformed(
          "gbk.\(name)-\(place)", "\(comment) \(position)", [requirement], flags: [flag], charset: 1,
          before + bytes + after, offset: before.count)
      }
    }
      + ends.map { lead in
        CharsetVectors.malformed(
          "gbk.cut-\(Bytes.byte(lead).hex)", "A lead byte at the end.", ["charset.gbk.invalid"], flags: ["cut-off"],
          charset: 1, Bytes([0xBA, 0xC3], .byte(lead)), offset: 2)
      } + [
        CharsetVectors.malformed(
          "gbk.utf8-chinese", "你 as UTF-8: a pair, then a lead byte at the end.", ["charset.gbk.invalid"],
          flags: ["cut-off"], charset: 1, .hex("e4bda0"), offset: 2),
        CharsetVectors.malformed(
          "gbk.first-of-two", "The first of two faults counts.", ["charset.gbk.invalid"], flags: ["out-of-place"],
          charset: 1, .hex("61ffff"), offset: 1),
        CharsetVectors.malformed(
          "gbk.only-a-lead", "One byte, and it is a lead byte.", ["charset.gbk.invalid"], flags: ["cut-off"],
          charset: 1, [0xC4], offset: 0),
      ]
  }

  private static func encoding() -> [VectorTest] {
    let rules: [RequirementID] = ["charset.gbk.encode", "charset.codes", "charset.unencodable"]
    return pairs.map { lead, trail, text in
      CharsetVectors.encoded(
        "gbk.pair-\(Bytes([lead, trail]).hex)", "The character alone.", rules, flags: ["boundary"], charset: 1, text,
        [lead, trail])
    }
      + texts.map { name, comment, flags, text, bytes in
        CharsetVectors.encoded(
          "gbk.\(name)", comment, ["charset.gbk.encode", "charset.gbk.ascii", "charset.text"], flags: flags,
          charset: 1, text, bytes)
      } + [
        CharsetVectors.encoded(
          "gbk.euro", "The euro sign is one byte, not a pair.", ["charset.gbk.euro", "charset.gbk.lowest"],
          flags: ["euro", "repeated-pair"], charset: 1, "\u{20AC}", [0x80]),
        CharsetVectors.encoded(
          "gbk.euro-amid", "The euro sign between others.", ["charset.gbk.euro"], flags: ["euro"], charset: 1,
          "你€1", .hex("c4e38031")),
        CharsetVectors.encoded(
          "gbk.ideographic-space", "Of two pairs the lower is written.", ["charset.gbk.lowest"],
          flags: ["repeated-pair"], charset: 1, "\u{3000}", [0xA1, 0xA1]),
        CharsetVectors.encoded(
          "gbk.middle-dot", "U+00B7.", ["charset.gbk.encode"], flags: ["canonical"], charset: 1, "\u{B7}", [0xA1, 0xA4]),
        CharsetVectors.encoded(
          "gbk.e-circumflex", "One code point for e with a circumflex.", ["charset.gbk.encode"], flags: ["canonical"],
          charset: 1, "\u{EA}", [0xA8, 0xBA]),
        CharsetVectors.encoded(
          "gbk.compatibility-ideograph", "A compatibility ideograph is not replaced by its canonical form.",
          ["charset.gbk.encode"], flags: ["canonical"], charset: 1, "\u{F9F1}", [0xFD, 0xA0]),
      ]
  }

  private static func unencodable() -> [VectorTest] {
    let characters: [(String, String, String)] = [
      ("emoji", "An emoji.", "😀"), ("supplementary-ideograph", "U+20000.", "\u{20000}"),
      ("u0080", "The first beyond ASCII.", "\u{80}"),
      ("nbsp", "A space that does not break.", "\u{A0}"), ("yen", "The yen sign U+00A5.", "\u{A5}"),
      ("pound", "The pound sign U+00A3.", "\u{A3}"), ("e-circumflex-caron", "U+1EBF.", "\u{1EBF}"),
      ("m-acute", "U+1E3F, which GB18030 has and GBK has not.", "\u{1E3F}"), ("combining-macron", "U+0304.", "\u{304}"),
      ("arabic", "An Arabic letter.", "م"), ("private-use", "The first private character.", "\u{E000}"),
      ("private-use-e5e5", "U+E5E5, a private character of GB18030.", "\u{E5E5}"),
      ("bom", "U+FEFF.", "\u{FEFF}"), ("replacement", "U+FFFD.", "\u{FFFD}"), ("uffff", "U+FFFF.", "\u{FFFF}"),
      ("u9fa6", "One beyond the ideographs of GBK.", "\u{9FA6}"), ("u10ffff", "The last code point.", "\u{10FFFF}"),
    ]
    return characters.flatMap { name, comment, text in
      [
        CharsetVectors.unencodable("gbk.no-\(name)-alone", comment, text, offset: 0),
        CharsetVectors.unencodable(
          "gbk.no-\(name)-behind", "\(comment) Three characters come before it.", "a你€" + text + "b", offset: 3),
      ]
    } + [
      CharsetVectors.unencodable(
        "gbk.offset-counts-scalars", "A letter and a combining mark are two.", flags: ["unencodable", "canonical"],
        "e\u{301}", offset: 1),
      CharsetVectors.unencodable(
        "gbk.line-end-counts-two", "CR and LF are two.", flags: ["unencodable"], "\r\n\u{A5}", offset: 2),
      CharsetVectors.unencodable(
        "gbk.first-of-two", "The first of two counts.", flags: ["unencodable"], "中\u{A5}\u{A3}", offset: 1),
    ]
  }
}
