import GoldenVectors
import StrictJSON

/// DEFLATE data that Python's zlib 1.2.13 made beforehand, for what is too long to put together bit by bit.
enum DeflateLiterals {
  /// What the dynamic blocks inflate to: 330 bytes of text.
  static let text = Bytes(
    joining: stride(from: 99, to: 94, by: -1).map {
      Bytes.ascii("\($0) bottles of beer on the wall, take one down and pass it around. ")
    })

  /// The same in capitals.
  static let capitals = Bytes(text.array.map { (0x61...0x7A).contains($0) ? $0 - 32 : $0 })

  /// ``text`` in one block of dynamic codes, level 9.
  static let dynamicText = Bytes.hex(
    "a4cccd0d80300806d055be018c377f3a0e0d188d0d9882e9faba03d77778a5a05a4413871da8221da6885330a8b50941b7fc"
      + "22601b0a52c643eeb802d4ed559e51f6f4b0a587353d2cd9e103")

  /// ``text`` and ``capitals`` in two blocks of dynamic codes with a full flush between them.
  static let twoDynamicBlocks = Bytes.hex(
    "a4cccd0d80300806d055be018c377f3a0e0d188d0d9882e9faba03d77778a5a05a4413871da8221da6885330a8b50941b7fc"
      + "22601b0a52c643eeb802d4ed559e51f6f4b0a587353d2cd9e1030000ffffa4ccbb0d80300c05c055de00888e4f4a47360211"
      + "d92836cafe9bc00e6eafb852502da289c30e54910e53c42918d4da84a05b7e11b00d0529e321775c01eaf62acf287b7ad8d2"
      + "c39a1e96ecf001")

  /// ``text`` in one final block of dynamic codes (Z_FINISH).
  static let finalDynamicText = Bytes.hex(
    "a5cccd0d80300806d055be018c377f3a0e0d188d0d9882e9faba03d77778a5a05a4413871da8221da6885330a8b50941b7fc"
      + "22601b0a52c643eeb802d4ed559e51f6f4b0a587353d2cd9e103")

  /// 100,000 times "a": 115 bytes.
  static let hundredThousand = Bytes(.hex("ecc13101000000c2a0aceb5fc21a1e4001"), .repeating(0, 96), .hex("af06"))

  /// A mebibyte of zeros: 1,033 bytes, the best ratio that DEFLATE has.
  static let mebibyte = Bytes(.hex("ecc13101000000c2a0f54f6d085fa0"), .repeating(0, 1016), .hex("3e03"))

  /// Three messages with context takeover, level 9, and what they inflate to.
  static let takeover: [(message: Bytes, text: Bytes)] = [
    (
      .hex("aa562acd4c51b25232343050d2512aa92c4805f20c80acd48a12a070466a4e4ebe522d00"),
      .ascii(#"{"uid":"100","typed":0,"text":"hello"}"#)
    ),
    (.hex("aa26429542627a62669e522d00"), .ascii(#"{"uid":"100","typed":0,"text":"hello again"}"#)),
    (.hex("42a83544a835c4ae1600"), .ascii(#"{"uid":"101","typed":1,"text":"hello again"}"#)),
  ]

  /// The same texts without context takeover.
  static let noTakeover: [Bytes] = [
    .hex("aa562acd4c51b25232343050d2512aa92c4805f20c80acd48a12a070466a4e4ebe522d00"),
    .hex("aa562acd4c51b25232343050d2512aa92c4805f20c80acd48a12a070466a4e4ebe42627a62669e522d00"),
    .hex("aa562acd4c51b25232343054d2512aa92c4805f20c81acd48a12a070466a4e4ebe42627a62669e522d00"),
  ]
}
