import Specification

/// The line being edited, its history, and how both look: bytes from a terminal in, events and text for the terminal out.
/// Does no I/O.
///
/// The line stands in one row of the terminal; a longer one is shown in part, around the cursor, with `<` and `>` where it
/// goes on. What others write goes above it: ``printed(_:columns:)``.
struct LineBuffer: Sendable {
  /// What the user did that is not editing.
  enum Event: Hashable, Sendable {
    /// Finished a line (it may be empty).
    case line(String)
    /// Pressed Control-C while the line was empty. With a line, Control-C throws that away.
    case interrupt
    /// Pressed Control-D while the line was empty, or the input ended.
    case endOfInput
    /// Pressed Control-Z.
    case suspend
  }

  /// What the bytes led to.
  struct Reply: Hashable, Sendable {
    /// What to write to the terminal.
    var screen = ""
    /// What happened, in order.
    var events: [Event] = []
  }

  private static let eraseLine = "\r\u{1B}[K"
  private static let bell = "\u{07}"
  /// The fewest columns for the line beside which the prompt is still shown.
  private static let fewestColumns = 10

  /// The text before the cursor.
  private(set) var before = ""
  /// The text from the cursor on.
  private(set) var after = ""

  private let prompt: String
  private let historyLimit: Int
  private var decoder = KeyDecoder()
  private var history: [String]
  /// The place in the history that is shown; `history.count` for the new line.
  private var place: Int
  /// The new line, while a line of the history is shown.
  private var draft = ""
  /// What was cut last.
  private var cut = ""

  /// Makes an empty line.
  ///
  /// - Parameters:
  ///   - prompt: What stands before it. Hostile characters are escaped.
  ///   - history: Earlier lines, oldest first.
  ///   - historyLimit: How many lines are remembered.
  init(prompt: String, history: [String] = [], historyLimit: Int = 1000) {
    self.prompt = InertText.visible(prompt, limit: .max, keepsLines: true)
    self.historyLimit = max(0, historyLimit)
    self.history = Array(history.suffix(self.historyLimit))
    place = self.history.count
  }

  /// The whole line.
  var text: String { before + after }

  // MARK: - In and out

  /// Takes in bytes from the terminal.
  ///
  /// - Parameters:
  ///   - bytes: What was read, cut anywhere.
  ///   - columns: The terminal's width.
  mutating func receive(_ bytes: some Sequence<UInt8>, columns: Int) -> Reply {
    var reply = Reply()
    var hasChanged = false
    for byte in bytes {
      guard let key = decoder.decode(byte) else { continue }
      hasChanged = true
      apply(key, columns: columns, to: &reply)
    }
    if hasChanged { reply.screen += redrawn(columns: columns) }
    return reply
  }

  /// What to write so that the line stands where the cursor is.
  func redrawn(columns: Int) -> String {
    let prompt = columns - TerminalColumns.width(prompt) > Self.fewestColumns ? prompt : ""
    // The last column stays free: some terminals go on to the next row when it is filled.
    let (shown, cursor) = window(width: max(1, columns - 1 - TerminalColumns.width(prompt)))
    let column = TerminalColumns.width(prompt) + cursor
    return Self.eraseLine + prompt + shown + "\r" + (column > 0 ? "\u{1B}[\(column)C" : "")
  }

  /// What to write so that a text stands above the line, and the line is as it was.
  ///
  /// - Parameters:
  ///   - text: One or more lines; hostile characters are escaped, escape sequences too.
  ///   - columns: The terminal's width.
  func printed(_ text: String, columns: Int) -> String {
    let lines = InertText.visible(text, limit: .max, keepsLines: true).split(
      separator: "\n", omittingEmptySubsequences: false)
    // A line end at the end of the text is the one that is written anyway.
    let shown = lines.count > 1 && lines.last?.isEmpty == true ? lines.dropLast() : lines[...]
    return Self.eraseLine + shown.joined(separator: "\r\n") + "\r\n" + redrawn(columns: columns)
  }

  /// What to write when the editing is over: the row is empty, and the cursor at its beginning.
  func erased() -> String { Self.eraseLine }

  // MARK: - Keys

  private mutating func apply(_ key: Key, columns: Int, to reply: inout Reply) {
    switch key {
    case .character(let scalar): before.unicodeScalars.append(scalar)
    case .enter:
      let line = text
      set(line)
      reply.screen += redrawn(columns: columns) + "\r\n"
      set("")
      remember(line)
      reply.events.append(.line(line))
    case .interrupt:
      if text.isEmpty {
        reply.events.append(.interrupt)
      } else {
        set(text)
        reply.screen += redrawn(columns: columns) + "^C\r\n"
        set("")
        place = history.count
      }
    case .endOfInput: if text.isEmpty { reply.events.append(.endOfInput) } else { delete() }
    case .suspend: reply.events.append(.suspend)
    case .clearScreen: reply.screen += "\u{1B}[H\u{1B}[2J"
    case .up: show(place - 1, &reply)
    case .down: show(place + 1, &reply)
    default: edit(key)
    }
  }

  private mutating func edit(_ key: Key) {
    switch key {
    case .left: moveLeft()
    case .right: moveRight()
    case .home: (before, after) = ("", text)
    case .end: (before, after) = (text, "")
    case .wordLeft:
      while before.last?.isWhitespace == true { moveLeft() }
      while let last = before.last, !last.isWhitespace { moveLeft() }
    case .wordRight:
      while after.first?.isWhitespace == true { moveRight() }
      while let first = after.first, !first.isWhitespace { moveRight() }
    case .backspace: _ = before.popLast()
    case .delete: delete()
    case .killToEnd: if !after.isEmpty { (cut, after) = (after, "") }
    case .killToStart: if !before.isEmpty { (cut, before) = (before, "") }
    case .killWordBefore:
      let rest = after
      let start = before
      edit(.wordLeft)
      if before.utf8.count < start.utf8.count { cut = String(start.dropFirst(before.count)) }
      after = rest
    case .killWordAfter:
      let start = before
      edit(.wordRight)
      if before.utf8.count > start.utf8.count { cut = String(before.dropFirst(start.count)) }
      before = start
    case .yank: before += cut
    default: break
    }
  }

  private mutating func moveLeft() {
    if let character = before.popLast() { after.insert(character, at: after.startIndex) }
  }

  private mutating func moveRight() {
    if !after.isEmpty { before.append(after.removeFirst()) }
  }

  private mutating func delete() {
    if !after.isEmpty { after.removeFirst() }
  }

  private mutating func set(_ line: String) {
    before = line
    after = ""
  }

  // MARK: - History

  private mutating func remember(_ line: String) {
    draft = ""
    if !line.allSatisfy(\.isWhitespace), line != history.last { history.append(line) }
    if history.count > historyLimit { history.removeFirst(history.count - historyLimit) }
    place = history.count
  }

  /// Shows a line of the history instead of the one that stands there; what was changed in one that is left is lost.
  private mutating func show(_ wanted: Int, _ reply: inout Reply) {
    guard (0...history.count).contains(wanted) else {
      reply.screen += Self.bell
      return
    }
    if place == history.count { draft = text }
    place = wanted
    set(wanted == history.count ? draft : history[wanted])
  }

  // MARK: - The visible part

  /// The part of the line that is shown in a number of columns, and the cursor's column in it.
  private func window(width: Int) -> (text: String, cursor: Int) {
    let left = Self.fitting(before.reversed(), width: width)
    let right = Self.fitting(after, width: width - left.width)
    if left.isWhole, right.isWhole { return (left.texts.reversed().joined() + right.texts.joined(), left.width) }
    // Not all of it fits. A third for what comes after the cursor, as far as there is so much; the rest for what is before it.
    let ahead = Self.fitting(after, width: width / 3)
    var back = Self.fitting(before.reversed(), width: width - ahead.width)
    if !back.isWhole { back = Self.fitting(before.reversed(), width: max(0, width - ahead.width - 1)) }
    let begin = back.isWhole ? "" : "<"
    let used = back.width + begin.utf8.count
    var rest = Self.fitting(after, width: width - used)
    if !rest.isWhole { rest = Self.fitting(after, width: max(0, width - used - 1)) }
    let text = begin + back.texts.reversed().joined() + rest.texts.joined() + (rest.isWhole ? "" : ">")
    return (text, used)
  }

  /// As many characters, as they are shown, as fit.
  private static func fitting(
    _ characters: some Sequence<Character>, width: Int
  ) -> (texts: [String], width: Int, isWhole: Bool) {
    var texts: [String] = []
    var used = 0
    for character in characters {
      let shown = TerminalColumns.shown(character)
      guard used + shown.width <= width else { return (texts, used, false) }
      texts.append(shown.text)
      used += shown.width
    }
    return (texts, used, true)
  }
}
