import Specification
import Testing

@Suite("Inert text")
struct InertTextTests {
  @Test(
    "What is not seen is written out",
    arguments: [
      ("a\u{1B}[31mb", "a\\u{1b}[31mb"), ("a\0b", "a\\u{0}b"), ("a\r\nb", "a\\r\\nb"), ("\u{202E}abc", "\\u{202e}abc"),
      ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"), ("a\u{200B}b", "a\\u{200b}b"), ("\u{FEFF}", "\\u{feff}"),
      ("\u{E0041}", "\\u{e0041}"), ("\u{061C}", "\\u{61c}"), ("\u{FFFE}", "\\u{fffe}"), ("\u{9B}2J", "\\u{9b}2J"),
      ("\u{1FFFF}", "\\u{1ffff}"), ("plain – ünï 中", "plain – ünï 中"),
    ])
  func unseen(text: String, shown: String) {
    #expect(InertText.visible(text) == shown)
  }

  @Test("Whatever Unicode calls a control, a format, a separator, private or ignorable is unseen")
  func categories() {
    // Format characters that are drawn: signs that span the digits or letters behind them.
    let drawn: Set<UInt32> = [
      0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD,
    ]
    var missed: [String] = []
    for value in UInt32(0)...0x10_FFFF {
      guard let scalar = Unicode.Scalar(value), !drawn.contains(value), scalar != " ", scalar != "\u{3000}" else {
        continue
      }
      let properties = scalar.properties
      let isExpected =
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse: true
        default:
          properties.isDefaultIgnorableCodePoint || properties.isBidiControl || properties.isNoncharacterCodePoint
        }
      if isExpected, !scalar.isUnseen { missed.append(String(value, radix: 16)) }
    }
    #expect(missed == [])
  }

  @Test("Letters, marks, signs and emoji of the scripts that are drawn stay as they are")
  func drawn() {
    let text = "aé中Жא ع ก\u{301} 😀 ₿ 𠀀\u{3000}!"
    #expect(InertText.visible(text) == text)
  }

  @Test("Lines stay where they are wanted")
  func lines() {
    #expect(InertText.visible("a\n\tb\u{7}", keepsLines: true) == "a\n\tb\\u{7}")
  }

  @Test("A long text is cut, and says so")
  func cut() {
    let text = InertText.visible(String(repeating: "x", count: 1 << 20), limit: 100)
    #expect(text.utf8.count < 200)
    #expect(text.hasSuffix("(cut here: 1048576 bytes in all)"))
    #expect(InertText.visible("abc", limit: 3) == "abc")
  }

  @Test("A text in full is not cut")
  func whole() {
    let text = String(repeating: "x", count: InertText.limit + 1)
    #expect(InertText.whole(text + "\u{7F}") == text + "\\u{7f}")
  }

  @Test("Bytes become printable ASCII, and can be told from what is written for them")
  func bytes() {
    #expect(InertText.ascii(Array("a\\x\t\r\n\u{1B}é".utf8)) == "a\\\\x\\t\\r\\n\\x1b\\xc3\\xa9")
    #expect(InertText.ascii(Array(repeating: 7, count: 300), limit: 2) == "\\x07\\x07… (300 bytes)")
  }

  @Test("An abridged text says how long it was")
  func abridged() {
    #expect(InertText.abridged("abcdef", to: 3) == "abc… (6 characters)")
    #expect(InertText.abridged("abc", to: 3) == "abc")
  }
}
