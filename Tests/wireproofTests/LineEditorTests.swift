import Glibc
import Testing

@testable import wireproof

/// The line editor on a terminal of its own, and without one. One after the other: a process has one terminal in raw mode.
@Suite(.serialized) struct LineEditorTests {
  /// A terminal, and the end of it where a person would sit.
  private struct PseudoTerminal {
    let person: Int32
    let program: Int32

    init() throws {
      // What posix_openpt, unlockpt and ptsname do on Linux (ioctl_tty(2)): TIOCSPTLCK and TIOCGPTN.
      person = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var lock: Int32 = 0
      var number: UInt32 = 0
      try #require(person >= 0 && ioctl(person, 0x4004_5431, &lock) == 0 && ioctl(person, 0x8004_5430, &number) == 0)
      program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
      try #require(program >= 0)
      var size = winsize(ws_row: 24, ws_col: 60, ws_xpixel: 0, ws_ypixel: 0)
      try #require(ioctl(person, UInt(TIOCSWINSZ), &size) == 0)
    }

    func type(_ keys: String) { Terminal.write(keys, to: person) }

    /// Reads what the program wrote until something appears in it.
    func read(until wanted: String) -> String {
      var bytes: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 1024)
      while !String(decoding: bytes, as: UTF8.self).contains(wanted) {
        let count = Glibc.read(person, &piece, piece.count)
        guard count > 0 else { break }
        bytes += piece[..<count]
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the terminal itself makes lines and shows what is typed.
    var isCooked: Bool {
      var attributes = termios()
      guard tcgetattr(program, &attributes) == 0 else { return false }
      let flags = tcflag_t(ICANON) | tcflag_t(ECHO) | tcflag_t(ISIG)
      return attributes.c_lflag & flags == flags
    }

    func close() {
      Glibc.close(person)
      Glibc.close(program)
    }
  }

  @Test("Lines come from a terminal") func linesOfATerminal() async throws {
    let terminal = try PseudoTerminal()
    defer { terminal.close() }
    #expect(terminal.isCooked)
    let editor = LineEditor(prompt: "wp> ", input: terminal.program, output: terminal.program)
    #expect(editor.isInteractive && !terminal.isCooked)
    var events = editor.events.makeAsyncIterator()
    terminal.type("call 2:hj\u{7F}i\r")
    #expect(await events.next() == .line("call 2:hi"))
    terminal.type("half")
    #expect(terminal.read(until: "half").contains("wp> "))
    editor.print("< \u{1B}[2Jthree")
    #expect(terminal.read(until: "half").contains("< \\u{1b}[2Jthree"))
    terminal.type("\r\u{03}")
    #expect(await events.next() == .line("half"))
    #expect(await events.next() == .interrupt)
    editor.close()
    #expect(terminal.isCooked)
    #expect(await events.next() == nil)
    editor.close()
    editor.print("afterwards")
    #expect(terminal.read(until: "afterwards").contains("afterwards"))
  }

  @Test("Only one terminal is raw") func onlyOneTerminalIsRaw() throws {
    let first = try PseudoTerminal()
    let second = try PseudoTerminal()
    defer {
      first.close()
      second.close()
    }
    let terminal = try #require(Terminal(input: first.program, output: first.program))
    let other = try #require(Terminal(input: second.program, output: second.program))
    #expect(terminal.columns == 60)
    #expect(terminal.beginRawMode())
    #expect(!other.beginRawMode() && second.isCooked && !first.isCooked)
    terminal.endRawMode()
    #expect(first.isCooked)
    #expect(other.beginRawMode() && !second.isCooked)
    other.endRawMode()
    terminal.endRawMode()
    #expect(first.isCooked && second.isCooked)
  }

  @Test("The end of a terminal is the end of its lines") func theEndOfATerminal() async throws {
    let terminal = try PseudoTerminal()
    let editor = LineEditor(input: terminal.program, output: terminal.program)
    var events = editor.events.makeAsyncIterator()
    Glibc.close(terminal.person)
    #expect(await events.next() == .endOfInput)
    #expect(await events.next() == nil)
    editor.close()
    Glibc.close(terminal.program)
  }

  @Test("Lines come from a pipe") func linesOfAPipe() async throws {
    var input: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    try #require(pipe(&input) == 0 && pipe(&output) == 0)
    let editor = LineEditor(input: input[0], output: output[1])
    #expect(!editor.isInteractive)
    Terminal.write("one\r\ntwo\n\nthr", to: input[1])
    Terminal.write("ee", to: input[1])
    Glibc.close(input[1])
    var events: [LineBuffer.Event] = []
    for await event in editor.events { events.append(event) }
    #expect(events == [.line("one"), .line("two"), .line(""), .line("three"), .endOfInput])
    editor.print("out")
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = Glibc.read(output[0], &bytes, bytes.count)
    #expect(bytes.prefix(max(0, count)).elementsEqual("out\n".utf8))
    editor.close()
    for descriptor in [input[0], output[0], output[1]] { Glibc.close(descriptor) }
  }
}
