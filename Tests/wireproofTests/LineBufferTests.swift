import Testing

@testable import wireproof

/// Editing a line: keys in, the line and the screen out.
@Suite struct LineBufferTests {
  /// A row of a terminal, as far as the editor writes to one.
  private struct Screen {
    var rows: [[Character]] = [[]]
    var column = 0
    let columns: Int
    var bells = 0

    mutating func write(_ text: String) {
      var characters = Array(text.unicodeScalars)[...]
      while let scalar = characters.popFirst() {
        switch scalar {
        case "\r": column = 0
        case "\n": rows.append([])
        case "\u{07}": bells += 1
        case "\u{1B}":
          let sequence = characters.prefix { !("A"..."z" ~= $0) || $0 == "[" }
          characters = characters.dropFirst(sequence.count)
          let number = Int(String(String.UnicodeScalarView(sequence.dropFirst())))
          switch characters.popFirst() {
          case "K": rows[rows.count - 1].removeSubrange(min(column, rows[rows.count - 1].count)...)
          case "C": column += number ?? 1
          case "H": column = 0
          case "J": rows = [[]]
          default: Issue.record("an unknown sequence")
          }
        default:
          let width = TerminalColumns.width(String(scalar))
          var row = rows[rows.count - 1]
          while row.count < column { row.append(" ") }
          if width == 0 {
            let last = row.popLast().map(String.init) ?? ""
            row.append(Character(last + String(scalar)))
          } else {
            row.removeSubrange(column..<min(row.count, column + width))
            row.insert(contentsOf: [Character(scalar)] + [Character](repeating: "\0", count: width - 1), at: column)
          }
          rows[rows.count - 1] = row
          column += width
          #expect(column < columns, "the last column stays free")
        }
      }
    }

    var text: [String] { rows.map { String($0.filter { $0 != "\0" }) } }
  }

  private static let escape = "\u{1B}"

  private func typed(_ keys: String, history: [String] = [], columns: Int = 40) -> (
    LineBuffer, Screen, [LineBuffer.Event]
  ) {
    var buffer = LineBuffer(prompt: "> ", history: history)
    var screen = Screen(columns: columns)
    screen.write(buffer.redrawn(columns: columns))
    let reply = buffer.receive(Array(keys.utf8), columns: columns)
    screen.write(reply.screen)
    return (buffer, screen, reply.events)
  }

  @Test(
    "Keys edit the line",
    arguments: [
      ("abc", "abc", 3),
      ("abc\u{1B}[D\u{1B}[DX", "aXbc", 2),
      ("abc\u{02}\u{02}X\u{06}Y", "aXbYc", 4),
      ("abc\u{1B}[HX\u{1B}[FY", "XabcY", 5),
      ("abc\u{1B}OHX\u{1B}OFY", "XabcY", 5),
      ("abc\u{1B}[1~X\u{1B}[4~Y", "XabcY", 5),
      ("abc\u{01}X\u{05}Y", "XabcY", 5),
      ("abc\u{7F}", "ab", 2),
      ("abc\u{08}\u{08}\u{08}\u{08}", "", 0),
      ("abc\u{01}\u{1B}[3~", "bc", 0),
      ("abc\u{1B}[3~", "abc", 3),
      ("abc\u{01}\u{04}", "bc", 0),
      ("abc def\u{02}\u{02}\u{0B}", "abc d", 5),
      ("abc def\u{02}\u{02}\u{15}", "ef", 0),
      ("one two  three\u{17}", "one two  ", 9),
      ("one two  three\u{17}\u{17}", "one ", 4),
      ("one two\u{1B}b\u{1B}bX\u{1B}fY", "XoneY two", 5),
      ("one two\u{1B}[1;5D\u{1B}[1;5DX\u{1B}[1;5CY", "XoneY two", 5),
      ("one two\u{01}\u{1B}d", " two", 0),
      ("one two\u{17}\u{01}\u{19}", "twoone ", 3),
      ("one two\u{02}\u{17}", "one o", 4),
      ("one\u{15}\u{15}\u{19}\u{19}", "oneone", 6),
      ("a\u{1B}[5~\u{1B}[99;99R\u{1B}x\u{00}\u{1B}\u{1B}[Db", "ba", 1),
      ("a\u{1B}[\u{01}b", "ba", 1),
      ("a\u{1B}\u{01}b", "ba", 1),
    ] as [(String, String, Int)])
  func keysEdit(keys: String, line: String, cursor: Int) {
    let (buffer, screen, events) = typed(keys)
    #expect(buffer.text == line && buffer.before.count == cursor)
    #expect(screen.text == ["> " + line])
    #expect(screen.column == 2 + cursor)
    #expect(events.isEmpty)
  }

  @Test("Characters of any length are one") func charactersOfAnyLengthAreOne() {
    // A letter with a combining accent, one of two columns, and one beyond the basic plane.
    let (buffer, screen, _) = typed("e\u{301}中😀\u{02}\u{7F}")
    #expect(buffer.text == "e\u{301}😀" && buffer.before == "e\u{301}")
    #expect(screen.text == ["> e\u{301}😀"] && screen.column == 3)
  }

  @Test("Broken UTF-8 is left out") func brokenUTF8IsLeftOut() {
    let bytes: [UInt8] = [
      0x61, 0xC3, 0x62, 0x80, 0xC0, 0xAF, 0xED, 0xA0, 0x80, 0xF4, 0x90, 0x80, 0x80, 0xE2, 0x82, 0x63, 0xE0, 0x82, 0xAF,
      0xC2, 0x9B,
    ]
    var buffer = LineBuffer(prompt: "")
    _ = buffer.receive(bytes + [0xFF, 0xC3, 0xBC], columns: 80)
    #expect(buffer.text == "abcü")
  }

  /// Read byte by byte or at once, the line and the screen are the same.
  @Test("Cuts do not matter") func cutsDoNotMatter() {
    let keys = "tüst 中\u{1B}[D\u{1B}[3~x\u{1B}OH\u{1B}[1;5C!\r\u{1B}[Aagain\r"
    let (whole, screen, events) = typed(keys)
    var buffer = LineBuffer(prompt: "> ")
    var pieces = Screen(columns: 40)
    var found: [LineBuffer.Event] = []
    for byte in Array(keys.utf8) {
      let reply = buffer.receive([byte], columns: 40)
      pieces.write(reply.screen)
      found += reply.events
    }
    #expect(found == events && buffer.text == whole.text)
    #expect(pieces.text == screen.text)
    #expect(events == [.line("tüst! x"), .line("tüst! xagain")])
    #expect(screen.text == ["> tüst! x", "> tüst! xagain", "> "])
  }

  @Test("Lines end and are remembered") func linesEndAndAreRemembered() {
    let (_, _, events) = typed("one\rone\r  \r\rtwo\n\u{10}\u{10}\r")
    #expect(events == [.line("one"), .line("one"), .line("  "), .line(""), .line("two"), .line("one")])
  }

  @Test("History is looked through and the draft comes back") func historyIsLookedThroughAndTheDraftComesBack() {
    let up = "\u{1B}[A"
    let down = "\u{1B}[B"
    #expect(typed("dra\(up)", history: ["a", "b"]).0.text == "b")
    #expect(typed("dra\(up)\(up)", history: ["a", "b"]).0.text == "a")
    #expect(typed("dra\(up)\(up)\(down)", history: ["a", "b"]).0.text == "b")
    #expect(typed("dra\(up)\(up)\(down)\(down)ft", history: ["a", "b"]).0.text == "draft")
    let (buffer, screen, _) = typed("dra\(up)\(up)\(up)\(up)", history: ["a", "b"])
    #expect(buffer.text == "a" && screen.bells == 2)
    #expect(typed("\(down)x", history: ["a"]).0.text == "x")
    // What was changed in a line of the history does not change the history.
    #expect(typed("\(up)!\(up)\(down)", history: ["a", "b"]).0.text == "b")
  }

  @Test("History is bounded") func historyIsBounded() {
    var buffer = LineBuffer(prompt: "", history: ["a", "b", "c"], historyLimit: 2)
    _ = buffer.receive("d\r\u{10}\u{10}\u{10}".utf8, columns: 80)
    #expect(buffer.text == "c")
    var none = LineBuffer(prompt: "", historyLimit: 0)
    _ = none.receive("d\r\u{10}".utf8, columns: 80)
    #expect(none.text.isEmpty)
  }

  @Test("Control keys on an empty line are events") func controlKeysOnAnEmptyLineAreEvents() {
    #expect(typed("\u{03}\u{04}\u{1A}").2 == [.interrupt, .endOfInput, .suspend])
    let (buffer, screen, events) = typed("abcdef\u{02}\u{02}\u{03}")
    #expect(buffer.text.isEmpty && events.isEmpty)
    #expect(screen.text == ["> abcdef^C", "> "])
    #expect(typed("abc\u{03}\u{03}").2 == [.interrupt])
    #expect(typed("abc\u{0C}").1.text == ["> abc"])
  }

  /// A line longer than the row is shown around the cursor, and the cursor stands where the next character goes.
  @Test("Long lines are shown in part", arguments: [12, 13, 20, 21, 33], ["", "中", "e\u{301}"])
  func longLinesAreShownInPart(columns: Int, wide: String) throws {
    var buffer = LineBuffer(prompt: "> ")
    let line = (0..<30).map { "\($0 % 10)\(wide)" }.joined()
    _ = buffer.receive(line.utf8, columns: columns)
    for _ in 0...line.count {
      var screen = Screen(columns: columns)
      screen.write(buffer.redrawn(columns: columns))
      let row = try #require(screen.rows.first)
      let prompt = columns > 12 ? 2 : 0
      #expect(row.count < columns)
      let shown = row.dropFirst(prompt)
      let back = String(shown.prefix(screen.column - prompt).filter { $0 != "\0" })
      let ahead = String(shown.dropFirst(screen.column - prompt).filter { $0 != "\0" })
      #expect(back.first == "<" ? buffer.before.hasSuffix(back.dropFirst()) : buffer.before == back)
      #expect(ahead.last == ">" ? buffer.after.hasPrefix(ahead.dropLast()) : buffer.after == ahead)
      // Nothing is left out on either side without need.
      #expect(row.count >= columns - 4)
      _ = buffer.receive([0x02], columns: columns)
    }
    #expect(buffer.before.isEmpty)
  }

  @Test("Absurd widths do no harm", arguments: [-5, 0, 1, 2, 3])
  func absurdWidthsDoNoHarm(columns: Int) {
    var buffer = LineBuffer(prompt: "wireproof> ")
    let reply = buffer.receive("中中 abc\u{02}\u{02}\r".utf8, columns: columns)
    #expect(reply.events == [.line("中中 abc")])
  }

  @Test("Others write above the line") func othersWriteAboveTheLine() {
    let (buffer, before, _) = typed("call 2:hi\u{02}\u{02}")
    var screen = before
    screen.write(buffer.printed("< 3 sn 2 \"hi\"", columns: 40))
    screen.write(buffer.printed("two\nlines\n", columns: 40))
    screen.write(buffer.printed("", columns: 40))
    #expect(screen.text == ["< 3 sn 2 \"hi\"", "two", "lines", "", "> call 2:hi"])
    #expect(screen.column == 2 + 7)
    screen.write(buffer.erased())
    #expect(screen.text.last == "" && screen.column == 0)
  }

  @Test("Hostile text is escaped") func hostileTextIsEscaped() {
    let buffer = LineBuffer(prompt: "\u{1B}[31m> ")
    #expect(!buffer.redrawn(columns: 80).contains("\u{1B}[31m"))
    let shown = buffer.printed("a\u{1B}]0;x\u{07}\u{9B}2J\r\u{202E}b\tc", columns: 80)
    #expect(shown.contains("a\\u{1b}]0;x\\u{7}\\u{9b}2J\\r\\u{202e}b\tc\r\n"))
    // Typed or pasted, it stays in the line and is shown escaped.
    let (typedBuffer, screen, _) = typed("a\u{202E}b")
    #expect(typedBuffer.text == "a\u{202E}b" && screen.text == ["> a\\u{202e}b"])
  }

  /// Any bytes at all: nothing breaks, and the screen never leaves its row by itself.
  @Test("Any bytes can be typed") func anyBytes() {
    var state: UInt64 = 42
    var buffer = LineBuffer(prompt: "> ")
    let special: [UInt8] = [
      0x1B, 0x5B, 0x4F, 0x41, 0x42, 0x43, 0x44, 0x7E, 0x33, 0x3B, 0xE4, 0xB8, 0xAD, 0x02, 0x17, 0x0D,
    ]
    for _ in 0..<300 {
      let bytes = (0..<20).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let value = UInt8(truncatingIfNeeded: state >> 40)
        return state >> 60 < 8 ? special[Int(value & 15)] : value
      }
      let reply = buffer.receive(bytes, columns: 30)
      let ends = reply.events.filter { if case .line = $0 { true } else { false } }.count
      #expect(reply.screen.utf8.filter { $0 == 0x0A }.count >= ends)
    }
  }
}
